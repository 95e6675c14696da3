"""The first addresses of the HTTP API."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from http import HTTPStatus

from auth.callers import Caller
from auth.devices import Proofs
from core import clock, messages
from core.config import Config
from core.errors import GatewayError, InvalidInput, LockedOut
from core.signing import read_public_key
from gateway import entrance
from gateway.service import Service
from providers.errors import status_of
from providers.http import Environ, Response, announced_bytes

_JSON = [("Content-Type", "application/json; charset=utf-8")]
_MAX_BODY_BYTES = 64 * 1024
_DEVICE_FIELDS = ("login_id", "password", "device_key", "device_name")
_LINE_FIELDS = ("line_id", "code")


def register_device(service: Service, environ: Environ) -> Response:
    """`POST /api/v1/devices`: exchange a device key for a device and its network-drive password (R13).

    With a `public_key` (Ed25519, base64url) the password is good only on requests signed by it (R14).
    """
    try:
        given = _fields(environ, _DEVICE_FIELDS, optional=("public_key",))
        proofs = Proofs(public_key=_checked_key(given.pop("public_key", None)))
        shown = service.entrance.presented(environ)
        made = entrance.register_device(service.entrance, shown, proofs=proofs, **given)
    except GatewayError as error:
        return error_json(error, environ)
    body = {
        "device_id": made.device.device_id,
        "dav_username": made.device.dav_username,
        "dav_password": made.device.dav_password,
        "dav_url": f"{environ.get('wsgi.url_scheme', 'http')}://{environ.get('HTTP_HOST', '')}/dav/",
    }
    if made.certificate is not None:
        body["certificate_pkcs12"] = base64.b64encode(made.certificate.pkcs12).decode()
        body["certificate_password"] = made.certificate.password
    return _created(body)


def open_line_session(service: Service, environ: Environ, identify: Callable[[Environ], Caller]) -> Response:
    """`POST /api/v1/line-sessions`: prove the line by a code of its tool, as a device that signed in (R17)."""
    try:
        caller = identify(environ)
        given = _fields(environ, _LINE_FIELDS)
        opened = entrance.open_line(service.entrance, caller, service.entrance.presented(environ), **given)
    except GatewayError as error:
        return error_json(error, environ)
    expires_at = opened.expires_at.astimezone(clock.TOKYO).isoformat()
    return _created({"token": opened.token, "line_id": opened.line_id, "expires_at": expires_at})


def _created(body: dict[str, str]) -> Response:
    return Response(201, [*_JSON, ("Cache-Control", "no-store")], json.dumps(body).encode())


def _checked_key(public_key: str | None) -> str | None:
    if public_key is not None:
        read_public_key(public_key)
    return public_key


def dav_url(config: Config) -> str:
    """Return where the network drive is, as the configuration knows it."""
    server = config.server
    scheme = "https" if server.certificate else "http"
    host = server.public_hosts[0] if server.public_hosts else f"{server.host}:{server.port}"
    return f"{scheme}://{host}/dav/"


def _fields(environ: Environ, wanted: Sequence[str], *, optional: Sequence[str] = ()) -> dict[str, str]:
    """Return the texts of a JSON object. Raises InvalidInput, naming what is missing."""
    length = announced_bytes(environ) or 0
    if not 0 < length <= _MAX_BODY_BYTES:
        raise InvalidInput(f"a JSON body of 1 to {_MAX_BODY_BYTES} bytes is expected")
    try:
        values = json.loads(environ["wsgi.input"].read(length))
    except ValueError:
        raise InvalidInput("the body is not JSON") from None
    if not isinstance(values, dict):
        raise InvalidInput("the body is not a JSON object")
    given = {name: values[name] for name in (*wanted, *optional) if isinstance(values.get(name), str)}
    if missing := [name for name in wanted if name not in given]:
        raise InvalidInput(f"missing: {', '.join(missing)}")
    return given


def error_json(error: GatewayError, environ: Environ) -> Response:
    """Return an error as the API says it: a code for programs, a message for people."""
    language = messages.preferred_language(environ.get("HTTP_ACCEPT_LANGUAGE"))
    body = {"error": {"code": error.message_id, "message": messages.explain(error, language)}}
    status = status_of(error)
    headers = [*_JSON, ("Content-Language", language)]
    if isinstance(error, LockedOut):
        headers.append(("Retry-After", str(error.retry_seconds)))
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", "10"))
    return Response(status, headers, json.dumps(body, ensure_ascii=False).encode())
