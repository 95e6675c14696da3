"""The help page says of every refusal what it means and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from admin_web import help
from core import errors, messages
from core.errors import GatewayError
from tests.unit.admin_web.cast import Site

ROOT = Path(__file__).resolve().parents[3]
_REASON = re.compile(r'AccessDenied\(\s*"([a-z_.]+)"')


def _codes() -> set[str]:
    return {code for codes in help.refusals().values() for code in codes}


def test_every_error_of_the_tree_is_explained() -> None:
    tree = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, GatewayError)]
    assert {one.message_id for one in tree} - _codes() == set()
    assert len(tree) > 25


def test_every_reason_why_somebody_may_not_is_explained() -> None:
    reasons = set()
    for package in ("admin_web", "auth", "gateway", "groupware", "providers", "quota", "sharing", "storage"):
        for path in (ROOT / package).rglob("*.py"):
            reasons |= set(_REASON.findall(path.read_text(encoding="utf-8")))
    assert reasons - _codes() == set()
    assert len(reasons) > 10


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_page_has_an_entry_for_each_in_both_languages(site: Site, language: str) -> None:
    page = site.browser(**{"Accept-Language": language}).get("/help/").text
    for code in _codes():
        assert f'<dt id="{code}">' in page
    assert "{" not in page.partition('id="answers"')[2].partition("</main>")[0]


def test_a_refusal_leads_to_its_entry(site: Site) -> None:
    assert 'href="/help/#not.found"' in site.at_work("hanako").get("/files/none").text


def test_each_number_holds_what_comes_with_it() -> None:
    found = help.refusals()
    assert tuple(found) == help.NUMBERS
    assert "quota.exceeded" in found[507]
    assert "locked" in found[423]
    assert "line.tool_missing" in found[403]
    assert "precondition.failed" in found[412]
    assert "locked.out" in found[429]
