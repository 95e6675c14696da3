"""What is kept on a PC, and where."""

from __future__ import annotations

import dataclasses
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.core
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from agent.home import FILE, KEYRING, Home
from core.errors import ToolFailed
from tests.unit.agent.conftest import registration_of


class MemoryKeyring(KeyringBackend):
    """A keyring as a desktop has it."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring is half typed
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is held."""
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Hold it."""
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Let go of it."""
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


@pytest.fixture
def desktop() -> Iterator[MemoryKeyring]:
    """Return the keyring of a desktop."""
    before = keyring.get_keyring()
    held = MemoryKeyring()
    keyring.set_keyring(held)
    yield held
    keyring.set_keyring(before)


def files_of(home: Home) -> dict[str, str]:
    """Return every file that was written, with its text."""
    return {path.name: path.read_text() for path in home.folder.iterdir()}


def test_r14_secrets_go_into_the_keyring_and_into_no_file(desktop: MemoryKeyring, tmp_path: Path) -> None:
    home, known = Home(tmp_path), registration_of("https://gateway", "JBSWY3DPEHPK3PXP")
    assert home.save(known).secrets_in == KEYRING
    assert home.load() == known
    assert list(desktop.held) == [("azukari-agent", "dev-1")]
    written = "".join(files_of(home).values())
    for secret in (known.secrets.private_key, "dav-password", "local-password", "JBSWY3DPEHPK3PXP"):
        assert secret not in written


def test_without_a_keyring_secrets_are_in_a_file_for_its_owner_alone(home: Home) -> None:
    known = registration_of("https://gateway")
    assert home.save(known).secrets_in == FILE
    assert home.load().secrets == known.secrets
    assert set(files_of(home)) == {"agent.json", "agent-secrets.json"}
    if sys.platform != "win32":
        modes = {stat.S_IMODE(path.stat().st_mode) for path in home.folder.iterdir()}
        assert modes == {0o600}
        assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700


def test_r13_a_client_certificate_is_in_a_file_for_its_owner_alone_until_it_is_forgotten(home: Home) -> None:
    known = dataclasses.replace(registration_of("https://gateway"), certificate=b"\x30\x82sealed")
    home.save(known)
    assert home.load().certificate == known.certificate
    file = home.folder / "agent-certificate.p12"
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert home.save(dataclasses.replace(home.load(), line_id="line-2")).certificate == known.certificate
    home.forget()
    assert not file.exists()


def test_secrets_move_into_a_keyring_that_came_later(home: Home, tmp_path: Path) -> None:
    known = home.save(registration_of("https://gateway"))
    keyring.set_keyring(MemoryKeyring())
    assert home.save(known).secrets_in == KEYRING
    assert set(files_of(home)) == {"agent.json"}


def test_what_was_never_registered_is_said(home: Home) -> None:
    assert not home.is_registered()
    with pytest.raises(ToolFailed) as failed:
        home.load()
    assert failed.value.message_id == "agent.not_registered"


def test_settings_that_cannot_be_read_are_said(home: Home) -> None:
    home.save(registration_of("https://gateway"))
    (home.folder / "agent.json").write_text("{")
    with pytest.raises(ToolFailed) as failed:
        home.load()
    assert failed.value.message_id == "agent.settings_broken"


def test_a_secret_that_is_gone_is_said(desktop: MemoryKeyring, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.save(registration_of("https://gateway"))
    desktop.held.clear()
    with pytest.raises(ToolFailed) as failed:
        home.load()
    assert failed.value.message_id == "agent.secrets_gone"


def test_forgetting_leaves_nothing(desktop: MemoryKeyring, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.save(registration_of("https://gateway"))
    assert home.forget()
    assert (desktop.held, files_of(home)) == ({}, {})
    assert not home.forget()


def test_forgetting_works_where_settings_are_broken(home: Home) -> None:
    home.save(registration_of("https://gateway"))
    (home.folder / "agent.json").write_text("{")
    assert home.forget()
    assert files_of(home) == {}


def test_a_place_that_cannot_be_written_is_said_before_anything_is_used_up(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ToolFailed) as failed:
        Home(tmp_path / "file" / "config").require_writable()
    assert failed.value.message_id == "agent.cannot_write"
