"""Login passwords: argon2id, and the same cost whether or not the login exists (R19)."""

from __future__ import annotations

import base64
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core import baton

# RFC 9106 §4, second recommended option, with less memory: 19 MiB and two passes are OWASP's equivalent,
# and a gateway serves many logins at once.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a login password, with its salt and parameters."""
    return _hasher.hash(password)


def _nobodys() -> str:
    """Return a hash that no password has; made without hashing, so that the first stranger costs no more."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}${salt}${digest}"


_NOBODYS = _nobodys()


def password_matches(password_hash: str | None, password: str) -> bool:
    """Return True for the right password. None stands for an unknown login and costs the same."""
    baton.lay_down()  # slow on purpose
    try:
        return _hasher.verify(password_hash or _NOBODYS, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False
