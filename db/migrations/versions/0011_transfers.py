"""Transfers between contracts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime, exact_string

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    # SQLite counts no characters, and would copy every name to say otherwise.
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("nodes", "object_id", type_=sa.String(length=43))
        op.alter_column("objects", "id", type_=sa.String(length=43, collation="C"))
    op.create_table(
        "transfer_codes",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_transfer_codes_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_transfer_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_transfer_codes_code")),
    )
    _create_transfers()
    op.create_table(
        "transfer_items",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("transfer_id", sa.String(length=32), nullable=False),
        sa.Column("node_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("name", exact_string(400), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("object_id", sa.String(length=43), nullable=True),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "transfer_id"],
            ["transfers.contract_id", "transfers.id"],
            name=op.f("fk_transfer_items_contract_id_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "transfer_id", "node_id", name=op.f("pk_transfer_items")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "loans",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("object_id", exact_string(32), nullable=False),
        sa.Column("holder_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "object_id", "holder_id", name=op.f("pk_loans")),
        sqlite_with_rowid=False,
    )


def _create_transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.BigInteger(), nullable=False),
        sa.Column("login_id", sa.String(length=64), nullable=False),
        sa.Column("receiver_id", sa.Integer(), nullable=False),
        sa.Column("addressee", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "state IN ('sent', 'accepted', 'declined', 'withdrawn', 'expired')", name=op.f("ck_transfers_state")
        ),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_transfers_contract_id")),
        sa.ForeignKeyConstraint(["receiver_id"], ["contracts.id"], name=op.f("fk_transfers_receiver_id")),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("id", name=op.f("uq_transfers_id")),
    )
    op.create_index(op.f("ix_transfers_receiver_id_sent_at"), "transfers", ["receiver_id", "sent_at"])
    op.create_index(
        "ix_transfers_open",
        "transfers",
        ["expires_at"],
        sqlite_where=sa.text("state = 'sent'"),
        postgresql_where=sa.text("state = 'sent'"),
    )


def downgrade() -> None:
    """Undo; files that contracts share with others would lose their bytes, so there must be none."""
    for table in ("loans", "transfer_items", "transfers", "transfer_codes"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("objects", "id", type_=sa.String(length=32, collation="C"))
        op.alter_column("nodes", "object_id", type_=sa.String(length=32))
