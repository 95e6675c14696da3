"""The pages, with a cast of people, on a fresh database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import Database
from tests.unit.admin_web.cast import Site, found, site_on
from tests.unit.world import FrozenClock


@pytest.fixture(scope="session")
def cast_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with the cast in it, to copy: hashing their passwords takes a while."""
    path = tmp_path_factory.mktemp("cast") / "cast.sqlite3"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    found(database, FrozenClock())
    with database.reading() as tx:
        tx.cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        tx.cursor.fetchone()
    database.dispose()
    return path


@pytest.fixture
def site(cast_template: Path, tmp_path: Path, clock: FrozenClock) -> Iterator[Site]:
    """Yield the pages."""
    path = tmp_path / "azukari.sqlite3"
    shutil.copyfile(cast_template, path)
    database = Database(f"sqlite:///{path}")
    yield site_on(database, clock)
    database.dispose()
