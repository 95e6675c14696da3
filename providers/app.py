"""The WebDAV application: who is calling, which folder, which method, and one table for every refusal."""

from __future__ import annotations

import binascii
import functools
import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from wsgidav.wsgidav_app import WsgiDAVApp

from auth.addresses import is_loopback
from auth.callers import Caller
from auth.identify import Identifier
from auth.journal import Journal
from auth.presented import Presented, of_environ
from core.errors import AccessDenied, GatewayError, NotAuthenticated, NotFound, ResourceLocked
from core.http import BodyCut
from providers import lock, options, records, root
from providers.caldav import front as caldav
from providers.errors import DavRefusal, error_response
from providers.folder import METHODS, FolderProvider
from providers.href import quote_names
from providers.http import DAV_MOUNT, DavRequest, Environ, Limits, Response, Target, decode_path
from storage.files import FileSystem, Names
from storage.sealing import NameCipher

StartResponse = Callable[..., Any]

_log = logging.getLogger("azukari.dav")
_PHRASES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class DavApp(WsgiDAVApp):
    """WsgiDAV with our folder types mounted and its request server replaced by native methods (docs/adr/0003)."""

    def __init__(
        self,
        fs: FileSystem,
        identifier: Identifier,
        folders: Iterable[FolderProvider],
        limits: Limits,
        *,
        basic_over_http: bool,
        presented: Callable[[Environ], Presented] = of_environ,
        journal: Journal | None = None,
        calendars: caldav.Front | None = None,
    ) -> None:
        """Mount the folders, and `calendars` beside them.

        `presented` tells what a request shows beside its password: address, line, client. `journal` takes
        what reads and refusals leave in the access log.
        """
        super().__init__(  # type: ignore[no-untyped-call]  # WsgiDAV is untyped
            {
                "provider_mapping": {f"/{one.folder}": one for one in folders},
                "mount_path": f"/{DAV_MOUNT}",
                "middleware_stack": [],
                "lock_storage": False,
                "property_manager": False,
                "logging": {"enable": False},
                "verbose": 0,
            }
        )
        self._fs = fs
        self._identifier = identifier
        self._limits = limits
        self._basic_over_http = basic_over_http
        self._presented = presented
        self._journal = journal
        self._calendars = calendars

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[Any]:
        """Answer one request (PEP 3333)."""
        method = environ["REQUEST_METHOD"]
        try:
            response = self._answer(environ, method)
        except GatewayError as error:
            response = error_response(error, environ)
            if response.status >= 500 and response.status != HTTPStatus.INSUFFICIENT_STORAGE:
                _log.warning("refused method=%s status=%s reason=%s", method, response.status, error)
        except BodyCut:
            raise  # nobody is left to answer; the server closes the connection
        except Exception:  # noqa: BLE001 - the edge: whatever it is, the client gets an answer and the log a trace
            _log.exception("failed method=%s", method)
            response = error_response(DavRefusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal"), environ)
        return send(response, method, start_response)

    def _answer(self, environ: Environ, method: str) -> Response:
        if method == "OPTIONS":
            # Explorer asks before it has a password, and on paths that are not there (CLIENTS W7).
            on_calendars = self._calendars is not None and caldav.is_calendars(environ.get("PATH_INFO", ""))
            return Response(200, caldav.HEADERS if on_calendars else options.HEADERS)
        if self._calendars is not None and caldav.is_calendars(path := environ.get("PATH_INFO", "")):
            names = decode_path(path)
            return self._calendars.answer(environ, self.identify(environ), names[2:])
        handler = METHODS.get(method)
        if handler is None:
            raise DavRefusal(HTTPStatus.METHOD_NOT_ALLOWED, "method.unknown", reason=method[:32])
        caller = self.identify(environ)
        names = decode_path(environ.get("PATH_INFO", ""))
        locate = functools.partial(self._locate, caller)
        try:
            if root.is_above_folders(names, self.provider_map):
                fs, limits = self._fs, self._limits
                return root.answer(environ, names, caller, fs=fs, limits=limits, providers=self.provider_map)
            target = locate(names)
        except GatewayError as error:
            records.note_closed(self._journal, caller, method, names, error, now=self._fs.clock())
            raise
        request = DavRequest(
            environ, method, self._fs, self._limits, target, locate,
            functools.partial(self._identifier.require_still_open, caller), self._journal,
        )  # fmt: skip
        try:
            response = handler(request)
        except ResourceLocked as error:
            return lock.refusal(request, error)
        except GatewayError as error:
            records.note_refused(request, error)
            raise
        records.note_done(request)
        return response

    def _locate(self, caller: Caller, names: Names) -> Target:
        """Return the folder a whole path leads into. Raises NotFound, AccessDenied for a path above all."""
        if len(names) < 2 or names[0] != DAV_MOUNT:
            raise AccessDenied("access.fixed_folder")
        provider = self.provider_map.get(f"/{names[1]}")
        if provider is None:
            raise NotFound("/".join(names))
        grant, below = provider.enter(caller, names[2:])
        base_href = quote_names("", names[: len(names) - len(below)])
        if grant.folder_key is None:
            return Target(grant, below, base_href, below)
        cipher = NameCipher(grant.folder_key)
        return Target(grant, tuple(map(cipher.seal, below)), base_href, below, cipher)

    def identify(self, environ: Environ) -> Caller:
        """Return who is calling. Raises NotAuthenticated, LockedOut, and AccessDenied over an open line (W6)."""
        if not (
            self._basic_over_http
            or environ.get("wsgi.url_scheme") == "https"
            or is_loopback(environ.get("REMOTE_ADDR", ""))
        ):
            raise AccessDenied("access.plain_http")  # a password would cross the line in the open (CLIENTS W6)
        user_name, password = _basic(environ.get("HTTP_AUTHORIZATION") or "")
        return self._identifier.by_basic(user_name, password, self._presented(environ))


def _basic(header: str) -> tuple[str, str]:
    """Return user name and password of a Basic Authorization header (RFC 7617). Raises NotAuthenticated."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise NotAuthenticated
    try:
        decoded = binascii.a2b_base64(encoded.strip(), strict_mode=True).decode("utf-8")
    except ValueError:  # binascii.Error, UnicodeError and characters beyond ASCII among them
        raise NotAuthenticated from None
    user_name, colon, password = decoded.partition(":")
    if not colon or "\0" in decoded:
        raise NotAuthenticated
    return user_name, password


def send(response: Response, method: str, start_response: StartResponse) -> Iterable[Any]:
    """Hand a response to the WSGI server."""
    status, headers, body = response
    headers = list(headers)
    if isinstance(body, bytes):
        if status not in (204, 304) and not any(name == "Content-Length" for name, _ in headers):
            headers.append(("Content-Length", str(len(body))))
        body = (body,) if body and method != "HEAD" else ()
    start_response(_PHRASES.get(status) or f"{status} Status", headers)
    return body


__all__ = ["DavApp", "send"]
