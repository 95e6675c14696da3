"""Mail that waits to be sent, and mail that was."""

from __future__ import annotations

from sqlalchemy import (
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

# `topic` names what a mail is about; the same topic reaches a recipient once.
outbox = Table(
    "outbox",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("topic", String(128), nullable=False),
    Column("recipient", String(254), nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("error", Text, nullable=False),
    UniqueConstraint("contract_id", "topic", "recipient"),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    CheckConstraint("state IN ('queued', 'sent', 'failed')", name="state"),
)
Index(
    "ix_outbox_due", outbox.c.due_at, sqlite_where=text("state = 'queued'"), postgresql_where=text("state = 'queued'")
)
# A mail that came back says its id alone.
Index("ix_outbox_id", outbox.c.id)
