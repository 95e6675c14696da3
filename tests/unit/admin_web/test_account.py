"""One's own password and authenticator app."""

from __future__ import annotations

import re

import pyotp
import pytest

from tests.unit.admin_web.cast import PASSWORD, Browser, Site

NEW = "a longer sentence than before"


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser."""
    return site.at_work("hanako")


def _change(browser: Browser, password: str = PASSWORD, new_password: str = NEW) -> int:
    return browser.post("/account/password", {"password": password, "new_password": new_password}).status_code


def test_a_new_password_counts_at_once_and_ends_every_other_session(site: Site, hanako: Browser) -> None:
    other = site.at_work("hanako")
    before = hanako.client.get_cookie("azukari-session")
    assert _change(hanako) == 303
    after = hanako.client.get_cookie("azukari-session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert hanako.get("/files/my").status_code == 200, "this browser goes on, still a device"
    assert other.get("/files/my").status_code == 303
    assert site.browser().sign_in("hanako").status_code == 401
    assert site.browser().sign_in("hanako", NEW).status_code == 303


def test_without_the_present_password_nothing_changes(site: Site, hanako: Browser) -> None:
    assert _change(hanako, password="wrong") == 403
    assert site.browser().sign_in("hanako").status_code == 303


@pytest.mark.parametrize(("characters", "status"), [(11, 400), (12, 303), (1024, 303), (1025, 400)])
def test_a_password_has_at_least_twelve_characters(hanako: Browser, characters: int, status: int) -> None:
    assert _change(hanako, new_password="x" * characters) == status


def test_r19_guessing_the_present_password_is_locked_out(hanako: Browser) -> None:
    assert [_change(hanako, password="wrong") for _ in range(6)] == [403] * 5 + [429]


def _code(page: str, site: Site) -> str:
    secret = re.search(r'id="secret">([A-Z2-7]+)<', page)
    assert secret is not None
    return pyotp.TOTP(secret[1]).at(site.clock())


def test_r15_an_app_is_enrolled_asked_for_and_removed(site: Site) -> None:
    admin = site.at_work("sakura-admin")
    page = admin.post("/account/app", {"password": PASSWORD}).text
    assert "<svg" in page
    assert site.browser().sign_in("sakura-admin").status_code == 303, "it counts only once it is confirmed"
    told = admin.post("/account/app/confirm", {"code": _code(page, site)}).text
    codes = re.findall(r"<code>([a-z2-9-]{19})</code>", told)
    assert len(codes) == 10
    assert site.browser().sign_in("sakura-admin").status_code == 403
    assert site.browser().sign_in("sakura-admin", code=codes[0].upper()).status_code == 303
    assert site.browser().sign_in("sakura-admin", code=codes[0]).status_code == 403, "a recovery code is good once"
    assert admin.post("/account/app/remove", {"password": "wrong"}).status_code == 403
    assert admin.post("/account/app/remove", {"password": PASSWORD}).status_code == 303
    assert site.browser().sign_in("sakura-admin").status_code == 303


def test_a_wrong_code_enrols_nothing(site: Site) -> None:
    admin = site.at_work("sakura-admin")
    admin.post("/account/app", {"password": PASSWORD})
    assert admin.post("/account/app/confirm", {"code": "000000"}).status_code == 403
    assert site.browser().sign_in("sakura-admin").status_code == 303


def test_nobody_begins_without_the_password(site: Site) -> None:
    admin = site.at_work("sakura-admin")
    assert admin.post("/account/app", {"password": "wrong"}).status_code == 403
    assert admin.post("/account/app/confirm", {"code": "000000"}).status_code == 409


def test_a_stranger_is_led_to_the_login_page(site: Site) -> None:
    assert site.browser().get("/account/").location == "/login?next=/account/"
