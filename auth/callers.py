"""Who is calling."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a login is (DOMAIN, words)."""

    ADMINISTRATOR = "administrator"
    USER = "user"
    OPERATOR = "operator"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Caller:
    """A login that proved itself, from a device where it used one. States were read on this request."""

    contract_id: int
    login: int
    login_id: str
    role: Role
    device_id: str | None
