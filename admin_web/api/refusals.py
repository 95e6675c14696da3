"""Errors as the API says them."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Response, g, make_response, request
from pydantic import ValidationError

from admin_web.api.who import ScopeMissing
from admin_web.errors import status_of
from core import messages
from core.errors import GatewayError, InvalidInput, LockedOut

_log = logging.getLogger("azukari.api")
#: Problems of a request that are told by name; more help nobody.
_TOLD = 3


def speak() -> str:
    """Make the language of Accept-Language this request's, and return it; a page's choice is for pages."""
    g.language = messages.preferred_language(request.headers.get("Accept-Language"))
    return str(g.language)


def refuse(error: GatewayError) -> Response:
    """Return an error with its status and what a program may do about it."""
    status, language = status_of(error), speak()
    if status >= 500 and status != HTTPStatus.INSUFFICIENT_STORAGE:
        _log.warning("refused method=%s status=%s reason=%s", request.method, status.value, error)
    body = {"error": {"code": error.message_id, "message": messages.explain(error, language)}}
    response = make_response(body, status)
    response.headers["Content-Language"] = language
    if isinstance(error, LockedOut):
        response.headers["Retry-After"] = str(error.retry_seconds)
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "10"
    elif status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="azukari"'
    elif isinstance(error, ScopeMissing):
        challenge = f'Bearer realm="azukari", error="insufficient_scope", scope="{error.scope}"'  # RFC 6750 §3.1
        response.headers["WWW-Authenticate"] = challenge
    return response


def misread(error: ValidationError) -> Response:
    """Raise what is wrong with a request's parameters or body as the one error it is here."""
    told = [
        f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_context=False, include_input=False)[:_TOLD]
    ]
    raise InvalidInput("; ".join(told))
