"""Fixtures of the unit tests: both databases, every object store, a frozen clock and a firm on top of them."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from moto.server import ThreadedMotoServer
from psycopg import sql
from sqlalchemy import NullPool, create_engine

from core.s3settings import S3Settings
from db import migrate
from db.tables import metadata
from gateway.embedded_store import EmbeddedStore
from storage.objects.boto3_s3 import client, ensure_bucket
from storage.objects.memory import MemoryStore
from tests.product import Brood
from tests.unit.world import Firm, FrozenClock, ProbedDatabase, found_firm

_POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_START_SECONDS = 30.0


@pytest.fixture
def clock() -> FrozenClock:
    """Return a clock that stands at noon in Tokyo on 1 April 2026."""
    return FrozenClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    database = ProbedDatabase(f"sqlite:///{path}")
    migrate.upgrade(database)
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL cluster of our own on a Unix socket; yield the address of its databases, less the name."""
    if not _POSTGRESQL:
        if os.environ.get("AZUKARI_REQUIRE_ALL"):
            pytest.fail("PostgreSQL is not installed: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed")
    directory = Path(tempfile.mkdtemp(prefix="azukari-pg-"))
    # The server refuses to run as root.
    identity = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    if identity:
        shutil.chown(directory, "postgres", "postgres")
    brood = Brood()
    try:
        server = _start_postgresql(directory, brood.env(), identity)
        yield f"postgresql+psycopg://azukari@/{{}}?host={directory}"
        server.send_signal(signal.SIGQUIT)
        server.wait(_START_SECONDS)
    finally:
        brood.close()
        shutil.rmtree(directory)


def _start_postgresql(directory: Path, env: dict[str, str], identity: dict[str, Any]) -> subprocess.Popen[bytes]:
    programs, data = _POSTGRESQL[-1], directory / "data"
    # Sorts unlike bytes do, as a server set up for people may: nothing of ours may depend on it.
    locale = ("--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8")
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "azukari",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
        *locale,
    ]
    subprocess.run(initdb, check=True, capture_output=True, cwd="/", env=env, **identity)
    settings = ("listen_addresses=", f"unix_socket_directories={directory}", "fsync=off", "shared_buffers=32MB")
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *(word for setting in settings for word in ("-c", setting))],
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd="/",
            env=env,
            start_new_session=True,
            **identity,
        )
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(directory), user="azukari", dbname="postgres").close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, (directory / "log").read_text()
            time.sleep(0.05)
        else:
            return server


@pytest.fixture(scope="session")
def postgresql_url(postgresql: str) -> str:
    """Return the address of a migrated PostgreSQL database; making one anew for each test takes too long."""
    _administer(postgresql, "CREATE DATABASE azukari TEMPLATE template0")
    url = postgresql.format("azukari")
    database = ProbedDatabase(url)
    migrate.upgrade(database)
    database.dispose()
    return url


def _administer(address: str, command: str) -> None:
    host = address.rpartition("=")[2]
    with closing(psycopg.connect(host=host, user="azukari", dbname="postgres", autocommit=True)) as connection:
        connection.execute(sql.SQL(command))


#: Opens one more `Database` on the same data, as another process would.
Opener = Callable[[], ProbedDatabase]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def dialect(request: pytest.FixtureRequest) -> str:
    """Return the name of each database in turn."""
    return str(request.param)


@pytest.fixture
def empty_database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a fresh database without tables."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    address: str = request.getfixturevalue("postgresql")
    name = f"test_{secrets.token_hex(6)}"
    _administer(address, f"CREATE DATABASE {name} TEMPLATE template0")
    yield address.format(name)
    _administer(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a migrated database without rows."""
    if dialect == "sqlite":
        path = tmp_path / "azukari.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url: str = request.getfixturevalue("postgresql_url")
    yield url
    with create_engine(url, poolclass=NullPool).begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def open_database(database_url: str) -> Iterator[Opener]:
    """Yield a function that opens the test's database once more; all are closed at the end."""
    opened: list[ProbedDatabase] = []

    def opener() -> ProbedDatabase:
        opened.append(ProbedDatabase(database_url))
        return opened[-1]

    yield opener
    for one in opened:
        one.dispose()


@pytest.fixture
def database(open_database: Opener) -> ProbedDatabase:
    """Return a fresh database whose statements are counted by `database.probe`."""
    return open_database()


@pytest.fixture
def firm(database: ProbedDatabase, clock: FrozenClock) -> Firm:
    """Return a contract with a login and its My Folder, on objects in memory."""
    founded = found_firm(database, MemoryStore(), clock)
    database.probe.reset()
    return founded


@pytest.fixture(scope="session")
def moto_address() -> Iterator[str]:
    """Run moto's S3 server in this process; yield its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def moto_s3(moto_address: str) -> S3Settings:
    """Return a fresh bucket of moto's server."""
    settings = S3Settings(moto_address, f"bucket-{secrets.token_hex(6)}", "test", "test")
    ensure_bucket(settings)
    return settings


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Settings]:
    """Run the embedded object store; yield how to reach it."""
    store = EmbeddedStore(tmp_path_factory.mktemp("seaweedfs"))
    settings = store.start()
    ensure_bucket(settings)
    yield settings
    store.stop()


@pytest.fixture
def seaweedfs_s3(seaweedfs: S3Settings) -> Iterator[S3Settings]:
    """Yield a fresh bucket of the embedded object store; its volumes, of which a disk holds so many, go with it."""
    bucket = f"bucket-{secrets.token_hex(6)}"
    fresh = S3Settings(seaweedfs.endpoint, bucket, seaweedfs.access_key, seaweedfs.secret_key)
    ensure_bucket(fresh)
    yield fresh
    client(fresh).delete_bucket(Bucket=bucket)
