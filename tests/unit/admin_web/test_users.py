"""Logins and groups of a contract, by its administrator."""

from __future__ import annotations

import pytest

from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def admin(site: Site) -> Browser:
    """Return the browser of sakura's administrator."""
    return site.at_work("sakura-admin")


def _password(page: str) -> str:
    return page.partition('id="password">')[2].partition("<")[0]


def test_a_new_user_signs_in_with_the_password_shown_once(site: Site, admin: Browser) -> None:
    page = admin.post("/admin/users/", {"login_id": "Jun", "role": "user"})
    assert page.status_code == 200
    assert site.browser().sign_in("jun", _password(page.text)).status_code == 303
    assert "jun" in admin.get("/admin/users/").text
    assert _password(page.text) not in admin.get("/admin/users/").text


@pytest.mark.parametrize(("login_id", "status"), [("hanako", 409), ("", 400), ("日本", 400), ("a:b", 400)])
def test_a_login_id_that_cannot_be_is_told(admin: Browser, login_id: str, status: int) -> None:
    answer = admin.post("/admin/users/", {"login_id": login_id})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text


def test_a_suspended_user_is_out_at_the_next_request(site: Site, admin: Browser) -> None:
    hanako = site.at_work("hanako")
    admin.post("/admin/users/hanako", {"do": "disable"})
    assert hanako.get("/files/my").status_code == 303
    assert "suspended" in admin.get("/admin/users/").text
    admin.post("/admin/users/hanako", {"do": "enable"})
    assert hanako.get("/files/my").status_code == 200


def test_nobody_suspends_themselves(site: Site, admin: Browser) -> None:
    assert admin.post("/admin/users/sakura-admin", {"do": "disable"}).status_code == 409
    assert admin.get("/admin/").status_code == 200


def test_a_new_password_ends_the_sessions_of_the_old_one(site: Site, admin: Browser) -> None:
    hanako = site.at_work("hanako")
    page = admin.post("/admin/users/hanako", {"do": "password"}).text
    assert hanako.get("/files/my").status_code == 303
    assert hanako.sign_in("hanako", _password(page)).status_code == 303
    assert hanako.get("/files/my").status_code == 200, "the device stays registered"


def test_r19_a_lockout_is_seen_and_released(site: Site, admin: Browser) -> None:
    for _ in range(6):
        site.browser().sign_in("hanako", "wrong")
    assert "locked out until" in admin.get("/admin/users/").text
    admin.post("/admin/users/hanako", {"do": "release"})
    assert site.browser().sign_in("hanako").status_code == 303


def test_r22_a_group_is_made_and_its_members_are_set(site: Site, admin: Browser) -> None:
    taro = site.at_work("taro")
    assert admin.post("/admin/groups/", {"name": "経理"}).status_code == 303
    assert taro.get("/files/group/経理").status_code == 404
    for right, status in (("read", 200), ("write", 200), ("none", 404)):
        admin.post("/admin/groups/member", {"name": "経理", "login_id": "taro", "right": right})
        assert taro.get("/files/group/経理").status_code == status
    admin.post("/admin/groups/member", {"name": "経理", "login_id": "taro", "right": "write"})
    assert taro.post("/files/new-folder/group/経理", {"name": "x"}).status_code == 303


@pytest.mark.parametrize(("name", "status"), [("eigyo", 409), ("", 400), ("a/b", 400)])
def test_a_groups_name_that_cannot_be_is_told(admin: Browser, name: str, status: int) -> None:
    assert admin.post("/admin/groups/", {"name": name}).status_code == status


def test_no_form_reaches_a_login_or_group_of_another_contract(site: Site) -> None:
    stranger, hanako = site.at_work("momiji-admin"), site.at_work("hanako")
    for act in ("disable", "password", "release"):
        assert stranger.post("/admin/users/hanako", {"do": act}).status_code == 404
    for login in ("hanako", "jiro", "operator"):
        form = {"name": "eigyo", "login_id": login, "right": "write"}
        assert stranger.post("/admin/groups/member", form).status_code == 404
    assert hanako.get("/files/my").status_code == 200
    page = stranger.get("/admin/users/").text + stranger.get("/admin/groups/").text
    assert "hanako" not in page
    assert "eigyo" not in page


@pytest.mark.parametrize("act", ["", "burn"])
def test_an_unknown_act_is_refused(admin: Browser, act: str) -> None:
    assert admin.post("/admin/users/hanako", {"do": act}).status_code == 400
    form = {"name": "eigyo", "login_id": "hanako", "right": act}
    assert admin.post("/admin/groups/member", form).status_code == 400


def test_r21_acts_of_administration_are_in_the_log_with_who_did_them(admin: Browser) -> None:
    admin.post("/admin/users/", {"login_id": "jun"})
    admin.post("/admin/groups/", {"name": "経理"})
    page = admin.get("/admin/log/?login=sakura-admin").text
    assert "user added" in page
    assert "group created" in page
