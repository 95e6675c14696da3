"""How sizes and instants read, in both languages, and that no page asks for a text there is not."""

from __future__ import annotations

import importlib
import pkgutil
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from admin_web import words
from core import messages, texts
from tests.unit.admin_web.cast import Site

ROOT = Path(__file__).resolve().parents[3] / "admin_web"
MODULES: list[dict[str, tuple[str, str]]] = [
    importlib.import_module(f"core.texts.{one.name}").TEXTS for one in pkgutil.iter_modules(texts.__path__)
]
TEXTS = {name: words for module in MODULES for name, words in module.items() if name.startswith("web.")}
_PLACE = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KB"),
        (1536, "1.5 KB"),
        (1024**2 - 1, "1 MB"),
        (50 * 1024**3, "50 GB"),
        (100 * 1024**2, "100 MB"),
        (5 * 1024**4 + 1024**4 // 2, "5.5 TB"),
    ],
)
def test_r1_sizes_are_counted_in_units_of_1024(size_bytes: int, shown: str) -> None:
    assert words.size(size_bytes) == shown


@pytest.mark.parametrize(("language", "minute", "day"), [
    ("ja", "2026/04/01 00:05", "2026年4月1日"),
    ("en", "1 Apr 2026, 00:05", "1 April 2026"),
])  # fmt: skip
def test_instants_are_shown_in_tokyo_time(site: Site, language: str, minute: str, day: str) -> None:
    at = datetime(2026, 3, 31, 15, 5, tzinfo=UTC)
    with site.app.test_request_context(headers={"Accept-Language": language}):
        assert words.instant(at) == minute
        assert words.day(at) == day


@pytest.mark.parametrize("message_id", TEXTS)
def test_both_languages_mention_the_same_facts(message_id: str) -> None:
    japanese, english = TEXTS[message_id]
    assert set(_PLACE.findall(japanese)) == set(_PLACE.findall(english))
    assert japanese.strip() == japanese != ""
    assert english.strip() == english != ""


def test_every_text_a_page_asks_for_is_there() -> None:
    asked = set()
    for path in [*ROOT.rglob("*.py"), *ROOT.rglob("*.html")]:
        asked |= set(re.findall(r'\bt\(\s*["\'](web\.[\w.]+)["\'] *[,)]', path.read_text(encoding="utf-8")))
    assert [one for one in sorted(asked) if one not in TEXTS] == []
    assert len(asked) > 50


def test_every_text_of_the_pages_is_used_somewhere() -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in [*ROOT.rglob("*.py"), *ROOT.rglob("*.html")])
    beginnings = re.findall(r'["\'](web\.[\w.]+\.)["\'] ~|f["\'](web\.[\w.]+\.)\{', said)
    built = tuple(one or other for one, other in beginnings)
    unused = [one for one in TEXTS if f'"{one}"' not in said and f"'{one}'" not in said and not one.startswith(built)]
    assert unused == []


def test_no_text_is_told_twice() -> None:
    told = [name for module in MODULES for name in module]
    assert sorted(told) == sorted(set(told))
    assert all(messages.text(one, "ja", **dict.fromkeys(_PLACE.findall(TEXTS[one][0]), 1)) for one in TEXTS)
