"""Bring a database to the present tables."""

from __future__ import annotations

from pathlib import Path

from db.engine import Database


def upgrade(database: Database) -> None:
    """Run the migrations this database has not seen, all or none; other processes may do the same at once.

    Raises DatabaseUnavailable. Imports Alembic only here: a gateway's workers never pay for it.
    """
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
