"""The key of a Secret Folder, wrapped so that only its user's secret or recovery code gives it back (R18).

The secret is a word a person remembers, so it is stretched by argon2id before it wraps anything. The recovery
code is random and printed once. Nothing here is kept: values in, values out.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import AccessDenied, InvalidInput
from core.ids import readable_token, typed_token

KEY_BYTES = 32
MIN_SECRET_CHARACTERS, MAX_SECRET_CHARACTERS = 8, 256
#: 158 bits: it needs no stretching.
_RECOVERY_CHARACTERS = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12
# RFC 9106 §4, second recommended option: 64 MiB and three passes; it runs once for each unlocking.
_ARGON2 = {"time_cost": 3, "memory_cost": 64 * 1024, "parallelism": 4}


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A folder's key as it is stored."""

    salt: bytes
    by_secret: bytes
    by_recovery: bytes


@dataclass(frozen=True, slots=True)
class NewFolder:
    """A new folder's key, how to store it, and the recovery code, shown once."""

    key: bytes
    wrapped: Wrapped
    recovery_code: str


def create(secret: str) -> NewFolder:
    """Make a folder's key and wrap it. Raises InvalidInput for a secret that is too short or too long."""
    key, recovery_code = secrets.token_bytes(KEY_BYTES), readable_token(_RECOVERY_CHARACTERS)
    salt = secrets.token_bytes(_SALT_BYTES)
    wrapped = Wrapped(salt, seal(_stretched(checked(secret), salt), key), seal(_of_code(recovery_code), key))
    return NewFolder(key, wrapped, recovery_code)


def rewrap(wrapped: Wrapped, key: bytes, secret: str) -> Wrapped:
    """Return the key wrapped by a new secret; the recovery code stays. Raises InvalidInput as `create`."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return Wrapped(salt, seal(_stretched(checked(secret), salt), key), wrapped.by_recovery)


def by_secret(wrapped: Wrapped, secret: str) -> bytes:
    """Return the folder's key. Raises AccessDenied for a wrong secret; a wrong one costs what a right one costs."""
    return _opened(_stretched(secret[:MAX_SECRET_CHARACTERS], wrapped.salt), wrapped.by_secret, "secret.wrong")


def by_recovery_code(wrapped: Wrapped, code: str) -> bytes:
    """Return the folder's key; the code may be typed in groups. Raises AccessDenied for a wrong one."""
    return _opened(_of_code(typed_token(code)), wrapped.by_recovery, "secret.wrong_recovery")


def checked(secret: str) -> str:
    """Return a secret that may be chosen. Raises InvalidInput."""
    if not MIN_SECRET_CHARACTERS <= len(secret) <= MAX_SECRET_CHARACTERS:
        raise InvalidInput(f"a secret has {MIN_SECRET_CHARACTERS} to {MAX_SECRET_CHARACTERS} characters")
    return secret


def seal(wrapping_key: bytes, key: bytes) -> bytes:
    """Return a key sealed by another one."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(wrapping_key).encrypt(nonce, key, None)


def unseal(wrapping_key: bytes, sealed: bytes) -> bytes | None:
    """Return a sealed key; None where it was sealed by a different one."""
    try:
        return AESGCM(wrapping_key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    except InvalidTag:
        return None


def _opened(wrapping_key: bytes, sealed: bytes, refusal: str) -> bytes:
    key = unseal(wrapping_key, sealed)
    if key is None:
        raise AccessDenied(refusal)
    return key


def _stretched(secret: str, salt: bytes) -> bytes:
    return hash_secret_raw(secret.encode(), salt, hash_len=KEY_BYTES, type=Type.ID, **_ARGON2)


def _of_code(code: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"azukari recovery code").derive(code.encode())
