"""The Destination header: where MOVE and COPY should go (RFC 4918 §10.3, CLIENTS A4)."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from core.errors import InvalidInput
from providers.errors import DavRefusal
from providers.http import DavRequest, Environ, Limits, Target, decode_url_path

_DEFAULT_PORTS = {"http": 80, "https": 443}


def destination(request: DavRequest) -> Target:
    """Return the target of a MOVE or COPY.

    Accepted with the scheme and host the client sees, also behind a proxy, with `user:pw@`, or as a bare
    path. Raises InvalidInput where it is missing or unreadable, DavRefusal (502) for another server, and
    what `authorize` raises.
    """
    header = request.header("HTTP_DESTINATION")
    if not header:
        raise InvalidInput("the Destination header is missing")
    try:
        parts = urlsplit(header.strip())
        parts.port  # noqa: B018 - raises ValueError for a port that is none
    except ValueError:
        raise InvalidInput("the Destination header is not an address") from None
    if parts.scheme not in ("", "http", "https") or not parts.path.startswith("/"):
        raise InvalidInput("the Destination header is not an http address")
    if parts.query or parts.fragment:
        raise InvalidInput("the Destination header has a query or fragment")
    if parts.netloc and not is_own_host(request.environ, parts.netloc, request.limits):
        raise DavRefusal(HTTPStatus.BAD_GATEWAY, "destination.elsewhere", reason=parts.netloc)
    return request.locate(decode_url_path(parts.path))


def overwrites(request: DavRequest) -> bool:
    """Return what the Overwrite header allows; T where it is missing (RFC 4918 §10.6). Raises InvalidInput."""
    value = (request.header("HTTP_OVERWRITE") or "T").strip().upper()
    if value not in ("T", "F"):
        raise InvalidInput("Overwrite is T or F")
    return value == "T"


def is_own_host(environ: Environ, netloc: str, limits: Limits) -> bool:
    """Return whether a host in an address means this server as the client sees it.

    That is the Host the client sent, a public address from the configuration, or what a trusted proxy says.
    The scheme is left out: behind a proxy that ends TLS, clients and proxies disagree about it.
    """
    wanted = _host_and_port(netloc)
    return wanted == _host_and_port(environ.get("HTTP_HOST", "")) or wanted in {
        _host_and_port(host) for host in limits.hosts
    }


def _host_and_port(netloc: str) -> tuple[str, int | None]:
    """Return host and port; the default ports of both schemes count as none."""
    parts = urlsplit("//" + netloc.rpartition("@")[2])
    try:
        port = parts.port
    except ValueError:
        port = -1
    return (parts.hostname or "").rstrip("."), None if port in _DEFAULT_PORTS.values() else port
