"""`azukari device …`."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from auth.identify import Identifier
from core.errors import AccessDenied, NotAuthenticated
from gateway.commands import devices, users
from tests.unit.gateway.commands.conftest import Shell


def _registered(shell: Shell) -> dict[str, str]:
    password = shell.done(users.app, "add", "sakura", "hanako")["password"]
    key = shell.done(devices.app, "issue", "hanako")["device_key"]
    document: dict[str, str] = shell.done(
        devices.app, "register", "hanako", key, "--name", "Hanako PC", "--password", password
    )
    return document


def _enters(shell: Shell, document: dict[str, str]) -> bool:
    try:
        Identifier(shell.database(), lambda *_: True).by_basic(document["dav_username"], document["dav_password"])
    except NotAuthenticated:
        return False
    return True


def test_r13_a_key_becomes_a_device_whose_password_opens_the_drive(shell: Shell) -> None:
    document = _registered(shell)
    assert set(document) == {"device_id", "dav_username", "dav_password", "dav_url"}
    assert document["dav_url"].endswith("/dav/")
    assert _enters(shell, document)


def test_r13_a_used_key_is_refused(shell: Shell) -> None:
    password = shell.done(users.app, "add", "sakura", "hanako")["password"]
    key = shell.done(devices.app, "issue", "hanako")["device_key"]
    shell.done(devices.app, "register", "hanako", key, "--name", "PC", "--password", password)
    again = shell.refused(devices.app, "register", "hanako", key, "--name", "PC 2", "--password", password)
    assert "Ask your administrator" in again.replace("\n", " ")


@pytest.mark.parametrize(("act", "enters_after"), [("lock", False), ("revoke", False)])
def test_r16_a_locked_or_revoked_device_is_out(shell: Shell, act: str, enters_after: bool) -> None:
    document = _registered(shell)
    shell.done(devices.app, act, document["device_id"], "--by", "sakura-admin", "--reason", "lost")
    assert _enters(shell, document) is enters_after


def test_r16_an_unlocked_device_is_in_again(shell: Shell) -> None:
    document = _registered(shell)
    shell.done(devices.app, "lock", document["device_id"])
    shell.done(devices.app, "unlock", document["device_id"])
    assert _enters(shell, document)


def test_a_revoked_device_stays_out_for_good(shell: Shell) -> None:
    document = _registered(shell)
    shell.done(devices.app, "revoke", document["device_id"])
    assert "new key" in shell.refused(devices.app, "unlock", document["device_id"])


def test_the_list_shows_the_device_with_who_changed_it_and_why(shell: Shell) -> None:
    document = _registered(shell)
    shell.done(devices.app, "lock", document["device_id"], "--by", "sakura-admin", "--reason", "lost")
    (listed,) = shell.done(devices.app, "list", "sakura")
    shown = {name: listed[name] for name in ("device_id", "login_id", "name", "state", "changed_by", "reason")}
    assert shown == {
        "device_id": document["device_id"],
        "login_id": "hanako",
        "name": "Hanako PC",
        "state": "locked",
        "changed_by": "sakura-admin",
        "reason": "lost",
    }


def test_unknown_devices_and_logins_are_refused(shell: Shell) -> None:
    assert "device dev-none" in shell.refused(devices.app, "lock", "dev-none")
    assert "login nobody" in shell.refused(devices.app, "issue", "nobody")


def test_r16_the_preview_locks_nothing_and_the_proof_names_who_asked(shell: Shell) -> None:
    document = _registered(shell)
    held = {"web_sessions": 0, "dav_locks": 0, "line_sessions": 0, "unlocked_secrets": 0}
    assert shell.done(devices.app, "lock", document["device_id"], "--preview") == held
    assert _enters(shell, document)
    shell.done(devices.app, "lock", document["device_id"], "--by", "desk", "--asked-by", "sakura-admin")
    proof = shell.done(devices.app, "proof", document["device_id"])
    assert (proof["state"], proof["done_by"], proof["asked_by"]) == ("locked", "desk", "sakura-admin")


def test_r13_a_certificate_is_written_for_its_owner_alone(shell: Shell, tmp_path: Path) -> None:
    document, out = _registered(shell), tmp_path / "hanako.p12"
    made = shell.done(devices.app, "certificate", document["device_id"], "--out", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    assert pkcs12.load_key_and_certificates(out.read_bytes(), made["password"].encode())[1] is not None


def test_r13_a_contract_binds_its_devices(shell: Shell) -> None:
    document = _registered(shell)
    assert shell.done(devices.app, "binding", "sakura", "certificate")["device_binding"] == "certificate"
    with pytest.raises(AccessDenied):
        _enters(shell, document)
    shell.done(devices.app, "binding", "sakura", "none")
    assert _enters(shell, document)


def test_r13_a_waiting_key_is_listed_and_taken_back(shell: Shell) -> None:
    password = shell.done(users.app, "add", "sakura", "hanako")["password"]
    issued = shell.done(devices.app, "issue", "hanako")
    (waiting,) = shell.done(devices.app, "keys", "sakura")
    assert (waiting["key_id"], waiting["login_id"]) == (issued["key_id"], "hanako")
    shell.done(devices.app, "withdraw", "sakura", issued["key_id"])
    assert shell.done(devices.app, "keys", "sakura") == []
    key = issued["device_key"]
    shell.refused(devices.app, "register", "hanako", key, "--name", "PC", "--password", password)
    assert "unused key" in shell.refused(devices.app, "withdraw", "sakura", issued["key_id"])
