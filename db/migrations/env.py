"""Alembic's entry point; `db.migrate.upgrade` gives the database's address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from sqlalchemy.pool import NullPool

from db.tables import metadata


def run() -> None:
    """Run the migrations in one transaction on a connection of their own."""
    engine = sa.create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Several processes may start on one data directory at once: the first one migrates.
            connection.exec_driver_sql("PRAGMA busy_timeout=30000")
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,
            user_module_prefix="",
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
