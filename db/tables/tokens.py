"""Tokens of the HTTP API."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKeyConstraint, Integer, String, Table, UniqueConstraint

from db.tables.base import metadata
from db.types import UtcDateTime

# A token is found by its hash alone; its scopes are words with a space between them.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("login", BigInteger, nullable=False),
    Column("name", String(64), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("scopes", String(255), nullable=False),
    # The device it is one of, on PRO; it is closed with it.
    Column("device_id", String(32)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked", Boolean, nullable=False),
    UniqueConstraint("token_hash"),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
    ForeignKeyConstraint(["contract_id", "device_id"], ["devices.contract_id", "devices.id"]),
)
