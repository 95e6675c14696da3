"""OPTIONS (RFC 4918 §10.1, §18; CLIENTS W7, F1, O1)."""

from __future__ import annotations

from providers.errors import ALLOWED
from providers.http import DavRequest, Headers, Response

#: Without class 2 Finder mounts read-only and Office opens read-only (CLIENTS F1, O1).
HEADERS: Headers = [("DAV", "1,2"), ("MS-Author-Via", "DAV"), ("Allow", ALLOWED)]


def options(request: DavRequest) -> Response:
    """Say what is possible here; the same on every path, whether or not anything stands there."""
    return Response(200, HEADERS)
