"""The collections above the folders: `/` and `/dav/`, which list what a login may open (CLIENTS W7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import unquote

from auth.access import FolderType, Grant, authorize, visible_folders
from auth.callers import Caller
from core.errors import AccessDenied, AlreadyExists, NotFound
from providers.caldav.front import principal_href
from providers.errors import DavRefusal
from providers.folder import FolderProvider
from providers.href import quote_name, quote_names
from providers.http import DAV_MOUNT, Environ, Limits, Response, depth_of
from providers.live import FIXED, QUOTA, Scene
from providers.printer import CLOSE, OPEN, Printer
from providers.wanted import of_request, without_quota
from providers.xml import DAV, XML_TYPE, element_text
from storage import files
from storage.files import FileSystem, Names
from storage.nodes import Node

_PRINCIPAL = DAV + "current-user-principal"
_READING = ("GET", "HEAD", "PROPFIND")


def is_above_folders(names: Names, providers: Mapping[str, FolderProvider]) -> bool:
    """Return whether a path is none inside a folder: `/`, `/dav/`, and what a folder type lists its folders in."""
    if len(names) < 2 or names[0] != DAV_MOUNT:
        return True
    provider = providers.get(f"/{names[1]}")
    return provider is not None and len(names) == 2 and provider.has_many


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
    if names[:1] not in ((), (DAV_MOUNT,)):
        raise NotFound("/".join(names))
    grant, below = _look(names, caller, providers)
    method = environ["REQUEST_METHOD"]
    if method == "MKCOL":
        raise AlreadyExists("/".join(names))
    if method not in _READING:
        raise AccessDenied("access.fixed_folder")
    own = quote_names("", names) + "/"
    if method != "PROPFIND":
        text = "".join(f"{own}{name}/\n" for name in below)
        return Response(200, [("Content-Type", "text/plain; charset=utf-8")], text.encode())
    if depth_of(environ, "infinity", "0", "1", "infinity") == "infinity":
        raise DavRefusal(HTTPStatus.FORBIDDEN, "propfind.finite_depth", "<D:propfind-finite-depth/>")
    hrefs = [own, *(f"{own}{quote_name(name)}/" for name in (below if environ.get("HTTP_DEPTH") == "1" else ()))]
    body = _listing(environ, hrefs, fs=fs, limits=limits, grant=grant, principal=principal_href(caller.login_id))
    return Response(207, [XML_TYPE], OPEN + body.encode() + CLOSE)


def _look(names: Names, caller: Caller, providers: Mapping[str, FolderProvider]) -> tuple[Grant | None, Sequence[str]]:
    """Return what is below a collection above the folders, and a grant on any folder of the caller's, for the quota.

    Raises NotFound for a folder type that is not mounted or has nothing to show to this caller.
    """
    visible = visible_folders(caller)
    open_to = [provider for provider in providers.values() if provider.is_listed(caller, visible)]
    grant = authorize(caller, FolderType.MY) if FolderType.MY in visible else None
    if not names:
        return grant, [DAV_MOUNT]
    if len(names) == 1:
        return grant, [str(provider.folder) for provider in open_to]
    chosen = next((provider for provider in open_to if provider.folder == names[1]), None)
    if chosen is None:
        raise NotFound("/".join(names))
    return grant, chosen.folders_of(caller)


def _listing(
    environ: Environ, hrefs: list[str], *, fs: FileSystem, limits: Limits, grant: Grant | None, principal: str
) -> str:
    """Return the responses; quota is the contract's, the same everywhere, told to whoever may open a folder."""
    wanted = of_request(environ, limits)
    if grant is None:
        wanted = without_quota(wanted)
    asks_quota = not wanted.names_only and any(name in wanted.live for name in QUOTA)
    quota = files.quota(fs, grant) if grant is not None and asks_quota else None
    printer = Printer(wanted, Scene(quota, (), 0, None))
    # Calendar programs look here first for where to go on (RFC 5397).
    dead = {_PRINCIPAL: element_text(_PRINCIPAL, f"<D:href>{principal}</D:href>")} if _PRINCIPAL in wanted.dead else {}
    titles = [unquote(href.strip("/").rpartition("/")[2]) for href in hrefs]
    return "".join(
        printer.response(Node(0, 0, title, FIXED, 0, None, 0, 0, 0), href, "", dead)
        for href, title in zip(hrefs, titles, strict=True)
    )
