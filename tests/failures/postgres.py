"""A PostgreSQL server of our own that a test may stop and start."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from tests import needs
from tests.product import Brood

START_SECONDS = 30.0


class Postgres:
    """One cluster on a Unix socket, with the database `azukari`."""

    def __init__(self) -> None:
        self._programs = needs.postgresql_programs()
        # Not below the tests' folder, which only root may enter, and short enough for a socket's name.
        self._directory = Path(tempfile.mkdtemp(prefix="azukari-pg-"))
        # The server refuses to run as root.
        self._identity: dict[str, Any] = {}
        if os.getuid() == 0:
            shutil.chown(self._directory, "postgres", "postgres")
            self._identity = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self._brood = Brood()

    def __enter__(self) -> Self:
        self._run("initdb", "-U", "azukari", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE azukari")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):  # a test may have stopped it
            self.stop()
        self._brood.close()
        shutil.rmtree(self._directory)

    @property
    def url(self) -> str:
        """Return the address of the database for `--database`."""
        return f"postgresql+psycopg://azukari@/azukari?host={self._directory}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-c listen_addresses= -c unix_socket_directories={self._directory} -c shared_buffers=32MB"
        self._run("pg_ctl", "start", "-w", "-l", str(self._directory / "log"), "-o", options)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self._address("postgres")).close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (self._directory / "log").read_text()
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop the server as a crash would: every connection and every open transaction ends."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def _address(self, database: str) -> str:
        return f"host={self._directory} user=azukari dbname={database}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), "-D", str(self._directory / "data"), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=self._brood.env(),
            **self._identity,
        )
