"""One installation: a data directory, and where its rows and bytes are.

`azukari demo` and `azukari serve` write down in the data directory which database and object store they use,
so that any other command with the same `--data` works beside them.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.config import Config
from core.errors import StoreUnavailable
from core.s3settings import S3Settings
from db import migrate
from db.engine import Database
from storage.objects.obstore_s3 import ObstoreS3

_FILE = "instance.json"
_DATABASE = "azukari.sqlite3"


@dataclass(frozen=True, slots=True)
class Instance:
    """Where everything is. `embedded`: the object store is our own child process, under the data directory."""

    data: Path
    database_url: str
    s3: S3Settings
    embedded: bool


def default_database_url(data: Path) -> str:
    """Return the address of the SQLite file in a data directory."""
    return f"sqlite:///{data / _DATABASE}"


def configured_database_url(config: Config, data: Path) -> str:
    """Return the database of a configuration; without one, what the running service noted, or SQLite."""
    return config.database.url or _noted(data).get("database_url") or default_database_url(data)


def open_database(config: Config, data: Path) -> Database:
    """Return the database with its tables up to date. Raises DatabaseUnavailable."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(configured_database_url(config, data))
    migrate.upgrade(database)
    return database


def external_s3(config: Config) -> S3Settings | None:
    """Return the configured S3 service, or None where the embedded store is to be used."""
    store = config.object_store
    if store.endpoint is None:
        return None
    return S3Settings(
        store.endpoint,
        store.bucket,
        store.access_key,
        store.secret_key,
        region=store.region,
        prefix=store.prefix,
    )


def note(instance: Instance) -> None:
    """Write down how to reach this instance, readable by its owner alone, in one step."""
    values = {"database_url": instance.database_url, "embedded": instance.embedded, "s3": asdict(instance.s3)}
    path = instance.data / _FILE
    temporary = path.with_suffix(".tmp")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(values, file)
    temporary.replace(path)


def noted_s3(config: Config, data: Path) -> S3Settings:
    """Return the object store of the service that runs, or ran last, on a data directory.

    Raises StoreUnavailable where none ever did.
    """
    if (settings := external_s3(config)) is not None:
        return settings
    noted = _noted(data)
    if not noted:
        raise StoreUnavailable("the service was never started on this data directory")
    return S3Settings(**noted["s3"])


def _noted(data: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads((data / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values


@contextlib.contextmanager
def object_store(config: Config, data: Path, *, on_wait: Callable[[str], None]) -> Iterator[S3Settings]:
    """Lend the instance's object store to a command.

    A configured or running store is used as it is; an embedded one that is not running is started for as
    long as the command takes. Raises StoreUnavailable.
    """
    if (settings := external_s3(config)) is not None:
        yield settings
        return
    noted = _noted(data)
    if noted:
        settings = S3Settings(**noted["s3"])
        if not noted["embedded"] or _answers(settings):
            yield settings
            return
    from gateway.embedded_store import EmbeddedStore
    from storage.objects.boto3_s3 import ensure_bucket

    store = EmbeddedStore(data / "store", on_wait=on_wait)
    settings = store.start()
    try:
        ensure_bucket(settings)
        yield settings
    finally:
        store.stop()


def _answers(settings: S3Settings) -> bool:
    try:
        ObstoreS3(settings).check()
    except StoreUnavailable:
        return False
    return True


#: Stands for a store nobody will ask.
NO_STORE = S3Settings("http://127.0.0.1:9", "none", "none", "none")
