"""Bring a database to the present tables."""

from __future__ import annotations

import contextlib
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from core.errors import DatabaseUnavailable
from db.engine import Database

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def upgrade(database: Database) -> None:
    """Run the migrations this database has not seen, all or none; other processes may do the same at once.

    Raises DatabaseUnavailable. Imports Alembic only where there is something to run: it takes longer to load than
    most commands to do their work.
    """
    if _revision(database) == newest():
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = database.url
    try:
        command.upgrade(config, "head")
    except Exception as error:
        if (translated := database.translate(error)) is not None:
            raise translated from error
        raise


def newest() -> str:
    """Return the last revision: the files are named by their numbers (a test compares them with Alembic's)."""
    return max(path.name for path in _VERSIONS.glob("[0-9]*.py")).partition("_")[0]


def _revision(database: Database) -> str | None:
    """Return the revision of the tables that are there, or None for a new database."""
    with contextlib.suppress(DBAPIError, DatabaseUnavailable), database.reading() as tx:
        return tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None
