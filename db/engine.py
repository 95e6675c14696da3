"""The database as the rest of Azukari sees it: short reads, and writes that commit as one.

`Database.read` lends a connection in autocommit: each statement sees the latest commit. `Database.write`
runs an operation in one transaction and returns when it is durable. On SQLite, writers that wait at the
same time share one transaction (each in its savepoint), because the flush to disk is what a commit costs;
on PostgreSQL each has its own.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from core import baton
from core.errors import DatabaseUnavailable, GatewayError, StorageFull
from db.lanes import Lanes, Transaction

T = TypeVar("T")

_BUSY_SECONDS = 30
_CONFLICT_RETRIES = 5
#: Writers that commit as one: the first of them must not wait for ever.
_MOST_TOGETHER = 64
#: Connections of one process. Requests hold one for single statements, so that hundreds of threads share them.
_MAX_CONNECTIONS = 16
#: PostgreSQL: serialization_failure and deadlock_detected; the transaction may simply be run again.
_RETRY_STATES = frozenset({"40001", "40P01"})
#: PostgreSQL: disk_full and out_of_memory. SQLite says it in words.
_FULL_STATES = frozenset({"53100", "53200"})


class _Waiting(Generic[T]):
    """A write that waits for its turn, and then for its outcome."""

    __slots__ = ("done", "error", "operation", "result")

    def __init__(self, operation: Callable[[Transaction], T]) -> None:
        self.operation = operation
        self.done = False
        self.error: BaseException | None = None
        self.result: T | None = None


class Database:
    """SQLite or PostgreSQL behind one address. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _sqlite_engine(self.url) if self.is_sqlite else _server_engine(self.url)
        driver: Any = self._engine.dialect.dbapi
        self._failures: tuple[type[BaseException], ...] = (driver.OperationalError, driver.InterfaceError)
        self._broken: type[BaseException] = driver.DatabaseError
        self._lanes = Lanes(self._connect, limit=_MAX_CONNECTIONS, wait_seconds=_BUSY_SECONDS)
        self._waiting: deque[_Waiting[Any]] = deque()
        self._leader = threading.Lock()
        self._turnstile = _open_turnstile(self.url) if self.is_sqlite else None

    def reading(self) -> _Reading:
        """Lend a connection for reads, in a `with`. Raises DatabaseUnavailable where the database does not answer."""
        return _Reading(self)

    def write(self, operation: Callable[[Transaction], T]) -> T:
        """Run `operation` in a transaction and return its result once it is durable.

        An error the operation raises undoes what it did, and only that. The operation may be run more
        than once (PostgreSQL conflicts) and by another thread, so it must touch nothing but its
        transaction. Raises DatabaseUnavailable and StorageFull with nothing changed, but for one case: a
        connection lost during the commit itself leaves open whether it took place.
        """
        if not self.is_sqlite:
            return self._write_alone(operation)
        baton.lay_down()  # a commit waits for the disk, and for the other writers
        mine = _Waiting(operation)
        self._waiting.append(mine)
        with self._leader:
            while not mine.done:
                self._write_together()
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[return-value]  # set together with done

    @property
    def waiting(self) -> int:
        """Return how many writers wait for their turn (a gauge; SQLite only)."""
        return len(self._waiting)

    def dispose(self) -> None:
        """Close all idle connections."""
        self._lanes.close_idle()
        self._engine.dispose()

    def _connect(self) -> Transaction:
        try:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return Transaction(connection)
        except DBAPIError as error:
            raise self.translate(error) or DatabaseUnavailable(str(error.orig)) from error

    def lend(self) -> Transaction:
        """Return a connection that `take_back` gets again."""
        return self._lanes.take()

    def take_back(self, lane: Transaction, error: BaseException | None) -> None:
        """Take a lent connection; raise our error where `error` is a failure of the database itself."""
        if error is not None and (translated := self.translate(error)) is not None:
            self._discard(lane)
            raise translated from error
        self._lanes.give(lane)

    def _discard(self, lane: Transaction) -> None:
        """Close a connection that failed; a server that dropped it has most likely dropped the idle ones too."""
        self._lanes.drop(lane)
        if not self.is_sqlite:
            self._lanes.close_idle()

    def _begin(self) -> Transaction:
        """Return a connection in a new transaction, also where the server closed the idle ones meanwhile."""
        for fresh in (False, True):
            lane = self._lanes.take()
            try:
                lane.cursor.execute("BEGIN")
            except self._failures as error:
                self._discard(lane)
                if fresh:
                    raise self.translate(error) or error from error
            else:
                return lane
        raise AssertionError("unreachable: the second attempt returns or raises")

    def _write_alone(self, operation: Callable[[Transaction], T]) -> T:
        for attempt in range(_CONFLICT_RETRIES):
            lane = self._begin()
            try:
                result = operation(lane)
                lane.cursor.execute("COMMIT")
            except BaseException as error:
                self._undo(lane)
                again = getattr(_driver_error(error), "sqlstate", None) in _RETRY_STATES
                if again and attempt + 1 < _CONFLICT_RETRIES:
                    continue
                if (translated := self.translate(error)) is not None:
                    raise translated from error
                raise
            self._lanes.give(lane)
            return result
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _write_together(self) -> None:
        """Commit those who wait: also whoever comes while the turn is waited for, or while the others run."""
        batch: list[_Waiting[Any]] = []
        try:
            lane = self._lanes.take()
        except GatewayError as error:
            self._settle(self._all_waiting(), error)
            return
        try:
            with self._turn():
                lane.cursor.execute("BEGIN IMMEDIATE")
                while self._waiting and len(batch) < _MOST_TOGETHER:
                    batch.append(self._waiting.popleft())
                    self._run_in_savepoint(lane, batch[-1])
                lane.cursor.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - handed to every waiting writer below
            self._undo(lane)
            self._settle(batch or self._all_waiting(), self.translate(error) or error)
            return
        self._lanes.give(lane)
        for one in batch:
            one.done = True

    def _all_waiting(self) -> list[_Waiting[Any]]:
        return [self._waiting.popleft() for _ in range(len(self._waiting))]

    def _run_in_savepoint(self, lane: Transaction, one: _Waiting[Any]) -> None:
        """Run one writer of a batch; its own refusal must not undo the others."""
        lane.cursor.execute("SAVEPOINT one")
        try:
            one.result = one.operation(lane)
        except Exception as error:
            if self.translate(error) is not None:
                raise  # the database itself failed: the whole batch is undone and told so
            one.error = error
            lane.cursor.execute("ROLLBACK TO one")
        lane.cursor.execute("RELEASE one")

    def _settle(self, batch: list[_Waiting[Any]], error: BaseException) -> None:
        for one in batch:
            one.error = one.error or error
            one.done = True

    def _undo(self, lane: Transaction) -> None:
        try:
            lane.cursor.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 - whatever is wrong with it, this connection is finished
            self._discard(lane)
        else:
            self._lanes.give(lane)

    def translate(self, error: BaseException) -> GatewayError | None:
        """Return our error for a failure of the database itself; None for anything else, refusals included."""
        driver = _driver_error(error)
        # The bare DatabaseError is SQLite's for a file that is damaged or no database.
        if not isinstance(driver, self._failures) and type(driver) is not self._broken:
            return None
        words = str(driver)
        if "disk is full" in words or getattr(driver, "sqlstate", None) in _FULL_STATES:
            return StorageFull(words)
        return DatabaseUnavailable(words.splitlines()[0] if words else type(driver).__name__)

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Queue fairly with the writers of other processes; SQLite alone would poll with growing sleeps."""
        if self._turnstile is None:
            yield
            return
        fcntl.flock(self._turnstile, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._turnstile, fcntl.LOCK_UN)


class _Reading:
    """What `Database.reading` lends; a class of its own, since a generator would cost as much as a short statement."""

    __slots__ = ("_database", "_lane")

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Transaction:
        self._lane = self._database.lend()
        return self._lane

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.take_back(self._lane, error)


def _sqlite_engine(url: URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("SQLite needs a file: writers and readers use several connections")
    engine = sa.create_engine(
        url,
        poolclass=NullPool,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False, "cached_statements": 512},
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun in plain words, never by the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # acknowledged means durable (invariant 3)
            "foreign_keys=ON",
            "cache_size=-2048",
            "wal_autocheckpoint=4000",
            "journal_size_limit=67108864",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _server_engine(url: URL) -> sa.Engine:
    return sa.create_engine(
        url,
        poolclass=NullPool,
        connect_args={"connect_timeout": 5, "application_name": "azukari"},
    )


def _open_turnstile(url: URL) -> int:
    path = Path(str(url.database) + ".turn")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _driver_error(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


__all__ = ["Database", "Transaction"]
