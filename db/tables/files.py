"""The file system: names, dead properties, objects, locks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.tables.base import metadata
from db.types import UtcDateTime, exact_string, exact_text

#: nodes.kind
COLLECTION, FILE = 0, 1
#: nodes.parent_id of a folder's root, and of a tree that was deleted and waits for the reclaim job.
NO_PARENT, DELETED_PARENT = 0, -1


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# An object's id: 32 hexadecimal digits, and for one that another contract lends `@` and that contract's number
# (storage.lending). SQLite counts no characters, and keeps the length its tables were made with.
_OBJECT_ID_CHARACTERS = 43
_node_object_id = String(32).with_variant(String(_OBJECT_ID_CHARACTERS), "postgresql")
_object_id = String(32).with_variant(String(_OBJECT_ID_CHARACTERS, collation="C"), "postgresql")

# The names. Clustered by (contract, parent, name): a listing is one range of neighbouring rows.
# size_bytes of a collection is the sum of all files below it, so that deleting or moving a tree of any
# size settles the counters with its one row.
nodes = Table(
    "nodes",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("parent_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", exact_string(400), primary_key=True),  # a name of 255 bytes, sealed, takes 364
    Column("id", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("object_id", _node_object_id),
    Column("created_at", UtcDateTime, nullable=False),
    Column("modified_at", UtcDateTime, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
    UniqueConstraint("contract_id", "id"),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    sqlite_with_rowid=False,
)
# Files in the order in which the purge takes them (R4), and deleted collections that wait for the reclaim job.
# The conditions are written out: a partial index serves only statements that say the same in so many words.
Index("ix_nodes_oldest", nodes.c.contract_id, nodes.c.stored_at, nodes.c.id, **_only("kind = 1"))
# `< 0`, not `= -1`: beside an equality SQLite would look at what `parent_id = ?` is bound to, and prepare every
# statement on names anew each time it runs.
Index("ix_nodes_deleted", nodes.c.contract_id, nodes.c.id, **_only("parent_id < 0"))

dead_properties = Table(
    "dead_properties",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("node_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(512), primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

objects = Table(
    "objects",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", _object_id, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("reference_count", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("freed_at", UtcDateTime),
    sqlite_with_rowid=False,
)
# The reclaim queue is the set of objects nothing refers to any more.
Index(
    "ix_objects_freed",
    objects.c.contract_id,
    objects.c.freed_at,
    sqlite_where=objects.c.freed_at.is_not(None),
    postgresql_where=objects.c.freed_at.is_not(None),
)

# Found by `path_key`, a hash of the path: PostgreSQL indexes nothing as long as a path may be.
locks = Table(
    "locks",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("path_key", BigInteger, primary_key=True, autoincrement=False),
    Column("token", String(64), primary_key=True),
    Column("path", exact_text(), nullable=False),
    Column("infinite_depth", Boolean, nullable=False),
    Column("exclusive", Boolean, nullable=False),
    Column("login", BigInteger, nullable=False),
    Column("login_id", String(64), nullable=False),
    Column("device_id", String(32)),
    Column("owner_xml", Text, nullable=False),
    Column("timeout_seconds", Integer, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    UniqueConstraint("contract_id", "token"),
    sqlite_with_rowid=False,
)
