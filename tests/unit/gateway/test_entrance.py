"""Everything before a folder's door, wired from the configuration."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from auth import accesslog, devices, lines, settings
from auth.access import FolderType, authorize
from auth.accesslog import Entry, Query
from auth.callers import Role
from auth.lines import AddedLine
from auth.logins import add_login
from auth.passwords import hash_password
from auth.presented import Presented
from auth.settings import Binding, Settings
from core.config import Config, LinesConfig, LockoutConfig, ServerConfig
from core.errors import AccessDenied, LockedOut
from gateway import entrance as entrances
from gateway.entrance import Entrance, Registration
from tests.unit.world import Firm

PASSWORD = "correct horse battery staple"
SHOWN = Presented(address="192.0.2.7", client="rclone/v1.75")


@pytest.fixture
def entrance(firm: Firm) -> Entrance:
    """Return the entrance of a firm on PRO whose login is hanako."""
    password_hash = hash_password(PASSWORD)
    firm.fs.database.write(
        lambda tx: add_login(tx, firm.contract_id, 1, "hanako", Role.USER, password_hash, now=firm.clock())
    )
    config = Config(lockout=LockoutConfig(login_attempts=3), server=ServerConfig(trusted_proxies=("10.0.0.0/8",)))
    return entrances.build(config, firm.fs.database, lambda *_: True, clock=firm.clock)


def _key(firm: Firm) -> str:
    return firm.fs.database.write(
        lambda tx: devices.issue_key(tx, "hanako", now=firm.clock(), valid_for=timedelta(days=1))
    ).device_key


def _register(entrance: Entrance, key: str, password: str = PASSWORD) -> devices.RegisteredDevice:
    return _registration(entrance, key, password).device


def _registration(entrance: Entrance, key: str, password: str) -> Registration:
    return entrances.register_device(
        entrance, SHOWN, login_id="hanako", password=password, device_key=key, device_name="PC"
    )


def _logged(firm: Firm, entrance: Entrance) -> list[Entry]:
    entrance.recorder.flush()
    with firm.fs.database.reading() as tx:
        return list(accesslog.search(tx, firm.contract_id, Query()))


def test_r13_r21_a_registration_is_in_the_access_log(firm: Firm, entrance: Entrance) -> None:
    made = _register(entrance, _key(firm))
    (entry,) = _logged(firm, entrance)
    assert (entry.act, entry.result, entry.login_id, entry.address) == ("device.register", "ok", "hanako", "192.0.2.7")
    assert entry.detail == f"{made.device_id} PC"


def test_r13_r21_refused_registrations_look_the_same_and_are_logged_with_their_own_reason(
    firm: Firm, entrance: Entrance
) -> None:
    key = _key(firm)
    _register(entrance, key)
    for tried in ((key, PASSWORD), ("no-such-key", PASSWORD), (key, "wrong")):
        with pytest.raises(AccessDenied) as refused:
            _register(entrance, *tried)
        assert refused.value.message_id == "device.key_refused"
    causes = {entry.result for entry in _logged(firm, entrance)}
    assert causes == {"ok", "device.key_used", "device.key_unknown", "password.wrong"}


def test_r13_where_the_contract_asks_for_certificates_a_new_device_gets_its_own(firm: Firm, entrance: Entrance) -> None:
    assert _registration(entrance, _key(firm), PASSWORD).certificate is None
    firm.fs.database.write(
        lambda tx: settings.write(tx, firm.contract_id, Settings(device_binding=Binding.CERTIFICATE))
    )
    made = _registration(entrance, _key(firm), PASSWORD)
    assert made.certificate is not None
    shown = Presented(certificate_sha256=made.certificate.sha256)
    found = entrance.identifier.by_basic("hanako", made.device.dav_password, shown)
    assert found.device_id == made.device.device_id


def test_r19_the_configuration_decides_when_a_login_is_locked_out(firm: Firm, entrance: Entrance) -> None:
    for _ in range(3):
        with pytest.raises(AccessDenied):
            _register(entrance, "key", "wrong")
    with pytest.raises(LockedOut):
        _register(entrance, "key", PASSWORD)


def test_r17_the_clients_address_is_taken_from_trusted_proxies_alone(entrance: Entrance) -> None:
    spoofed = {"REMOTE_ADDR": "203.0.113.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}
    assert entrance.presented(spoofed).address == "203.0.113.1"
    assert entrance.presented({**spoofed, "REMOTE_ADDR": "10.0.0.1"}).address == "192.0.2.7"


def _line(firm: Firm) -> AddedLine:
    return firm.fs.database.write(
        lambda tx: lines.add_line(tx, firm.contract_id, "office", ["192.0.2.0/24"], now=firm.clock())
    )


def test_r12_r17_the_tools_code_opens_the_security_folder_for_a_login_password(firm: Firm, entrance: Entrance) -> None:
    line = _line(firm)
    caller = entrance.identifier.by_basic("hanako", PASSWORD, SHOWN)
    with pytest.raises(AccessDenied) as refused:
        authorize(caller, FolderType.SECURITY)
    assert refused.value.message_id == "line.tool_missing"
    code = pyotp.TOTP(line.tool_secret).at(firm.clock())
    session = entrances.open_line(entrance, caller, SHOWN, line_id=line.line_id, code=code)
    shown = Presented(SHOWN.address, SHOWN.client, line_token=session.token)
    assert authorize(entrance.identifier.by_basic("hanako", PASSWORD, shown), FolderType.SECURITY).may_write
    assert [(entry.act, entry.result) for entry in _logged(firm, entrance)] == [("line.open", "ok")]


def test_r17_r19_guessing_codes_is_logged_and_slowed_down(firm: Firm, entrance: Entrance) -> None:
    line = _line(firm)
    caller = entrance.identifier.by_basic("hanako", PASSWORD, SHOWN)
    for _ in range(3):
        with pytest.raises(AccessDenied):
            entrances.open_line(entrance, caller, SHOWN, line_id=line.line_id, code="000000")
    with pytest.raises(LockedOut):
        entrances.open_line(entrance, caller, SHOWN, line_id=line.line_id, code="000000")
    assert [entry.result for entry in _logged(firm, entrance)] == ["line.code_refused"] * 3


def test_r17_a_code_shown_with_a_forged_edge_header_is_used_up(firm: Firm) -> None:
    config = Config(lines=LinesConfig(verifiers=("edge",), edge_keys={"carrier-1": "a long secret"}))
    made, line = entrances.build(config, firm.fs.database, lambda *_: True, clock=firm.clock), _line(firm)
    password_hash = hash_password(PASSWORD)
    firm.fs.database.write(
        lambda tx: add_login(tx, firm.contract_id, 1, "hanako", Role.USER, password_hash, now=firm.clock())
    )
    caller = made.identifier.by_basic("hanako", PASSWORD, SHOWN)
    code = pyotp.TOTP(line.tool_secret).at(firm.clock())
    for shown, cause in ((replace(SHOWN, edge="forged"), "line.edge_forged"), (SHOWN, "line.code_replayed")):
        with pytest.raises(AccessDenied) as refused:
            entrances.open_line(made, caller, shown, line_id=line.line_id, code=code)
        assert refused.value.cause == cause


def test_r17_the_carriers_keys_count_where_the_verifier_is_chosen(firm: Firm) -> None:
    keys = {"carrier-1": "a long secret"}
    for verifiers, counted in ((("network",), False), (("network", "edge"), True)):
        config = Config(lines=LinesConfig(verifiers=verifiers, edge_keys=keys))  # type: ignore[arg-type]
        made = entrances.build(config, firm.fs.database, lambda *_: True, clock=firm.clock)
        assert (made.edge_keys is not None) is counted
