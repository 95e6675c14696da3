"""What a command works with: the instance's database, and its object store where it needs one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from core.config import Config
from db.engine import Database
from gateway import instance
from gateway.commands import output
from gateway.service import Service, build


def database_of(config: Config, data: Path) -> Database:
    """Return the instance's database, its tables up to date. Raises DatabaseUnavailable."""
    return instance.open_database(config, data)


def service_without_store(config: Config, data: Path) -> Service:
    """Return a service whose object store will not be asked (names, people and devices only)."""
    return build(config, database_of(config, data), instance.NO_STORE)


@contextlib.contextmanager
def service_of(config: Config, data: Path) -> Iterator[Service]:
    """Lend the whole service; an embedded store that is not running is started for as long as it takes."""
    database = database_of(config, data)
    with instance.object_store(config, data, on_wait=output.say) as s3:
        yield build(config, database, s3)
