"""Entries that can wait a moment: reads, listings and refusals are gathered and appended together (R21)."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections import deque
from collections.abc import Iterable

from auth import accesslog
from auth.accesslog import Entry
from core.clock import TOKYO
from db.engine import Database
from db.statements import Cursor

#: With so many waiting, whoever notes the next one writes them down first: memory stays bounded.
MAX_WAITING = 5000
#: A text as JSON writes it.
_quoted = json.encoder.encode_basestring
#: Entries appended in one transaction.
BATCH = 500

#: Its level decides whether the log stream shows entries; they are lines of JSON whatever the format of others.
_switch = logging.getLogger("azukari.access")
#: What waits to be shown; like the log stream itself there is one in a process.
_unshown: deque[tuple[int, Entry]] = deque(maxlen=MAX_WAITING)


class Journal:
    """Gathers entries of all contracts, until someone flushes them. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[tuple[int, Entry]] = deque()
        self._flushing = threading.Lock()

    def note(self, contract_id: int, entry: Entry) -> None:
        """Take an entry to be appended, and shown in the log stream, at the next flush."""
        self._waiting.append((contract_id, entry))
        show(contract_id, entry)
        if len(self._waiting) >= MAX_WAITING:
            self.flush()

    def flush(self) -> int:
        """Append what waits and return how many entries; one flush at a time. Raises DatabaseUnavailable.

        What could not be written waits on. Entries are shown in the log stream whether or not it could.
        """
        with self._flushing:
            try:
                return self._write()
            finally:
                _emit()

    def _write(self) -> int:
        written = 0
        while batch := [self._waiting[at] for at in range(min(BATCH, len(self._waiting)))]:
            self._database.write(lambda tx, batch=batch: _append(tx.cursor, batch))  # type: ignore[misc]
            for _ in batch:
                self._waiting.popleft()
            written += len(batch)
        return written


def _append(cursor: Cursor, batch: Iterable[tuple[int, Entry]]) -> None:
    by_contract: dict[int, list[Entry]] = {}
    for contract_id, entry in batch:
        by_contract.setdefault(contract_id, []).append(entry)
    # In the order of contracts: two processes that flush must not wait for each other crosswise.
    for contract_id, entries in sorted(by_contract.items()):
        accesslog.append(cursor, contract_id, entries)


def show(contract_id: int, entry: Entry) -> None:
    """Have an entry shown as one JSON line in the log stream, at the next flush; for a write once it is durable."""
    if _switch.isEnabledFor(logging.INFO):
        _unshown.append((contract_id, entry))


def _emit() -> None:
    """Show what waits in one write: a line at a time would cost each request more than its own work."""
    lines = []
    while _unshown:
        contract_id, entry = _unshown.popleft()
        lines.append(_line(contract_id, entry))
    if lines:
        sys.stderr.write("".join(lines))
        sys.stderr.flush()


def _line(contract_id: int, entry: Entry) -> str:
    """Return an entry as a line of JSON, put together by hand: this runs for every request that is logged."""
    return (
        f'{{"at": "{entry.at.astimezone(TOKYO).isoformat()}", "login": {_quoted(entry.login_id)}, '
        f'"device": {_quoted(entry.device_id)}, "line": {_quoted(entry.line_id)}, '
        f'"address": {_quoted(entry.address)}, "act": {_quoted(entry.act)}, "path": {_quoted(entry.path)}, '
        f'"result": {_quoted(entry.result)}, "detail": {_quoted(entry.detail)}, "contract": {contract_id}}}\n'
    )
