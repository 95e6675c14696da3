"""What WebDAV requests leave in the access log (R21): writes in their own transaction, reads and refusals later."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import unquote

from auth import accesslog
from auth.access import FolderType
from auth.accesslog import DONE, entry_of
from auth.callers import Caller
from auth.journal import Journal, show
from core.errors import AccessDenied, DeviceRequired, GatewayError, NotAuthenticated, QuotaExceeded
from db.statements import Cursor
from providers.http import DAV_MOUNT, DavRequest, Target
from storage.files import Names, Record

_WRITES = {
    "PUT": "write", "MKCOL": "folder", "DELETE": "delete", "MOVE": "move", "COPY": "copy",
    "PROPPATCH": "properties", "LOCK": "create",
}  # fmt: skip
_READS = {"GET": "read", "PROPFIND": "list"}
#: Of these folders listings are noted too: knowing what is there is knowing something.
_CLOSED = (FolderType.SECRET, FolderType.SECURITY)
#: Refusals worth a line; that a name is missing or taken says nothing of who may do what.
_TELLING = (AccessDenied, DeviceRequired, QuotaExceeded)


def path_of(target: Target) -> str:
    """Return a path as the log keeps it: folder and names. In a Secret Folder the names stay sealed (R18)."""
    mount = unquote(target.base_href).removeprefix(f"/{DAV_MOUNT}/")
    return "/".join((mount, *target.names))


def record_of(request: DavRequest) -> Record:
    """Return what writes the request's change into the log, inside the change's transaction."""
    detail = "" if request.destination is None else f"to {path_of(request.destination)}"
    now = request.fs.clock()
    entry = entry_of(request.caller, _WRITES[request.method], path_of(request.target), now=now, detail=detail)
    request.written = entry

    def record(cursor: Cursor) -> None:
        accesslog.append(cursor, request.caller.contract_id, [entry])

    return record


def note_done(request: DavRequest) -> None:
    """Note a request that was answered: a read, a listing of a closed folder; show a write in the log stream."""
    if request.written is not None:
        show(request.caller.contract_id, request.written)
    act = _READS.get(request.method)
    if act is None or (act == "list" and request.grant.folder not in _CLOSED):
        return
    _note(request, act, DONE)


def note_refused(request: DavRequest, error: GatewayError) -> None:
    """Note a refusal that tells something of who may do what, or that the device was closed meanwhile (R16)."""
    if isinstance(error, (*_TELLING, NotAuthenticated)):
        _note(request, _act(request.method), _cause(error))


def note_ended(request: DavRequest, error: NotAuthenticated) -> None:
    """Note that an answer was ended, since login, device or contract was closed while it was sent (R16)."""
    _note(request, _act(request.method), _cause(error))


def note_closed(
    journal: Journal | None, caller: Caller, method: str, names: Names, error: GatewayError, *, now: datetime
) -> None:
    """Note that a folder stayed closed to a caller, and which proof was missing (R17)."""
    if journal is not None and isinstance(error, _TELLING):
        shown = names[1:2] if names[1:2] == (FolderType.SECRET,) else names[1:]  # no name from there in clear (R18)
        entry = entry_of(caller, _act(method), "/".join(shown), now=now, result=_cause(error))
        journal.note(caller.contract_id, entry)


def _act(method: str) -> str:
    return _WRITES.get(method) or _READS.get(method) or method.lower()


def _cause(error: GatewayError) -> str:
    return str(getattr(error, "cause", error.message_id))


def _note(request: DavRequest, act: str, result: str) -> None:
    if request.journal is not None:
        entry = entry_of(request.caller, act, path_of(request.target), now=request.fs.clock(), result=result)
        request.journal.note(request.caller.contract_id, entry)
