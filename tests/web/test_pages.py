"""Every page, in Japanese on a PC and in English on a phone: no barrier, no error, nothing wider than its window."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.conftest import Enter, Person

pytestmark = pytest.mark.slow

VIEWS = pytest.mark.parametrize(("language", "phone"), [("ja-JP", False), ("en-US", True)])


@VIEWS
def test_the_pages_of_a_user_have_no_barriers(enter: Enter, admin: Person, language: str, phone: bool) -> None:
    hanako = enter(language=language, phone=phone)
    hanako.open("/")
    hanako.require_no_barriers()
    hanako.sign_in("hanako")
    hanako.open("/login/device")
    hanako.require_no_barriers()
    hanako.register(admin.issue_key("hanako"), "PC")
    hanako.require_no_barriers()
    for path in (
        "/files/my",
        "/files/group/",
        "/files/group/eigyo",
        "/help/",
        "/files/none",
        "/account/",
        "/account/secret/",
    ):
        hanako.open(path)
        hanako.require_no_barriers()
    hanako.open("/files/my/はじめにお読みください.txt")
    hanako.require_no_barriers()
    hanako.open("/files/rename/my/はじめにお読みください.txt")
    hanako.require_no_barriers()


@VIEWS
def test_the_pages_of_an_administrator_have_no_barriers(enter: Enter, language: str, phone: bool) -> None:
    admin = enter(language=language, phone=phone)
    admin.sign_in("sakura-admin")
    for path in (
        "/admin/",
        "/admin/users/",
        "/admin/groups/",
        "/admin/devices/",
        "/admin/lines/",
        "/admin/plan/",
        "/admin/plan/pro-10",
        "/admin/plan/paid-25",
        "/admin/log/",
    ):
        admin.open(path)
        admin.require_no_barriers()
    admin.issue_key("taro")
    admin.require_no_barriers()
    admin.open("/admin/devices/")
    admin.page.click("a[href$='/lock'] >> nth=0")
    admin.require_no_barriers()


@VIEWS
def test_the_pages_of_the_staff_have_no_barriers(enter: Enter, language: str, phone: bool) -> None:
    operator, support = enter(language=language, phone=phone), enter(language=language, phone=phone)
    operator.sign_in("operator")
    for path in ("/operator/", "/operator/contracts/sakura", "/operator/jobs"):
        operator.open(path)
        operator.require_no_barriers()
    support.sign_in("support")
    support.open("/support/?name=sakura")
    support.require_no_barriers()
    support.page.click("a[href*='/devices/'] >> nth=0")
    support.require_no_barriers()


def test_the_language_is_one_click_away(enter: Enter) -> None:
    someone = enter()
    someone.open("/login")
    someone.page.click("button:has-text('English')")
    expect(someone.page.locator("h1")).to_have_text("Sign in")
    someone.page.click("button:has-text('日本語')")
    expect(someone.page.locator("h1")).to_have_text("ログイン")
