"""Alembic's entry point; `db.migrate.upgrade` gives the database's address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from sqlalchemy.pool import NullPool

from db.tables import metadata

_BUSY_SECONDS = 60
#: Any number that is ours: who holds this lock of PostgreSQL migrates, the others wait.
_ADVISORY_LOCK = 0x617A756B


def run() -> None:
    """Run all migrations in one transaction: several processes may start at once, and one may be killed."""
    url = context.config.attributes["url"]
    is_sqlite = url.get_backend_name() == "sqlite"
    engine = sa.create_engine(url, poolclass=NullPool, connect_args={"timeout": _BUSY_SECONDS} if is_sqlite else {})
    with engine.connect() as connection:
        if is_sqlite:
            _prepare_sqlite(connection)
        with connection.begin():
            if not is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            context.configure(
                connection=connection, target_metadata=metadata, render_as_batch=True, user_module_prefix=""
            )
            context.run_migrations()


def _prepare_sqlite(connection: sa.Connection) -> None:
    """Have `begin` take the write lock at once; the driver's own way runs CREATE TABLE outside any transaction."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.isolation_level = None
    driver.execute("PRAGMA journal_mode=WAL")

    @sa.event.listens_for(connection, "begin")
    def _begin(begun: sa.Connection) -> None:
        begun.exec_driver_sql("BEGIN IMMEDIATE")


run()
