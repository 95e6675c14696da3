"""The page on which one's tokens of the HTTP API are made, listed and revoked."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from auth import accesslog
from auth.accesslog import Query
from tests.unit.admin_web.cast import PASSWORD, Browser, Site

_TOKEN = re.compile(r'<code id="token">([^<]+)</code>')
_ID = re.compile(r"tok-[a-z0-9]+")


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser, a registered device."""
    browser = site.browser()
    browser.sign_in("hanako")
    browser.register(site.key_for("hanako"))
    return browser


def make(browser: Browser, *scopes: str, **more: object) -> TestResponse:
    """Ask for a token."""
    form = {"name": "backup", "scope": list(scopes or ("files:read",)), "days": "30", "password": PASSWORD, **more}
    return browser.post("/account/tokens/", form)


def call(site: Site, token: str, path: str = "/me") -> int:
    """Return how the API answers a token."""
    client = site.app.test_client(use_cookies=False)
    return client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"}).status_code


def made(answer: TestResponse) -> str:
    """Return the token a page shows."""
    found = _TOKEN.search(answer.text)
    assert found is not None, answer.text
    return found[1]


def test_a_token_is_shown_once_and_is_of_this_browsers_device(site: Site, hanako: Browser) -> None:
    token = made(make(hanako))
    assert call(site, token, "/files?path=my") == 200
    assert call(site, token, "/tokens") == 403
    page = hanako.get("/account/tokens/").text
    assert "backup" in page
    assert "dev-" in page
    assert token not in page


def test_r16_the_lock_of_the_browsers_device_ends_its_tokens(site: Site, hanako: Browser) -> None:
    token = made(make(hanako))
    administrator = site.at_work("sakura-admin")
    device_id = next(re.finditer(r"dev-[a-z0-9]+", hanako.get("/account/tokens/").text))[0]
    administrator.post(f"/admin/devices/{device_id}/lock", {"reason": "lost"})
    assert call(site, token) == 401


def test_a_token_is_revoked_on_the_page(site: Site, hanako: Browser) -> None:
    token = made(make(hanako))
    token_id = next(_ID.finditer(hanako.get("/account/tokens/").text))[0]
    assert hanako.post(f"/account/tokens/{token_id}/revoke").status_code == 303
    assert call(site, token) == 401
    page = hanako.get("/account/tokens/").text
    assert "revoked" in page
    assert "/revoke" not in page


def test_nobody_revokes_anothers_token_on_the_page(site: Site, hanako: Browser) -> None:
    token = made(make(hanako))
    token_id = next(_ID.finditer(hanako.get("/account/tokens/").text))[0]
    for login in ("taro", "sakura-admin", "momiji-admin"):
        assert site.at_work(login).post(f"/account/tokens/{token_id}/revoke").status_code == 404
        assert token_id not in site.at_work(login).get("/account/tokens/").text
    assert call(site, token) == 200


def test_a_new_password_ends_ones_tokens(site: Site, hanako: Browser) -> None:
    token = made(make(hanako))
    changed = {"password": PASSWORD, "new_password": "another horse battery"}
    assert hanako.post("/account/password", changed).status_code == 303
    assert call(site, token) == 401


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"password": "wrong"}, 403, "password"),
        ({"name": " "}, 400, "name"),
        ({"days": "0"}, 400, "365"),
        ({"days": "366"}, 400, "365"),
        ({"days": "１"}, 400, "365"),
        ({"days": ""}, 400, "365"),
        ({"scope": []}, 400, "scope"),
        ({"scope": ["files:all"]}, 400, "files:all"),
        ({"scope": ["files:read", "contract:read"]}, 403, "scope"),
        ({"scope": ["service"]}, 403, "scope"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_keeps_the_form(
    site: Site, hanako: Browser, wrong: dict[str, object], status: int, words: str
) -> None:
    answer = make(hanako, **wrong)
    assert answer.status_code == status
    refusal = answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert words in refusal
    assert _TOKEN.search(answer.text) is None
    if "name" not in wrong:
        assert 'value="backup"' in answer.text
    assert "no tokens yet" in hanako.get("/account/tokens/").text


def test_r12_on_pro_a_browser_that_is_no_device_makes_tokens_for_the_contract_alone(site: Site) -> None:
    administrator = site.browser()
    administrator.sign_in("sakura-admin")
    refused = make(administrator, "contract:read", "files:read")
    assert refused.status_code == 403
    assert "Register this device first" in refused.text
    assert call(site, made(make(administrator, "contract:read")), "/users") == 200


def test_each_role_is_offered_its_own_scopes(site: Site) -> None:
    offered = {
        login: re.findall(r'name="scope" value="([^"]+)"', site.at_work(login).get("/account/tokens/").text)
        for login in ("sakura-admin", "hanako", "operator", "support")
    }
    assert offered["operator"] == ["service"]
    assert offered["support"] == ["support"]
    assert set(offered["sakura-admin"]) - set(offered["hanako"]) == {"contract:read", "contract:write"}


def test_who_made_and_revoked_a_token_for_what_is_in_the_log(site: Site, hanako: Browser) -> None:
    token = made(make(hanako, "files:read", "sharing:read"))
    token_id = next(_ID.finditer(hanako.get("/account/tokens/").text))[0]
    hanako.post(f"/account/tokens/{token_id}/revoke")
    with site.parts.database.reading() as tx:
        found = [
            entry
            for act in ("token.add", "token.revoke")
            for entry in accesslog.search(tx, site.caller("hanako").contract_id, Query(act=act))
        ]
    assert [(one.login_id, one.act) for one in found] == [("hanako", "token.add"), ("hanako", "token.revoke")]
    assert found[0].detail == f"{token_id} for files:read sharing:read"
    assert token not in found[0].detail


def test_a_tokens_name_is_only_ever_text(hanako: Browser) -> None:
    make(hanako, name="<script>alert(1)</script>")
    page = hanako.get("/account/tokens/").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_nobody_sees_the_page_without_signing_in(site: Site) -> None:
    assert site.browser().get("/account/tokens/").status_code == 303
