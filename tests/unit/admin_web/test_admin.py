"""The contract's first page, and who may see any of the contract's pages."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.clock import TOKYO
from db.engine import Transaction
from quota import contracts
from quota.catalogue import GB_BYTES
from quota.meter import Ledger
from storage import purge
from tests.unit.admin_web.cast import Site

PAGES = (
    "/admin/",
    "/admin/users/",
    "/admin/groups/",
    "/admin/devices/",
    "/admin/limits/",
    "/admin/lockouts/",
    "/admin/lines/",
    "/admin/plan/",
    "/admin/plan/pro-10",
    "/admin/statements/",
    "/admin/statements/2026-04",
    "/admin/statements/azukari-statements.csv",
    "/admin/log/",
    "/admin/log/azukari-log.csv",
    "/admin/settings/",
)


def use(site: Site, login: str, size_bytes: int) -> None:
    """Let a contract hold more than its files are, as if they were large."""

    def operation(tx: Transaction) -> None:
        ledger = Ledger.open(tx.cursor, site.caller(login).contract_id)
        ledger.release(ledger.used_bytes - size_bytes)
        ledger.save()

    site.parts.database.write(operation)


def test_r15_an_administrator_works_here_before_any_device_is_registered(site: Site) -> None:
    browser = site.browser()
    browser.sign_in("sakura-admin")
    assert browser.get("/").location == "/admin/"
    for page in PAGES:
        assert browser.get(page).status_code == 200, page


@pytest.mark.parametrize("login", ["hanako", "operator", "support"])
def test_for_anybody_else_these_pages_are_not_there(site: Site, login: str) -> None:
    browser = site.at_work(login)
    for page in PAGES:
        assert browser.get(page).status_code == 404, page
    for address in (
        "/admin/users/",
        "/admin/users/taro",
        "/admin/groups/",
        "/admin/groups/member",
        "/admin/devices/keys",
        "/admin/devices/x/lock",
        "/admin/lines/",
        "/admin/settings/",
        "/admin/settings/notify",
        "/admin/limits/",
        "/admin/lockouts/",
        "/admin/devices/keys/x/withdraw",
        "/admin/plan/pro-10",
    ):
        assert browser.post(address, {"do": "disable", "login_id": "taro"}).status_code == 404, address


def test_nobody_sees_them_without_signing_in(site: Site) -> None:
    assert {site.browser().get(page).status_code for page in PAGES} == {303}


def test_r7_the_first_page_tells_what_is_used_free_and_by_whom(site: Site) -> None:
    site.put("hanako", "a", b"x" * 2048)
    site.put("taro", "a", b"x" * 4096)
    page = site.at_work("sakura-admin").get("/admin/").text
    assert "pro-50" in page
    assert "/ 50 GB" in page
    assert page.index("taro") < page.index("hanako"), "who holds most stands first"
    assert "4 KB" in page


def test_r18_nobody_learns_of_anothers_secret_folder(site: Site) -> None:
    page = site.at_work("sakura-admin").get("/admin/").text
    assert "Secret" not in page


def test_the_first_page_tells_what_each_kind_of_folder_holds(site: Site) -> None:
    site.put("hanako", "a", b"x" * 2048)
    site.put("taro", "a", b"x" * 4096)
    page = site.at_work("sakura-admin").get("/admin/").text
    assert "6 KB" in page.partition("Personal folders")[2][:80]
    assert "0 B" in page.partition("Security Folder")[2][:80]


def test_the_first_page_tells_the_latest_changes(site: Site) -> None:
    admin = site.at_work("sakura-admin")
    admin.post("/admin/devices/keys", {"login_id": "hanako"})
    admin.post("/admin/groups/", {"name": "経理"})
    page = admin.get("/admin/").text.partition("Recent changes")[2]
    assert page.index("group created") < page.index("device key issued") < page.index("user added")
    assert "signed in" not in page


def test_r1_capacity_is_told_in_photos_and_songs(site: Site) -> None:
    assert "about 15,000 photos, or 10,000 songs" in site.at_work("sakura-admin").get("/admin/").text


def test_r4_the_deadline_and_the_files_that_go_are_shown(site: Site) -> None:
    site.put("hanako", "古い.txt", b"x" * 10)
    caller, now, catalogue = site.caller("sakura-admin"), site.clock(), site.parts.catalogue
    site.clock.advance(minutes=1)
    site.parts.database.write(
        lambda tx: contracts.change_plan(
            tx, caller.contract_id, "pro-10", catalogue, channel="web", at=now + timedelta(seconds=1), now=now
        )
    )
    browser = site.at_work("sakura-admin")
    assert "Files will be deleted" not in browser.get("/admin/").text
    use(site, "sakura-admin", 10 * GB_BYTES + 5)
    page = browser.get("/admin/").text
    assert "On 1 June 2026, at midnight in Japan, files of 5 B are deleted" in page
    assert "古い.txt" in page


def test_r4_what_a_deadline_took_is_shown(site: Site) -> None:
    site.put("hanako", "古い.txt", b"x" * 10)
    caller, now, catalogue = site.caller("sakura-admin"), site.clock(), site.parts.catalogue
    site.clock.advance(minutes=1)
    site.parts.database.write(
        lambda tx: contracts.change_plan(
            tx, caller.contract_id, "pro-10", catalogue, channel="web", at=now + timedelta(seconds=1), now=now
        )
    )
    use(site, "sakura-admin", 10 * GB_BYTES + 5)
    assert "What was deleted" not in site.at_work("sakura-admin").get("/admin/").text
    site.clock.instant = datetime(2026, 6, 1, tzinfo=TOKYO)
    purge.purge(site.parts.files, catalogue, at=site.clock())
    page = site.at_work("sakura-admin").get("/admin/").text
    assert "At the deadline of 1 June 2026, 1 file (10 B) was deleted." in page
    assert "古い.txt" in page
