"""Public pages in the API."""

from __future__ import annotations

import pytest

from tests.unit.admin_web.api.callers import Program, Programs


@pytest.fixture
def hanako(programs: Programs) -> Program:
    """Return hanako's program; she has a file."""
    programs.site.put("hanako", "plan.txt", b"the plan")
    return programs.of("hanako")


def test_a_page_is_published_listed_and_taken_away(programs: Programs, hanako: Program) -> None:
    answer = hanako.post("/publications", folder="my", names=["plan.txt"], title="The plan")
    assert answer.status_code == 201
    made = answer.json or {}
    assert (made["title"], made["login_id"], made["ended_at"]) == ("The plan", "hanako", None)
    page = made["address"].removeprefix("http://localhost")
    assert "the plan" in programs.site.browser().get(page).text
    (listed,) = hanako.read("/publications")["items"]
    assert listed["views"] == 1
    address = f"/publications/{made['publication_id']}"
    assert hanako.ask("DELETE", address).status_code == 204
    assert hanako.read(address)["ended_by"] == "hanako"
    assert programs.site.browser().get(page).status_code == 410


def test_without_a_title_a_page_has_the_name(hanako: Program) -> None:
    assert (hanako.post("/publications", folder="my", names=["plan.txt"]).json or {})["title"] == "plan.txt"


def test_another_login_finds_nothing_and_the_administrator_does(programs: Programs, hanako: Program) -> None:
    made = hanako.post("/publications", folder="my", names=["plan.txt"]).json or {}
    address = f"/publications/{made['publication_id']}"
    for login in ("taro", "momiji-admin"):
        assert programs.of(login).get(address).status_code == 404
        assert programs.of(login).ask("DELETE", address).status_code == 404
    assert programs.of("sakura-admin").ask("DELETE", address).status_code == 204


def test_what_is_gone_or_mixed_is_refused(hanako: Program) -> None:
    assert hanako.post("/publications", folder="my", names=["gone"]).status_code == 404
    assert hanako.post("/publications", folder="my", names=[]).status_code == 400
