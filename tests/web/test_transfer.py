"""Two firms, three roles: files go from hanako to momiji, whose administrator and jiro accept them (R26)."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.product import Product
from tests.web.conftest import Enter, Person

pytestmark = pytest.mark.slow


def _registered(enter: Enter, admin: Person, login: str, *, language: str = "ja-JP", phone: bool = False) -> Person:
    """Seat somebody at a device of their own."""
    person = enter(language=language, phone=phone)
    person.sign_in(login)
    person.register(admin.issue_key(login), f"{login}'s device")
    return person


def _make_code(admin: Person) -> str:
    admin.open("/admin/")
    admin.page.click("#transfer-code button")
    admin.require_no_barriers()
    return admin.page.inner_text("#transfer-code code")


def _send(hanako: Person, names: list[str], code: str, *, addressee: str = "") -> None:
    """Pick files in My Folder and send them."""
    hanako.open("/files/my")
    for name in names:
        hanako.page.check(f"input[name=pick][value='{name}']")
    hanako.page.click("button[formaction*='/transfers/new/']")
    hanako.require_no_barriers()
    hanako.page.fill("#code", code)
    hanako.page.fill("#addressee", addressee)
    hanako.page.fill("#message", "ご確認ください")
    hanako.page.click("main form button.btn-primary")
    expect(hanako.page.locator(".notice-done")).to_contain_text("momiji 様に送りました")
    hanako.require_no_barriers()


def test_r26_files_go_to_another_firm_and_each_side_sees_what_became_of_them(
    enter: Enter, hanako: Person, product: Product
) -> None:
    drive = product.drive()
    for name in ("見積.txt", "図面.txt"):
        assert httpx.put(f"{drive.url}{name}", content=name.encode(), auth=(drive.login, drive.password)).is_success
    momiji = enter(language="en-US", phone=True)
    momiji.sign_in("momiji-admin")
    momiji.register(momiji.issue_key("momiji-admin"), "Phone")
    code = _make_code(momiji)
    _send(hanako, ["見積.txt", "図面.txt"], code.upper())
    hanako.picture("transfers")

    momiji.open("/transfers/")
    expect(momiji.page.locator(".main-nav .badge-pro")).to_contain_text("1")
    momiji.require_no_barriers()
    momiji.page.click("main a.btn-primary")
    expect(momiji.page.locator("main")).to_contain_text("ご確認ください")
    momiji.require_no_barriers()
    momiji.page.fill("#new_folder", "from sakura")
    momiji.page.click("button[value=accept]")
    expect(momiji.page.locator(".notice-done")).to_contain_text("2 files were accepted.")
    expect(momiji.page.locator("table.listing")).to_contain_text("図面.txt")
    hanako.page.reload()
    expect(hanako.page.locator("main")).to_contain_text("受け取り済み")

    jiro = _registered(enter, momiji, "jiro")
    _send(hanako, ["見積.txt"], code, addressee="jiro")
    _send(hanako, ["図面.txt"], code)
    jiro.open("/transfers/")
    expect(jiro.page.locator("main li.row, main ul.rows > li")).to_have_count(1)
    jiro.page.click("main a.btn-primary")
    jiro.require_no_barriers()
    jiro.page.click("button[value=accept]")
    expect(jiro.page.locator("table.listing")).to_contain_text("見積.txt")

    hanako.open("/transfers/")
    hanako.page.click("main a[href^='/transfers/'] >> nth=0")
    hanako.page.click("button[value=withdraw]")
    expect(hanako.page.locator(".notice-done")).to_contain_text("取り消しました")
    momiji.open("/transfers/")
    expect(momiji.page.locator("main")).to_contain_text("withdrawn")
    momiji.open("/admin/log/")
    expect(momiji.page.locator("table.log")).to_contain_text(re.compile("transfer accepted"))
    assert not product.azukari("fsck")["wrong_references"]
