"""`azukari user …` and `azukari group …`."""

from __future__ import annotations

import pyotp
import pytest

from auth import accesslog, logins, totp
from auth.access import my_folder_root
from auth.accesslog import Query
from auth.callers import Caller, Role
from auth.identify import Identifier
from core import clock
from core.errors import NotAuthenticated
from gateway.commands import devices, groups, lines, users
from quota import contracts
from storage import nodes
from tests.unit.gateway.commands.conftest import Shell


def test_a_new_user_gets_a_password_that_lets_them_in(shell: Shell) -> None:
    added = shell.done(users.app, "add", "kaede", "aoi")
    assert set(added) == {"login_id", "password"}
    caller = Identifier(shell.database(), lambda *_: False).by_basic("aoi", added["password"])
    assert (caller.login_id, caller.role) == ("aoi", Role.USER)


def test_r22_a_new_user_has_their_my_folder_at_once(shell: Shell) -> None:
    added = shell.done(users.app, "add", "kaede", "aoi")
    database = shell.database()
    caller = Identifier(database, lambda *_: False).by_basic("aoi", added["password"])
    with database.reading() as tx:
        root = nodes.resolve(tx.cursor, caller.contract_id, my_folder_root(caller.login), ()).node
    assert root is not None
    assert root.is_collection


def test_the_list_shows_role_and_state(shell: Shell) -> None:
    shell.done(users.app, "add", "sakura", "sakura-admin", "--role", "administrator")
    shell.done(users.app, "add", "sakura", "hanako")
    shell.done(users.app, "disable", "hanako")
    listed = [(one["login_id"], one["role"], one["enabled"]) for one in shell.done(users.app, "list", "sakura")]
    assert listed == [("hanako", "user", False), ("sakura-admin", "administrator", True)]
    assert shell.done(users.app, "enable", "hanako") == {"login_id": "hanako", "enabled": True}


def test_staff_belong_to_the_services_own_contract(shell: Shell) -> None:
    shell.done(users.app, "add", "-", "operator", "--role", "operator")
    shell.done(users.app, "add", "-", "desk", "--role", "support")
    assert [one["role"] for one in shell.done(users.app, "list", "-")] == ["support", "operator"]


def test_staff_are_refused_in_a_customers_contract_and_users_in_the_services(shell: Shell) -> None:
    assert "operator and support" in shell.refused(users.app, "add", "sakura", "mole", "--role", "operator")
    assert "operator and support" in shell.refused(users.app, "add", "-", "mole", "--role", "user")


def test_a_taken_login_id_is_refused_even_from_another_contract(shell: Shell) -> None:
    shell.done(users.app, "add", "sakura", "hanako")
    assert "taken" in shell.refused(users.app, "add", "momiji", "hanako")


def test_an_unknown_contract_and_an_unknown_login_are_refused(shell: Shell) -> None:
    assert "contract nobody" in shell.refused(users.app, "add", "nobody", "hanako")
    assert "login nobody" in shell.refused(users.app, "disable", "nobody")


def test_r22_a_group_is_listed_with_who_reads_and_who_writes(shell: Shell) -> None:
    for login in ("hanako", "taro"):
        shell.done(users.app, "add", "sakura", login)
    added = shell.done(groups.app, "add", "sakura", "eigyo", "--write", "hanako", "--read", "taro")
    assert added == {"name": "eigyo", "read": ["taro"], "write": ["hanako"]}
    assert shell.done(groups.app, "list", "sakura") == [added]


def test_a_login_named_for_reading_and_writing_writes(shell: Shell) -> None:
    shell.done(users.app, "add", "sakura", "hanako")
    added = shell.done(groups.app, "add", "sakura", "eigyo", "--write", "hanako", "--read", "hanako")
    assert added == {"name": "eigyo", "read": [], "write": ["hanako"]}


def test_a_login_of_another_contract_cannot_be_a_member_and_nothing_is_created(shell: Shell) -> None:
    shell.done(users.app, "add", "momiji", "jiro")
    assert "login jiro" in shell.refused(groups.app, "add", "sakura", "eigyo", "--write", "jiro")
    assert shell.done(groups.app, "list", "sakura") == []


def test_a_membership_is_changed_and_ended(shell: Shell) -> None:
    shell.done(users.app, "add", "sakura", "hanako")
    shell.done(groups.app, "add", "sakura", "営業", "--write", "hanako")
    shell.done(groups.app, "member", "sakura", "営業", "hanako", "--access", "read")
    assert shell.done(groups.app, "list", "sakura") == [{"name": "営業", "read": ["hanako"], "write": []}]
    shell.done(groups.app, "member", "sakura", "営業", "hanako", "--access", "none")
    assert shell.done(groups.app, "list", "sakura") == [{"name": "営業", "read": [], "write": []}]


def test_a_new_password_replaces_the_old_one(shell: Shell) -> None:
    old = shell.done(users.app, "add", "kaede", "aoi")["password"]
    new = shell.done(users.app, "password", "aoi")["password"]
    identifier = Identifier(shell.database(), lambda *_: False)
    assert identifier.by_login("aoi", new).login_id == "aoi"
    with pytest.raises(NotAuthenticated):
        identifier.by_login("aoi", old)


def test_r15_an_authenticator_app_is_taken_away(shell: Shell) -> None:
    shell.done(users.app, "add", "sakura", "sakura-admin", "--role", "administrator")
    database = shell.database()
    with database.reading() as tx:
        known = logins.find(tx, "sakura-admin")
    admin = Caller(known.contract_id, known.number, "sakura-admin", Role.ADMINISTRATOR, None)
    secret, now = database.write(lambda tx: totp.begin(tx, admin)).secret, clock.now()
    database.write(lambda tx: totp.confirm(tx, admin, pyotp.TOTP(secret).at(now), now=now))
    shell.done(users.app, "remove-totp", "sakura-admin")
    with database.reading() as tx:
        assert not totp.is_enrolled(tx, admin)


def test_r21_administration_is_in_the_access_log(shell: Shell) -> None:
    shell.done(users.app, "add", "sakura", "hanako")
    shell.done(users.app, "disable", "hanako")
    shell.done(users.app, "enable", "hanako")
    shell.done(users.app, "password", "hanako")
    shell.done(groups.app, "add", "sakura", "eigyo")
    shell.done(groups.app, "member", "sakura", "eigyo", "hanako", "--access", "read")
    key_id = shell.done(devices.app, "issue", "hanako")["key_id"]
    line_id = shell.done(lines.app, "add", "sakura", "office")["line_id"]
    with shell.database().reading() as tx:
        entries = list(accesslog.search(tx, contracts.find(tx, "sakura"), Query(login_id="operator")))
    assert [(entry.act, entry.detail) for entry in entries] == [
        ("user.add", "hanako as user"),
        ("user.disable", "hanako"),
        ("user.enable", "hanako"),
        ("user.password", "hanako"),
        ("group.add", "eigyo"),
        ("group.member", "eigyo: hanako read"),
        ("device.issue", f"{key_id} for hanako"),
        ("line.add", f"{line_id} office"),
    ]
