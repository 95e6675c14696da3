"""Every page, both languages, PC and phone: no barrier, no error, nothing wider than its window."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.conftest import Enter

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("phone", [False, True], ids=["pc", "phone"])
@pytest.mark.parametrize("language", ["ja-JP", "en-US"])
def test_the_pages_of_a_user_have_no_barriers(enter: Enter, language: str, phone: bool) -> None:
    hanako = enter(language=language, phone=phone)
    hanako.open("/")
    hanako.require_no_barriers()
    hanako.sign_in("hanako")
    hanako.open("/login/device")
    hanako.require_no_barriers()
    hanako.register("hanako", "PC")
    hanako.require_no_barriers()
    for path in (
        "/files/my",
        "/files/group/",
        "/files/group/eigyo",
        "/help/",
        "/files/none",
        "/files/my/はじめにお読みください.txt",
    ):
        hanako.open(path)
        hanako.require_no_barriers()


def test_the_language_is_one_click_away(enter: Enter) -> None:
    someone = enter()
    someone.open("/login")
    someone.page.click("button:has-text('English')")
    expect(someone.page.locator("h1")).to_have_text("Sign in")
    someone.page.click("button:has-text('日本語')")
    expect(someone.page.locator("h1")).to_have_text("ログイン")


def test_the_keyboard_alone_signs_in_and_opens_a_file(enter: Enter) -> None:
    hanako = enter()
    hanako.at_work("hanako")
    hanako.open("/files/my")
    page = hanako.page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip to content
    for _ in range(40):
        page.keyboard.press("Tab")
        if "はじめに" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("はじめにお読みください.txt")
