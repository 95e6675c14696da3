"""plans over time: ends, deadlines, statements, mail"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("contracts", sa.Column("ended_at", UtcDateTime(), nullable=True))
    op.add_column("contracts", sa.Column("readable_until_at", UtcDateTime(), nullable=True))
    op.add_column("contracts", sa.Column("notify_address", sa.String(length=254), nullable=True))
    for name, columns, condition in (
        ("ix_nodes_oldest", ["contract_id", "stored_at", "id"], sa.text("kind = 1")),
        ("ix_nodes_deleted", ["contract_id", "id"], sa.text("parent_id < 0")),
    ):
        op.create_index(name, "nodes", columns, sqlite_where=condition, postgresql_where=condition)
    _create_retention()
    _create_statements()
    _create_outbox()


def _create_retention() -> None:
    op.create_table(
        "purges",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("to_bytes", sa.BigInteger(), nullable=False),
        sa.Column("deleted_files", sa.BigInteger(), nullable=False),
        sa.Column("deleted_bytes", sa.BigInteger(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_purges_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "due_at", name=op.f("pk_purges")),
    )
    op.create_table(
        "purged_files",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("node_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_purged_files_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "node_id", name=op.f("pk_purged_files")),
    )
    op.create_index(
        op.f("ix_purged_files_contract_id_due_at_stored_at"), "purged_files", ["contract_id", "due_at", "stored_at"]
    )
    op.create_table(
        "job_clocks",
        sa.Column("job", sa.String(length=32), nullable=False),
        sa.Column("ran_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_clocks")),
    )


def _create_statements() -> None:
    op.create_table(
        "statements",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("fee_yen", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_statements_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "month", name=op.f("pk_statements")),
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name=op.f("ck_outbox_state")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_outbox_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("contract_id", "topic", "recipient", name=op.f("uq_outbox_contract_id_topic_recipient")),
    )
    queued = sa.text("state = 'queued'")
    op.create_index("ix_outbox_due", "outbox", ["due_at"], sqlite_where=queued, postgresql_where=queued)


def downgrade() -> None:
    """Undo."""
    for name in ("outbox", "statements", "job_clocks", "purged_files", "purges"):
        op.drop_table(name)
    op.drop_index("ix_nodes_deleted", "nodes")
    op.drop_index("ix_nodes_oldest", "nodes")
    for name in ("notify_address", "readable_until_at", "ended_at"):
        op.drop_column("contracts", name)
