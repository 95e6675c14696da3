"""Who is calling, with what device and over which line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

#: contracts.state of a contract that has not ended.
ACTIVE = "active"


class Role(StrEnum):
    """What a login is (DOMAIN, words)."""

    ADMINISTRATOR = "administrator"
    USER = "user"
    OPERATOR = "operator"
    SUPPORT = "support"


class DeviceState(StrEnum):
    """What became of a registered device (R13)."""

    REGISTERED = "registered"
    LOCKED = "locked"
    REVOKED = "revoked"


class Proof(StrEnum):
    """The proofs of a line (R17)."""

    NETWORK = "network"
    EDGE = "edge"
    TOOL = "tool"


class LineProof(NamedTuple):
    """What is known of the caller's line, and which proof of it is missing; None: all that are asked for were given."""

    line_id: str | None
    missing: Proof | None


#: The contract has no line, so it has no Security Folder either.
NO_LINES = LineProof(None, None)


@dataclass(frozen=True, slots=True)
class Caller:
    """A login that proved itself, from a device where it used one. States were read on this request.

    `pro` tells the contract's plan where a decision needs it: for callers without a device, and for those whose
    line is proved. `address` and `client` are for the access log.
    """

    contract_id: int
    login: int
    login_id: str
    role: Role
    device_id: str | None
    pro: bool = False
    active: bool = True
    line: LineProof = NO_LINES
    on_phone: bool = False
    address: str = ""
    client: str = ""
