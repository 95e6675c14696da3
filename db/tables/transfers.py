"""Files on their way from one contract to another (R26), and what contracts lend one another."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.tables.base import metadata
from db.types import UtcDateTime, exact_string

# By its code a contract is named as a receiver; one without a code receives nothing.
transfer_codes = Table(
    "transfer_codes",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("code", String(16), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    UniqueConstraint("code"),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
)

# `contract_id` is the sender's. `addressee` is the login ID the sender named, whether or not there is one.
transfers = Table(
    "transfers",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("login", BigInteger, nullable=False),
    Column("login_id", String(64), nullable=False),
    Column("receiver_id", Integer, nullable=False),
    Column("addressee", String(64), nullable=False),
    Column("message", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("files", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("settled_by", String(64), nullable=False),
    UniqueConstraint("id"),
    Index(None, "receiver_id", "sent_at"),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    ForeignKeyConstraint(["receiver_id"], ["contracts.id"]),
    CheckConstraint("state IN ('sent', 'accepted', 'declined', 'withdrawn', 'expired')", name="state"),
)
Index(
    "ix_transfers_open",
    transfers.c.expires_at,
    sqlite_where=text("state = 'sent'"),
    postgresql_where=text("state = 'sent'"),
)

# What is being sent, as it was at the sending: the rows of the picked files and of all below them. Each refers to
# its object until the transfer is settled. `parent_id` is 0 at the top, `level` counts from there.
transfer_items = Table(
    "transfer_items",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("transfer_id", String(32), primary_key=True),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
    Column("parent_id", BigInteger, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("name", exact_string(400), nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("object_id", String(43)),
    Column("modified_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id", "transfer_id"], ["transfers.contract_id", "transfers.id"]),
    sqlite_with_rowid=False,
)

# An object of this contract that another holds too: one reference each, until the holder has none left.
loans = Table(
    "loans",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("object_id", exact_string(32), primary_key=True),
    Column("holder_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
