"""Files and albums on public pages (R25)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Integer, String, Table, Text, UniqueConstraint

from db.tables.base import metadata
from db.types import UtcDateTime

# The token is part of an address that is told to everybody, so it is kept as it is.
publications = Table(
    "publications",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("token", String(32), nullable=False),
    Column("login", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("views", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", String(64), nullable=False),
    UniqueConstraint("token"),
    Index(None, "contract_id", "created_at"),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
)

# What is on a page: one file, one collection, or several files of one collection.
publication_items = Table(
    "publication_items",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("publication_id", String(32), primary_key=True),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Index(None, "contract_id", "node_id"),
    ForeignKeyConstraint(["contract_id", "publication_id"], ["publications.contract_id", "publications.id"]),
)
