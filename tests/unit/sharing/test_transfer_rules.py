"""Who may settle a transfer, and how much may be on its way; each bound from both sides (R26)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from auth.callers import Role
from core.errors import TransferRefused
from sharing.transfer_rules import (
    MAX_FILES,
    MAX_OPEN,
    State,
    Transfer,
    is_receiver,
    is_sender,
    require_open,
    require_sendable,
)
from tests.unit.sharing.post import caller_of
from tests.unit.world import NOON

ONE = Transfer(
    id="1", sender_id=1, sender="sakura", login=5, login_id="login5@1", receiver_id=2, receiver="momiji",
    addressee="login7@2", message="", source="my/a", files=1, size_bytes=1, state=State.SENT, sent_at=NOON,
    expires_at=NOON + timedelta(days=7), settled_at=None, settled_by="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("contract_id", "login", "role", "sender", "receiver"),
    [
        (1, 5, Role.USER, True, False),
        (1, 6, Role.USER, False, False),
        (1, 6, Role.ADMINISTRATOR, True, False),
        (2, 7, Role.USER, False, True),
        (2, 8, Role.USER, False, False),
        (2, 8, Role.ADMINISTRATOR, False, True),
        (3, 5, Role.ADMINISTRATOR, False, False),
    ],
)
def test_who_may_settle(contract_id: int, login: int, role: Role, sender: bool, receiver: bool) -> None:
    caller = caller_of(contract_id, login, role)
    assert (is_sender(caller, ONE), is_receiver(caller, ONE)) == (sender, receiver)


def test_a_transfer_is_open_until_the_instant_it_runs_out() -> None:
    require_open(ONE, ONE.expires_at - timedelta(microseconds=1))
    with pytest.raises(TransferRefused) as refused:
        require_open(ONE, ONE.expires_at)
    assert refused.value.message_id == "transfer.closed.expired"


@pytest.mark.parametrize(
    ("files", "size_bytes", "open_count", "open_bytes", "refusal"),
    [
        (MAX_FILES, 0, 0, 0, None),
        (MAX_FILES + 1, 0, 0, 0, "transfer.too_many_files"),
        (1, 0, MAX_OPEN - 1, 0, None),
        (1, 0, MAX_OPEN, 0, "transfer.too_many_open"),
        (1, 40, 1, 60, None),
        (1, 41, 1, 60, "transfer.too_much_open"),
    ],
)
def test_how_much_may_be_on_its_way(
    files: int, size_bytes: int, open_count: int, open_bytes: int, refusal: str | None
) -> None:
    facts = {"files": files, "size_bytes": size_bytes, "open_count": open_count, "open_bytes": open_bytes}
    if refusal is None:
        require_sendable(**facts, capacity_bytes=100)
        return
    with pytest.raises(TransferRefused) as refused:
        require_sendable(**facts, capacity_bytes=100)
    assert refused.value.message_id == refusal
