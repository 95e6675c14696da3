"""Uploads that go on in later requests (tus): what has arrived of each, and where its bytes are."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Integer, String, Table, Text

from db.tables.base import metadata
from db.types import UtcDateTime, exact_string

# `id` is that of the object the bytes become. All but the last parts are in the store's upload `store_id`; what is
# too little for a part stands in an object of its own, the tail. `turn` counts who wrote: a writer that was
# overtaken changes nothing any more.
uploads = Table(
    "uploads",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", exact_string(32), primary_key=True),
    Column("login", BigInteger, nullable=False),
    Column("device_id", String(32), nullable=False),
    Column("label", Text, nullable=False),
    Column("length_bytes", BigInteger, nullable=False),
    Column("offset_bytes", BigInteger, nullable=False),
    Column("store_id", Text),
    Column("next_part", Integer, nullable=False),
    Column("tail_id", String(32)),
    Column("tail_bytes", BigInteger, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("writing_until", UtcDateTime),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
)
Index(None, uploads.c.expires_at)

upload_parts = Table(
    "upload_parts",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("upload_id", exact_string(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("tag", String(255), nullable=False),
    ForeignKeyConstraint(["contract_id", "upload_id"], ["uploads.contract_id", "uploads.id"]),
)
