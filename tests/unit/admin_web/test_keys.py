"""Device keys and devices, by the contract's administrator."""

from __future__ import annotations

import pytest

from auth import devices
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def admin(site: Site) -> Browser:
    """Return the browser of sakura's administrator."""
    return site.at_work("sakura-admin")


def _device(site: Site, login: str) -> devices.Device:
    with site.parts.database.reading() as tx:
        found = devices.list_devices(tx, site.caller(login).contract_id)
    return next(one for one in found if one.login_id == login)


def _key(page: str) -> str:
    return page.partition('id="device-key">')[2].partition("<")[0]


def test_r15_the_first_key_is_issued_here_and_opens_a_browser(site: Site) -> None:
    admin = site.browser()
    admin.sign_in("sakura-admin")
    slip = admin.post("/admin/devices/keys", {"login_id": "hanako"})
    assert slip.status_code == 200
    assert "http://localhost/" in slip.text
    hanako = site.browser()
    hanako.sign_in("hanako")
    assert hanako.register(_key(slip.text), "花子のPC").status_code == 200
    page = admin.get("/admin/devices/").text
    assert "花子のPC" in page
    assert _key(slip.text) not in page


def test_r16_a_lock_is_previewed_and_closes_every_door_of_that_device_alone(site: Site, admin: Browser) -> None:
    hanako, other = site.at_work("hanako"), site.at_work("taro")
    device = _device(site, "hanako")
    preview = admin.get(f"/admin/devices/{device.device_id}/lock").text
    assert "Sessions that end</dt><dd>1</dd>" in preview
    assert hanako.get("/files/my").status_code == 200
    assert admin.post(f"/admin/devices/{device.device_id}/lock", {"reason": "電車に忘れた"}).status_code == 303
    assert hanako.get("/files/my").status_code == 303
    assert hanako.sign_in("hanako").status_code == 401
    assert other.get("/files/my").status_code == 200
    page = admin.get("/admin/devices/").text
    assert "電車に忘れた" in page
    assert "sakura-admin" in page


def test_r16_only_unlocking_lets_it_in_again(site: Site, admin: Browser) -> None:
    hanako = site.at_work("hanako")
    device_id = _device(site, "hanako").device_id
    admin.post(f"/admin/devices/{device_id}/lock")
    admin.post(f"/admin/devices/{device_id}/unlock")
    assert hanako.sign_in("hanako").status_code == 303
    assert hanako.get("/files/my").status_code == 200


def test_revoking_is_final(site: Site, admin: Browser) -> None:
    hanako = site.at_work("hanako")
    device_id = _device(site, "hanako").device_id
    admin.post(f"/admin/devices/{device_id}/revoke")
    assert hanako.get("/files/my").status_code == 303
    assert admin.post(f"/admin/devices/{device_id}/unlock").status_code == 409


def test_no_address_reaches_a_device_or_login_of_another_contract(site: Site) -> None:
    hanako, stranger = site.at_work("hanako"), site.at_work("momiji-admin")
    device_id = _device(site, "hanako").device_id
    assert stranger.get(f"/admin/devices/{device_id}/lock").status_code == 404
    for act in ("lock", "unlock", "revoke"):
        assert stranger.post(f"/admin/devices/{device_id}/{act}").status_code == 404
    assert stranger.post("/admin/devices/keys", {"login_id": "hanako"}).status_code == 404
    assert hanako.get("/files/my").status_code == 200


@pytest.mark.parametrize("act", ["unlock", "burn"])
def test_there_is_no_page_for_other_acts(site: Site, admin: Browser, act: str) -> None:
    site.at_work("hanako")
    assert admin.get(f"/admin/devices/{_device(site, 'hanako').device_id}/{act}").status_code == 404
    assert admin.post("/admin/devices/none/burn").status_code == 404


def test_r14_a_key_for_cleared_cookies_is_two_clicks_away(site: Site, admin: Browser) -> None:
    hanako = site.at_work("hanako")
    page = admin.get("/admin/devices/")  # the first click
    assert "New key" in page.text
    slip = admin.post("/admin/devices/keys", {"login_id": "hanako"})  # the second
    hanako.client.delete_cookie("azukari-device", domain="localhost")
    hanako.post("/logout")
    hanako.sign_in("hanako")
    assert hanako.get("/files/my").status_code == 303
    assert hanako.register(_key(slip.text), "花子のPC").status_code == 200
    assert hanako.get("/files/my").status_code == 200


def test_an_unused_key_is_seen_and_withdrawn(site: Site, admin: Browser) -> None:
    key = _key(admin.post("/admin/devices/keys", {"login_id": "hanako"}).text)
    with site.parts.database.reading() as tx:
        [waiting] = devices.list_keys(tx, site.caller("hanako").contract_id)
    page = admin.get("/admin/devices/").text
    assert waiting.key_id in page
    assert key not in page
    assert site.at_work("momiji-admin").post(f"/admin/devices/keys/{waiting.key_id}/withdraw").status_code == 404
    assert admin.post(f"/admin/devices/keys/{waiting.key_id}/withdraw").status_code == 303
    assert waiting.key_id not in admin.get("/admin/devices/").text.partition("<h2>")[2]
    hanako = site.browser()
    hanako.sign_in("hanako")
    assert hanako.register(key).status_code == 403
    assert admin.post(f"/admin/devices/keys/{waiting.key_id}/withdraw").status_code == 404


def test_a_key_past_its_time_is_marked(site: Site, admin: Browser) -> None:
    admin.post("/admin/devices/keys", {"login_id": "hanako"})
    site.clock.advance(days=30)
    assert ">expired<" in site.at_work("sakura-admin").get("/admin/devices/").text


def test_r16_a_locked_device_has_its_proof_to_print(site: Site, admin: Browser) -> None:
    hanako = site.at_work("hanako")
    device_id = _device(site, "hanako").device_id
    assert "This device was never locked." in admin.get(f"/admin/devices/{device_id}/proof").text
    site.put("hanako", "a.txt")
    assert hanako.get("/files/content/my/a.txt").status_code == 200
    site.clock.advance(minutes=5)
    admin.post(f"/admin/devices/{device_id}/lock", {"reason": "電車に忘れた"})
    site.clock.advance(minutes=5)
    assert hanako.sign_in("hanako").status_code == 401
    page = admin.get(f"/admin/devices/{device_id}/proof").text
    assert page.index("1 Apr 2026, 12:00:00") < page.index("1 Apr 2026, 12:05:00")
    assert "電車に忘れた" in page
    assert "sakura-admin" in page
    assert site.at_work("momiji-admin").get(f"/admin/devices/{device_id}/proof").status_code == 404
