"""The collections above the folders: `/` and `/dav/`, which list what a login may open (CLIENTS W7)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from auth.access import Grant, authorize
from auth.callers import Caller
from core.errors import AccessDenied, AlreadyExists, GatewayError, NotFound
from providers.errors import DavRefusal
from providers.folder import FolderProvider
from providers.http import DAV_MOUNT, Environ, Limits, Response, depth_of
from providers.live import FIXED, QUOTA, Scene
from providers.printer import CLOSE, OPEN, Printer
from providers.wanted import of_request, without_quota
from providers.xml import XML_TYPE
from storage import files
from storage.files import FileSystem, Names
from storage.nodes import Node

_READING = ("GET", "HEAD", "PROPFIND")


def answer(
    environ: Environ,
    names: Names,
    caller: Caller,
    *,
    fs: FileSystem,
    limits: Limits,
    providers: Mapping[str, FolderProvider],
) -> Response:
    """Answer a request for `/` or `/dav/`: they can be read, never changed.

    Raises NotFound, AccessDenied; AlreadyExists for MKCOL, and DavRefusal for PROPFIND of infinite depth.
    """
    if names not in ((), (DAV_MOUNT,)):
        raise NotFound("/".join(names))
    method = environ["REQUEST_METHOD"]
    if method == "MKCOL":
        raise AlreadyExists("/".join(names))
    if method not in _READING:
        raise AccessDenied("access.fixed_folder")
    grants = _open_to(caller, providers)
    below = [f"/{DAV_MOUNT}/{name}/" for name in grants] if names else [f"/{DAV_MOUNT}/"]
    if method != "PROPFIND":
        return Response(200, [("Content-Type", "text/plain; charset=utf-8")], "\n".join([*below, ""]).encode())
    if depth_of(environ, "infinity", "0", "1", "infinity") == "infinity":
        raise DavRefusal(HTTPStatus.FORBIDDEN, "propfind.finite_depth", "<D:propfind-finite-depth/>")
    shown = [f"/{DAV_MOUNT}/" if names else "/", *(below if environ.get("HTTP_DEPTH") == "1" else ())]
    body = _listing(environ, shown, fs=fs, limits=limits, grant=next(iter(grants.values()), None))
    return Response(207, [XML_TYPE], OPEN + body.encode() + CLOSE)


def _open_to(caller: Caller, providers: Mapping[str, FolderProvider]) -> dict[str, Grant]:
    found = {}
    for provider in providers.values():
        try:
            found[str(provider.folder)] = authorize(caller, provider.folder)
        except GatewayError:
            continue
    return found


def _listing(environ: Environ, hrefs: list[str], *, fs: FileSystem, limits: Limits, grant: Grant | None) -> str:
    """Return the responses; quota is the contract's, the same everywhere, told to whoever may open a folder."""
    wanted = of_request(environ, limits)
    if grant is None:
        wanted = without_quota(wanted)
    asks_quota = not wanted.names_only and any(name in wanted.live for name in QUOTA)
    quota = files.quota(fs, grant) if grant is not None and asks_quota else None
    printer = Printer(wanted, Scene(quota, (), 0, ""))
    titles = [href.strip("/").rpartition("/")[2] for href in hrefs]
    return "".join(
        printer.response(Node(0, 0, title, FIXED, 0, None, 0, 0, 0), href, "", {})
        for href, title in zip(hrefs, titles, strict=True)
    )
