"""A device that has a private key signs every request with it; its password alone opens nothing (R14)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPMessageSignaturesException

from core.errors import NotAuthenticated
from core.signing import WINDOW, Message, canonical_path, read_public_key, verified_at


@dataclass(frozen=True, slots=True)
class Signed:
    """A request's signature and what it covers; `path` is as WSGI has it: bytes dressed as Latin-1, decoded."""

    method: str
    path: str
    query: str
    authorization: str
    signature_input: str
    signature: str


def of_environ(environ: Mapping[str, Any]) -> Signed | None:
    """Return what a WSGI request shows; None where it is not signed."""
    if "HTTP_SIGNATURE" not in environ or "HTTP_SIGNATURE_INPUT" not in environ:
        return None
    return Signed(
        environ["REQUEST_METHOD"],
        environ.get("PATH_INFO", ""),
        environ.get("QUERY_STRING", ""),
        environ.get("HTTP_AUTHORIZATION", ""),
        environ["HTTP_SIGNATURE_INPUT"],
        environ["HTTP_SIGNATURE"],
    )


def verify(signed: Signed | None, device_id: str, public_key: str, *, now: datetime) -> None:
    """Return where the request is signed by this device's key, less than `WINDOW` ago or ahead.

    Raises NotAuthenticated; its cause tells the access log a missing signature from a wrong and an old one.
    """
    if signed is None:
        raise NotAuthenticated("signature.missing")
    headers = {
        "authorization": signed.authorization,
        "signature-input": signed.signature_input,
        "signature": signed.signature,
    }
    try:
        path = canonical_path(signed.path.encode("latin-1"))
        signed_at = verified_at(Message(signed.method, path, signed.query, headers), device_id, _key(public_key))
    except (HTTPMessageSignaturesException, UnicodeError):
        raise NotAuthenticated("signature.wrong") from None
    if abs(now.timestamp() - signed_at) > WINDOW.total_seconds():
        raise NotAuthenticated("signature.late")


@functools.lru_cache(maxsize=1024)
def _key(public_key: str) -> Ed25519PublicKey:
    return read_public_key(public_key)
