"""The support desk's pages: a device is locked on request, and nothing more is shown."""

from __future__ import annotations

import pytest

from auth import accesslog, devices
from auth.accesslog import Query
from auth.callers import DeviceState
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def support(site: Site) -> Browser:
    """Return the support desk's browser."""
    return site.at_work("support")


@pytest.mark.parametrize("login", ["sakura-admin", "hanako", "operator"])
def test_the_support_desks_pages_are_there_for_nobody_else(site: Site, login: str) -> None:
    site.at_work("taro")
    browser, device_id = site.at_work(login), _device(site, "taro").device_id
    for page in ("/support/", "/support/?name=sakura", f"/support/contracts/sakura/devices/{device_id}"):
        assert browser.get(page).status_code == 404
    form = {"asked_by": "x"}
    assert browser.post(f"/support/contracts/sakura/devices/{device_id}", form).status_code == 404
    assert _device(site, "taro").state is DeviceState.REGISTERED


def _device(site: Site, login: str) -> devices.Device:
    with site.parts.database.reading() as tx:
        found = devices.list_devices(tx, site.caller(login).contract_id)
    return next(one for one in found if one.login_id == login)


def test_the_support_desk_finds_a_contract_by_its_whole_name(site: Site, support: Browser) -> None:
    site.at_work("hanako")
    assert "hanako" in support.get("/support/?name=sakura").text
    for name in ("sakur", "-", "none", "%"):
        assert "There is no contract by this name." in support.get(f"/support/?name={name}").text


def test_r16_the_support_desk_locks_on_request_with_the_requesters_name(site: Site, support: Browser) -> None:
    hanako = site.at_work("hanako")
    address = f"/support/contracts/sakura/devices/{_device(site, 'hanako').device_id}"
    assert support.get(address).status_code == 200
    assert support.post(address, {"asked_by": " "}).status_code == 400
    assert hanako.get("/files/my").status_code == 200
    assert support.post(address, {"asked_by": "山田 花子", "reason": "紛失"}).status_code == 303
    assert hanako.get("/files/my").status_code == 303
    with site.parts.database.reading() as tx:
        query = Query(act="device.lock")
        entry = next(iter(accesslog.search(tx, site.caller("hanako").contract_id, query)))
    assert entry.login_id == "support"
    assert "山田 花子" in entry.detail


def test_a_device_is_found_under_its_own_contract_only(site: Site, support: Browser) -> None:
    site.at_work("hanako")
    device_id = _device(site, "hanako").device_id
    assert support.get(f"/support/contracts/momiji/devices/{device_id}").status_code == 404
    assert support.post(f"/support/contracts/momiji/devices/{device_id}", {"asked_by": "x"}).status_code == 404
