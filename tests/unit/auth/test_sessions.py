"""Web sessions: in SQL, ended by logout, idleness, a lock and a changed password."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auth import devices, logins, sessions
from auth.access import FolderType, authorize
from auth.callers import Caller, DeviceState
from auth.devices import Proofs
from auth.identify import Identifier
from auth.sessions import SessionPolicy, device_of_cookie
from core.errors import DeviceRequired, NotAuthenticated
from core.ids import secret_hash
from tests.unit.auth.cast import HANAKO, PC, SAKURA, Cast

POLICY = SessionPolicy()


def _open(cast: Cast, login_id: str = "hanako", device_id: str | None = None) -> str:
    caller = cast.caller(login_id, device_id)
    return cast.database.write(lambda tx: sessions.open_session(tx, caller, now=cast.clock(), policy=POLICY))


def _caller(cast: Cast, secret: str, identifier: Identifier | None = None) -> Caller:
    return (identifier or cast.identifier()).by_session(secret, PC, POLICY)


def _cause(call: Callable[[], object]) -> str:
    with pytest.raises(NotAuthenticated) as refused:
        call()
    return refused.value.cause


def _change(cast: Cast, device_id: str, state: DeviceState) -> None:
    cast.database.write(lambda tx: devices.change_state(tx, device_id, state, by="a", reason="", now=cast.clock()))


def test_a_session_is_found_by_its_cookie_in_one_statement(cast: Cast) -> None:
    secret, identifier = _open(cast), cast.identifier()
    cast.database.probe.reset()
    caller = _caller(cast, secret, identifier)
    assert len(cast.database.probe.own) == 1
    assert (caller.contract_id, caller.login, caller.device_id, caller.pro) == (SAKURA, HANAKO, None, True)
    assert _cause(lambda: _caller(cast, "guessed")) == "session.ended"


def test_a_session_ends_at_logout_and_others_go_on(cast: Cast) -> None:
    first, second = _open(cast), _open(cast)
    cast.database.write(lambda tx: sessions.end(tx, SAKURA, first))
    assert _cause(lambda: _caller(cast, first)) == "session.ended"
    assert _caller(cast, second).login_id == "hanako"


def test_a_session_ends_after_half_an_hour_without_request(cast: Cast) -> None:
    secret = _open(cast)
    for _ in range(3):
        cast.clock.advance(minutes=29)
        _caller(cast, secret)
    cast.clock.advance(minutes=30)
    assert _cause(lambda: _caller(cast, secret)) == "session.ended"


def test_a_session_lives_twelve_hours_at_most(cast: Cast) -> None:
    secret = _open(cast)
    for _ in range(28):
        cast.clock.advance(minutes=25)
        _caller(cast, secret)
    cast.clock.advance(minutes=20, microseconds=-1)
    _caller(cast, secret)
    cast.clock.advance(microseconds=1)
    assert _cause(lambda: _caller(cast, secret)) == "session.ended"


def test_a_session_in_use_is_written_down_once_a_minute(cast: Cast) -> None:
    secret, identifier = _open(cast), cast.identifier()
    counts = []
    for seconds in (59, 1, 30):
        cast.clock.advance(seconds=seconds)
        cast.database.probe.reset()
        _caller(cast, secret, identifier)
        counts.append(len(cast.database.probe.own))
    assert counts == [1, 2, 1]


def test_a_changed_password_ends_all_sessions_of_the_login(cast: Cast) -> None:
    own, others = _open(cast), _open(cast, "taro")
    cast.database.write(lambda tx: logins.set_password(tx, SAKURA, HANAKO, "a hash"))
    assert _cause(lambda: _caller(cast, own)) == "session.ended"
    assert _caller(cast, others).login_id == "taro"


def test_a_disabled_login_is_out_of_its_session_at_once(cast: Cast) -> None:
    secret = _open(cast)
    cast.database.write(lambda tx: logins.set_enabled(tx, "hanako", False))
    assert _cause(lambda: _caller(cast, secret)) == "login.disabled"


def test_r16_a_locked_device_is_out_of_its_session_at_once_and_others_notice_nothing(cast: Cast) -> None:
    lost, kept = cast.device("hanako"), cast.device("hanako")
    lost_session, kept_session = _open(cast, device_id=lost.device_id), _open(cast, device_id=kept.device_id)
    _change(cast, lost.device_id, DeviceState.LOCKED)
    assert _cause(lambda: _caller(cast, lost_session)) == "device.locked"
    assert _caller(cast, kept_session).device_id == kept.device_id
    assert cast.database.write(lambda tx: sessions.end_all(tx, SAKURA, device_id=lost.device_id)) == 1
    _change(cast, lost.device_id, DeviceState.REGISTERED)
    assert _cause(lambda: _caller(cast, lost_session)) == "session.ended"


def test_r14_a_browser_is_a_device_by_its_cookie_and_only_for_its_login(cast: Cast) -> None:
    device = cast.device("hanako", Proofs(cookie_hash=secret_hash("cookie of hanakos browser")))
    with cast.database.reading() as tx:
        found = device_of_cookie(tx, cast.caller("hanako"), "cookie of hanakos browser")
        assert found == device.device_id
        assert device_of_cookie(tx, cast.caller("taro"), "cookie of hanakos browser") is None
        assert device_of_cookie(tx, cast.caller("hanako"), "another") is None
    _change(cast, device.device_id, DeviceState.LOCKED)
    with cast.database.reading() as tx, pytest.raises(NotAuthenticated):
        device_of_cookie(tx, cast.caller("hanako"), "cookie of hanakos browser")


def test_r12_r15_on_pro_a_session_without_device_opens_no_storage_until_its_browser_is_registered(cast: Cast) -> None:
    secret = _open(cast)
    with pytest.raises(DeviceRequired):
        authorize(_caller(cast, secret), FolderType.MY)
    device = cast.device("hanako")
    cast.database.write(lambda tx: sessions.attach_device(tx, SAKURA, secret, device.device_id))
    assert authorize(_caller(cast, secret), FolderType.MY).may_write


def test_r16_a_running_transfer_learns_that_its_device_was_locked_in_one_statement(cast: Cast) -> None:
    device, identifier = cast.device("hanako"), cast.identifier()
    caller = identifier.by_basic("hanako", device.dav_password, PC)
    cast.database.probe.reset()
    identifier.require_still_open(caller)
    assert len(cast.database.probe.own) == 1
    _change(cast, device.device_id, DeviceState.LOCKED)
    assert _cause(lambda: identifier.require_still_open(caller)) == "device.locked"


def test_a_running_transfer_learns_that_its_login_was_disabled(cast: Cast) -> None:
    identifier = cast.identifier()
    caller = cast.caller("hanako")
    identifier.require_still_open(caller)
    cast.database.write(lambda tx: logins.set_enabled(tx, "hanako", False))
    assert _cause(lambda: identifier.require_still_open(caller)) == "login.disabled"
