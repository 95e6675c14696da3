"""A request's body as the application reads it (`wsgi.input`): whole, or BodyCut."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from typing_extensions import Buffer

from core.http import BodyCut
from gateway.servers.wire import Wire

_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;[\t\x20-\x7e\x80-\xff]*)?")
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*")
_MAX_LINE_BYTES = 4096
_MAX_TRAILERS = 32
_WHOLE = 1 << 62


class Body(io.RawIOBase):
    """A body framed by Content-Length (`length`) or by chunks (None); nothing is read before it is asked for."""

    def __init__(self, wire: Wire, length: int | None, before_first_read: Callable[[], None] | None) -> None:
        self._wire = wire
        self._chunked = length is None
        #: Bytes left of the body, or of the present chunk.
        self._left = length or 0
        self._begun = False
        self._before_first_read = before_first_read
        self.finished = length == 0

    @property
    def untouched(self) -> bool:
        """Return whether nothing was read, and the client may still wait for 100 (Continue)."""
        return not self._begun and not self.finished

    @property
    def left_bytes(self) -> int | None:
        """Return how many bytes were not read; None where a chunked body does not say."""
        return 0 if self.finished else None if self._chunked else self._left

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill a buffer as far as the body goes (for readline and friends)."""
        view = memoryview(buffer).cast("B")
        block = self.read(len(view))
        view[: len(block)] = block
        return len(block)

    def read(self, size: int = -1, /) -> bytes:
        """Return `size` bytes, fewer only at the body's end. Raises BodyCut where the body is not whole."""
        wanted = _WHOLE if size is None or size < 0 else size
        if self.finished or wanted == 0:
            return b""
        if not self._begun:
            self._begun = True
            if self._before_first_read is not None:
                self._before_first_read()
        try:
            return self._read(wanted)
        except OSError as error:
            raise BodyCut(str(error)) from error

    def _read(self, wanted: int) -> bytes:
        blocks: list[bytes] = []
        while wanted and not self.finished:
            if self._chunked and self._left == 0:
                self._next_chunk()
                continue
            block = self._wire.some(min(wanted, self._left, 1024 * 1024))
            if not block:
                raise BodyCut(f"{self._left} bytes are missing")
            blocks.append(block)
            wanted -= len(block)
            self._left -= len(block)
            if self._left == 0:
                self._end_block()
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)

    def _next_chunk(self) -> None:
        line = self._wire.line(_MAX_LINE_BYTES)
        found = _CHUNK.fullmatch(line) if line is not None else None
        if found is None:
            raise BodyCut("a chunk size cannot be read")
        self._left = int(found.group(1), 16)
        if self._left == 0:
            self._end_chunks()

    def _end_block(self) -> None:
        if not self._chunked:
            self.finished = True
        elif self._wire.line(0) != b"":
            raise BodyCut("a chunk is longer than it says")

    def _end_chunks(self) -> None:
        for _ in range(_MAX_TRAILERS):
            line = self._wire.line(_MAX_LINE_BYTES)
            if line == b"":
                self.finished = True
                return
            if line is None or not _TRAILER.fullmatch(line):
                break
        raise BodyCut("the trailer cannot be read")
