"""Bodies under granian that can be called back (R16): granian itself waits for a client as long as that takes.

There is no way to its connection. A body that is received ends by our answer, though a client that says nothing
may keep its connection. One that is sent ends with the next piece its reader takes; a reader that has stopped gets
no more than lies in the connection's buffers already.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable
from types import TracebackType
from typing import Any, Self

from typing_extensions import Buffer

from core.http import BodyCut

#: Shorter ones are read before it is known whose they are (`gateway.wsgi`), and need no calling back.
SHORT_BODY_BYTES = 64 * 1024
#: What granian is given at a time, so that a slow reader has not much more to come.
_PIECE_BYTES = 256 * 1024


class Course:
    """One request on its way through the application, and the blocks of its answer afterwards."""

    def __init__(self, environ: dict[str, Any]) -> None:
        """Put our reader in place of granian's, and `azukari.cut` beside it."""
        self._incoming = Interruptible(environ["wsgi.input"]) if is_long(environ) else None
        self._is_cut = False
        if self._incoming is not None:
            environ["wsgi.input"] = self._incoming
        environ["azukari.cut"] = self._cut

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._incoming is not None:
            self._incoming.close()

    def blocks(self, answer: Iterable[Buffer]) -> Blocks:
        """Return an answer as granian takes it."""
        return Blocks(answer, lambda: self._is_cut)

    def _cut(self) -> None:
        self._is_cut = True
        if self._incoming is not None:
            self._incoming.cut()


def is_long(environ: dict[str, Any]) -> bool:
    """Return whether a request's body may be on its way for long."""
    announced = environ.get("CONTENT_LENGTH") or "0"
    return "HTTP_TRANSFER_ENCODING" in environ or not announced.isdecimal() or int(announced) > SHORT_BODY_BYTES


class Interruptible:
    """Reads granian's body (`wsgi.input`) in a thread of its own, so that `cut` ends a read that waits."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self._wanted: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._blocks: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._is_cut = False

    def read(self, size: int = -1, /) -> bytes:
        """Return what granian's read returns. Raises BodyCut once the body was cut."""
        if self._is_cut:
            raise BodyCut("the transfer was ended")
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="body", daemon=True)
            self._thread.start()
        self._wanted.put(size)
        block = self._blocks.get()
        if self._is_cut:
            raise BodyCut("the transfer was ended")
        if isinstance(block, Exception):
            raise block
        return block

    def cut(self) -> None:
        """End the read that waits. Our answer goes out; the thread waits on for the client to speak or to leave."""
        self._is_cut = True
        self._blocks.put(b"")

    def close(self) -> None:
        """Let go of the body, by which granian knows that it may close the connection, and end the thread."""
        self._body = None
        self._wanted.put(None)

    def _loop(self) -> None:
        while (size := self._wanted.get()) is not None:
            try:
                self._blocks.put(self._body.read(size))
            except Exception as error:  # noqa: BLE001 - handed on to whoever reads
                self._blocks.put(error)


class Blocks:
    """Hands blocks of any buffer type to granian, which takes bytes, and closes them with the connection."""

    def __init__(self, source: Iterable[Buffer], is_cut: Callable[[], bool]) -> None:
        self._source = source
        self._pieces = _pieces(source)
        self._is_cut = is_cut

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if self._is_cut():
            raise BodyCut("the transfer was ended")  # an end would look like the answer's own
        return next(self._pieces)

    def close(self) -> None:
        """Free what the answer holds."""
        self._pieces.close()
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


def _pieces(blocks: Iterable[Buffer]) -> Generator[bytes, None, None]:
    for block in blocks:
        view = memoryview(block).cast("B")
        if isinstance(block, bytes) and len(block) <= _PIECE_BYTES:
            yield block
            continue
        for at in range(0, len(view), _PIECE_BYTES):
            yield bytes(view[at : at + _PIECE_BYTES])
