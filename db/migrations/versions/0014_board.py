"""Bulletin board"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "board_topics",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("pinned_at", UtcDateTime(), nullable=True),
        sa.Column("post_count", sa.Integer(), nullable=False),
        sa.Column("last_post_id", sa.BigInteger(), nullable=False),
        sa.Column("last_post_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "group_id"],
            ["groups.contract_id", "groups.id"],
            name=op.f("fk_board_topics_contract_id_group_id"),
        ),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_board_topics_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_board_topics")),
    )
    op.create_index("ix_board_topics_last", "board_topics", ["contract_id", "last_post_id"], unique=False)
    op.create_table(
        "board_posts",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("edited_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"], ["logins.contract_id", "logins.id"], name=op.f("fk_board_posts_contract_id_login")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "topic_id"],
            ["board_topics.contract_id", "board_topics.id"],
            name=op.f("fk_board_posts_contract_id_topic_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_board_posts")),
    )
    op.create_index("ix_board_posts_topic", "board_posts", ["contract_id", "topic_id", "id"], unique=False)
    op.create_table(
        "board_revisions",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "post_id"],
            ["board_posts.contract_id", "board_posts.id"],
            name=op.f("fk_board_revisions_contract_id_post_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "post_id", "number", name=op.f("pk_board_revisions")),
    )
    op.create_table(
        "board_attachments",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("node_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "post_id"],
            ["board_posts.contract_id", "board_posts.id"],
            name=op.f("fk_board_attachments_contract_id_post_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "post_id", "position", name=op.f("pk_board_attachments")),
    )
    op.create_table(
        "board_reads",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("read_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"], ["logins.contract_id", "logins.id"], name=op.f("fk_board_reads_contract_id_login")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "topic_id"],
            ["board_topics.contract_id", "board_topics.id"],
            name=op.f("fk_board_reads_contract_id_topic_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "login", "topic_id", name=op.f("pk_board_reads")),
    )
    op.create_table(
        "board_people",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("read_id", sa.BigInteger(), nullable=False),
        sa.Column("mail_mentions", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"],
            ["logins.contract_id", "logins.id"],
            name=op.f("fk_board_people_contract_id_login"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "login", name=op.f("pk_board_people")),
    )
    op.create_table(
        "board_mentions",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("login", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"],
            ["logins.contract_id", "logins.id"],
            name=op.f("fk_board_mentions_contract_id_login"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "post_id"],
            ["board_posts.contract_id", "board_posts.id"],
            name=op.f("fk_board_mentions_contract_id_post_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "post_id", "login", name=op.f("pk_board_mentions")),
    )
    op.create_index(
        "ix_board_mentions_waiting",
        "board_mentions",
        ["contract_id", "login"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )


def downgrade() -> None:
    """Undo."""
    for table in (
        "board_mentions",
        "board_people",
        "board_reads",
        "board_attachments",
        "board_revisions",
        "board_posts",
        "board_topics",
    ):
        op.drop_table(table)
