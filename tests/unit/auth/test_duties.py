"""Who administers what, every cell stated (R8, R13, R16)."""

from __future__ import annotations

import pytest

from auth.callers import Caller, Role
from auth.duties import Duty, require
from core.errors import AccessDenied

OWN, FOREIGN, SERVICE = 1, 2, 0
#: For each duty: who has it towards their own contract (staff: any), and towards a foreign one.
MATRIX = {
    Duty.PEOPLE: ({Role.ADMINISTRATOR}, set()),
    Duty.LOCK_DEVICE: ({Role.ADMINISTRATOR, Role.SUPPORT}, {Role.SUPPORT}),
    Duty.OPEN_DEVICE: ({Role.ADMINISTRATOR}, set()),
    Duty.PLAN: ({Role.ADMINISTRATOR, Role.OPERATOR}, {Role.OPERATOR}),
    Duty.CONTRACTS: ({Role.OPERATOR}, {Role.OPERATOR}),
}


def _caller(role: Role, *, active: bool = True) -> Caller:
    contract_id = SERVICE if role in (Role.OPERATOR, Role.SUPPORT) else OWN
    return Caller(contract_id, 1, "someone", role, None, active=active)


def _has(caller: Caller, duty: Duty, contract_id: int) -> bool:
    try:
        require(caller, duty, contract_id)
    except AccessDenied:
        return False
    return True


@pytest.mark.parametrize("duty", Duty)
def test_r16_each_duty_is_had_by_whom_the_matrix_says_and_nobody_else(duty: Duty) -> None:
    own, foreign = MATRIX[duty]
    assert {role for role in Role if _has(_caller(role), duty, OWN)} == own
    assert {role for role in Role if _has(_caller(role), duty, FOREIGN)} == foreign


def test_r9_the_administrator_of_an_ended_contract_only_reads() -> None:
    with pytest.raises(AccessDenied) as refused:
        require(_caller(Role.ADMINISTRATOR, active=False), Duty.PEOPLE, OWN)
    assert refused.value.message_id == "contract.ended"
