"""The databases and object stores of the unit tests, for suites that take longer than these may."""

from tests.unit.conftest import (
    clock,
    database,
    database_url,
    dialect,
    open_database,
    postgresql,
    postgresql_url,
    seaweedfs,
    seaweedfs_s3,
    sqlite_template,
)

__all__ = [
    "clock",
    "database",
    "database_url",
    "dialect",
    "open_database",
    "postgresql",
    "postgresql_url",
    "seaweedfs",
    "seaweedfs_s3",
    "sqlite_template",
]
