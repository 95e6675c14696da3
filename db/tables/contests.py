"""Contests: photos up for a vote, as pictures of their own, and who voted for which (R27)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.tables.base import metadata
from db.types import UtcDateTime

contests = Table(
    "contests",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("audience", String(16), nullable=False),
    Column("tally", String(16), nullable=False),
    Column("host", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    # When the result was recorded; votes are counted once more in that transaction, and none comes after it.
    Column("settled_at", UtcDateTime),
    Column("published_at", UtcDateTime),
    Column("withdrawn_at", UtcDateTime),
    # A contest open to all logins of the service is known by its id alone.
    UniqueConstraint("id"),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    CheckConstraint("audience IN ('contract', 'everyone')", name="audience"),
    CheckConstraint("tally IN ('live', 'hidden')", name="tally"),
    CheckConstraint("starts_at < ends_at", name="period"),
)
Index("ix_contests_audience", contests.c.audience, contests.c.ends_at)
Index(
    "ix_contests_unsettled",
    contests.c.ends_at,
    sqlite_where=text("settled_at IS NULL"),
    postgresql_where=text("settled_at IS NULL"),
)

# A photo as it was at the contest's creation, made smaller: an object of its own, which no folder shows and no
# capacity counts. `votes` is the recorded result.
contest_entries = Table(
    "contest_entries",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("contest_id", String(32), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("caption", String(255), nullable=False),
    Column("object_id", String(32), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("votes", Integer),
    ForeignKeyConstraint(["contract_id", "contest_id"], ["contests.contract_id", "contests.id"]),
)

# One row for each login that voted; another vote of the same login takes its place.
contest_votes = Table(
    "contest_votes",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("contest_id", String(32), primary_key=True),
    Column("voter_contract_id", Integer, primary_key=True, autoincrement=False),
    Column("voter", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, nullable=False),
    Column("voted_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["contract_id", "contest_id", "position"],
        ["contest_entries.contract_id", "contest_entries.contest_id", "contest_entries.position"],
    ),
    ForeignKeyConstraint(["voter_contract_id", "voter"], ["logins.contract_id", "logins.id"]),
)
