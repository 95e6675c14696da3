"""The pages' table: from our errors to status codes, and to a page that says what to do."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from admin_web.words import language, t
from core import messages
from core.errors import (
    AccessDenied,
    AlreadyExists,
    Conflict,
    ContestClosed,
    DeviceRequired,
    FileInfected,
    GatewayError,
    InvalidInput,
    LinkClosed,
    LockedOut,
    NotAuthenticated,
    NotFound,
    ParentMissing,
    PreconditionFailed,
    QuotaExceeded,
    ResourceLocked,
    StorageFull,
    Unavailable,
)
from core.http import BodyCut

_log = logging.getLogger("azukari.web")

#: The nearest class in an error's ancestry decides.
_STATUS: dict[type[GatewayError], HTTPStatus] = {
    InvalidInput: HTTPStatus.BAD_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    ParentMissing: HTTPStatus.CONFLICT,
    Conflict: HTTPStatus.CONFLICT,
    ContestClosed: HTTPStatus.CONFLICT,
    AlreadyExists: HTTPStatus.CONFLICT,
    PreconditionFailed: HTTPStatus.CONFLICT,
    ResourceLocked: HTTPStatus.LOCKED,
    QuotaExceeded: HTTPStatus.INSUFFICIENT_STORAGE,
    StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
    NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    AccessDenied: HTTPStatus.FORBIDDEN,
    LockedOut: HTTPStatus.TOO_MANY_REQUESTS,
    LinkClosed: HTTPStatus.GONE,
    FileInfected: HTTPStatus.FORBIDDEN,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def status_of(error: GatewayError) -> HTTPStatus:
    """Return the HTTP status of an error."""
    return status_of_kind(type(error))


def status_of_kind(kind: type[GatewayError]) -> HTTPStatus:
    """Return the HTTP status of a class of errors."""
    return next((_STATUS[one] for one in kind.__mro__ if one in _STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)


def explain(error: GatewayError) -> str:
    """Return what an error says, in the reader's language."""
    return messages.explain(error, language())


def wants_json() -> bool:
    """Return whether a program asks, not a person."""
    return (
        request.path.startswith("/api/")
        or request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def register(app: Flask) -> None:
    """Answer every error with a page, or with JSON where a script asked."""
    app.register_error_handler(GatewayError, _refused)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)


def _refused(error: GatewayError) -> ResponseReturnValue:
    status = status_of(error)
    if status >= 500 and status != HTTPStatus.INSUFFICIENT_STORAGE:
        _log.warning("refused method=%s status=%s reason=%s", request.method, status.value, error)
    if isinstance(error, NotAuthenticated) and request.method in ("GET", "HEAD") and not wants_json():
        step = "login.device" if isinstance(error, DeviceRequired) else "login.form"
        return redirect(url_for(step, next=request.full_path.rstrip("?")), HTTPStatus.SEE_OTHER)
    response = answer(status, explain(error), code=error.message_id)
    if isinstance(error, LockedOut):
        response.headers["Retry-After"] = str(error.retry_seconds)
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "10"
    return response


def _stale(error: CSRFError) -> ResponseReturnValue:
    return answer(HTTPStatus.BAD_REQUEST, t("web.form_stale"), code="web.form_stale")


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    status = HTTPStatus(error.code)
    known = {HTTPStatus.NOT_FOUND: "not.found", HTTPStatus.METHOD_NOT_ALLOWED: "method.unknown"}
    message_id = known.get(status, "error")
    response = answer(status, t(message_id, reason=request.method), code=message_id)
    if (allowed := dict(error.get_headers()).get("Allow")) is not None:
        response.headers["Allow"] = allowed
    return response


def _failed(error: Exception) -> ResponseReturnValue:
    if isinstance(error, BodyCut):
        raise error  # nobody is left to answer; the server closes the connection
    _log.exception("failed method=%s endpoint=%s", request.method, request.endpoint)
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, t("internal"), code="internal")


def answer(status: HTTPStatus, words: str, *, code: str) -> Response:
    """Return a refusal as a page, or as the API says it."""
    if wants_json():
        return make_response({"error": {"code": code, "message": words}}, status)
    return make_response(render_template("error.html", words=words, status=status.value, code=code), status)
