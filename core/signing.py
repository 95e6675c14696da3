"""How a tool on a PC signs its requests: what both sides agree on (R14, HTTP Message Signatures, RFC 9421).

A device that has a private key signs method, path, query and the Authorization header of every request. Host and
scheme are left out, since a proxy in between may change them; TLS protects what is not covered.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)

from core.errors import InvalidInput

#: The signature's name, and what it is for (RFC 9421 §2.3, `tag`).
LABEL = "azukari"
COMPONENTS = ("@method", "@path", "@query", "authorization")
#: How far the moment of signing may be from the gateway's clock, either way.
WINDOW = timedelta(seconds=60)

#: `@path` and `@query` need an address around them for the library; its host is not signed.
_ANY_HOST = "https://gateway.invalid"


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it is signed; `path` is percent-encoded by `canonical_path`, `query` is without its `?`."""

    method: str
    path: str
    query: str
    headers: dict[str, str]

    @property
    def url(self) -> str:
        """Return an address that has this path and query."""
        return f"{_ANY_HOST}{self.path}?{self.query}" if self.query else _ANY_HOST + self.path


def canonical_path(path: bytes) -> str:
    """Return a decoded path in the one form that is signed: all but unreserved characters and `/` are encoded.

    Servers and proxies decode and encode paths in their own ways; what the bytes are, they agree on.
    """
    return quote(path, safe="/")


def public_key_of(private_key: Ed25519PrivateKey) -> str:
    """Return the public key as it is registered: base64url of its 32 bytes, without padding."""
    return _written(private_key.public_key())


def _written(key: Ed25519PublicKey) -> str:
    return base64.urlsafe_b64encode(key.public_bytes_raw()).decode().rstrip("=")


def read_public_key(text: str) -> Ed25519PublicKey:
    """Return the key that `public_key_of` wrote. Raises InvalidInput for anything else."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(text.encode("ascii") + b"="))
    except ValueError:  # binascii.Error and UnicodeError among them
        key = None
    if key is None or _written(key) != text:
        raise InvalidInput("public_key is not the base64url of an Ed25519 key (32 bytes, 43 characters)")
    return key


class _Keys(HTTPSignatureKeyResolver):
    """Knows one device's key, whichever of the pair a side has."""

    def __init__(self, key_id: str, key: Ed25519PrivateKey | Ed25519PublicKey) -> None:
        self._key_id = key_id
        self._key = key

    def resolve_private_key(self, key_id: str) -> Any:
        """Return the key to sign with."""
        return self._key

    def resolve_public_key(self, key_id: str) -> Any:
        """Return the key to verify with; None for another device's signature."""
        return self._key if key_id == self._key_id else None


class Signer:
    """Signs the requests of one device."""

    def __init__(self, device_id: str, private_key: Ed25519PrivateKey) -> None:
        self._device_id = device_id
        self._signer = HTTPMessageSigner(
            signature_algorithm=algorithms.ED25519, key_resolver=_Keys(device_id, private_key)
        )

    def sign(self, method: str, path: str, query: str, authorization: str, *, now: datetime) -> Mapping[str, str]:
        """Return the headers to send with a request: Authorization, Signature-Input and Signature.

        Raises HTTPMessageSignaturesException for an address no request can have.
        """
        message = Message(method, path, query, {"Authorization": authorization})
        self._signer.sign(
            message,
            key_id=self._device_id,
            created=now,
            label=LABEL,
            tag=LABEL,
            covered_component_ids=COMPONENTS,
        )
        return message.headers


class _Verifier(HTTPMessageVerifier):
    """The library's, but for its own idea of what time it is."""

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """Leave time to `verified_at`'s caller, whose `now` is an argument."""


def verified_at(message: Message, device_id: str, public_key: Ed25519PublicKey) -> int:
    """Return when a request was signed, in seconds since 1970, its signature by this device's key being right.

    Raises InvalidSignature where it is missing, broken, another key's, or covers less than it has to.
    """
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(device_id, public_key))
    (result,) = verifier.verify(
        message, max_age=None, expect_tag=LABEL, expect_label=LABEL, require_components=COMPONENTS
    )
    created = result.parameters.get("created")
    if type(created) is not int:
        raise InvalidSignature("the signature does not say when it was made")
    return created
