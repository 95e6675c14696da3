"""The operator's and the support desk's pages."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from auth import accesslog, devices
from auth.accesslog import Query
from auth.callers import DeviceState
from db.tables import job_runs
from quota import contracts
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def operator(site: Site) -> Browser:
    """Return the operator's browser."""
    return site.at_work("operator")


@pytest.fixture
def support(site: Site) -> Browser:
    """Return the support desk's browser."""
    return site.at_work("support")


def test_the_operator_sees_every_contract_but_the_services_own(operator: Browser) -> None:
    assert operator.get("/").location == "/operator/"
    page = operator.get("/operator/").text
    for name, plan in (("sakura", "pro-50"), ("momiji", "pro-10"), ("kaede", "free-10")):
        assert f"/operator/contracts/{name}" in page
        assert plan in page
    assert 'contracts/-"' not in page
    assert operator.get("/operator/contracts/-").status_code == 404


def test_a_contract_is_signed_up_with_its_administrator(site: Site, operator: Browser) -> None:
    form = {"name": "tsubaki", "plan": "paid-25", "login_id": "tsubaki-admin"}
    page = operator.post("/operator/contracts", form).text
    password = page.partition('id="password">')[2].partition("<")[0]
    browser = site.browser()
    assert browser.sign_in("tsubaki-admin", password).status_code == 303
    assert "paid-25" in browser.get("/admin/").text


@pytest.mark.parametrize(
    ("form", "status"),
    [({"name": "sakura"}, 409), ({"name": "Ä"}, 400), ({"plan": "none"}, 404), ({"name": ""}, 400)],
)
def test_a_sign_up_that_cannot_be_is_told(operator: Browser, form: dict[str, str], status: int) -> None:
    whole = {"name": "tsubaki", "plan": "paid-25", "login_id": "tsubaki-admin", **form}
    answer = operator.post("/operator/contracts", whole)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text


def test_r8_a_plan_change_is_recorded_with_its_channel(site: Site, operator: Browser) -> None:
    assert operator.post("/operator/contracts/sakura", {"plan": "pro-100", "channel": "shop"}).status_code == 303
    with site.parts.database.reading() as tx:
        last = contracts.history(tx, site.caller("hanako").contract_id).events[-1]
    assert (last.code, last.channel) == ("pro-100", "shop")
    assert "pro-100" in operator.get("/operator/contracts/sakura").text
    assert operator.post("/operator/contracts/sakura", {"plan": "pro-10", "channel": "fax"}).status_code == 400
    assert operator.post("/operator/contracts/none", {"plan": "pro-10", "channel": "web"}).status_code == 404


def test_the_last_run_of_each_job_is_shown(site: Site, operator: Browser) -> None:
    assert "None has run yet." in operator.get("/operator/jobs").text
    now = site.clock()
    runs = [{"job": "purge", "started_at": now, "ended_at": now, "result": f"run {number}"} for number in (1, 2)]
    site.parts.database.write(lambda tx: tx.execute(insert(job_runs), runs))
    page = operator.get("/operator/jobs").text
    assert "run 2" in page
    assert "run 1" not in page


@pytest.mark.parametrize("login", ["sakura-admin", "hanako", "support"])
def test_the_operators_pages_are_there_for_nobody_else(site: Site, login: str) -> None:
    browser = site.at_work(login)
    for page in ("/operator/", "/operator/contracts/sakura", "/operator/jobs"):
        assert browser.get(page).status_code == 404
    assert browser.post("/operator/contracts/sakura", {"plan": "pro-100", "channel": "web"}).status_code == 404
    assert browser.post("/operator/contracts", {"name": "x", "plan": "pro-100"}).status_code == 404


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
