"""What retention took, and when it ran last (R4, R9)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Integer, String, Table, Text

from db.tables.base import metadata
from db.types import UtcDateTime

# One row a contract and deadline; a purge that was interrupted adds to the row it began.
purges = Table(
    "purges",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("due_at", UtcDateTime, primary_key=True),
    Column("to_bytes", BigInteger, nullable=False),
    Column("deleted_files", BigInteger, nullable=False),
    Column("deleted_bytes", BigInteger, nullable=False),
    Column("done_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
)

# The files that went, for the contract's page; they go themselves when the contract's data does (R9).
purged_files = Table(
    "purged_files",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
    Column("path", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Index(None, "contract_id", "due_at", "stored_at"),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
)

# When a job that must not trust a jumped clock last ran.
job_clocks = Table(
    "job_clocks",
    metadata,
    Column("job", String(32), primary_key=True),
    Column("ran_at", UtcDateTime, nullable=False),
)
