"""In which language the tool speaks: the PC's."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping


def of_pc(environ: Mapping[str, str] = os.environ) -> str:
    """Return "ja" or "en": what the environment says first (POSIX order), else what the system says."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return _known(value)
    try:
        return _known(locale.getlocale()[0] or "")
    except ValueError:  # a locale that Python does not know
        return "en"


def _known(name: str) -> str:
    # Windows says "Japanese_Japan", the others "ja_JP.UTF-8".
    return "ja" if name.lower().startswith("ja") else "en"
