"""The bulletin board: topics, posts with their earlier wordings and attachments, who read what, mentions (R28)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from db.tables.base import metadata
from db.types import UtcDateTime

# A topic without a group is the whole contract's. Ids of topics and posts are the contract's next numbers, taken
# under its write mutex: a post with a higher id was never visible before one with a lower.
board_topics = Table(
    "board_topics",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("group_id", BigInteger),
    Column("title", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("pinned_at", UtcDateTime),
    Column("post_count", Integer, nullable=False),
    Column("last_post_id", BigInteger, nullable=False),
    Column("last_post_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id", "group_id"], ["groups.contract_id", "groups.id"]),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
)
Index("ix_board_topics_last", board_topics.c.contract_id, board_topics.c.last_post_id)

# A deleted post leaves its row, without words, as a mark.
board_posts = Table(
    "board_posts",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("topic_id", BigInteger, nullable=False),
    Column("login", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime),
    Column("deleted_at", UtcDateTime),
    Column("deleted_by", String(64), nullable=False),
    ForeignKeyConstraint(["contract_id", "topic_id"], ["board_topics.contract_id", "board_topics.id"]),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
)
Index("ix_board_posts_topic", board_posts.c.contract_id, board_posts.c.topic_id, board_posts.c.id)

# What a post said before it was edited.
board_revisions = Table(
    "board_revisions",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("post_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id", "post_id"], ["board_posts.contract_id", "board_posts.id"]),
)

# References to files, by node: where a file is moved, the reference follows; where it is deleted, it says so.
board_attachments = Table(
    "board_attachments",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("post_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("node_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    ForeignKeyConstraint(["contract_id", "post_id"], ["board_posts.contract_id", "board_posts.id"]),
)

# How far a login has read a topic.
board_reads = Table(
    "board_reads",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("login", BigInteger, primary_key=True, autoincrement=False),
    Column("topic_id", BigInteger, primary_key=True, autoincrement=False),
    Column("read_id", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
    ForeignKeyConstraint(["contract_id", "topic_id"], ["board_topics.contract_id", "board_topics.id"]),
)

# How far a login has read everything, and whether it wants mail when it is mentioned.
board_people = Table(
    "board_people",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("login", BigInteger, primary_key=True, autoincrement=False),
    Column("read_id", BigInteger, nullable=False),
    Column("mail_mentions", Boolean, nullable=False),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
)

board_mentions = Table(
    "board_mentions",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("post_id", BigInteger, primary_key=True, autoincrement=False),
    Column("login", BigInteger, primary_key=True, autoincrement=False),
    # When it went into a mail, or it was found that there is none to write.
    Column("settled_at", UtcDateTime),
    ForeignKeyConstraint(["contract_id", "post_id"], ["board_posts.contract_id", "board_posts.id"]),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
)
Index(
    "ix_board_mentions_waiting",
    board_mentions.c.contract_id,
    board_mentions.c.login,
    sqlite_where=text("settled_at IS NULL"),
    postgresql_where=text("settled_at IS NULL"),
)
