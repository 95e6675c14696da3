"""Signing in, this browser as a device, and what an attacker may try at the door."""

from __future__ import annotations

import pyotp
import pytest

from auth import accesslog, devices, sessions, totp
from auth.accesslog import Query
from auth.callers import DeviceState
from tests.unit.admin_web.cast import PASSWORD, Site


def test_home_leads_a_stranger_to_the_login_page(site: Site) -> None:
    answer = site.browser().get("/")
    assert (answer.status_code, answer.location) == (303, "/login")


def test_r29_login_is_one_page_in_the_readers_language(site: Site) -> None:
    browser = site.browser()
    assert "Sign in" in browser.get("/login").text
    japanese = browser.get("/login", **{"Accept-Language": "ja"}).text
    assert "ログインID" in japanese
    assert '<html lang="ja">' in japanese


def test_the_chosen_language_outlives_signing_in(site: Site) -> None:
    browser = site.browser()
    assert browser.post("/language", {"language": "ja", "next": "/login"}).location == "/login"
    browser.sign_in("kaede-admin")
    assert '<html lang="ja">' in browser.get("/files/my").text


def test_the_right_password_opens_the_files_without_pro(site: Site) -> None:
    browser = site.browser()
    assert browser.sign_in("kaede-admin").status_code == 303
    assert browser.get("/files/my").status_code == 200


@pytest.mark.parametrize(("login", "password"), [("hanako", "wrong"), ("nobody", PASSWORD), ("", ""), ("\0", "x")])
def test_r19_a_wrong_password_and_an_unknown_login_get_the_same_answer(site: Site, login: str, password: str) -> None:
    answer = site.browser().sign_in(login, password)
    assert answer.status_code == 401
    assert "The login ID or the password is wrong." in answer.text


def test_r19_too_many_guesses_are_told_how_long_to_wait(site: Site) -> None:
    browser = site.browser()
    for _ in range(5):
        assert browser.sign_in("hanako", "wrong").status_code == 401
    locked = browser.sign_in("hanako")
    assert (locked.status_code, locked.headers["Retry-After"]) == (429, "30")
    assert "Try again in 30 seconds" in locked.text
    site.clock.advance(seconds=30)
    assert browser.sign_in("hanako").status_code == 303


def test_r12_on_pro_a_password_alone_leads_to_the_device_key(site: Site) -> None:
    browser = site.browser()
    browser.sign_in("hanako")
    answer = browser.get("/files/my")
    assert (answer.status_code, answer.location) == (303, "/login/device?next=/files/my")
    assert "Device key" in browser.get(answer.location).text


def test_r13_a_key_makes_the_browser_a_device_and_r14_shows_the_drives_password_once(site: Site) -> None:
    browser = site.browser(**{"User-Agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Safari/605.1"})
    browser.sign_in("hanako")
    page = browser.register(site.key_for("hanako"), "花子のMac")
    assert page.status_code == 200
    assert "http://localhost/dav/my/" in page.text
    assert "Connect to Server" in page.text, "the steps are those of this platform"
    assert browser.get("/files/my").status_code == 200
    with site.parts.database.reading() as tx:
        device = devices.list_devices(tx, site.caller("hanako").contract_id)[0]
    assert (device.name, device.login_id, device.state) == ("花子のMac", "hanako", DeviceState.REGISTERED)


def test_the_drives_password_opens_the_drive(site: Site) -> None:
    browser = site.browser()
    browser.sign_in("hanako")
    page = browser.register(site.key_for("hanako")).text
    password = page.partition('id="dav-password">')[2].partition("<")[0]
    assert site.parts.identifier.by_basic("hanako", password).device_id is not None


def test_the_drives_password_is_not_shown_to_who_did_not_ask(site: Site) -> None:
    browser = site.browser()
    browser.sign_in("hanako")
    page = browser.post("/login/device", {"device_key": site.key_for("hanako"), "device_name": "PC"})
    assert page.status_code == 200
    assert "dav-password" not in page.text


def test_r13_a_key_is_refused_on_a_second_browser_and_for_another_login(site: Site) -> None:
    key = site.key_for("hanako")
    other = site.browser()
    other.sign_in("taro")
    assert other.register(key).status_code == 403
    first, second = site.browser(), site.browser()
    first.sign_in("hanako")
    second.sign_in("hanako")
    assert first.register(key).status_code == 200
    assert second.register(key).status_code == 403
    assert second.get("/files/my").status_code == 303


def test_r14_a_browser_that_is_a_device_signs_in_again_with_the_password_alone(site: Site) -> None:
    browser = site.at_work("hanako")
    browser.post("/logout")
    assert browser.get("/files/my").location == "/login?next=/files/my"
    browser.sign_in("hanako")
    assert browser.get("/files/my").status_code == 200


def test_another_login_on_a_registered_browser_still_needs_its_own_key(site: Site) -> None:
    browser = site.at_work("hanako")
    browser.post("/logout")
    browser.sign_in("taro")
    assert browser.get("/files/my").status_code == 303


def test_r16_a_locked_device_is_out_at_its_next_request_and_cannot_come_back(site: Site) -> None:
    lost, other = site.at_work("hanako"), site.at_work("hanako")
    database, now = site.parts.database, site.clock()
    cookie = lost.client.get_cookie("azukari-device")
    assert cookie is not None
    caller = site.caller("hanako")
    with database.reading() as tx:
        device = sessions.device_of_cookie(tx, caller, cookie.value)
    assert device is not None
    database.write(
        lambda tx: devices.change_state(tx, device, DeviceState.LOCKED, by="sakura-admin", reason="lost", now=now)
    )
    assert lost.get("/files/my").status_code == 303
    assert other.get("/files/my").status_code == 200, "the other device of the login goes on"
    again = lost.sign_in("hanako")
    assert again.status_code == 401
    assert "This device is locked." in again.text


def test_a_session_ends_after_half_an_hour_without_a_request(site: Site) -> None:
    browser = site.at_work("hanako")
    site.clock.advance(minutes=29)
    assert browser.get("/files/my").status_code == 200
    site.clock.advance(minutes=30)
    answer = browser.get("/files/my")
    assert answer.status_code == 303
    assert "You are no longer signed in." in browser.get(answer.location).text


def test_a_session_is_a_new_one_after_signing_in(site: Site) -> None:
    browser = site.browser()
    browser.client.set_cookie("azukari-session", "planted", domain="localhost")
    browser.sign_in("kaede-admin")
    cookie = browser.client.get_cookie("azukari-session")
    assert cookie is not None
    assert cookie.value != "planted"
    stranger = site.browser()
    stranger.client.set_cookie("azukari-session", "planted", domain="localhost")
    assert stranger.get("/files/my").status_code == 303


def test_a_form_token_of_before_signing_in_is_good_no_more(site: Site) -> None:
    browser = site.browser()
    token = browser.token("/login")
    browser.sign_in("kaede-admin")
    assert browser.post("/files/new-folder/my", {"name": "x"}, token=token).status_code == 400


def test_logging_out_ends_the_session_itself(site: Site) -> None:
    browser = site.at_work("kaede-admin")
    cookie = browser.client.get_cookie("azukari-session")
    assert cookie is not None
    browser.post("/logout")
    thief = site.browser()
    thief.client.set_cookie("azukari-session", cookie.value, domain="localhost")
    assert thief.get("/files/my").status_code == 303


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "x", ""],
)
def test_signing_in_never_leads_to_another_host(site: Site, target: str) -> None:
    assert site.browser().sign_in("kaede-admin", next=target).location == "/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(site: Site) -> None:
    assert site.browser().sign_in("kaede-admin", next="/files/my/a?sort=size").location == "/files/my/a?sort=size"


def test_r15_an_enrolled_administrator_needs_the_code_too(site: Site) -> None:
    caller, database, now = site.caller("kaede-admin"), site.parts.database, site.clock()
    secret = database.write(lambda tx: totp.begin(tx, caller)).secret
    database.write(lambda tx: totp.confirm(tx, caller, pyotp.TOTP(secret).at(now), now=now))
    browser = site.browser()
    asked = browser.sign_in("kaede-admin")
    assert asked.status_code == 403
    assert 'name="code"' in asked.text
    site.clock.advance(seconds=30)
    code = pyotp.TOTP(secret).at(site.clock())
    assert browser.sign_in("kaede-admin", code="000000").status_code == 403
    assert browser.sign_in("kaede-admin", code=code).status_code == 303
    assert site.browser().sign_in("kaede-admin", code=code).status_code == 403, "a code is good once"


def test_r19_codes_are_not_guessed_by_who_knows_the_password(site: Site) -> None:
    caller, database, now = site.caller("kaede-admin"), site.parts.database, site.clock()
    secret = database.write(lambda tx: totp.begin(tx, caller)).secret
    database.write(lambda tx: totp.confirm(tx, caller, pyotp.TOTP(secret).at(now), now=now))
    browser = site.browser()
    for _ in range(5):
        assert browser.sign_in("kaede-admin", code="000000").status_code == 403
    assert browser.sign_in("kaede-admin", code=pyotp.TOTP(secret).at(now)).status_code == 429


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    browser = site.browser()
    browser.base_url = "https://drive.example.jp/"
    answer = browser.sign_in("kaede-admin")
    found = {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    assert set(found) == {"__Host-azukari-session", "__Host-azukari-forms"}
    for line in found.values():
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {one.strip() for one in line.split(";")}
        assert "Domain" not in line


@pytest.mark.parametrize("host", ["drive.example.jp", "127.0.0.2", "localhost.example.jp"])
def test_behind_a_proxy_that_ends_tls_cookies_are_secure_too(site: Site, host: str) -> None:
    browser = site.browser()
    lines = browser.client.get("/login", base_url=f"http://{host}/").headers.getlist("Set-Cookie")
    assert all(line.startswith("__Host-") and "Secure" in line for line in lines)
    assert lines


def test_r21_signing_in_and_registering_are_in_the_access_log(site: Site) -> None:
    browser = site.browser()
    browser.sign_in("hanako")
    browser.register(site.key_for("hanako"))
    site.browser().sign_in("hanako", "wrong")
    site.parts.journal.flush()
    with site.parts.database.reading() as tx:
        found = list(accesslog.search(tx, site.caller("hanako").contract_id, Query(login_id="hanako")))
    told = [(one.act, one.result) for one in found]
    assert told == [("sign-in", "ok"), ("device.register", "ok"), ("sign-in", "password.wrong")]
