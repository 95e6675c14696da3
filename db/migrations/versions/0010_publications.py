"""Publications"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "publications",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("login", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"],
            ["logins.contract_id", "logins.id"],
            name=op.f("fk_publications_contract_id_login"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_publications")),
        sa.UniqueConstraint("token", name=op.f("uq_publications_token")),
    )
    op.create_index(op.f("ix_publications_contract_id_created_at"), "publications", ["contract_id", "created_at"])
    op.create_table(
        "publication_items",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("publication_id", sa.String(length=32), nullable=False),
        sa.Column("node_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "publication_id"],
            ["publications.contract_id", "publications.id"],
            name=op.f("fk_publication_items_contract_id_publication_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "publication_id", "node_id", name=op.f("pk_publication_items")),
    )
    op.create_index(op.f("ix_publication_items_contract_id_node_id"), "publication_items", ["contract_id", "node_id"])
    op.add_column("access_settings", sa.Column("no_publishing", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("access_settings", "no_publishing")
    op.drop_table("publication_items")
    op.drop_table("publications")
