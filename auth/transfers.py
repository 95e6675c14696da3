"""Transfers under way end soon after their caller may no longer come in (R16).

One thread of the process asks about all of them, since whoever carries one waits for its client: at a slow line
for minutes, at one that has stopped for as long as the connection lasts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from core.errors import GatewayError, NotAuthenticated

#: A transfer learns of a lock within this time, and one that does not hear is cut within twice this time.
EVERY_SECONDS = 1.0

_log = logging.getLogger("azukari.transfers")


class Watcher:
    """Asks about the transfers of one process; its thread begins with the first of them."""

    def __init__(self) -> None:
        self._transfers: set[Transfer] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, transfer: Transfer) -> None:
        """Ask about a transfer from now on."""
        with self._lock:
            self._transfers.add(transfer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="transfers", daemon=True)
                self._thread.start()

    def remove(self, transfer: Transfer) -> None:
        """Forget a transfer; once this returns its connection is left alone."""
        with self._lock:
            self._transfers.discard(transfer)

    def ask(self) -> None:
        """Ask about every transfer, once."""
        with self._lock:
            transfers = list(self._transfers)
        for one in transfers:
            if one.learn():
                with self._lock:
                    if one in self._transfers:
                        one.cut()

    def _loop(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY_SECONDS):
            try:
                self.ask()
            except Exception:  # noqa: BLE001 - whatever it was, the next second is another chance
                _log.exception("not asked")


#: Of this process.
WATCHER = Watcher()


class Transfer:
    """One body on its way, while the context lasts.

    `still_open` returns while the caller may go on and raises NotAuthenticated; `cut` ends the client's
    connection. Something that is received may still be answered, so it is cut only where it does not hear.
    """

    def __init__(
        self,
        still_open: Callable[[], None],
        cut: Callable[[], None] | None,
        *,
        sending: bool,
        watcher: Watcher = WATCHER,
    ) -> None:
        self._still_open = still_open
        self.cut = cut or (lambda: None)
        self._sending = sending
        self._watcher = watcher
        #: Why the caller may not go on, once that is known.
        self.closed: NotAuthenticated | None = None

    def __enter__(self) -> Self:
        self._watcher.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watcher.remove(self)

    def check(self) -> None:
        """Return, or raise NotAuthenticated where login, device or contract was closed meanwhile."""
        if self.closed is not None:
            raise NotAuthenticated(self.closed.cause)  # a new one: its traceback would keep the transfer alive

    def learn(self) -> bool:
        """Ask whether the caller may go on; True where the connection has to be cut."""
        if self.closed is not None:
            return True
        try:
            self._still_open()
        except NotAuthenticated as error:
            self.closed = error
            return self._sending
        except GatewayError as error:
            _log.warning("not asked reason=%s", error)  # a database that is away locks nobody out
        return False
