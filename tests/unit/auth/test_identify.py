"""Who is calling: one statement for a device, and the same work for every login ID there might be."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from auth import devices, identify, logins, settings, totp
from auth.access import FolderType, authorize, visible_folders
from auth.callers import DeviceState
from auth.devices import Proofs, RegisteredDevice
from auth.passwords import hash_password, password_matches
from auth.presented import Presented, of_environ
from auth.settings import Binding, Settings
from core.errors import AccessDenied, DeviceRequired, LockedOut, NotAuthenticated
from core.signing import Signer, public_key_of
from db.tables import contracts
from db.tables import logins as logins_table
from tests.unit.auth.cast import HANAKO, OFFICE, PASSWORD, PC, SAKURA, Cast

FINDER = Presented(address=OFFICE, client="WebDAVFS/3.0.0 (03008000) Darwin/23.5.0 (arm64)")


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Return the list of password hashes that were checked slowly, as it grows."""
    seen: list[str | None] = []

    def counted(password_hash: str | None, password: str) -> bool:
        seen.append(password_hash)
        return password_matches(password_hash, password)

    monkeypatch.setattr(identify, "password_matches", counted)
    return seen


def _cause(call: Callable[[], object]) -> str:
    with pytest.raises(NotAuthenticated) as refused:
        call()
    assert refused.value.message_id == "not.authenticated"
    return refused.value.cause


def test_a_device_password_tells_who_device_line_and_contract_in_one_statement(
    cast: Cast, checks: list[str | None]
) -> None:
    device = cast.device("hanako")
    cast.line(SAKURA, "office", "192.0.2.0/24")
    identifier = cast.identifier("network")
    cast.database.probe.reset()
    caller = identifier.by_basic("hanako", device.dav_password, PC)
    assert len(cast.database.probe.own) == 1
    assert checks == []
    assert (caller.contract_id, caller.login, caller.login_id) == (SAKURA, HANAKO, "hanako")
    assert (caller.device_id, caller.address, caller.client) == (device.device_id, OFFICE, PC.client)
    assert caller.line.line_id is not None


def test_w6_a_domain_before_the_login_is_dropped(cast: Cast) -> None:
    device = cast.device("hanako")
    assert cast.identifier().by_basic("WORKGROUP\\hanako", device.dav_password).login_id == "hanako"


def test_r13_a_device_password_is_no_use_to_another_login(cast: Cast) -> None:
    device = cast.device("hanako")
    assert _cause(lambda: cast.identifier().by_basic("taro", device.dav_password)) == "device.of_other_login"


@pytest.mark.parametrize("state", [DeviceState.LOCKED, DeviceState.REVOKED])
def test_r16_a_closed_device_is_refused_from_its_next_request_on(cast: Cast, state: DeviceState) -> None:
    device, other = cast.device("hanako"), cast.device("hanako")
    identifier = cast.identifier()
    identifier.by_basic("hanako", device.dav_password)
    cast.database.write(
        lambda tx: devices.change_state(tx, device.device_id, state, by="admin", reason="lost", now=cast.clock())
    )
    assert _cause(lambda: identifier.by_basic("hanako", device.dav_password)) == f"device.{state}"
    assert identifier.by_basic("hanako", other.dav_password).device_id == other.device_id


def test_a_disabled_login_is_refused_from_its_next_request_on_also_where_its_password_is_remembered(
    cast: Cast, checks: list[str | None]
) -> None:
    cast.pro.clear()
    device, identifier = cast.device("hanako"), cast.identifier()
    identifier.by_basic("hanako", PASSWORD)
    cast.database.write(lambda tx: logins.set_enabled(tx, "hanako", False))
    assert _cause(lambda: identifier.by_basic("hanako", PASSWORD)) == "login.disabled"
    assert _cause(lambda: identifier.by_basic("hanako", device.dav_password)) == "login.disabled"
    assert len(checks) == 1


def test_r19_unknown_login_wrong_password_and_closed_login_look_and_cost_the_same(
    cast: Cast, checks: list[str | None]
) -> None:
    identifier = cast.identifier()
    cast.database.write(lambda tx: logins.set_enabled(tx, "taro", False))
    costs = []
    tried = [(login_id, "wrong") for login_id in ("hanako", "nobody", "nobody\0", "x" * 500, "\ud800")]
    for login_id, password in (*tried, ("taro", PASSWORD)):
        checks.clear()
        cast.database.probe.reset()
        with pytest.raises(NotAuthenticated) as refused:
            identifier.by_basic(login_id, password, PC)
        answer = (refused.value.message_id, refused.value.facts())
        costs.append((len(checks), len(cast.database.probe.own), answer))
    assert costs == [costs[0]] * 6
    assert costs[0][0] == 1


def test_r19_of_the_right_password_and_a_closed_login_nothing_more_is_told(
    cast: Cast, checks: list[str | None]
) -> None:
    cast.database.write(lambda tx: logins.set_enabled(tx, "hanako", False))
    assert _cause(lambda: cast.identifier().by_login("hanako", PASSWORD)) == "login.disabled"
    assert _cause(lambda: cast.identifier().by_login("taro", "wrong")) == "password.wrong"
    assert _cause(lambda: cast.identifier().by_login("nobody", "wrong")) == "login.unknown"
    assert len(checks) == 3


def test_r19_failed_guesses_lock_the_login_out_and_a_registered_device_stays_in(
    cast: Cast, checks: list[str | None]
) -> None:
    device, identifier = cast.device("hanako"), cast.identifier()
    for _ in range(5):
        assert _cause(lambda: identifier.by_login("hanako", "wrong", PC)) == "password.wrong"
    with pytest.raises(LockedOut) as refused:
        identifier.by_login("hanako", PASSWORD, PC)
    assert refused.value.retry_seconds == 30
    assert len(checks) == 5
    assert identifier.by_basic("hanako", device.dav_password, PC).login_id == "hanako"
    cast.clock.advance(seconds=30)
    assert identifier.by_login("hanako", PASSWORD, PC).login_id == "hanako"


def test_r19_the_password_alone_does_not_let_guessing_begin_anew_where_a_code_is_asked_for_too(cast: Cast) -> None:
    identifier, caller = cast.identifier(), cast.caller("hanako")
    secret = cast.database.write(lambda tx: totp.begin(tx, caller)).secret
    code = pyotp.TOTP(secret).at(cast.clock())
    cast.database.write(lambda tx: totp.confirm(tx, caller, code, now=cast.clock()))
    for _ in range(4):
        assert _cause(lambda: identifier.by_login("hanako", "wrong", PC)) == "password.wrong"
        identifier.by_login("hanako", PASSWORD, PC)
    assert _cause(lambda: identifier.by_login("hanako", "wrong", PC)) == "password.wrong"
    with pytest.raises(LockedOut):
        identifier.by_login("hanako", PASSWORD, PC)


def test_r12_without_pro_the_login_password_opens_my_folder(cast: Cast) -> None:
    cast.pro.clear()
    caller = cast.identifier().by_basic("hanako", PASSWORD)
    assert authorize(caller, FolderType.MY).may_write


def test_r12_on_pro_the_login_password_opens_no_online_storage(cast: Cast) -> None:
    caller = cast.identifier().by_basic("hanako", PASSWORD)
    for folder in (FolderType.MY, FolderType.GROUP, FolderType.SECRET):
        with pytest.raises(DeviceRequired):
            authorize(caller, folder, folder_key=bytes(32))
    with pytest.raises(DeviceRequired):
        visible_folders(caller)


def test_r12_on_pro_a_registered_device_opens_my_folder_from_any_line(cast: Cast) -> None:
    device = cast.device("hanako")
    for address in (OFFICE, "203.0.113.9", "2001:db8::1", ""):
        caller = cast.identifier().by_basic("hanako", device.dav_password, Presented(address=address))
        assert authorize(caller, FolderType.MY).may_write


def test_a_plan_that_gains_pro_closes_the_login_password_at_once(cast: Cast) -> None:
    cast.pro.clear()
    identifier = cast.identifier()
    identifier.by_basic("hanako", PASSWORD)
    cast.pro.add(SAKURA)
    with pytest.raises(DeviceRequired):
        authorize(identifier.by_basic("hanako", PASSWORD), FolderType.MY)


def test_a_login_password_is_checked_slowly_once_in_five_minutes(cast: Cast, checks: list[str | None]) -> None:
    cast.pro.clear()
    identifier = cast.identifier()
    identifier.by_basic("hanako", PASSWORD)
    cast.clock.advance(seconds=299)
    identifier.by_basic("hanako", PASSWORD)
    assert len(checks) == 1
    cast.clock.advance(seconds=1)
    identifier.by_basic("hanako", PASSWORD)
    assert len(checks) == 2


def test_a_changed_password_is_not_remembered(cast: Cast) -> None:
    cast.pro.clear()
    identifier = cast.identifier()
    identifier.by_basic("hanako", PASSWORD)
    changed = hash_password("another one entirely")
    cast.database.write(
        lambda tx: tx.execute(
            update(logins_table).where(logins_table.c.login_id == "hanako").values(password_hash=changed)
        )
    )
    assert _cause(lambda: identifier.by_basic("hanako", PASSWORD)) == "password.wrong"
    assert identifier.by_basic("hanako", "another one entirely").login_id == "hanako"


def test_r9_of_an_ended_contract_only_the_administrator_gets_in_and_only_reads(cast: Cast) -> None:
    user, admin = cast.device("hanako"), cast.device("sakura-admin")
    cast.database.write(lambda tx: tx.execute(update(contracts).where(contracts.c.id == SAKURA).values(state="ended")))
    identifier = cast.identifier()
    assert _cause(lambda: identifier.by_basic("hanako", user.dav_password)) == "contract.ended"
    assert _cause(lambda: identifier.by_login("hanako", PASSWORD)) == "contract.ended"
    caller = identifier.by_basic("sakura-admin", admin.dav_password)
    assert not authorize(caller, FolderType.MY).may_write


TOOL_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def _signed_by(device: RegisteredDevice, cast: Cast, key: Ed25519PrivateKey = TOOL_KEY) -> Presented:
    """Return a request as the device's tool sends it, signed now."""
    pair = f"hanako:{device.dav_password}".encode()
    headers = Signer(device.device_id, key).sign(
        "PUT", "/dav/my/a", "", f"Basic {base64.b64encode(pair).decode()}", now=cast.clock()
    )
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return of_environ({"REQUEST_METHOD": "PUT", "PATH_INFO": "/dav/my/a", "REMOTE_ADDR": OFFICE, **environ})


def test_r14_the_password_of_a_device_with_a_private_key_counts_only_on_requests_it_signed(cast: Cast) -> None:
    device, identifier = cast.device("hanako", Proofs(public_key=public_key_of(TOOL_KEY))), cast.identifier()
    shown = _signed_by(device, cast)
    assert identifier.by_basic("hanako", device.dav_password, shown).device_id == device.device_id
    assert _cause(lambda: identifier.by_basic("hanako", device.dav_password, PC)) == "signature.missing"
    stolen = _signed_by(device, cast, Ed25519PrivateKey.generate())
    assert _cause(lambda: identifier.by_basic("hanako", device.dav_password, stolen)) == "signature.wrong"
    cast.clock.advance(seconds=61)
    assert _cause(lambda: identifier.by_basic("hanako", device.dav_password, shown)) == "signature.late"


def test_r14_a_signature_costs_no_statement_of_its_own(cast: Cast) -> None:
    device, identifier = cast.device("hanako", Proofs(public_key=public_key_of(TOOL_KEY))), cast.identifier()
    shown = _signed_by(device, cast)
    cast.database.probe.reset()
    identifier.by_basic("hanako", device.dav_password, shown)
    assert len(cast.database.probe.own) == 1


def test_r16_a_locked_device_is_refused_however_well_it_signs(cast: Cast) -> None:
    device, identifier = cast.device("hanako", Proofs(public_key=public_key_of(TOOL_KEY))), cast.identifier()
    cast.database.write(
        lambda tx: devices.change_state(
            tx, device.device_id, DeviceState.LOCKED, by="sakura-admin", reason="lost", now=cast.clock()
        )
    )
    shown = _signed_by(device, cast)
    assert _cause(lambda: identifier.by_basic("hanako", device.dav_password, shown)) == "device.locked"


def _bound(cast: Cast, binding: Binding) -> None:
    cast.database.write(lambda tx: settings.write(tx, SAKURA, Settings(device_binding=binding)))


def test_r13_a_device_bound_to_its_client_is_refused_with_another(cast: Cast) -> None:
    device, identifier = cast.device("hanako"), cast.identifier()
    _bound(cast, Binding.CLIENT)
    identifier.by_basic("hanako", device.dav_password, PC)
    newer = Presented(address=OFFICE, client="Microsoft-WebDAV-MiniRedir/11.2")
    assert identifier.by_basic("hanako", device.dav_password, newer).device_id == device.device_id
    with pytest.raises(AccessDenied) as refused:
        identifier.by_basic("hanako", device.dav_password, FINDER)
    assert refused.value.message_id == "device.other_client"


def test_a_contract_without_binding_lets_every_client_in(cast: Cast) -> None:
    device, identifier = cast.device("hanako"), cast.identifier()
    for presented in (PC, FINDER):
        assert identifier.by_basic("hanako", device.dav_password, presented).device_id == device.device_id


def test_r13_a_device_bound_to_its_certificate_is_refused_without_it(cast: Cast) -> None:
    device = cast.device("hanako", Proofs(certificate_sha256="a" * 64))
    bare = cast.device("hanako")
    _bound(cast, Binding.CERTIFICATE)
    identifier = cast.identifier()
    shown = Presented(certificate_sha256="a" * 64)
    assert identifier.by_basic("hanako", device.dav_password, shown).device_id == device.device_id
    for password, presented in (
        (device.dav_password, PC),
        (device.dav_password, Presented(certificate_sha256="b" * 64)),
        (bare.dav_password, PC),
        (bare.dav_password, shown),
    ):
        with pytest.raises(AccessDenied) as refused:
            identifier.by_basic("hanako", password, presented)
        assert refused.value.message_id == "device.certificate_missing"


def test_a_remembered_login_costs_two_statements_beside_its_plan(cast: Cast) -> None:
    cast.pro.clear()
    identifier = cast.identifier()
    identifier.by_basic("hanako", PASSWORD)
    cast.clock.advance(minutes=1)
    cast.database.probe.reset()
    identifier.by_basic("hanako", PASSWORD)
    assert len(cast.database.probe.own) == 2
