"""Transfers at a steady pace over bare sockets, which notice when and how they ended."""

from __future__ import annotations

import hashlib
import itertools
import select
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from tests.http.raw import Raw
from tests.product import Drive

_PIECE_BYTES = 64 * 1024
_BLOCK_BYTES = 1024 * 1024
#: A transfer is under way when so much of it has passed; one that stalls is held no longer than this.
UNDER_WAY_BYTES = _BLOCK_BYTES // 4
STALL_SECONDS = 30
_SEED = hashlib.shake_256(b"azukari").digest(_BLOCK_BYTES - 8)


def pieces(size_bytes: int) -> Iterator[bytes]:
    """Yield a body of whole mebibytes, no two of them alike, so that a mixed-up order shows."""
    for number in range(size_bytes // _BLOCK_BYTES):
        block = number.to_bytes(8, "big") + _SEED
        for at in range(0, _BLOCK_BYTES, _PIECE_BYTES):
            yield block[at : at + _PIECE_BYTES]


def digest_of(size_bytes: int) -> str:
    """Return the SHA-256 of such a body."""
    sha256 = hashlib.sha256()
    for piece in pieces(size_bytes):
        sha256.update(piece)
    return sha256.hexdigest()


@dataclass(frozen=True)
class Course:
    """A file on its way: where, how large, and how many bytes a second the client lets through.

    With `stalls` the client says and reads nothing any more once the transfer is under way.
    """

    drive: Drive
    name: str
    size_bytes: int
    bytes_per_second: int
    stalls: bool = False


class Transfer(threading.Thread):
    """A transfer in a thread of its own. Afterwards: `ended_at` (monotonic), bytes `moved`, `status`, `digest`."""

    #: What a client that stalls can see of the end (`select.poll`).
    ended_by = select.POLLRDHUP

    def __init__(self, course: Course) -> None:
        super().__init__(daemon=True)
        self.course = course
        self.ended_at = 0.0
        self.moved = 0
        self.status = 0
        self.digest = ""

    def run(self) -> None:
        """Carry it out."""
        try:
            # OSError, EOFError: how an ended transfer looks from the other side.
            with Raw(self.course.drive, receive_bytes=_PIECE_BYTES) as raw, suppress(OSError, EOFError):
                self._carry(raw)
        finally:
            self.ended_at = time.monotonic()

    def _carry(self, raw: Raw) -> None:
        raise NotImplementedError

    def _pace(self, raw: Raw, begun_at: float) -> None:
        if self.course.stalls and self.moved >= UNDER_WAY_BYTES:
            ended = select.poll()
            ended.register(raw.socket, self.ended_by)
            ended.poll(1000 * STALL_SECONDS)
            raise EOFError
        ahead = self.moved / self.course.bytes_per_second - (time.monotonic() - begun_at)
        if ahead > 0:
            time.sleep(ahead)


class Upload(Transfer):
    """A PUT. It stops where the server answers before everything was sent, as clients do."""

    ended_by = select.POLLRDHUP | select.POLLIN

    def _carry(self, raw: Raw) -> None:
        raw.request("PUT", self.course.name, f"Content-Length: {self.course.size_bytes}")
        begun_at = time.monotonic()
        answered = select.poll()  # select() knows no more than 1,024 open files
        answered.register(raw.socket, select.POLLIN)
        for piece in pieces(self.course.size_bytes):
            if answered.poll(0):
                break
            raw.send(piece)
            self.moved += len(piece)
            self._pace(raw, begun_at)
        self.status = raw.answer("PUT").status


class Download(Transfer):
    """A GET. `digest` is of a body that came whole."""

    def _carry(self, raw: Raw) -> None:
        raw.request("GET", self.course.name)
        head = b""
        while b"\r\n\r\n" not in head:
            if not (byte := raw.socket.recv(1)):
                raise EOFError
            head += byte
        self.status = int(head.split(b" ", 2)[1])
        sha256, begun_at = hashlib.sha256(), time.monotonic()
        while self.moved < self.course.size_bytes:
            piece = raw.socket.recv(_PIECE_BYTES)
            if not piece:
                raise EOFError
            sha256.update(piece)
            self.moved += len(piece)
            self._pace(raw, begun_at)
        self.digest = sha256.hexdigest()


def start(*transfers: Transfer) -> None:
    """Start transfers and return once every one of them is under way."""
    for one in transfers:
        one.start()
    deadline = time.monotonic() + 30
    for one in itertools.chain(transfers):
        while one.moved < UNDER_WAY_BYTES:
            assert time.monotonic() < deadline, one.course
            time.sleep(0.01)
