"""Bring a database to the present tables."""

from __future__ import annotations

from pathlib import Path

from db.engine import Database


def upgrade(database: Database) -> None:
    """Run the migrations this database has not seen. Does nothing where there are none.

    Imports Alembic only here: a gateway process that finds its tables in place never pays for it.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = database.url
    command.upgrade(config, "head")
