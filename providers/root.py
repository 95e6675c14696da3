"""The collections above the folders: `/` and `/dav/`, which list what a login may open (CLIENTS W7)."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from auth.access import authorize
from auth.callers import Caller
from core.errors import AccessDenied, GatewayError, NotFound
from providers.errors import DavRefusal
from providers.folder import FolderProvider
from providers.http import Environ, Response
from providers.xml import XML_HEAD, XML_TYPE
from storage.files import Names

_READING = ("GET", "HEAD", "PROPFIND")


def answer(
    environ: Environ, method: str, names: Names, caller: Caller, providers: dict[str, FolderProvider]
) -> Response:
    """Answer a request for `/` or `/dav/`: they can be read, never changed. Raises NotFound, AccessDenied."""
    if names not in ((), ("dav",)):
        raise NotFound("/".join(names))
    if method not in _READING:
        raise AccessDenied("access.fixed_folder")
    href = "/" if not names else "/dav/"
    members = ["/dav/"] if not names else [f"/dav/{name}/" for name in _open_to(caller, providers.values())]
    if method != "PROPFIND":
        return Response(200, [("Content-Type", "text/plain; charset=utf-8")], "\n".join([*members, ""]).encode())
    depth = (environ.get("HTTP_DEPTH") or "infinity").lower()
    if depth not in ("0", "1"):
        raise DavRefusal(HTTPStatus.FORBIDDEN, "propfind.finite_depth", "<D:propfind-finite-depth/>")
    shown = [href, *(members if depth == "1" else [])]
    body = "".join(map(_collection, shown))
    return Response(207, [XML_TYPE], XML_HEAD + f'<D:multistatus xmlns:D="DAV:">{body}</D:multistatus>'.encode())


def _open_to(caller: Caller, providers: Iterable[FolderProvider]) -> list[str]:
    found = []
    for provider in providers:
        try:
            authorize(caller, provider.folder)
        except GatewayError:
            continue
        found.append(str(provider.folder))
    return found


def _collection(href: str) -> str:
    name = href.strip("/").rpartition("/")[2]
    return (
        f"<D:response><D:href>{href}</D:href><D:propstat><D:prop><D:displayname>{name}</D:displayname>"
        "<D:resourcetype><D:collection/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status>"
        "</D:propstat></D:response>"
    )
