"""The WebDAV edge's table: from our errors to status codes, headers and bodies."""

from __future__ import annotations

from http import HTTPStatus

from core import messages
from core.errors import (
    AccessDenied,
    AlreadyExists,
    ChecksumMismatch,
    Conflict,
    FileInfected,
    GatewayError,
    IncompleteUpload,
    InvalidInput,
    LinkClosed,
    LockedOut,
    MailRefused,
    NotAllowedHere,
    NotAuthenticated,
    NotFound,
    ParentMissing,
    PreconditionFailed,
    QuotaExceeded,
    ResourceLocked,
    StorageFull,
    ToolFailed,
    Unavailable,
)
from providers.href import escape
from providers.http import Environ, Headers, Response

_RETRY_SECONDS = "10"

#: The nearest class in an error's ancestry decides.
_STATUS: dict[type[GatewayError], HTTPStatus] = {
    InvalidInput: HTTPStatus.BAD_REQUEST,
    IncompleteUpload: HTTPStatus.BAD_REQUEST,
    ChecksumMismatch: HTTPStatus.BAD_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    ParentMissing: HTTPStatus.CONFLICT,
    Conflict: HTTPStatus.CONFLICT,
    AlreadyExists: HTTPStatus.METHOD_NOT_ALLOWED,
    NotAllowedHere: HTTPStatus.METHOD_NOT_ALLOWED,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    ResourceLocked: HTTPStatus.LOCKED,
    QuotaExceeded: HTTPStatus.INSUFFICIENT_STORAGE,
    StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
    NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    AccessDenied: HTTPStatus.FORBIDDEN,
    LockedOut: HTTPStatus.TOO_MANY_REQUESTS,
    LinkClosed: HTTPStatus.GONE,
    FileInfected: HTTPStatus.FORBIDDEN,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    MailRefused: HTTPStatus.BAD_GATEWAY,
    ToolFailed: HTTPStatus.BAD_GATEWAY,
}

#: RFC 4918 §16 and RFC 4331 §6: conditions a client may recognise in the body.
_CONDITIONS: dict[type[GatewayError], str] = {
    QuotaExceeded: "<D:quota-not-exceeded/>",
    StorageFull: "<D:sufficient-disk-space/>",
}

ALLOWED = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, LOCK, UNLOCK"
CHALLENGE = 'Basic realm="Azukari", charset="UTF-8"'


class DavRefusal(GatewayError):
    """A refusal only WebDAV knows: its status and, where RFC 4918 §16 names one, its condition element."""

    def __init__(self, status: HTTPStatus, message_id: str, condition: str = "", reason: str = "") -> None:
        super().__init__(f"{status.value} {message_id} {reason}")
        self.message_id = message_id
        self.reason = reason
        self._status = status
        self._condition = condition

    @property
    def status(self) -> HTTPStatus:
        """Return the status to answer."""
        return self._status

    @property
    def condition(self) -> str:
        """Return the condition element, or an empty text."""
        return self._condition


def status_of(error: GatewayError) -> HTTPStatus:
    """Return the HTTP status of an error."""
    if isinstance(error, DavRefusal):
        return error.status
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def condition_of(error: GatewayError) -> str:
    """Return the precondition element a client may look for, or an empty text."""
    if isinstance(error, DavRefusal):
        return error.condition
    for kind in type(error).__mro__:
        if kind in _CONDITIONS:
            return _CONDITIONS[kind]
    return ""


def error_response(error: GatewayError, environ: Environ, condition: str = "") -> Response:
    """Return the answer to a refused request: its status, and a body in the caller's language saying what to do.

    `condition` replaces the precondition element that belongs to the error's class.
    """
    status = status_of(error)
    language = messages.preferred_language(environ.get("HTTP_ACCEPT_LANGUAGE"))
    words = escape(messages.explain(error, language))
    body = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<D:error xmlns:D="DAV:" xmlns:A="urn:azukari">'
        f'{condition or condition_of(error)}<A:message xml:lang="{language}">{words}</A:message></D:error>'
    ).encode()
    headers: Headers = [("Content-Type", "application/xml; charset=utf-8"), ("Content-Language", language)]
    if status is HTTPStatus.UNAUTHORIZED:
        headers.append(("WWW-Authenticate", CHALLENGE))
    elif status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append(("Allow", ALLOWED))
    elif isinstance(error, LockedOut):
        headers.append(("Retry-After", str(error.retry_seconds)))
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", _RETRY_SECONDS))
    return Response(status, headers, body)
