"""Background jobs: leases and runs."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from db.tables.base import metadata
from db.types import UtcDateTime

job_leases = Table(
    "job_leases",
    metadata,
    Column("job", String(32), primary_key=True),
    Column("free_at", UtcDateTime, nullable=False),
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("job", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("result", Text, nullable=False),
    Index(None, "job", "started_at"),
    sqlite_autoincrement=True,
)
