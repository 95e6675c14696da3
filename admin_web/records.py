"""What pages leave in the access log (R21): changes in their own transaction, reads and refusals a moment later."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TypeVar

from flask import request

from admin_web.gate import parts
from admin_web.places import Place
from auth import accesslog
from auth.access import FolderType
from auth.accesslog import DONE, Entry, entry_of
from auth.journal import Journal, show
from auth.transfers import Transfer
from core.errors import AccessDenied, GatewayError, QuotaExceeded
from db.statements import Cursor
from storage.files import UNCONDITIONAL, Check, Conditions

T = TypeVar("T")

#: Gives what raises NotAuthenticated where a transfer may not go on.
Watching = AbstractContextManager[Callable[[], None]]

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
    """Return blocks for as long as login, contract and device stay open (R16).

    The iterator raises NotAuthenticated where one was closed meanwhile: the transfer is cut.
    """
    under_way = sending(place)  # here, where the request is at hand

    def guarded() -> Iterator[T]:
        with under_way as check:
            for block in blocks:
                check()
                yield block

    return guarded()


def sending(place: Place) -> Watching:
    """Return the context of an answer on its way; what it gives raises where the caller may not go on (R16)."""
    return _watching(place, "read", sending=True)


def receiving(place: Place) -> Watching:
    """Return the context of a body on its way to us, as `sending` is that of an answer."""
    return _watching(place, "write", sending=False)


def _watching(place: Place, act: str, *, sending: bool) -> Watching:
    caller, found = place.grant.caller, parts()
    transfer = Transfer(
        lambda: found.identifier.require_still_open(caller), request.environ.get("azukari.cut"), sending=sending
    )
    entry = entry_of(caller, act, place.logged, now=found.clock())
    return _under_way(transfer, found.journal, caller.contract_id, entry)


@contextlib.contextmanager
def _under_way(transfer: Transfer, journal: Journal, contract_id: int, entry: Entry) -> Iterator[Callable[[], None]]:
    with transfer:
        try:
            yield transfer.check
        finally:
            if transfer.closed is not None:
                journal.note(contract_id, replace(entry, result=transfer.closed.cause or transfer.closed.message_id))
