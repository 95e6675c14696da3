"""Device keys: one key, one login, one device (R13)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from auth import devices
from auth.callers import DeviceState
from core.errors import AccessDenied, Conflict, InvalidInput, NotFound
from db.tables import devices as devices_table
from tests.unit.auth.cast import HANAKO, MOMIJI, SAKURA, Cast
from tests.unit.conftest import Opener


def _cause(cast: Cast, login_id: str, key: str) -> str:
    with pytest.raises(AccessDenied) as refused:
        cast.register(login_id, key)
    assert refused.value.message_id == "device.key_refused"
    assert refused.value.facts() == {}
    return refused.value.cause


def test_r13_a_key_is_grouped_and_has_no_character_that_is_mistaken_for_another(cast: Cast) -> None:
    key = cast.key("hanako")
    assert [len(group) for group in key.split("-")] == [5, 5, 5, 5, 5, 1]
    assert not set(key) & set("01ilo")


def test_r13_a_key_may_be_typed_in_capitals_and_with_spaces(cast: Cast) -> None:
    key = cast.key("hanako")
    assert cast.register("hanako", f" {key.upper().replace('-', ' ')}").dav_username == "hanako"


def test_r13_only_hashes_of_key_and_password_are_stored(cast: Cast) -> None:
    key = cast.key("hanako")
    password = cast.register("hanako", key).dav_password
    bare = key.replace("-", "")
    with cast.database.reading() as tx:
        for table in ("device_keys", "devices"):
            tx.cursor.execute(f"SELECT * FROM {table}")
            stored = str(tx.cursor.fetchall())
            assert bare not in stored
            assert password not in stored


def test_r13_a_used_key_is_refused_on_every_other_device(cast: Cast) -> None:
    key = cast.key("hanako")
    cast.register("hanako", key)
    assert _cause(cast, "hanako", key) == "device.key_used"


def test_r13_another_login_cannot_use_a_key_and_it_stays_good(cast: Cast) -> None:
    key = cast.key("hanako")
    for stranger in ("taro", "jiro"):
        assert _cause(cast, stranger, key) == "device.key_of_other_login"
    assert cast.register("hanako", key).dav_username == "hanako"


def test_r13_an_unused_key_expires_at_its_instant(cast: Cast) -> None:
    early, late = cast.key("hanako"), cast.key("hanako")
    cast.clock.advance(days=30, microseconds=-1)
    cast.register("hanako", early)
    cast.clock.advance(microseconds=1)
    assert _cause(cast, "hanako", late) == "device.key_expired"


def test_r13_a_key_that_was_taken_back_or_never_was_is_refused(cast: Cast) -> None:
    issued = cast.database.write(
        lambda tx: devices.issue_key(tx, "hanako", now=cast.clock(), valid_for=timedelta(days=1))
    )
    cast.database.write(lambda tx: devices.revoke_key(tx, SAKURA, issued.key_id))
    assert _cause(cast, "hanako", issued.device_key) == "device.key_revoked"
    assert _cause(cast, "hanako", "no-such-key") == "device.key_unknown"


def test_r13_every_refused_key_costs_the_same_statements(cast: Cast) -> None:
    used, locked = cast.key("hanako"), cast.key("hanako")
    cast.register("hanako", used)
    closed = cast.register("hanako", locked).device_id
    cast.database.write(
        lambda tx: devices.change_state(
            tx, closed, DeviceState.LOCKED, by="sakura-admin", reason="lost", now=cast.clock()
        )
    )
    costs = {}
    for login_id, key in (("hanako", used), ("hanako", locked), ("taro", used), ("jiro", used), ("hanako", "nobodys")):
        cast.database.probe.reset()
        costs[_cause(cast, login_id, key)] = len(cast.database.probe.own)
    assert set(costs) == {"device.key_used", "device.locked", "device.key_of_other_login", "device.key_unknown"}
    assert len(set(costs.values())) == 1, costs


def test_r13_the_administrator_sees_which_keys_wait_for_their_device(cast: Cast) -> None:
    used, issued_at = cast.key("hanako"), cast.clock()
    cast.key("taro")
    cast.key("jiro")
    cast.register("hanako", used)
    with cast.database.reading() as tx:
        (waiting,) = devices.list_keys(tx, SAKURA)
    assert (waiting.login_id, waiting.issued_at) == ("taro", issued_at)
    assert waiting.expires_at == issued_at + timedelta(days=30)
    with pytest.raises(NotFound):
        cast.database.write(lambda tx: devices.revoke_key(tx, MOMIJI, waiting.key_id))


def test_a_used_key_cannot_be_taken_back(cast: Cast) -> None:
    issued = cast.database.write(
        lambda tx: devices.issue_key(tx, "hanako", now=cast.clock(), valid_for=timedelta(days=1))
    )
    cast.register("hanako", issued.device_key)
    with pytest.raises(NotFound):
        cast.database.write(lambda tx: devices.revoke_key(tx, SAKURA, issued.key_id))


@pytest.mark.parametrize("state", [DeviceState.LOCKED, DeviceState.REVOKED])
def test_r16_entering_its_key_again_does_not_open_a_closed_device(cast: Cast, state: DeviceState) -> None:
    key = cast.key("hanako")
    device = cast.register("hanako", key)
    cast.database.write(
        lambda tx: devices.change_state(tx, device.device_id, state, by="admin", reason="", now=cast.clock())
    )
    assert _cause(cast, "hanako", key) == f"device.{state}"


def test_r13_a_login_may_hold_several_keys(cast: Cast) -> None:
    keys = [cast.key("hanako") for _ in range(3)]
    assert len({cast.register("hanako", key).device_id for key in keys}) == 3


def test_revoking_is_final(cast: Cast) -> None:
    device = cast.device("hanako")

    def change(state: DeviceState) -> None:
        cast.database.write(
            lambda tx: devices.change_state(tx, device.device_id, state, by="admin", reason="", now=cast.clock())
        )

    change(DeviceState.REVOKED)
    change(DeviceState.REVOKED)
    for state in (DeviceState.REGISTERED, DeviceState.LOCKED):
        with pytest.raises(Conflict):
            change(state)


@pytest.mark.parametrize(
    ("name", "kept"), [("x", True), ("ｘ" * 128, True), ("x" * 129, False), (" ", False), ("a\nb", False)]
)
def test_a_device_name_is_printable_and_short(cast: Cast, name: str, kept: bool) -> None:
    if kept:
        assert devices.device_name(f" {name} ") == name
    else:
        with pytest.raises(InvalidInput):
            devices.device_name(name)


def _race(cast: Cast, open_database: Opener, rounds: int) -> None:
    """Let two connections enter each key at once; exactly one wins each time."""
    contestants = [open_database(), open_database()]
    barrier = threading.Barrier(2)
    now, day = cast.clock(), timedelta(days=1)
    keys = cast.database.write(
        lambda tx: [devices.issue_key(tx, "hanako", now=now, valid_for=day).device_key for _ in range(rounds)]
    )

    def enter(at: int) -> list[bool]:
        outcomes = []
        for key in keys:
            barrier.wait()
            try:
                contestants[at].write(
                    lambda tx, key=key: devices.register(tx, SAKURA, HANAKO, key, f"PC {at}", now=cast.clock())  # type: ignore[misc]
                )
            except AccessDenied:
                outcomes.append(False)
            else:
                outcomes.append(True)
        return outcomes

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(enter, (0, 1))
    assert [a + b for a, b in zip(first, second, strict=True)] == [1] * rounds
    with cast.database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(devices_table)).scalar_one() == rounds


def test_r13_of_two_devices_racing_for_a_key_exactly_one_wins(cast: Cast, open_database: Opener) -> None:
    _race(cast, open_database, 20)


@pytest.mark.slow
def test_r13_of_two_devices_racing_for_a_key_exactly_one_wins_a_thousand_times(
    cast: Cast, open_database: Opener
) -> None:
    _race(cast, open_database, 1000)
