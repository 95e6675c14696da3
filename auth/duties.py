"""Who administers what: a contract's administrator in their own contract, the staff in every one (R8, R13, R16)."""

from __future__ import annotations

from enum import StrEnum

from auth.callers import Caller, Role
from core.errors import AccessDenied


class Duty(StrEnum):
    """A kind of administration."""

    #: Users, groups, device keys, lines, settings and the access log of a contract.
    PEOPLE = "people"
    #: Locking a lost device: also the support desk, on request.
    LOCK_DEVICE = "lock device"
    #: Unlocking or revoking one: only the administrator.
    OPEN_DEVICE = "open device"
    #: Changing the contract's plan.
    PLAN = "plan"
    #: Signing up and ending contracts, bonuses, the catalogue.
    CONTRACTS = "contracts"


_WHO: dict[Duty, frozenset[Role]] = {
    Duty.PEOPLE: frozenset({Role.ADMINISTRATOR}),
    Duty.LOCK_DEVICE: frozenset({Role.ADMINISTRATOR, Role.SUPPORT}),
    Duty.OPEN_DEVICE: frozenset({Role.ADMINISTRATOR}),
    Duty.PLAN: frozenset({Role.ADMINISTRATOR, Role.OPERATOR}),
    Duty.CONTRACTS: frozenset({Role.OPERATOR}),
}
#: These act for every contract; an administrator for their own alone.
_STAFF = frozenset({Role.OPERATOR, Role.SUPPORT})


def require(caller: Caller, duty: Duty, contract_id: int) -> None:
    """Return where the caller has this duty towards a contract; else raise AccessDenied.

    The administrator of a contract that has ended only reads.
    """
    if caller.role not in _WHO[duty]:
        raise AccessDenied("access.denied", cause="role")
    if caller.role in _STAFF:
        return
    if caller.contract_id != contract_id:
        raise AccessDenied("access.denied", cause="contract.foreign")
    if not caller.active:
        raise AccessDenied("contract.ended")
