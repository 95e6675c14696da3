"""`azukari token …`."""

from __future__ import annotations

import pytest

from auth import accesslog
from auth.accesslog import Query
from gateway.commands import devices, tokens, users
from quota import contracts
from tests.unit.gateway.commands.conftest import Shell


def _device(shell: Shell) -> str:
    password = shell.done(users.app, "add", "sakura", "hanako")["password"]
    key = shell.done(devices.app, "issue", "hanako")["device_key"]
    made = shell.done(devices.app, "register", "hanako", key, "--name", "server", "--password", password)
    return str(made["device_id"])


def test_a_token_is_made_for_a_device_listed_and_revoked(shell: Shell) -> None:
    device_id = _device(shell)
    scopes = ("--scope", "files:read", "--scope", "files:write")
    made = shell.done(tokens.app, "add", "hanako", "--name", "backup", *scopes, "--device", device_id)
    assert set(made) == {"token_id", "token", "expires_at"}
    (listed,) = shell.done(tokens.app, "list", "sakura")
    assert (listed["token_id"], listed["scopes"], listed["device_id"], listed["revoked"]) == (
        made["token_id"], "files:read files:write", device_id, False,
    )  # fmt: skip
    assert made["token"] not in str(listed)
    shell.done(tokens.app, "revoke", "sakura", made["token_id"])
    assert shell.done(tokens.app, "list", "sakura")[0]["revoked"] is True


def test_what_a_token_is_for_is_in_the_contracts_log(shell: Shell) -> None:
    shell.done(users.app, "add", "kaede", "kaede-admin", "--role", "administrator")
    made = shell.done(tokens.app, "add", "kaede-admin", "--name", "report", "--scope", "contract:read")
    with shell.database().reading() as tx:
        (entry,) = accesslog.search(tx, contracts.find(tx, "kaede"), Query(act="token.add"))
    assert made["token_id"] in entry.detail
    assert made["token"] not in entry.detail


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--scope", "files:all"), "files:all"),
        (("--scope", "contract:read"), "beyond what this login may do"),
        (("--scope", "files:read"), "registered device"),
        (("--scope", "files:read", "--device", "dev-none"), "nothing here by this name"),
        (("--scope", "files:read", "--days", "366"), "365"),
        (("--scope", "files:read", "--days", "0"), "365"),
    ],
)
def test_a_token_that_cannot_be_is_refused_with_its_reason(shell: Shell, words: tuple[str, ...], reason: str) -> None:
    shell.done(users.app, "add", "sakura", "hanako")
    assert reason in shell.refused(tokens.app, "add", "hanako", "--name", "backup", *words)
    assert shell.done(tokens.app, "list", "sakura") == []


def test_an_unknown_token_and_one_of_another_contract_are_not_revoked(shell: Shell) -> None:
    shell.done(users.app, "add", "kaede", "kaede-admin", "--role", "administrator")
    made = shell.done(tokens.app, "add", "kaede-admin", "--name", "report", "--scope", "contract:read")
    shell.refused(tokens.app, "revoke", "sakura", made["token_id"])
    shell.refused(tokens.app, "revoke", "kaede", "tok-none")
    assert shell.done(tokens.app, "list", "kaede")[0]["revoked"] is False
