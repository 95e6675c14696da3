"""Contracts: who they are, what happened to their capacity, what they hold."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    String,
    Table,
)

from db.tables.base import metadata
from db.types import UtcDateTime

contracts = Table(
    "contracts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # From `ended_at` on nobody may work; until `readable_until_at` its administrator may still read (R9).
    Column("ended_at", UtcDateTime),
    Column("readable_until_at", UtcDateTime),
    # Where reminders go; a contract without it wants silence.
    Column("notify_address", String(254)),
    sqlite_autoincrement=True,
)

# What happened to a contract's capacity, append-only; the rules of quota/ read nothing else (R2-R5).
contract_events = Table(
    "contract_events",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("code", String(32), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("effective_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    CheckConstraint("kind IN ('sign-up', 'plan', 'bonus-add', 'bonus-remove', 'end')", name="kind"),
)

# One row a contract: the counters every write moves. Its row lock is also the contract's write mutex
# on PostgreSQL, so that quota, names and ids are decided one after the other.
usage = Table(
    "usage",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("used_bytes", BigInteger, nullable=False),
    Column("next_id", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    CheckConstraint("used_bytes >= 0", name="used_bytes"),
)

# What one login, or one group, may hold of the contract's capacity; `number` is the login's or the group's.
limits = Table(
    "limits",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(8), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("limit_bytes", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    CheckConstraint("kind IN ('login', 'group')", name="kind"),
    CheckConstraint("limit_bytes >= 0", name="limit_bytes"),
)
