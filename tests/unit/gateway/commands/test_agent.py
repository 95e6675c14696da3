"""`azukari agent …` as it is typed; what it does is held by tests/agent against the running product."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail
from typer.testing import CliRunner, Result

from gateway.commands.agent import app
from tests.unit.agent.upstream_server import Reply, upstream

MADE = {"device_id": "dev-7", "dav_username": "hanako", "dav_password": "dav-secret", "dav_url": "http://x/dav/"}


@pytest.fixture(autouse=True)
def pc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the settings' folder of an English-speaking PC without a keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]  # keyring is half typed
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    yield tmp_path / "azukari"
    keyring.set_keyring(before)


def type_in(*args: str, typed: str | None = None) -> Result:
    """Run a command and return how it ended."""
    return CliRunner().invoke(app, args, input=typed)


def register(url: str, *args: str, typed: str | None = None) -> Result:
    """Register this PC."""
    return type_in("register", "--url", url, "--login", "hanako", "--key", "k", "--name", "PC", *args, typed=typed)


@pytest.mark.parametrize(
    "command", [["serve"], ["mount"], ["status"], ["backup", "."], ["line", "set", "line-1", "JBSWY3DP"]]
)
def test_every_command_needs_a_registered_pc(command: list[str]) -> None:
    done = type_in(*command)
    assert done.exit_code == 1
    assert "azukari agent register" in done.stderr


def test_the_pcs_language_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert "まだ登録されていません" in type_in("status").stderr


def test_the_password_is_asked_for_and_not_shown(pc: Path) -> None:
    with upstream(lambda _: Reply(201, {}, json.dumps(MADE).encode())) as server:
        done = register(server.url, typed="pass word\n")
    assert done.exit_code == 0
    assert json.loads(server.arrived[0].body or b"")["password"] == "pass word"
    assert "pass word" not in done.output
    assert str(pc) in done.stderr  # no keyring here: it is said where the key is


def test_no_secret_is_printed_by_registering(pc: Path) -> None:
    with upstream(lambda _: Reply(201, {}, json.dumps(MADE).encode())) as server:
        done = register(server.url, "--password", "pw", "--json")
    assert json.loads(done.stdout) == {
        "base_url": server.url,
        "login_id": "hanako",
        "device_id": "dev-7",
        "device_name": "PC",
        "line_id": "",
        "secrets_in": "file",
    }
    assert register(server.url, "--password", "pw").exit_code == 1


def test_a_lines_secret_is_checked_and_kept(pc: Path) -> None:
    with upstream(lambda _: Reply(201, {}, json.dumps(MADE).encode())) as server:
        register(server.url, "--password", "pw")
    assert type_in("line", "set", "line-1", "not a secret").exit_code == 1
    assert type_in("line", "set", "line-1", "JBSWY3DPEHPK3PXP" * 2).exit_code == 0
    assert json.loads((pc / "agent.json").read_text())["line_id"] == "line-1"
    assert "JBSWY3DPEHPK3PXP" not in (pc / "agent.json").read_text()


def test_forgetting_twice_is_no_error(pc: Path) -> None:
    with upstream(lambda _: Reply(201, {}, json.dumps(MADE).encode())) as server:
        register(server.url, "--password", "pw")
    assert json.loads(type_in("forget", "--json").stdout) == {"forgotten": True}
    assert list(pc.iterdir()) == []
    assert json.loads(type_in("forget", "--json").stdout) == {"forgotten": False}
