"""Shares by mail and return trays"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _create_shares()
    _create_recipients()
    op.create_index("ix_outbox_id", "outbox", ["id"])


def _create_shares() -> None:
    op.create_table(
        "shares",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("download_limit", sa.Integer(), nullable=True),
        sa.Column("tray_node_id", sa.BigInteger(), nullable=True),
        sa.Column("tray_limit_bytes", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("download_limit > 0", name=op.f("ck_shares_download_limit")),
        sa.CheckConstraint("(tray_node_id IS NULL) = (tray_limit_bytes IS NULL)", name=op.f("ck_shares_tray")),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"], ["logins.contract_id", "logins.id"], name=op.f("fk_shares_contract_id_login")
        ),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_shares")),
    )
    op.create_index("ix_shares_login", "shares", ["contract_id", "login", "created_at"])
    op.create_table(
        "share_items",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("share_id", sa.String(length=32), nullable=False),
        sa.Column("node_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "share_id"],
            ["shares.contract_id", "shares.id"],
            name=op.f("fk_share_items_contract_id_share_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "share_id", "node_id", name=op.f("pk_share_items")),
    )
    op.create_index("ix_share_items_node", "share_items", ["contract_id", "node_id"])


def _create_recipients() -> None:
    op.create_table(
        "share_recipients",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("share_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id", "share_id"],
            ["shares.contract_id", "shares.id"],
            name=op.f("fk_share_recipients_contract_id_share_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_share_recipients")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_share_recipients_token_hash")),
    )
    op.create_index("ix_share_recipients_share", "share_recipients", ["contract_id", "share_id", "position"])
    op.create_table(
        "share_fetches",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.String(length=32), nullable=False),
        sa.Column("node_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fetches", sa.Integer(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "recipient_id"],
            ["share_recipients.contract_id", "share_recipients.id"],
            name=op.f("fk_share_fetches_contract_id_recipient_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "recipient_id", "node_id", name=op.f("pk_share_fetches")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_outbox_id", "outbox")
    for table in ("share_fetches", "share_recipients", "share_items", "shares"):
        op.drop_table(table)
