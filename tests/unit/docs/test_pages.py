"""Links lead somewhere, both languages say the same, and what code refers to is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PAIRS = [
    (page, page.with_name(page.stem + ".ja.md")) for page in PAGES if page.with_name(page.stem + ".ja.md").exists()
]
_LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_REFERENCE = re.compile(r"docs/[A-Za-z0-9_./-]*[A-Za-z0-9]")
_RULE = re.compile(r"^\| (R\d+) \| (.+) \| (.+) \|$", re.MULTILINE)
#: How far a rule is in force, in both languages.
_STATES = {"In force": "有効", "In part": "一部", "Not yet": "未対応"}


def _name(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else ""


def _prose(page: Path) -> str:
    """Return a page without its examples."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = [title.replace("`", "").strip().lower() for _, title in _HEADING.findall(_prose(page))]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_relative_link_leads_to_a_page_and_a_heading_that_are_there(page: Path) -> None:
    broken = []
    for link in _LINK.findall(_prose(page)):
        path, _, anchor = link.partition("#")
        if "://" in path:
            continue
        target = (page.parent / unquote(path)).resolve() if path else page
        if not target.exists() or (anchor and unquote(anchor) not in _anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent.name in ("docs", "adr")], ids=_name)
def test_every_page_is_reached_from_the_table_of_contents(page: Path) -> None:
    contents = [ROOT / "docs" / "index.md", ROOT / "docs" / "adr" / "index.md"]
    listed = {(one.parent / link).resolve() for one in contents for link in _LINK.findall(_prose(one))}
    assert page.resolve() in {*listed, *(one.resolve() for one in contents)}


def test_there_are_pages_in_both_languages() -> None:
    assert {page.name for page, _ in PAIRS} == {"README.md", "agent.md", "mounting.md", "rules.md"}


@pytest.mark.parametrize(("english", "japanese"), PAIRS, ids=_name)
def test_both_languages_have_the_same_headings_links_and_tables(english: Path, japanese: Path) -> None:
    def shape(page: Path) -> tuple[list[int], int, int]:
        text = _prose(page)
        return [len(marks) for marks, _ in _HEADING.findall(text)], len(_LINK.findall(text)), text.count("\n|")

    assert shape(english) == shape(japanese)


@pytest.mark.parametrize(("english", "japanese"), PAIRS, ids=_name)
def test_both_languages_link_to_each_other(english: Path, japanese: Path) -> None:
    assert f"]({japanese.name})" in english.read_text(encoding="utf-8")
    assert f"]({english.name})" in japanese.read_text(encoding="utf-8")


def test_every_rule_stands_once_in_each_language_with_the_same_state() -> None:
    rules = _RULE.findall((ROOT / "docs" / "rules.md").read_text(encoding="utf-8"))
    japanese = _RULE.findall((ROOT / "docs" / "rules.ja.md").read_text(encoding="utf-8"))
    assert [number for number, _, _ in rules] == [f"R{number}" for number in range(1, 30)]
    assert [(number, _STATES[re.split("[:：]", state)[0]]) for number, _, state in rules] == [
        (number, re.split("[:：]", state)[0]) for number, _, state in japanese
    ]


def test_every_page_the_code_refers_to_is_there() -> None:
    listed = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=ROOT, capture_output=True, check=True)
    missing = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if name.startswith("tests/unit/docs/") or not path.is_file():
            continue
        for reference in _REFERENCE.findall(path.read_text(encoding="utf-8")):
            found = (ROOT / reference).exists() or any(ROOT.glob(f"{reference}-*.md"))
            missing += [] if found else [f"{name}: {reference}"]
    assert missing == []


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(page.name[:4]) for page in sorted((ROOT / "docs" / "adr").glob("0*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_readme_names_the_command_that_ci_calls() -> None:
    for name in ("README.md", "README.ja.md", ".ci/run"):
        assert "make test" in (ROOT / name).read_text(encoding="utf-8"), name
