"""Shares by mail (R24): what is shared, with whom, and what they fetched; return trays."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
)

from db.tables.base import metadata
from db.types import UtcDateTime

# `tray_node_id` is the sender's folder into which recipients may put files.
shares = Table(
    "shares",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("login", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("password_hash", String(255)),
    Column("download_limit", Integer),
    Column("tray_node_id", BigInteger),
    Column("tray_limit_bytes", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", String(64), nullable=False),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
    CheckConstraint("download_limit > 0", name="download_limit"),
    CheckConstraint("(tray_node_id IS NULL) = (tray_limit_bytes IS NULL)", name="tray"),
)
Index("ix_shares_login", shares.c.contract_id, shares.c.login, shares.c.created_at)

# By the node's id, so that a file that moves or is replaced stays shared; `name` is what it was called then.
share_items = Table(
    "share_items",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("share_id", String(32), primary_key=True),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    ForeignKeyConstraint(["contract_id", "share_id"], ["shares.contract_id", "shares.id"]),
)
Index("ix_share_items_node", share_items.c.contract_id, share_items.c.node_id)

# One token each; `opened_at` is the first time, `seen_at` the last that was noted.
share_recipients = Table(
    "share_recipients",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("share_id", String(32), nullable=False),
    Column("position", Integer, nullable=False),
    Column("address", String(254), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("revoked_at", UtcDateTime),
    Column("opened_at", UtcDateTime),
    Column("seen_at", UtcDateTime),
    ForeignKeyConstraint(["contract_id", "share_id"], ["shares.contract_id", "shares.id"]),
)
Index(
    "ix_share_recipients_share",
    share_recipients.c.contract_id,
    share_recipients.c.share_id,
    share_recipients.c.position,
)

# How often a recipient fetched a file; node 0 is everything as one archive.
share_fetches = Table(
    "share_fetches",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("recipient_id", String(32), primary_key=True),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
    Column("fetches", Integer, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id", "recipient_id"], ["share_recipients.contract_id", "share_recipients.id"]),
)
