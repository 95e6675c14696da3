"""Identifiers and secrets."""

from __future__ import annotations

import hashlib
import secrets

from uuid_utils import uuid7

#: Letters and digits that nobody mistakes for one another on paper (no 0, O, 1, l, i, o).
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def new_object_id() -> str:
    """Return a UUIDv7 (RFC 9562) as 32 hexadecimal digits: unique everywhere, ordered by time."""
    return uuid7().hex


def readable_token(characters: int) -> str:
    """Return random characters a person can type from paper; each carries 4.95 bits."""
    return "".join(secrets.choice(_READABLE) for _ in range(characters))


def grouped(token: str, size: int = 5) -> str:
    """Return the token in groups joined by hyphens, for reading and typing."""
    return "-".join(token[at : at + size] for at in range(0, len(token), size))


def typed_token(text: str) -> str:
    """Return a token as it was made from what a person typed: in any groups, in capitals or not."""
    return "".join(text.split()).replace("-", "").lower()


def secret_hash(secret: str) -> str:
    """Return the SHA-256 of a high-entropy secret, the only form in which it is stored.

    A fast hash is right here: a secret of 128 random bits or more cannot be guessed from it.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
