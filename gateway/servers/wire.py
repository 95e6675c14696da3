"""One client's byte stream: what has arrived and was not used yet, and the socket behind it."""

from __future__ import annotations

import socket
import time
from typing import Any

#: The longest request line and headers together (CLIENTS A12).
MAX_HEAD_BYTES = 32 * 1024
#: A whole head has to arrive within this time, however it drips.
HEAD_SECONDS = 30.0
_RECEIVE_BYTES = 64 * 1024


class HeadTooLong(Exception):
    """Request line and headers exceed `MAX_HEAD_BYTES`."""


class Wire:
    """Reads from a socket, keeping what came too early. Belongs to one thread at a time."""

    __slots__ = ("_buffer", "_socket", "bytes_read", "closed")

    def __init__(self, sock: Any) -> None:
        self._socket = sock
        self._buffer = b""
        self.bytes_read = 0
        self.closed = False

    def has_data(self) -> bool:
        """Return whether something waits here already, so that the socket may never become readable."""
        pending = getattr(self._socket, "pending", None)
        return bool(self._buffer) or (pending is not None and pending() > 0)

    def close(self) -> None:
        """Forget what was not used."""
        self._buffer = b""
        self.closed = True

    def head(self) -> bytes | None:
        """Return the next head without its empty line; None where the client is gone before it began one.

        Raises HeadTooLong, TimeoutError for one that drips too slowly, EOFError for one cut short, OSError.
        """
        buffer = self._buffer or self._socket.recv(_RECEIVE_BYTES)
        if not buffer:
            return None
        deadline, forgiven = 0.0, False
        while True:
            if not forgiven and buffer.startswith(b"\r\n"):
                buffer, forgiven = buffer[2:], True  # one empty line before a request is no harm (RFC 9112 §2.2)
            if (end := buffer.find(b"\r\n\r\n")) >= 0:
                break
            if len(buffer) > MAX_HEAD_BYTES:
                raise HeadTooLong
            now = time.monotonic()
            deadline = deadline or now + HEAD_SECONDS
            if now > deadline:
                raise TimeoutError
            more = self._socket.recv(_RECEIVE_BYTES)
            if not more:
                raise EOFError
            buffer += more
        self._buffer = buffer[end + 4 :]
        if end > MAX_HEAD_BYTES:
            raise HeadTooLong
        return buffer[:end]

    def some(self, limit: int) -> bytes:
        """Return 1 to `limit` bytes as soon as there are any; b"" where the stream has ended. Raises OSError."""
        if self._buffer:
            taken, self._buffer = self._buffer[:limit], self._buffer[limit:]
            return taken
        return bytes(self._socket.recv(limit))

    def line(self, limit: int) -> bytes | None:
        """Return the next line without its CRLF; None where it is longer than `limit` or the stream ends."""
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > limit + 1 or not (more := self._socket.recv(_RECEIVE_BYTES)):
                return None
            self._buffer += more
        taken, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return taken if end <= limit else None

    def drain(self, limit: int, seconds: float) -> None:
        """Read and throw away what still comes, so that the client can read our last answer before a reset."""
        deadline = time.monotonic() + seconds
        self._buffer = b""
        try:
            self._socket.shutdown(socket.SHUT_WR)
            while limit > 0 and time.monotonic() < deadline:
                self._socket.settimeout(max(0.05, deadline - time.monotonic()))
                block = self._socket.recv(_RECEIVE_BYTES)
                if not block:
                    return
                limit -= len(block)
        except OSError:
            return
