"""The operator's contracts: signing up, plan, bonuses, limits, the end."""

from __future__ import annotations

import pytest

from auth import accesslog
from auth.accesslog import Query
from core.errors import NotFound
from quota import contracts, limits, standings
from quota.catalogue import GB_BYTES
from quota.standings import Standing
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def operator(site: Site) -> Browser:
    """Return the operator's browser."""
    return site.at_work("operator")


def test_the_operator_sees_every_contract_but_the_services_own(operator: Browser) -> None:
    assert operator.get("/").location == "/operator/"
    page = operator.get("/operator/").text
    for name, plan in (("sakura", "pro-50"), ("momiji", "pro-10"), ("kaede", "free-10")):
        assert f"/operator/contracts/{name}" in page
        assert plan in page
    assert 'contracts/-"' not in page
    assert operator.get("/operator/contracts/-").status_code == 404


def test_a_contract_is_signed_up_with_its_administrator(site: Site, operator: Browser) -> None:
    form = {"name": "tsubaki", "plan": "paid-25", "login_id": "tsubaki-admin"}
    page = operator.post("/operator/contracts", form).text
    password = page.partition('id="password">')[2].partition("<")[0]
    browser = site.browser()
    assert browser.sign_in("tsubaki-admin", password).status_code == 303
    assert "paid-25" in browser.get("/admin/").text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"name": "sakura"}, 409),
        ({"name": "Ä"}, 400),
        ({"plan": "none"}, 404),
        ({"name": ""}, 400),
        ({"login_id": "hanako"}, 409),
        ({"login_id": "a b"}, 400),
    ],
)
def test_a_sign_up_that_cannot_be_is_told_and_leaves_nothing_behind(
    site: Site, operator: Browser, form: dict[str, str], status: int
) -> None:
    whole = {"name": "tsubaki", "plan": "paid-25", "login_id": "tsubaki-admin", **form}
    answer = operator.post("/operator/contracts", whole)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    with site.parts.database.reading() as tx, pytest.raises(NotFound):
        contracts.find(tx, "tsubaki")


def test_r8_a_plan_change_is_recorded_with_its_channel(site: Site, operator: Browser) -> None:
    assert operator.post("/operator/contracts/sakura", {"plan": "pro-100", "channel": "shop"}).status_code == 303
    with site.parts.database.reading() as tx:
        last = contracts.history(tx, site.caller("hanako").contract_id).events[-1]
    assert (last.code, last.channel) == ("pro-100", "shop")
    assert "pro-100" in operator.get("/operator/contracts/sakura").text
    assert operator.post("/operator/contracts/sakura", {"plan": "pro-10", "channel": "fax"}).status_code == 400
    assert operator.post("/operator/contracts/none", {"plan": "pro-10", "channel": "web"}).status_code == 404


@pytest.mark.parametrize("login", ["sakura-admin", "hanako", "support"])
def test_the_operators_pages_are_there_for_nobody_else(site: Site, login: str) -> None:
    browser = site.at_work(login)
    for page in (
        "/operator/", "/operator/contracts/sakura", "/operator/contracts/sakura/end", "/operator/jobs",
        "/operator/plans", "/operator/statements", "/operator/statements/2026-03.csv", "/operator/health",
        "/operator/mails/", f"/operator/mails/{'0' * 32}", "/operator/lockouts/",
    ):  # fmt: skip
        assert browser.get(page).status_code == 404, page
    for address in ("contracts/sakura/bonus", "contracts/sakura/end", "contracts/sakura/limits", "statements"):
        assert browser.post(f"/operator/{address}", {"do": "add", "service": "members-club"}).status_code == 404
    assert browser.post("/operator/contracts/sakura", {"plan": "pro-100", "channel": "web"}).status_code == 404
    assert browser.post("/operator/contracts", {"name": "x", "plan": "pro-100"}).status_code == 404


def _standing(site: Site, login: str = "hanako") -> Standing:
    with site.parts.database.reading() as tx:
        return standings.standing(tx, site.caller(login).contract_id)


def _acts(site: Site, act: str) -> list[str]:
    with site.parts.database.reading() as tx:
        found = accesslog.search(tx, site.caller("hanako").contract_id, Query(act=act))
        return [f"{one.login_id}: {one.detail}" for one in found]


def test_a_contract_is_found_by_a_part_of_its_name(operator: Browser) -> None:
    page = operator.get("/operator/?q=KUR").text
    assert "/operator/contracts/sakura" in page
    assert "/operator/contracts/momiji" not in page
    assert "There is no such contract." in operator.get("/operator/?q=none").text


def test_a_change_may_have_taken_effect_in_the_past(site: Site) -> None:
    site.clock.advance(days=2)
    operator = site.at_work("operator")
    form = {"plan": "pro-100", "channel": "phone", "at": "2026-04-02T09:00"}
    assert operator.post("/operator/contracts/sakura", form).status_code == 303
    event = _standing(site).history.events[-1]
    assert event.effective_at.isoformat() == "2026-04-02T00:00:00+00:00"
    refused = operator.post("/operator/contracts/sakura", {**form, "at": "soon"})
    assert refused.status_code == 400
    assert 'role="alert"' in refused.text


def test_r5_a_bonus_is_added_and_removed(site: Site, operator: Browser) -> None:
    before = _standing(site).history.capacity_bytes(site.parts.catalogue, site.clock())
    form = {"service": "members-club"}
    assert operator.post("/operator/contracts/sakura/bonus", {**form, "do": "add"}).status_code == 303
    site.clock.advance(seconds=1)
    assert _standing(site).history.capacity_bytes(site.parts.catalogue, site.clock()) == before + 5 * GB_BYTES
    assert "members-club (held)" in operator.get("/operator/contracts/sakura").text
    assert operator.post("/operator/contracts/sakura/bonus", {**form, "do": "add"}).status_code == 303, "known already"
    assert operator.post("/operator/contracts/sakura/bonus", {**form, "do": "remove"}).status_code == 303
    site.clock.advance(seconds=1)
    assert _standing(site).history.capacity_bytes(site.parts.catalogue, site.clock()) == before
    assert _acts(site, "bonus.add") == ["operator: members-club"]
    assert _acts(site, "bonus.remove") == ["operator: members-club"]


@pytest.mark.parametrize(("service", "act", "status"), [("none", "add", 404), ("members-club", "burn", 400)])
def test_a_bonus_that_cannot_be_is_told(operator: Browser, service: str, act: str, status: int) -> None:
    answer = operator.post("/operator/contracts/sakura/bonus", {"service": service, "do": act})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text


def test_r9_the_end_is_previewed_and_confirmed(site: Site, operator: Browser) -> None:
    site.clock.advance(minutes=1)
    page = operator.get("/operator/contracts/sakura/end").text
    assert "300 yen" in page, "R2: the month in which it ends is charged"
    assert "1 Jun 2026, 00:00:00" in page, "R9: kept to the end of the next month"
    assert _standing(site).history.ended_at is None
    assert operator.post("/operator/contracts/sakura/end", {"at": ""}).status_code == 303
    assert _standing(site).history.ended_at == site.clock()
    assert _acts(site, "contract.end") == ["operator: "]
    shown = operator.get("/operator/contracts/sakura").text
    assert "The contract ends on" in shown
    assert "/operator/contracts/sakura/end" not in shown
    assert operator.get("/operator/contracts/sakura/end").status_code == 200
    assert operator.post("/operator/contracts/sakura/end", {"at": ""}).status_code == 409


def test_an_end_to_come_is_told_with_its_instant(site: Site, operator: Browser) -> None:
    assert "30 Apr 2026, 18:00:00" in operator.get("/operator/contracts/sakura/end?at=2026-04-30T18:00").text
    operator.post("/operator/contracts/sakura/end", {"at": "2026-04-30T18:00"})
    assert _standing(site).history.ended_at is not None
    assert "30 Apr 2026, 18:00:00" in operator.get("/operator/contracts/sakura").text
    assert site.at_work("hanako").get("/files/my").status_code == 200


@pytest.mark.parametrize("at", ["", "2026-03-01T09:00", "never"])
def test_a_contract_does_not_end_before_it_begins(site: Site, operator: Browser, at: str) -> None:
    for answer in (
        operator.get(f"/operator/contracts/sakura/end?at={at}"),
        operator.post("/operator/contracts/sakura/end", {"at": at}),
    ):
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
    assert _standing(site).history.ended_at is None


def test_r22_the_operator_limits_a_login_of_a_contract_and_of_no_other(site: Site, operator: Browser) -> None:
    form = {"kind": "login", "name": "hanako", "size": "1 GB"}
    assert operator.post("/operator/contracts/sakura/limits", form).status_code == 303
    assert operator.post("/operator/contracts/momiji/limits", form).status_code == 404
    assert operator.post("/operator/contracts/sakura/limits", {**form, "size": "much"}).status_code == 400
    with site.parts.database.reading() as tx:
        found = limits.list_limits(tx, site.caller("hanako").contract_id)
    assert [(one.name, one.limit_bytes) for one in found] == [("hanako", GB_BYTES)]
