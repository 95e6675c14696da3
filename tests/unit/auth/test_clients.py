"""Which program is calling."""

from __future__ import annotations

import pytest

from auth.clients import is_phone, program

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/125.0 Safari/537.36 Edg/125.0"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Microsoft-WebDAV-MiniRedir/10.0.22631", "microsoft-webdav-miniredir on windows"),
        ("Microsoft-WebDAV-MiniRedir/11.0", "microsoft-webdav-miniredir on windows"),
        ("WebDAVFS/3.0.0 (03008000) Darwin/23.5.0 (arm64)", "webdavfs on macos"),
        ("davfs2/1.6.1 neon/0.32.5", "davfs2 on linux"),
        ("gvfs/1.50.3", "gvfs on linux"),
        ("rclone/v1.75.2", "rclone on unknown"),
        ("Cyberduck/8.9.0.41543 (Mac OS X/14.5) (aarch64)", "cyberduck on macos"),
        (EDGE, "edg on windows"),
        (IPHONE, "safari on ios"),
        ("", "unknown on unknown"),
        ("/", "unknown on unknown"),
    ],
)
def test_a_program_is_known_without_its_version(user_agent: str, name: str) -> None:
    assert program(user_agent) == name


def test_a_program_fits_its_column() -> None:
    assert len(program("x" * 10_000)) <= 64


@pytest.mark.parametrize(
    ("user_agent", "hint", "phone"),
    [
        (IPHONE, None, True),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/125.0 Mobile Safari/537.36", None, True),
        ("Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15", None, True),
        (EDGE, None, False),
        (EDGE, "?0", False),
        (EDGE, "?1", True),
        ("Microsoft-WebDAV-MiniRedir/10.0.22631", None, False),
        ("", None, False),
    ],
)
def test_r17_phones_and_tablets_are_known_by_what_they_say(user_agent: str, hint: str | None, phone: bool) -> None:
    assert is_phone(user_agent, hint) is phone
