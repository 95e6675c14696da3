"""Who has to wait after failed guesses, as the contract's administrator sees it (R19)."""

from __future__ import annotations

import pytest

from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def admin(site: Site) -> Browser:
    """Return the browser of sakura's administrator, after hanako's password was guessed at."""
    for _ in range(5):
        site.browser().sign_in("hanako", "wrong")
    return site.at_work("sakura-admin")


def test_r19_a_lockout_is_listed_with_how_often_and_until_when(admin: Browser) -> None:
    page = admin.get("/admin/lockouts/").text
    assert "hanako" in page
    assert "5 failed attempts" in page
    assert "locked out until" in page


def test_r19_it_is_released_at_once(site: Site, admin: Browser) -> None:
    assert site.browser().sign_in("hanako").status_code == 429
    assert admin.post("/admin/lockouts/", {"kind": "login", "subject": "hanako"}).status_code == 303
    assert site.browser().sign_in("hanako").status_code == 303
    assert "Nobody has to wait." in admin.get("/admin/lockouts/").text
    assert "lockout released" in admin.get("/admin/log/").text


def test_r19_guesses_at_a_secret_folder_are_told_apart(site: Site) -> None:
    hanako, secret = site.at_work("hanako"), "a long secret"
    hanako.post("/account/secret/create", {"secret": secret, "again": secret})
    for _ in range(5):
        hanako.post("/account/secret/unlock", {"secret": "wrong"})
    admin = site.at_work("sakura-admin")
    assert "secret of the Secret Folder" in admin.get("/admin/lockouts/").text
    assert admin.post("/admin/lockouts/", {"kind": "login", "subject": "hanako secret"}).status_code == 303
    assert hanako.post("/account/secret/unlock", {"secret": secret}).status_code == 303


def test_nobody_sees_or_releases_anothers(site: Site, admin: Browser) -> None:
    stranger = site.at_work("momiji-admin")
    assert "hanako" not in stranger.get("/admin/lockouts/").text
    assert stranger.post("/admin/lockouts/", {"kind": "login", "subject": "hanako"}).status_code == 404
    assert site.browser().sign_in("hanako").status_code == 429
