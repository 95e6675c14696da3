"""Money out: what was charged for a month, frozen when the month was closed."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Integer, String, Table, Text

from db.tables.base import metadata
from db.types import UtcDateTime

# Written once, never changed. `document` is JSON: the fee, its reason and the plan changes it follows from.
statements = Table(
    "statements",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("month", String(7), primary_key=True),
    Column("fee_yen", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("closed_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
)
