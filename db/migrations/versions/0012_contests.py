"""Contests"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "contests",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("tally", sa.String(length=16), nullable=False),
        sa.Column("host", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("audience IN ('contract', 'everyone')", name=op.f("ck_contests_audience")),
        sa.CheckConstraint("tally IN ('live', 'hidden')", name=op.f("ck_contests_tally")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_contests_period")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_contests_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_contests")),
        sa.UniqueConstraint("id", name=op.f("uq_contests_id")),
    )
    op.create_index("ix_contests_audience", "contests", ["audience", "ends_at"], unique=False)
    op.create_index(
        "ix_contests_unsettled",
        "contests",
        ["ends_at"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "contest_entries",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contest_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("caption", sa.String(length=255), nullable=False),
        sa.Column("object_id", sa.String(length=32), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id", "contest_id"],
            ["contests.contract_id", "contests.id"],
            name=op.f("fk_contest_entries_contract_id_contest_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "contest_id", "position", name=op.f("pk_contest_entries")),
    )
    op.create_table(
        "contest_votes",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contest_id", sa.String(length=32), nullable=False),
        sa.Column("voter_contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("voter", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("voted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "contest_id", "position"],
            ["contest_entries.contract_id", "contest_entries.contest_id", "contest_entries.position"],
            name=op.f("fk_contest_votes_contract_id_contest_id_position"),
        ),
        sa.ForeignKeyConstraint(
            ["voter_contract_id", "voter"],
            ["logins.contract_id", "logins.id"],
            name=op.f("fk_contest_votes_voter_contract_id_voter"),
        ),
        sa.PrimaryKeyConstraint(
            "contract_id", "contest_id", "voter_contract_id", "voter", name=op.f("pk_contest_votes")
        ),
    )


def downgrade() -> None:
    """Undo."""
    for table in ("contest_votes", "contest_entries", "contests"):
        op.drop_table(table)
