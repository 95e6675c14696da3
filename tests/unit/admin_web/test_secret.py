"""One's own Secret Folder: created, unlocked on this device alone, locked again (R18)."""

from __future__ import annotations

import re

import pytest

from tests.unit.admin_web.cast import Browser, Site

SECRET = "ひみつの合言葉 2026"
OPEN = "It is open on this device."


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser, her Secret Folder created."""
    browser = site.at_work("hanako")
    page = browser.post("/account/secret/create", {"secret": SECRET, "again": SECRET})
    assert page.status_code == 200
    assert re.search(r"<code>[a-z2-9-]{10,}</code>", page.text), "its recovery code is shown"
    return browser


def _unlock(browser: Browser, secret: str = SECRET) -> int:
    return browser.post("/account/secret/unlock", {"secret": secret}).status_code


def _is_open(browser: Browser) -> bool:
    return OPEN in browser.get("/account/secret/").text


def test_r18_it_opens_by_its_secret_on_this_device_alone(site: Site, hanako: Browser) -> None:
    other = site.at_work("hanako")
    assert not _is_open(hanako)
    assert _unlock(hanako) == 303
    assert _is_open(hanako)
    assert not _is_open(other)


def test_r18_it_closes_when_told_so_at_logout_and_after_idle_time(site: Site, hanako: Browser) -> None:
    _unlock(hanako)
    hanako.post("/account/secret/lock")
    assert not _is_open(hanako)
    _unlock(hanako)
    hanako.post("/logout")
    hanako.sign_in("hanako")
    assert not _is_open(hanako)
    _unlock(hanako)
    site.clock.advance(minutes=11)
    assert not _is_open(hanako)


def test_r19_guessing_the_secret_is_locked_out(site: Site, hanako: Browser) -> None:
    assert [_unlock(hanako, "wrong") for _ in range(6)] == [403] * 5 + [429]
    assert _unlock(hanako) == 429
    site.clock.advance(seconds=31)
    assert _unlock(hanako) == 303


@pytest.mark.parametrize(("secret", "again"), [("a long secret", "another one"), ("", ""), ("a", "a")])
def test_a_secret_that_will_not_do_creates_nothing(site: Site, secret: str, again: str) -> None:
    taro = site.at_work("taro")
    assert taro.post("/account/secret/create", {"secret": secret, "again": again}).status_code == 400
    assert 'name="again"' in taro.get("/account/secret/").text


def test_there_is_one_for_each_login(hanako: Browser) -> None:
    assert hanako.post("/account/secret/create", {"secret": SECRET, "again": SECRET}).status_code == 409


def test_r12_on_pro_it_takes_a_registered_device(site: Site) -> None:
    browser = site.browser()
    browser.sign_in("hanako")
    assert browser.get("/account/secret/").location == "/login/device?next=/account/secret/"


def test_staff_have_none(site: Site) -> None:
    assert site.at_work("operator").get("/account/secret/").status_code == 404


def test_the_recovery_code_chooses_another_secret(site: Site) -> None:
    taro = site.at_work("taro")
    page = taro.post("/account/secret/create", {"secret": SECRET, "again": SECRET})
    found = re.search(r"<code>([a-z2-9-]{10,})</code>", page.text)
    assert found is not None
    new = {"secret": "another secret", "again": "another secret"}
    assert taro.post("/account/secret/change/code", {"proof": "wrong", **new}).status_code == 403
    assert taro.post("/account/secret/change/code", {"proof": found[1].upper(), **new}).status_code == 303
    assert _unlock(taro) == 403
    assert _unlock(taro, "another secret") == 303


def test_the_present_secret_chooses_another_and_every_device_is_locked(site: Site, hanako: Browser) -> None:
    _unlock(hanako)
    form = {"proof": SECRET, "secret": "another secret", "again": "another secret"}
    for flawed in ({"again": "typo in it"}, {"secret": "short", "again": "short"}):
        assert hanako.post("/account/secret/change/secret", {**form, **flawed}).status_code == 400
    assert hanako.post("/account/secret/change/secret", form).status_code == 303
    assert not _is_open(hanako)
    assert _unlock(hanako, "another secret") == 303


def test_r19_guessing_the_recovery_code_is_locked_out_with_the_secret(hanako: Browser) -> None:
    form = {"proof": "wrong", "secret": "another secret", "again": "another secret"}
    assert [hanako.post("/account/secret/change/code", form).status_code for _ in range(6)] == [403] * 5 + [429]
    assert _unlock(hanako) == 429


@pytest.mark.parametrize(("login", "by"), [("hanako", "luck"), ("taro", "code")])
def test_there_is_nothing_to_change_without_a_folder_or_by_another_proof(
    site: Site, hanako: Browser, login: str, by: str
) -> None:
    browser = hanako if login == "hanako" else site.at_work(login)
    form = {"proof": SECRET, "secret": "another secret", "again": "another secret"}
    assert browser.get(f"/account/secret/change/{by}").status_code == 404
    assert browser.post(f"/account/secret/change/{by}", form).status_code == 404
