"""What holds on every page: headers, form tokens, names that are only ever text, nothing of another's."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import quote

import argon2._password_hasher
import argon2.low_level
import pytest
from werkzeug.test import TestResponse

from admin_web.security import local_path
from auth import devices
from tests.unit.admin_web.cast import PASSWORD, Browser, Site

#: Names and texts that would be markup or script, were they not escaped.
EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(1)<.script>{{7*7}}"


def _posts(site: Site) -> list[str]:
    """Return an address of every view that changes something."""
    found = []
    for rule in site.app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            found.append(f"{method} " + re.sub(r"<[^<>]+>", "1", re.sub(r"<path:\w+>", "my", rule.rule)))
    return sorted(found)


def test_no_form_of_another_site_changes_anything(site: Site) -> None:
    browser = site.at_work("sakura-admin")
    addresses = _posts(site)
    assert len(addresses) > 8
    for one in addresses:
        method, address = one.split(" ")
        for headers in ({"Tus-Resumable": "1.0.0"}, {"Tus-Resumable": "1.0.0", "X-CSRFToken": "x"}):
            form = {"name": "made", "csrf_token": "x"} if len(headers) > 1 else {"name": "made"}
            answer = browser.client.open(address, method=method, data=form, headers=headers)
            # What is shared by mail is opened by its link alone, whoever's cookie comes with it.
            refusals = (400, 403, 404) if address.startswith("/s/") else (400, 403)
            assert answer.status_code in refusals, f"{one}: {answer.status}"
    assert "made" not in browser.get("/files/my").text


def _pages(site: Site) -> list[str]:
    return [
        "/login",
        "/help/",
        "/files/my",
        "/files/group/",
        "/files/rename/my/a.txt",
        "/files/my/a.txt",
        "/files/none",
    ]


def test_every_page_forbids_frames_inline_scripts_and_other_hosts(site: Site) -> None:
    site.put("hanako", "a.txt")
    browser = site.at_work("hanako")
    for page in _pages(site):
        answer = browser.get(page)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        if answer.status_code != 303:
            assert not re.search(r"<script(?![^>]*(?:src=|application/json))", answer.text)
            assert not re.search(r"\s(?:style|on\w+)=", answer.text)
            assert not re.search(r'(?:src|href|action)="(?:https?:)?//', answer.text)


def test_over_tls_browsers_are_told_to_stay_there(site: Site) -> None:
    browser = site.browser()
    browser.base_url = "https://drive.example.jp/"
    assert "max-age" in browser.get("/login").headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in site.browser().get("/login").headers


@pytest.mark.parametrize("path", ["/static/app.css", "/static/upload.js", "/bootstrap/static/css/bootstrap.min.css"])
def test_styles_and_scripts_come_from_here_and_may_be_kept(site: Site, path: str) -> None:
    answer = site.browser().get(path)
    assert answer.status_code == 200
    assert "max-age=" in answer.headers["Cache-Control"]


def _is_only_text(page: str) -> None:
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "49" not in page.partition("{{7*7}}")[0][-40:]


def test_names_of_files_and_folders_are_only_ever_text(site: Site) -> None:
    browser = site.at_work("hanako")
    site.put("hanako", EVIL)
    folder = EVIL.replace("img", "b")
    browser.post("/files/new-folder/my", {"name": folder})
    for page in (
        browser.get("/files/my"),
        browser.get(f"/files/my/{_quoted(EVIL)}"),
        browser.get(f"/files/my/{_quoted(folder)}"),
        browser.get(f"/files/rename/my/{_quoted(EVIL)}"),
        browser.post("/files/select/my", {"pick": [EVIL, folder], "do": "delete"}),
        browser.post("/files/select/my", {"pick": [EVIL, folder], "do": "move"}),
    ):
        assert page.status_code == 200
        assert "&lt;" in page.text
        _is_only_text(page.text)


def _quoted(name: str) -> str:
    return quote(name, safe="")


def test_names_of_devices_and_logins_are_only_ever_text(site: Site) -> None:
    browser = site.browser()
    _is_only_text(browser.sign_in(EVIL).text)
    browser.sign_in("hanako")
    page = browser.register(site.key_for("hanako"), EVIL)
    assert "&lt;img" in page.text
    _is_only_text(page.text)


def test_a_host_name_is_only_ever_text(site: Site) -> None:
    page = site.browser().client.get("/help/", headers={"Host": "x<script>alert(1)</script>"})
    _is_only_text(page.text)


def test_names_of_users_groups_lines_and_devices_are_only_ever_text_for_the_administrator(site: Site) -> None:
    admin, hanako = site.at_work("sakura-admin"), site.browser()
    name = EVIL.replace("/", "")
    assert admin.post("/admin/groups/", {"name": name}).status_code == 303
    assert "&lt;img" in admin.post("/admin/lines/", {"name": name[:64], "networks": ""}).text
    assert admin.post("/admin/groups/member", {"name": name, "login_id": "hanako", "right": "write"}).status_code == 303
    hanako.sign_in("hanako")
    hanako.register(site.key_for("hanako"), name)
    device_id = next(one.device_id for one in _devices(site) if one.name == name)
    admin.post(f"/admin/devices/{device_id}/lock", {"reason": name})
    admin.post("/admin/limits/", {"kind": "group", "name": name, "size": "1 GB"})
    shown = [admin.get(page) for page in (
        "/admin/", "/admin/groups/", "/admin/limits/", "/admin/devices/", "/admin/lines/", "/admin/log/",
        f"/admin/devices/{device_id}/proof", f"/admin/devices/{device_id}/revoke",
    )]  # fmt: skip
    shown.append(admin.post("/admin/users/", {"login_id": name}))
    shown.append(site.at_work("hanako").get("/files/group/"))
    shown.append(site.at_work("operator").get("/operator/contracts/sakura"))
    shown.append(site.at_work("support").get("/support/?name=sakura"))
    for page in shown:
        assert "&lt;" in page.text, page.request.path
        _is_only_text(page.text)


def _devices(site: Site) -> list[devices.Device]:
    with site.parts.database.reading() as tx:
        return devices.list_devices(tx, site.caller("hanako").contract_id)


class _Counting:
    """Counts the slow hashes that are made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        slow = argon2.low_level.verify_secret, argon2.low_level.hash_secret
        monkeypatch.setattr(argon2._password_hasher, "verify_secret", self._counted(slow[0]))
        monkeypatch.setattr(argon2._password_hasher, "hash_secret", self._counted(slow[1]))

    def _counted(self, slow: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:
            self.count += 1
            return slow(*args, **named)

        return counted


@pytest.mark.parametrize(
    ("login", "password"), [("hanako", PASSWORD), ("hanako", "wrong"), ("nobody", "wrong"), ("", ""), (EVIL, "wrong")]
)
def test_r19_signing_in_makes_one_slow_hash_whoever_it_is(
    site: Site, monkeypatch: pytest.MonkeyPatch, login: str, password: str
) -> None:
    browser, counting = site.browser(), _Counting(monkeypatch)
    browser.sign_in(login, password)
    assert counting.count == 1


MINE = ("my/own.txt", "group/eigyo/plan.txt")


@pytest.mark.parametrize("login", ["jiro", "momiji-admin", "kaede-admin", "operator", "support"])
def test_no_address_leads_into_another_contract(site: Site, login: str) -> None:
    hanako = site.at_work("hanako")
    for where in MINE:
        folder, _, name = where.rpartition("/")
        assert _upload(hanako, where).status_code == 303, folder + name
    stranger = site.at_work(login)
    for where in MINE:
        for page in ("", "content/", "zip/", "rename/"):
            assert stranger.get(f"/files/{page}{where}").status_code in (403, 404)
        assert stranger.post(f"/files/rename/{where}", {"name": "x"}).status_code in (403, 404)
        folder = where.rpartition("/")[0]
        for act in ("delete", "transfer", "select"):
            form = {"pick": [where.rpartition("/")[2]], "do": "move", "into": "my"}
            assert stranger.post(f"/files/{act}/{folder}", form).status_code in (403, 404)
        form = {"pick": ["own.txt"], "do": "copy", "into": "group/eigyo"}
        assert stranger.post("/files/transfer/my", form).status_code in (403, 404)
    assert hanako.get("/files/content/my/own.txt").data == b"mine"
    assert hanako.get("/files/content/group/eigyo/plan.txt").data == b"mine"


@pytest.mark.parametrize("login", ["taro", "sakura-admin"])
def test_r22_no_address_leads_into_another_logins_folder(site: Site, login: str) -> None:
    hanako, other = site.at_work("hanako"), site.at_work(login)
    assert _upload(hanako, "my/own.txt").status_code == 303
    assert other.get("/files/content/my/own.txt").status_code == 404
    assert "own.txt" not in other.get("/files/my").text


def _upload(browser: Browser, where: str) -> TestResponse:
    folder, _, name = where.rpartition("/")
    return browser.post(f"/files/upload/{folder}", {"files": [(BytesIO(b"mine"), name)]})


@pytest.mark.parametrize("path", ["/a", "/files/my/%E8?x=1&y=//z", "/"])
def test_a_path_of_ours_is_followed(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize("path", ["//a", "/\\a", "/\na", "\t//a", "http://a/", "a", "", None, "/a\\..\\b", "/a\u2028b"])
def test_any_other_address_is_not(path: str | None) -> None:
    assert local_path(path) is None


def test_r13_a_key_of_another_contract_is_refused(site: Site) -> None:
    key = site.key_for("jiro")
    browser = site.browser()
    browser.sign_in("hanako")
    assert browser.register(key).status_code == 403
    with site.parts.database.reading() as tx:
        assert devices.list_devices(tx, site.caller("hanako").contract_id) == []
