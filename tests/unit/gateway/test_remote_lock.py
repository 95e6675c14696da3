"""Remote lock: everything of one device ends, and the proof of it (R16)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest

from auth import accesslog, devices, lines, secret_folders, sessions
from auth.access import FolderType, Grant, my_folder_root
from auth.accesslog import Query, append, entry_of
from auth.callers import Caller, DeviceState, Role
from auth.devices import RegisteredDevice
from auth.logins import add_login
from auth.presented import Presented
from auth.sessions import SessionPolicy
from core.errors import Conflict, NotFound
from db.engine import Transaction
from gateway import remote_lock
from gateway.remote_lock import NOTHING, Holdings, Order
from storage import locks
from tests.unit.world import Firm

ORDER = Order(by="desk", asked_by="sakura-admin", reason="電車に置き忘れ")


@pytest.fixture
def pair(firm: Firm) -> tuple[Caller, Caller]:
    """Return hanako on the device she will lose and on the one she keeps; each holds one of everything."""
    contract_id = firm.contract_id

    def settle(tx: Transaction) -> tuple[Caller, Caller]:
        add_login(tx, contract_id, 1, "hanako", Role.USER, "no hash", now=firm.clock())
        lost, kept = (_device(tx, firm, name) for name in ("lost", "kept"))
        return _caller(contract_id, lost), _caller(contract_id, kept)

    database = firm.fs.database
    callers = database.write(settle)
    secret_folders.create(database, callers[0], "a second secret", now=firm.clock())
    for caller in callers:
        secret_folders.unlock(database, caller, "a second secret", bytes(32), now=firm.clock())
        database.write(lambda tx, caller=caller: _hold(tx, firm, caller))  # type: ignore[misc]
    return callers


def _device(tx: Transaction, firm: Firm, name: str) -> RegisteredDevice:
    return devices.add_device(tx, firm.contract_id, 1, name, now=firm.clock())


def _caller(contract_id: int, device: RegisteredDevice) -> Caller:
    return Caller(contract_id, 1, "hanako", Role.USER, device.device_id, pro=True, address="192.0.2.7")


def _hold(tx: Transaction, firm: Firm, caller: Caller) -> None:
    sessions.open_session(tx, caller, now=firm.clock(), policy=SessionPolicy())
    grant = Grant(caller, FolderType.MY, my_folder_root(1), may_write=True)
    locks.acquire(
        tx.cursor, grant, (f"{caller.device_id}.txt",), infinite_depth=False, exclusive=True, owner_xml="",
        timeout_seconds=600, now_us=firm.clock.us,
    )  # fmt: skip
    line = lines.add_line(tx, firm.contract_id, f"line of {caller.device_id}", [], now=firm.clock())
    code = pyotp.TOTP(line.tool_secret).at(firm.clock())
    lines.open_session(
        tx, caller, line.line_id, code, Presented("192.0.2.7"), None, now=firm.clock(), valid_for=timedelta(hours=1)
    )
    append(tx.cursor, firm.contract_id, [entry_of(caller, "put", "/my/a", now=firm.clock())])


def _change(firm: Firm, device_id: str | None, state: DeviceState, *, now: datetime | None = None) -> Holdings:
    assert device_id is not None
    instant = now or firm.clock()
    return firm.fs.database.write(lambda tx: remote_lock.change(tx, device_id, state, ORDER, now=instant))


def _preview(firm: Firm, device_id: str | None) -> Holdings:
    assert device_id is not None
    with firm.fs.database.reading() as tx:
        return remote_lock.preview(tx, device_id)


def test_r16_the_preview_tells_what_would_end_and_ends_nothing(firm: Firm, pair: tuple[Caller, Caller]) -> None:
    lost, _ = pair
    for _ in range(2):
        assert _preview(firm, lost.device_id) == Holdings(
            web_sessions=1, dav_locks=1, line_sessions=1, unlocked_secrets=1
        )


@pytest.mark.parametrize("state", [DeviceState.LOCKED, DeviceState.REVOKED])
def test_r16_everything_the_device_holds_ends_and_another_device_notices_nothing(
    firm: Firm, pair: tuple[Caller, Caller], state: DeviceState
) -> None:
    lost, kept = pair
    assert _change(firm, lost.device_id, state) == Holdings(1, 1, 1, 1)
    assert _preview(firm, lost.device_id) == NOTHING
    assert _preview(firm, kept.device_id) == Holdings(1, 1, 1, 1)


def test_r16_only_unlocking_opens_the_device_again_and_brings_nothing_back(
    firm: Firm, pair: tuple[Caller, Caller]
) -> None:
    lost, _ = pair
    _change(firm, lost.device_id, DeviceState.LOCKED)
    assert _change(firm, lost.device_id, DeviceState.REGISTERED) == NOTHING
    assert _preview(firm, lost.device_id) == NOTHING


def test_r16_each_act_is_in_the_access_log_with_who_asked_and_who_did_it(
    firm: Firm, pair: tuple[Caller, Caller]
) -> None:
    lost, _ = pair
    for state in (DeviceState.LOCKED, DeviceState.REGISTERED, DeviceState.REVOKED):
        _change(firm, lost.device_id, state)
    with firm.fs.database.reading() as tx:
        acts = list(accesslog.search(tx, firm.contract_id, Query(login_id="desk", device_id=lost.device_id or "")))
    assert [entry.act for entry in acts] == ["device.lock", "device.unlock", "device.revoke"]
    assert acts[0].detail == '{"asked_by": "sakura-admin", "reason": "電車に置き忘れ"}'


def test_r16_the_proof_shows_the_last_access_before_and_the_first_refusal_after(
    firm: Firm, pair: tuple[Caller, Caller]
) -> None:
    lost, _ = pair
    assert lost.device_id is not None
    locked_at = firm.clock.advance(minutes=1)
    _change(firm, lost.device_id, DeviceState.LOCKED)
    for _ in range(2):
        firm.clock.advance(seconds=1)
        refusal = entry_of(lost, "sign-in", "/dav/my/", now=firm.clock(), result="device.locked")
        firm.fs.database.write(lambda tx, refusal=refusal: append(tx.cursor, firm.contract_id, [refusal]))  # type: ignore[misc]
    with firm.fs.database.reading() as tx:
        proof = remote_lock.proof(tx, lost.device_id)
    assert (proof.locked_at, proof.done_by, proof.asked_by) == (locked_at, "desk", "sakura-admin")
    assert (proof.state, proof.reason) == (DeviceState.LOCKED, "電車に置き忘れ")
    assert proof.last_access_before is not None
    assert (proof.last_access_before.act, proof.last_access_before.at) == ("put", locked_at - timedelta(minutes=1))
    assert proof.first_refusal_after is not None
    assert proof.first_refusal_after.at == locked_at + timedelta(seconds=1)


def test_a_device_that_was_never_locked_has_nothing_to_prove(firm: Firm, pair: tuple[Caller, Caller]) -> None:
    lost, _ = pair
    with firm.fs.database.reading() as tx:
        proof = remote_lock.proof(tx, lost.device_id or "")
    assert (proof.state, proof.locked_at, proof.last_access_before) == (DeviceState.REGISTERED, None, None)


def test_an_unknown_device_is_refused(firm: Firm) -> None:
    with pytest.raises(NotFound):
        _preview(firm, "dev-none")
    with pytest.raises(NotFound):
        _change(firm, "dev-none", DeviceState.LOCKED)


def test_a_refused_change_is_not_logged_as_done(firm: Firm, pair: tuple[Caller, Caller]) -> None:
    lost, _ = pair
    _change(firm, lost.device_id, DeviceState.REVOKED)
    with pytest.raises(Conflict):
        _change(firm, lost.device_id, DeviceState.REGISTERED)
    with firm.fs.database.reading() as tx:
        assert list(accesslog.search(tx, firm.contract_id, Query(act="device.unlock"))) == []
