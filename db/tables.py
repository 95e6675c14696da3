"""All tables. Rows of a customer carry the contract id first in their keys, so that they can be distributed by it.

The migrations in db/migrations create exactly this (a test compares them on SQLite and PostgreSQL).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from db.types import UtcDateTime, exact_string, exact_text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: Operators and the support desk are logins of this contract, which is the service itself.
SERVICE_CONTRACT_ID = 0

#: nodes.kind
COLLECTION, FILE = 0, 1
#: nodes.parent_id of a folder's root, and of a tree that was deleted and waits for the reclaim job.
NO_PARENT, DELETED_PARENT = 0, -1

contracts = Table(
    "contracts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

# What happened to a contract's capacity, append-only; the rules of quota/ read nothing else (R2-R5).
contract_events = Table(
    "contract_events",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("code", String(32), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("effective_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    CheckConstraint("kind IN ('sign-up', 'plan', 'bonus-add', 'bonus-remove', 'end')", name="kind"),
)

# One row a contract: the counters every write moves. Its row lock is also the contract's write mutex
# on PostgreSQL, so that quota, names and ids are decided one after the other.
usage = Table(
    "usage",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("used_bytes", BigInteger, nullable=False),
    Column("next_id", BigInteger, nullable=False),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    CheckConstraint("used_bytes >= 0", name="used_bytes"),
)

logins = Table(
    "logins",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("login_id", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    CheckConstraint("role IN ('administrator', 'user', 'operator', 'support')", name="role"),
)

device_keys = Table(
    "device_keys",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("login", BigInteger, nullable=False),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("device_id", String(32)),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
    CheckConstraint("state IN ('issued', 'used', 'revoked')", name="state"),
)

devices = Table(
    "devices",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("login", BigInteger, nullable=False),
    Column("name", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("password_hash", String(64), nullable=False, unique=True),
    Column("registered_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("reason", String(255), nullable=False),
    UniqueConstraint("id"),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
    CheckConstraint("state IN ('registered', 'locked', 'revoked')", name="state"),
)

# The names. Clustered by (contract, parent, name): a listing is one range of neighbouring rows.
# size_bytes of a collection is the sum of all files below it, so that deleting or moving a tree of any
# size settles the counters with its one row.
nodes = Table(
    "nodes",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("parent_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", exact_string(255), primary_key=True),
    Column("id", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("object_id", String(32)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("modified_at", UtcDateTime, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
    UniqueConstraint("contract_id", "id"),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    sqlite_with_rowid=False,
)

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
    Column("id", String(32), primary_key=True),
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

locks = Table(
    "locks",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
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
    Index(None, "contract_id", "path"),
    sqlite_with_rowid=False,
)

job_leases = Table(
    "job_leases",
    metadata,
    Column("job", String(32), primary_key=True),
    Column("free_at", UtcDateTime, nullable=False),
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("job", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("result", Text, nullable=False),
    Index(None, "job", "started_at"),
    sqlite_autoincrement=True,
)
