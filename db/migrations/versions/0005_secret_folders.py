"""Secret Folders: wrapped keys, and which are unlocked"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "secret_folders",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by_secret", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by_recovery", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"],
            ["logins.contract_id", "logins.id"],
            name=op.f("fk_secret_folders_contract_id_login"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "login", name=op.f("pk_secret_folders")),
    )
    op.create_table(
        "unlocked_folders",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("device_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("unlocked_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"],
            ["secret_folders.contract_id", "secret_folders.login"],
            name=op.f("fk_unlocked_folders_contract_id_login"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "login", "device_id", name=op.f("pk_unlocked_folders")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("unlocked_folders")
    op.drop_table("secret_folders")
