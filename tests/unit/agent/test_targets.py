"""Where a backup goes."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from agent.targets import target_of
from core.errors import ToolFailed


def test_the_security_folder_keeps_two_pcs_apart(tmp_path: Path) -> None:
    folder = tmp_path / "書類"
    folder.mkdir()
    assert target_of("", "花子/PC", folder) == ("security", "花子-PC", "書類")


@pytest.mark.parametrize(
    ("to", "names"),
    [
        ("my/backup", ("my", "backup")),
        ("/my//backup/", ("my", "backup")),
        ("my", ("my",)),
        ("group/eigyo/x", ("group", "eigyo", "x")),
        ("my/" + unicodedata.normalize("NFD", "が"), ("my", "が")),
    ],
)
def test_a_path_leads_below_a_folder_type(to: str, names: tuple[str, ...]) -> None:
    assert target_of(to, "PC", Path()) == names


@pytest.mark.parametrize("to", ["/", "elsewhere/x", "my/../security", "my/./x", "secret/x", "dav/my"])
def test_what_leads_elsewhere_is_refused(to: str) -> None:
    with pytest.raises(ToolFailed) as failed:
        target_of(to, "PC", Path())
    assert failed.value.message_id == "agent.bad_target"
