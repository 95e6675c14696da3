"""The tool speaks the PC's language."""

from __future__ import annotations

import pytest

from agent.language import of_pc


@pytest.mark.parametrize(
    ("environ", "spoken"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "Japanese_Japan.932"}, "ja"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "ja_JP.UTF-8"}, "ja"),
    ],
)
def test_the_environment_says_which(environ: dict[str, str], spoken: str) -> None:
    assert of_pc(environ) == spoken


def test_without_a_word_from_the_environment_the_system_is_asked() -> None:
    assert of_pc({}) in ("ja", "en")
