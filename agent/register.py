"""Making this PC a registered device: its private key is made here and never leaves it (R13, R14)."""

from __future__ import annotations

import base64
import dataclasses
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.answers import refusal
from agent.home import Home, Registration, Secrets
from agent.upstream import Gateway, Target, origin_of
from core.errors import ToolFailed
from core.ids import readable_token
from core.signing import public_key_of

_LOCAL_PASSWORD_CHARACTERS = 26


def register(
    home: Home, *, url: str, login: str, password: str, device_key: str, name: str, language: str
) -> Registration:
    """Exchange a device key for a registration bound to a new private key, and keep it.

    Raises ToolFailed: registered already, nothing can be kept here, the gateway cannot be reached or refuses.
    """
    if home.is_registered():
        raise ToolFailed("agent.registered_already", device_name=home.load().device_name)
    home.require_writable()  # a device key works once, so nothing may fail after it was used
    gateway, key = Gateway(origin_of(url)), Ed25519PrivateKey.generate()
    given = {
        "login_id": login,
        "password": password,
        "device_key": device_key,
        "device_name": name,
        "public_key": public_key_of(key),
    }
    try:
        answer, body = gateway.ask_json(Target("POST", "/api/v1/devices"), given, language)
    finally:
        gateway.close()
    if answer.status != 201:
        raise _refused(gateway.base_url, answer.status, refusal(answer, body, language))
    made = json.loads(body)
    secrets = Secrets(
        private_key=base64.b64encode(key.private_bytes_raw()).decode(),
        dav_password=made["dav_password"],
        local_password=readable_token(_LOCAL_PASSWORD_CHARACTERS),
        certificate_password=made.get("certificate_password", ""),
    )
    certificate = base64.b64decode(made.get("certificate_pkcs12", ""))
    known = Registration(gateway.base_url, made["dav_username"], made["device_id"], name, secrets)
    return home.save(dataclasses.replace(known, certificate=certificate))


def _refused(url: str, status: int, error: ToolFailed) -> ToolFailed:
    """Return the refusal; what no gateway answers at this address says that it is none."""
    return error if status in (400, 403, 429, 503) else ToolFailed("agent.not_a_gateway", url=url)
