"""The WSGI application of a worker process: which front answers which address."""

from __future__ import annotations

import atexit
import functools
import io
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from core import baton, messages
from core.config import validate
from core.errors import GatewayError
from core.s3settings import S3Settings
from db.engine import Database
from gateway import api, logs
from gateway.drive import dav_app
from gateway.metrics import Metrics
from gateway.service import Service, build
from providers.app import send
from providers.caldav import front as caldav
from providers.http import Environ, Response

StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[Any]]

_KNOWN_METHODS = frozenset(
    (
        "GET",
        "HEAD",
        "PUT",
        "POST",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "PROPFIND",
        "PROPPATCH",
        "MKCOL",
        "COPY",
        "MOVE",
        "LOCK",
        "UNLOCK",
        "REPORT",
        "MKCALENDAR",
    )
)
_DAV_ELSEWHERE = frozenset(("OPTIONS", "PROPFIND"))
#: Up to this much of a body is read before its request is looked at.
_SHORT_BODY_BYTES = 64 * 1024
#: Addresses answered here, by their first segment; the others may be pages.
_OWN = ("healthz", "readyz", "metrics")
#: What a tool needs before it has a device, or with the drive's password: no pages are loaded for it.
_OWN_POSTS = (("POST", "/api/v1/devices"), ("POST", "/api/v1/line-sessions"))


def create(arguments: dict[str, Any]) -> Callable[[Environ, StartResponse], Iterable[Any]]:
    """Build the application in a worker from what the supervisor sends: configuration, database, object store."""
    config = validate(arguments["config"], source="supervisor")
    logs.configure(config.logging)
    s3 = S3Settings(**arguments["s3"])
    service = build(config, Database(arguments["database_url"]), s3)
    service.entrance.recorder.start()
    atexit.register(service.entrance.recorder.stop)
    return Front(service, s3)


class Front:
    """Dispatches by address and counts what was answered."""

    def __init__(self, service: Service, s3: S3Settings) -> None:
        self._service = service
        self._s3 = s3
        self._dav = dav_app(service)
        self._metrics = Metrics()
        service.entrance.recorder.also(self._metrics.flush)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[Any]:
        """Answer one request (PEP 3333)."""
        began = time.perf_counter()
        method = environ["REQUEST_METHOD"]
        label = method if method in _KNOWN_METHODS else "other"

        def counted(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            self._metrics.count(label, status[:3], time.perf_counter() - began)
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        path = environ.get("PATH_INFO", "")
        first = path[1:].partition("/")[0]
        if first == ".well-known" and path.rstrip("/") == caldav.WELL_KNOWN:
            return send(caldav.redirect(), method, counted)
        if first == "dav" or (method in _DAV_ELSEWHERE and first != "api"):
            return self._drive(environ, counted)
        if first not in _OWN and (method, path) not in _OWN_POSTS:
            addresses, pages = self._pages
            if first in addresses:
                return pages(environ, counted)
        return send(self._elsewhere(environ, method, path), method, counted)

    @functools.cached_property
    def _pages(self) -> tuple[frozenset[str], WsgiApplication]:
        """Return the first segments of the pages' addresses, and what answers them.

        Loaded when the first page is asked for: a worker that only serves drives saves their 13 MiB.
        """
        from admin_web.app import ADDRESSES
        from gateway import web

        return frozenset(("", *ADDRESSES)), web.application(self._service, self._s3)

    def _drive(self, environ: Environ, start_response: StartResponse) -> Iterable[Any]:
        """Answer a WebDAV request: alone, as long as it only computes and asks SQLite (core.baton)."""
        alone = self._service.database.is_sqlite and _body_is_here(environ)
        if alone:
            baton.take()
        try:
            answer: Iterable[Any] = self._dav(environ, start_response)
        finally:
            baton.lay_down()
        return answer

    def _elsewhere(self, environ: Environ, method: str, path: str) -> Response:
        if path == "/api/v1/devices":
            return api.register_device(self._service, environ)
        if path == "/api/v1/line-sessions":
            return api.open_line_session(self._service, environ, self._dav.identify)
        if method in ("GET", "HEAD"):
            if path == "/healthz":
                return _text("ok\n")
            if path == "/readyz":
                return _ready(self._service)
            if path == "/metrics":
                return Response(200, [("Content-Type", "text/plain; version=0.0.4")], self._metrics.exposition())
        language = messages.preferred_language(environ.get("HTTP_ACCEPT_LANGUAGE"))
        known = path in ("/healthz", "/readyz", "/metrics")
        status, message_id = (405, "method.unknown") if known else (404, "not.found")
        return Response(status, _TEXT, (messages.text(message_id, language, reason=method[:32]) + "\n").encode())


def _body_is_here(environ: Environ) -> bool:
    """Return whether the body is in memory, taking in a short one: nobody holds the baton for a slow client."""
    announced = environ.get("CONTENT_LENGTH") or "0"
    if "HTTP_TRANSFER_ENCODING" in environ or "HTTP_EXPECT" in environ:
        return False
    if len(announced) > 5 or not announced.isdecimal() or (size_bytes := int(announced)) > _SHORT_BODY_BYTES:
        return False
    if size_bytes:
        body = environ["wsgi.input"].read(size_bytes)
        environ["wsgi.input"] = io.BytesIO(body)
    return True


_TEXT = [("Content-Type", "text/plain; charset=utf-8")]


def _text(words: str) -> Response:
    return Response(200, _TEXT, words.encode())


def _ready(service: Service) -> Response:
    """Answer whether database and object store answer; 503 names the part that does not."""
    parts: dict[str, str] = {}
    probes: dict[str, Callable[[], object]] = {
        "database": lambda: probe_database(service.database),
        "object_store": service.objects.check,
    }
    for name, probe in probes.items():
        try:
            probe()
            parts[name] = "ok"
        except GatewayError as error:
            parts[name] = str(error)
    ready = all(state == "ok" for state in parts.values())
    body = json.dumps({"ready": ready, "parts": parts}).encode()
    headers = [("Content-Type", "application/json")]
    return Response(200, headers, body) if ready else Response(503, [*headers, ("Retry-After", "5")], body)


def probe_database(database: Database) -> None:
    """Return if the database answers. Raises DatabaseUnavailable."""
    with database.reading() as tx:
        tx.cursor.execute("SELECT 1")
        tx.cursor.fetchone()


__all__ = ["Front", "create", "probe_database"]
