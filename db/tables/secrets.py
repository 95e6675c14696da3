"""Secret Folders: their wrapped keys, and which are unlocked at present."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, LargeBinary, String, Table

from db.tables.base import metadata
from db.types import UtcDateTime

# The folder's key, wrapped twice: by the user's own secret and by the recovery code. Neither is stored.
secret_folders = Table(
    "secret_folders",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("login", BigInteger, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("wrapped_by_secret", LargeBinary, nullable=False),
    Column("wrapped_by_recovery", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
)

# A folder that is open now on one device: its key, sealed by a key that only the running gateways know.
unlocked_folders = Table(
    "unlocked_folders",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("login", BigInteger, primary_key=True, autoincrement=False),
    Column("device_id", String(32), primary_key=True),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("unlocked_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id", "login"], ["secret_folders.contract_id", "secret_folders.login"]),
)
