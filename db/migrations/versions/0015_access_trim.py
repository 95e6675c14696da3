"""A device is found by its id, never by its public key"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_devices_public_key", table_name="devices")


def downgrade() -> None:
    """Undo."""
    op.create_index("ix_devices_public_key", "devices", ["public_key"], unique=True)
