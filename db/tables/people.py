"""Logins and their devices."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from db.tables.base import metadata
from db.types import UtcDateTime

#: Operators and the support desk are logins of this contract, which is the service itself.
SERVICE_CONTRACT_ID = 0

logins = Table(
    "logins",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("login_id", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    CheckConstraint("role IN ('administrator', 'user', 'operator', 'support')", name="role"),
)

device_keys = Table(
    "device_keys",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("login", BigInteger, nullable=False),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("device_id", String(32)),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
    CheckConstraint("state IN ('issued', 'used', 'revoked')", name="state"),
)

devices = Table(
    "devices",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("login", BigInteger, nullable=False),
    Column("name", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("password_hash", String(64), nullable=False, unique=True),
    Column("registered_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("reason", String(255), nullable=False),
    # How else this device proves itself: a browser by its cookie, a tool by its key, any by its certificate (R14).
    Column("cookie_hash", String(64), index=True, unique=True),
    Column("public_key", String(64)),
    Column("certificate_sha256", String(64)),
    # The client program it is bound to, where the contract binds devices to clients.
    Column("client", String(64)),
    Column("last_seen_at", UtcDateTime),
    Column("last_address", String(45)),
    Column("last_client", String(255)),
    UniqueConstraint("id"),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
    CheckConstraint("state IN ('registered', 'locked', 'revoked')", name="state"),
)
