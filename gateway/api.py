"""The first addresses of the HTTP API."""

from __future__ import annotations

import json
from http import HTTPStatus

from auth import devices
from core import clock, messages
from core.config import Config
from core.errors import AccessDenied, GatewayError, InvalidInput, LockedOut, NotAuthenticated
from gateway.service import Service
from providers.errors import status_of
from providers.http import Environ, Response

_JSON = [("Content-Type", "application/json; charset=utf-8")]
_MAX_BODY_BYTES = 64 * 1024
_FIELDS = ("login_id", "password", "device_key", "device_name")


def register_device(service: Service, environ: Environ) -> Response:
    """`POST /api/v1/devices`: exchange a device key for a device and its network-drive password (R13)."""
    try:
        given = _fields(environ)
        registered = register(service, **given)
    except GatewayError as error:
        return error_json(error, environ)
    body = {
        "device_id": registered.device_id,
        "dav_username": registered.dav_username,
        "dav_password": registered.dav_password,
        "dav_url": f"{environ.get('wsgi.url_scheme', 'http')}://{environ.get('HTTP_HOST', '')}/dav/",
    }
    return Response(201, [*_JSON, ("Cache-Control", "no-store")], json.dumps(body).encode())


def register(
    service: Service, *, login_id: str, password: str, device_key: str, device_name: str
) -> devices.RegisteredDevice:
    """Register a device by its key, login ID and password.

    Raises AccessDenied where any of them is not right (which one is not said), InvalidInput for the name.
    """
    try:
        caller = service.identifier.by_login(login_id, password)
    except NotAuthenticated:
        raise AccessDenied("device.key_refused") from None
    now = clock.now()
    return service.database.write(
        lambda tx: devices.register(tx, caller.contract_id, caller.login, device_key, device_name, now=now)
    )


def dav_url(config: Config) -> str:
    """Return where the network drive is, as the configuration knows it."""
    server = config.server
    scheme = "https" if server.certificate else "http"
    host = server.public_hosts[0] if server.public_hosts else f"{server.host}:{server.port}"
    return f"{scheme}://{host}/dav/"


def _fields(environ: Environ) -> dict[str, str]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if not 0 < length <= _MAX_BODY_BYTES:
        raise InvalidInput(f"a JSON body of 1 to {_MAX_BODY_BYTES} bytes is expected")
    try:
        values = json.loads(environ["wsgi.input"].read(length))
    except ValueError:
        raise InvalidInput("the body is not JSON") from None
    if not isinstance(values, dict):
        raise InvalidInput("the body is not a JSON object")
    missing = [name for name in _FIELDS if not isinstance(values.get(name), str)]
    if missing:
        raise InvalidInput(f"missing: {', '.join(missing)}")
    return {name: values[name] for name in _FIELDS}


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
