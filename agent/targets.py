"""Where a backup goes."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from core.errors import ToolFailed

_FOLDER_TYPES = ("security", "my", "group")


def target_of(to: str, device_name: str, folder: Path) -> tuple[str, ...]:
    """Return the names below /dav of a backup's target.

    Without `to` it is the Security Folder, below this PC's name, so that two PCs' folders of one name stay apart.
    Raises ToolFailed for a path that begins elsewhere or leads upwards.
    """
    path = to or f"security/{_one_name(device_name)}/{_one_name(folder.resolve().name)}"
    names = tuple(unicodedata.normalize("NFC", name) for name in path.split("/") if name)
    if not names or names[0] not in _FOLDER_TYPES or not {".", ".."}.isdisjoint(names):
        raise ToolFailed("agent.bad_target", path=to)
    return names


def _one_name(text: str) -> str:
    return text.replace("/", "-").replace("\\", "-") or "-"
