"""What pages leave in the access log (R21): changes in their own transaction, reads and refusals a moment later."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from admin_web.gate import parts
from admin_web.places import Place
from auth import accesslog
from auth.access import FolderType
from auth.accesslog import DONE, entry_of
from auth.journal import show
from core.errors import AccessDenied, GatewayError, QuotaExceeded
from db.statements import Cursor
from storage.files import UNCONDITIONAL, Check, Conditions

T = TypeVar("T")

#: How long a transfer may go on after its device was locked, at most (R16: 5 seconds).
_WATCH_SECONDS = 2.0


#: Of these folders listings are noted too, as those of the network drive are.
_CLOSED = (FolderType.SECRET, FolderType.SECURITY)


def conditions(place: Place, act: str, *, into: Place | None = None, check: Check = UNCONDITIONAL.check) -> Conditions:
    """Return what writes a change into the log inside the change's own transaction."""
    caller = place.grant.caller
    entry = entry_of(caller, act, place.logged, now=parts().clock(), detail=f"to {into.logged}" if into else "")

    def record(cursor: Cursor) -> None:
        accesslog.append(cursor, caller.contract_id, [entry])
        show(caller.contract_id, entry)

    return Conditions(check=check, record=record)


def note_read(place: Place, act: str = "read") -> None:
    """Note that a file, or a whole collection as an archive, was read."""
    _note(place, act, DONE)


def note_listed(place: Place) -> None:
    """Note that a listing of a closed folder was looked at: knowing what is there is knowing something."""
    if place.grant.folder in _CLOSED:
        _note(place, "list", DONE)


def note_refused(place: Place, act: str, error: GatewayError) -> None:
    """Note a refusal that tells something of who may do what; that a name is taken or missing does not."""
    if isinstance(error, AccessDenied | QuotaExceeded):
        _note(place, act, error.message_id)


def _note(place: Place, act: str, result: str) -> None:
    caller = place.grant.caller
    parts().journal.note(caller.contract_id, entry_of(caller, act, place.logged, now=parts().clock(), result=result))


def watched(place: Place, blocks: Iterable[T]) -> Iterator[T]:
    """Return blocks while login, contract and device stay open, asked every few seconds (R16).

    The iterator raises NotAuthenticated where one was closed meanwhile: the transfer is cut.
    """
    watch = Watch(place)  # here, where the request is at hand

    def guarded() -> Iterator[T]:
        for block in blocks:
            watch()
            yield block

    return guarded()


class Watch:
    """Asks now and then of a long transfer whether its caller may go on; cheap in between (R16)."""

    __slots__ = ("_caller", "_due", "_identifier")

    def __init__(self, place: Place) -> None:
        self._caller, self._identifier = place.grant.caller, parts().identifier
        self._due = time.monotonic() + _WATCH_SECONDS

    def __call__(self) -> None:
        """Return, or raise NotAuthenticated."""
        if time.monotonic() > self._due:
            self._identifier.require_still_open(self._caller)
            self._due = time.monotonic() + _WATCH_SECONDS
