"""Limits of logins and groups within a contract"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "limits",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("limit_bytes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('login', 'group')", name=op.f("ck_limits_kind")),
        sa.CheckConstraint("limit_bytes >= 0", name=op.f("ck_limits_limit_bytes")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_limits_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "kind", "number", name=op.f("pk_limits")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("limits")
