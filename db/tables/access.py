"""Who gets in: groups, lines, sessions, one-time codes, lockouts and the access log."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from db.tables.base import metadata
from db.types import UtcDateTime, exact_string

# What a contract's administrator decides about access; a contract without a row has the defaults.
access_settings = Table(
    "access_settings",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("device_binding", String(16), nullable=False),
    Column("copy_out", Boolean, nullable=False),
    # Set where nothing may be published (R25); rows that are older than publishing have none.
    Column("no_publishing", Boolean),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    CheckConstraint("device_binding IN ('none', 'client', 'certificate')", name="device_binding"),
)

groups = Table(
    "groups",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", exact_string(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("contract_id", "name"),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
)

group_members = Table(
    "group_members",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("login", BigInteger, primary_key=True, autoincrement=False),
    Column("group_id", BigInteger, primary_key=True, autoincrement=False),
    Column("may_write", Boolean, nullable=False),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
    ForeignKeyConstraint(["contract_id", "group_id"], ["groups.contract_id", "groups.id"]),
)

lines = Table(
    "lines",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("tool_secret", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("contract_id", "name"),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
)

# First and last address of a prefix as 32 hexadecimal digits, IPv4 as its mapped IPv6 (RFC 4291 §2.5.5.2),
# so that both databases find an address by comparing text.
line_networks = Table(
    "line_networks",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("first_address", exact_string(32), primary_key=True),
    Column("last_address", exact_string(32), primary_key=True),
    Column("line_id", String(32), nullable=False),
    Column("prefix", String(49), nullable=False),
    ForeignKeyConstraint(["contract_id", "line_id"], ["lines.contract_id", "lines.id"]),
)

line_sessions = Table(
    "line_sessions",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("token_hash", String(64), primary_key=True),
    Column("line_id", String(32), nullable=False),
    Column("login", BigInteger, nullable=False),
    Column("device_id", String(32)),
    # The session holds from this address only; another address may be another line.
    Column("address", String(45), nullable=False),
    Column("edge_proven", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    UniqueConstraint("token_hash"),
    ForeignKeyConstraint(["contract_id", "line_id"], ["lines.contract_id", "lines.id"]),
)

# Codes and nonces that were used; a second use of one is refused by the primary key.
used_codes = Table(
    "used_codes",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("scope", String(64), primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("forget_at", UtcDateTime, nullable=False),
    Index(None, "forget_at"),
)

login_totp = Table(
    "login_totp",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("login", BigInteger, primary_key=True, autoincrement=False),
    Column("secret", String(64), nullable=False),
    Column("confirmed_at", UtcDateTime),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("login", BigInteger, primary_key=True, autoincrement=False),
    Column("code_hash", String(64), primary_key=True),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
)

# Failed guesses by login ID as it was typed, whether or not there is such a login, and by address (R19).
failures = Table(
    "failures",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("failed_at", UtcDateTime, nullable=False),
    Column("free_at", UtcDateTime, nullable=False),
    CheckConstraint("kind IN ('login', 'address')", name="kind"),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("token_hash", String(64), primary_key=True),
    Column("login", BigInteger, nullable=False),
    Column("device_id", String(32)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    UniqueConstraint("token_hash"),
    Index(None, "contract_id", "login"),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
)

# Append-only (R21). `hash` covers the row and the hash of the row before it.
access_log = Table(
    "access_log",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("login_id", String(64), nullable=False),
    Column("device_id", String(32), nullable=False),
    Column("line_id", String(32), nullable=False),
    Column("address", String(45), nullable=False),
    Column("act", String(32), nullable=False),
    Column("path", Text, nullable=False),
    Column("result", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "contract_id", "at"),
    sqlite_with_rowid=False,
)

# Where each contract's chain ends, and where it begins once old rows were let go. The service's own chain takes
# what belongs to no contract.
access_log_heads = Table(
    "access_log_heads",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("last_hash", String(64), nullable=False),
    Column("dropped_sequence", BigInteger, nullable=False),
    Column("dropped_hash", String(64), nullable=False),
)

# The small CA that certifies devices; one row.
certificate_authority = Table(
    "certificate_authority",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("certificate_pem", Text, nullable=False),
    Column("key_pem", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("id = 1", name="id"),
)
