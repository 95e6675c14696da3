"""OPTIONS (RFC 4918 §10.1, §18; CLIENTS W7, F1, O1)."""

from __future__ import annotations

from providers.errors import ALLOWED
from providers.http import DavRequest, Headers, Response

#: Class 1, 2 and 3: without class 2 Finder mounts read-only and Office opens read-only.
HEADERS: Headers = [("DAV", "1, 2, 3"), ("MS-Author-Via", "DAV"), ("Allow", ALLOWED)]


def options(request: DavRequest) -> Response:
    """Say what is possible here; the same on every path, whether or not anything stands there."""
    return Response(200, HEADERS)
