"""Uploads that can be resumed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime, exact_string

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "uploads",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", exact_string(32), nullable=False),
        sa.Column("login", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("length_bytes", sa.BigInteger(), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=True),
        sa.Column("next_part", sa.Integer(), nullable=False),
        sa.Column("tail_id", sa.String(length=32), nullable=True),
        sa.Column("tail_bytes", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("writing_until", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_uploads_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_expires_at"), "uploads", ["expires_at"])
    op.create_table(
        "upload_parts",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("upload_id", exact_string(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "upload_id"],
            ["uploads.contract_id", "uploads.id"],
            name=op.f("fk_upload_parts_contract_id_upload_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "upload_id", "number", name=op.f("pk_upload_parts")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("upload_parts")
    op.drop_table("uploads")
