"""The command that connects the drive, by platform."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent import mounting
from agent.mounting import Mount, mount_of
from core.errors import ToolFailed

URL = "http://127.0.0.1:8181/dav/"


def command_of(platform: str, *programs: str, is_root: bool = False) -> Mount:
    """Return hanako's mount on a platform that has these programs."""
    return mount_of(
        platform,
        URL,
        "hanako",
        "pw",
        find=lambda name: f"/usr/bin/{name}" if name in programs else None,
        folder=Path("drive"),
        is_root=is_root,
    )


def test_windows_takes_the_next_free_letter() -> None:
    assert command_of("win32").text == "net use '*' http://127.0.0.1:8181/dav/ pw /user:hanako"


def test_macos_mounts_as_finder_does() -> None:
    found = command_of("darwin")
    assert found.command[:2] == ("osascript", "-e")
    assert found.command[2] == f'mount volume "{URL}" as user name "hanako" with password "pw"'


def test_linux_prefers_gio_which_needs_no_root() -> None:
    found = command_of("linux", "gio", "gvfsd-dav", "mount.davfs")
    assert (found.text, found.answers) == ("gio mount dav://hanako@127.0.0.1:8181/dav/", "pw\n")


@pytest.mark.parametrize(("is_root", "first"), [(True, "mount"), (False, "sudo")])
def test_linux_has_davfs2_too(is_root: bool, first: str) -> None:
    found = command_of("linux", "mount.davfs", is_root=is_root)
    assert found.command[0] == first
    assert found.command[-4:] == ("-t", "davfs", URL, "drive")
    assert (found.answers, found.folder) == ("hanako\npw\n", Path("drive"))


def test_a_gio_that_knows_no_webdav_is_left_alone() -> None:
    assert command_of("linux", "gio", "mount.davfs").command[0] == "sudo"


def test_programs_are_found_that_nobody_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "gvfsd-test"
    program.touch(mode=0o755)
    monkeypatch.setattr(mounting, "_BEHIND", str(tmp_path))
    assert mounting.find_program("gvfsd-test") == str(program)
    assert mounting.find_program("gvfsd-none") is None


def test_a_linux_without_either_is_told_what_to_install() -> None:
    with pytest.raises(ToolFailed) as failed:
        command_of("linux")
    assert failed.value.message_id == "agent.no_mount_command"


def test_a_command_runs_with_its_answers_and_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "drive"
    script = f"import sys, pathlib; pathlib.Path({str(folder)!r}, 'said').write_text(sys.stdin.read())"
    Mount((sys.executable, "-c", script), "hanako\npw\n", folder).run()
    assert (folder / "said").read_text() == "hanako\npw\n"


@pytest.mark.parametrize("command", [(sys.executable, "-c", "exit(3)"), ("no-such-program-here",)])
def test_a_command_that_fails_is_said(command: tuple[str, ...]) -> None:
    with pytest.raises(ToolFailed) as failed:
        Mount(command).run()
    assert failed.value.message_id == "agent.mount_failed"
