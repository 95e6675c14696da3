"""DELETE, MOVE and COPY (RFC 4918 §9.6, §9.8, §9.9): in one step, and rows only unless a folder is secret."""

from __future__ import annotations

from core.errors import InvalidInput
from providers import conditions
from providers.destination import destination, overwrites
from providers.http import DavRequest, Response
from storage import crossing, files, moves
from storage.moves import End


def delete(request: DavRequest) -> Response:
    """Remove a file or a whole tree: 204. Depth 0 says of a file what it is; of a tree it is refused."""
    _require_whole(request)
    files.delete(request.fs, request.grant, request.names, conditions.of_request(request))
    return Response(204)


def move(request: DavRequest) -> Response:
    """Give a file or tree another name or place: 201 for a free name, 204 for a replaced one."""
    _require_whole(request)
    source, target = _ends(request)
    created = moves.move(
        request.fs, source, target, overwrite=overwrites(request), conditions=conditions.of_request(request)
    )
    return Response(201 if created else 204)


def copy(request: DavRequest) -> Response:
    """Copy a file or tree; Depth 0 copies a collection without its members (CLIENTS A11)."""
    depth = request.depth("infinity", "infinity", "0")
    source, target = _ends(request)
    make = crossing.copy if crossing.is_needed(source, target) else moves.copy
    created = make(
        request.fs,
        source,
        target,
        overwrite=overwrites(request),
        depth_infinity=depth == "infinity",
        conditions=conditions.of_request(request),
    )
    return Response(201 if created else 204)


def _require_whole(request: DavRequest) -> None:
    """Return unless the Depth header would leave a part of a collection behind (RFC 4918 §9.6.1, §9.9.2)."""
    if request.depth("infinity", "infinity", "0") == "0":
        found = files.find(request.fs, request.grant, request.names)
        if found is not None and found.is_collection:
            raise InvalidInput("Depth of a collection is infinity")


def _ends(request: DavRequest) -> tuple[End, End]:
    target = request.destination = destination(request)
    return End(request.grant, request.names), End(target.grant, target.names)
