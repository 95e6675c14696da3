"""Every page, in Japanese on a PC and in English on a phone: no barrier, no error, nothing wider than its window.

`tests.web.pages` says which pages there are; a unit test holds it against the templates.
"""

from __future__ import annotations

import re

import pyotp
import pytest
from playwright.sync_api import expect

from tests.product import Product
from tests.web import pages
from tests.web.conftest import Enter, Person
from tests.web.pages import Way

pytestmark = pytest.mark.slow

VIEWS = pytest.mark.parametrize(("language", "phone"), [("ja-JP", False), ("en-US", True)])


def look_at(person: Person, found: dict[str, list[Way]]) -> None:
    """Open pages one after the other; none has a barrier."""
    for ways in found.values():
        for way in ways:
            if isinstance(way, str):
                person.open(way)
            else:
                way(person.page)
        person.require_no_barriers()


@VIEWS
def test_the_pages_of_a_user_have_no_barriers(
    enter: Enter, admin: Person, product: Product, language: str, phone: bool
) -> None:
    hanako = enter(language=language, phone=phone)
    look_at(hanako, pages.OF_STRANGERS)
    hanako.sign_in("hanako")
    hanako.open("/login/device")
    hanako.require_no_barriers()
    hanako.register(admin.issue_key("hanako"), "PC")
    hanako.require_no_barriers()
    look_at(hanako, _secret_folder(hanako) | pages.OF_USERS)
    _make_token(hanako, product.logins["hanako"].password)


def _make_token(person: Person, password: str) -> None:
    person.open("/account/tokens/")
    person.page.fill("#name", "backup")
    person.page.check("#scope-1")
    person.page.fill("#password", password)
    person.page.press("#password", "Enter")
    expect(person.page.locator("#token")).to_be_visible()
    person.require_no_barriers()
    person.open("/account/tokens/")
    person.require_no_barriers()


def _secret_folder(person: Person) -> dict[str, list[Way]]:
    """Create the Secret Folder where this is its first visit, and unlock it: its files look like all others."""
    person.open("/account/secret/")
    if person.page.locator("#again").count():
        person.page.fill("#secret", pages.SECRET)
        person.page.fill("#again", pages.SECRET)
        person.page.press("#again", "Enter")
        expect(person.page.locator(".codes code")).to_be_visible()
        person.require_no_barriers()
        person.open("/account/secret/")
    person.page.fill("#secret", pages.SECRET)
    person.page.press("#secret", "Enter")
    person.page.wait_for_url(re.compile("/files/secret$"))
    return {"files/listing.html": ["/files/secret"], "secret.html": ["/account/secret/"]}


@VIEWS
def test_the_pages_of_an_administrator_have_no_barriers(enter: Enter, language: str, phone: bool) -> None:
    admin = enter(language=language, phone=phone)
    admin.sign_in("sakura-admin")
    look_at(admin, pages.OF_ADMINISTRATORS)
    admin.open("/admin/lines/")
    admin.page.fill("#name", f"本社 {language}")
    admin.page.press("#name", "Enter")
    expect(admin.page.locator("#tool-secret")).to_be_visible()
    admin.require_no_barriers()


@VIEWS
def test_an_authenticator_app_is_enrolled_and_removed(
    enter: Enter, product: Product, language: str, phone: bool
) -> None:
    login = "jiro" if phone else "momiji-admin"  # a code is good once
    admin, password = enter(language=language, phone=phone), product.logins[login].password
    admin.sign_in(login)
    admin.open("/account/")
    admin.page.fill("#app-password", password)
    admin.page.press("#app-password", "Enter")
    admin.require_no_barriers()
    code = pyotp.TOTP(admin.page.inner_text("#secret").replace(" ", "")).now()
    admin.page.fill("#code", code)
    admin.page.press("#code", "Enter")
    expect(admin.page.locator(".codes code").first).to_be_visible()
    admin.require_no_barriers()
    admin.open("/account/")
    admin.page.fill("#app-password", password)
    admin.page.press("#app-password", "Enter")
    expect(admin.page.locator(".notice-done")).to_be_visible()


@VIEWS
def test_the_pages_of_the_staff_have_no_barriers(enter: Enter, product: Product, language: str, phone: bool) -> None:
    operator, support = enter(language=language, phone=phone), enter(language=language, phone=phone)
    operator.sign_in("operator")
    look_at(operator, pages.OF_STAFF)
    folder = product.data / "mails"
    folder.mkdir(exist_ok=True)
    (folder / f"{'0' * 31}1.eml").write_bytes(b"From: azukari@localhost\r\nTo: a@b.example\r\nSubject: hi\r\n\r\nhi")
    operator.open("/operator/mails/")
    operator.page.click("main li a >> nth=0")
    operator.require_no_barriers()
    support.sign_in("support")
    look_at(support, pages.OF_SUPPORT)


def test_the_language_is_one_click_away(enter: Enter) -> None:
    someone = enter()
    someone.open("/login")
    someone.page.click("button:has-text('English')")
    expect(someone.page.locator("h1")).to_have_text("Sign in")
    someone.page.click("button:has-text('日本語')")
    expect(someone.page.locator("h1")).to_have_text("ログイン")
