"""Writes down, about once a second, what requests of this process left to be written: log entries and sightings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from auth import sightings
from auth.journal import Journal
from auth.sightings import Sightings
from core.errors import GatewayError
from db.engine import Database

_log = logging.getLogger("azukari.recorder")
#: After a kill -9, entries of reads and refusals up to this old are missing; a write's never is.
EVERY_SECONDS = 1.0


class Recorder:
    """One thread of a worker process."""

    def __init__(self, database: Database, journal: Journal, seen: Sightings) -> None:
        self._database = database
        self._journal = journal
        self._seen = seen
        self._also: list[Callable[[], None]] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="recorder", daemon=True)

    def also(self, flush: Callable[[], None]) -> None:
        """Have something else that gathers flushed at the same times."""
        self._also.append(flush)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Write down what is left and end. Safe to call on one that was never started."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._attempt()

    def flush(self) -> None:
        """Write down what is there now. Raises DatabaseUnavailable; what could not be written waits on."""
        for flush in self._also:
            flush()
        self._journal.flush()
        if taken := self._seen.take():
            self._database.write(lambda tx: sightings.write(tx, taken))

    def _loop(self) -> None:
        while not self._stopped.wait(EVERY_SECONDS):
            self._attempt()

    def _attempt(self) -> None:
        try:
            self.flush()
        except GatewayError as error:
            _log.warning("not written yet reason=%s", error)
        except Exception:  # noqa: BLE001 - whatever it was, the next second is another chance
            _log.exception("not written")
