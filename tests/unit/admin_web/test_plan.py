"""Plans: compared in everyday units, a change previewed and confirmed."""

from __future__ import annotations

import pytest

from quota import contracts
from quota.catalogue import GB_BYTES
from tests.unit.admin_web.cast import Browser, Site
from tests.unit.admin_web.test_admin import use


@pytest.fixture
def admin(site: Site) -> Browser:
    """Return the browser of sakura's administrator, a minute after the contract began."""
    site.clock.advance(minutes=1)
    return site.at_work("sakura-admin")


def _plan(site: Site) -> str | None:
    contract_id = site.caller("sakura-admin").contract_id
    with site.parts.database.reading() as tx:
        return contracts.plan_code(tx.cursor, contract_id, now_us=site.clock.us)


def test_r1_plans_are_compared_in_photos_and_songs_with_their_price(admin: Browser) -> None:
    page = admin.get("/admin/plan/").text
    assert "about 30,000 photos, or 20,000 songs" in page
    assert "500 yen a month" in page
    assert page.count("Your plan") == 1


def test_a_preview_tells_everything_and_changes_nothing(site: Site, admin: Browser) -> None:
    page = admin.get("/admin/plan/pro-100").text
    assert "No file would be deleted by this change." in page
    assert "50 GB → <strong>100 GB</strong>" in page
    assert "The month of sign-up is free." in page
    assert _plan(site) == "pro-50"


def test_r4_a_preview_of_a_smaller_plan_tells_what_goes_and_when(site: Site, admin: Browser) -> None:
    site.put("hanako", "古い.txt", b"x" * 10)
    use(site, "sakura-admin", 25 * GB_BYTES + 7)
    page = admin.get("/admin/plan/pro-25").text
    assert "On 1 June 2026, at midnight in Japan, files of 7 B are deleted" in page
    assert "古い.txt" in page
    assert _plan(site) == "pro-50"


def test_a_preview_warns_where_pro_would_be_lost(admin: Browser) -> None:
    assert "You would lose PRO" in admin.get("/admin/plan/paid-50").text
    assert "You would lose PRO" not in admin.get("/admin/plan/pro-10").text


def test_r8_a_change_takes_effect_at_once_and_its_channel_is_recorded(site: Site, admin: Browser) -> None:
    assert admin.post("/admin/plan/pro-100").status_code == 303
    assert _plan(site) == "pro-100"
    with site.parts.database.reading() as tx:
        last = contracts.history(tx, site.caller("sakura-admin").contract_id).events[-1]
    assert (last.code, last.channel) == ("pro-100", "web")
    assert "plan changed" in admin.get("/admin/log/").text
    assert "100 GB" in admin.get("/admin/").text


def test_r3_changing_to_the_same_plan_is_no_change(admin: Browser) -> None:
    admin.post("/admin/plan/pro-50")
    assert "The plan is pro-50 already." in admin.get("/admin/plan/").text


@pytest.mark.parametrize("code", ["none", "pro-10'--", "%00"])
def test_a_plan_there_is_not(admin: Browser, code: str) -> None:
    assert admin.get(f"/admin/plan/{code}").status_code == 404
    assert admin.post(f"/admin/plan/{code}").status_code == 404


def test_one_contracts_administrator_changes_no_other_contract(site: Site) -> None:
    site.at_work("momiji-admin").post("/admin/plan/pro-100")
    assert _plan(site) == "pro-50"
