"""Connections in use and at rest: a bounded number of them, each lent to one thread at a time."""

from __future__ import annotations

import contextlib
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from core.errors import DatabaseUnavailable
from db.statements import Cursor


class Transaction:
    """One connection in use: `execute` for any Core statement, `cursor` for compiled `Statement`s."""

    __slots__ = ("_socket", "connection", "cursor", "execute")

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.execute = connection.execute
        self.cursor = Cursor(connection.connection.cursor(), connection.dialect)
        self._socket: select.poll | None = None
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "postgresql":
            self._socket = select.poll()
            self._socket.register(driver.fileno(), select.POLLIN)

    @property
    def hung_up(self) -> bool:
        """Return whether the server closed this connection at rest: it says nothing unasked but goodbye.

        One system call and no round trip. SQLite has no server.
        """
        return self._socket is not None and bool(self._socket.poll(0))

    def close(self) -> None:
        """Give the connection back to the driver; a broken one closes silently."""
        with contextlib.suppress(Exception):
            self.connection.close()


class Lanes:
    """The connections of one process to its database: at most `limit`, the one used last is lent first."""

    def __init__(self, connect: Callable[[], Transaction], *, limit: int, wait_seconds: float) -> None:
        self._connect = connect
        self._limit = limit
        self._wait_seconds = wait_seconds
        self._idle: deque[Transaction] = deque()
        self._opened = 0
        self._wanting = 0
        self._returned = threading.Condition()

    def take(self) -> Transaction:
        """Lend a connection, a new one where none is at rest; those the server has closed are thrown away.

        Raises DatabaseUnavailable where all stay busy too long, and what `connect` raises.
        """
        while True:
            try:
                lane = self._idle.pop()
            except IndexError:
                lane = self._wait()
            if not lane.hung_up:
                return lane
            self.drop(lane)

    def _wait(self) -> Transaction:
        with self._returned:
            self._wanting += 1  # before the look at what is idle, so that no `give` between the two is missed
            try:
                free = self._returned.wait_for(lambda: self._idle or self._opened < self._limit, self._wait_seconds)
                if not free:
                    raise DatabaseUnavailable("all connections are busy")
                if self._idle:
                    return self._idle.pop()
                self._opened += 1
            finally:
                self._wanting -= 1
        try:
            return self._connect()
        except BaseException:
            self._gone()
            raise

    def give(self, lane: Transaction) -> None:
        """Take a connection back that is in order."""
        self._idle.append(lane)
        if self._wanting:
            with self._returned:
                self._returned.notify()

    def drop(self, lane: Transaction) -> None:
        """Close a lent connection that is not in order."""
        lane.close()
        self._gone()

    def close_idle(self) -> None:
        """Close the connections at rest; those in use are closed by no one but their users."""
        while True:
            try:
                lane = self._idle.pop()
            except IndexError:
                return
            self.drop(lane)

    def _gone(self) -> None:
        with self._returned:
            self._opened -= 1
            self._returned.notify()
