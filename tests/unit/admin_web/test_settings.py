"""What the contract's administrator decides: devices, copies, where reminders go."""

from __future__ import annotations

import pytest

from auth import settings
from auth.settings import Binding, Settings
from quota import standings
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def admin(site: Site) -> Browser:
    """Return the browser of sakura's administrator."""
    return site.at_work("sakura-admin")


def _address(site: Site, login: str = "sakura-admin") -> str | None:
    with site.parts.database.reading() as tx:
        return standings.standing(tx, site.caller(login).contract_id).notify_address


def test_r14_r23_what_is_decided_is_kept_and_logged(site: Site, admin: Browser) -> None:
    admin.post("/admin/settings/", {"device_binding": "client", "copy_out": "1"})
    with site.parts.database.reading() as tx:
        found = settings.read(tx, site.caller("sakura-admin").contract_id)
        other = settings.read(tx, site.caller("momiji-admin").contract_id)
    assert found == Settings(Binding.CLIENT, copy_out=True)
    assert other == Settings()
    assert "binding client, copy out on" in admin.get("/admin/log/").text


def test_a_decision_there_is_not(admin: Browser) -> None:
    assert admin.post("/admin/settings/", {"device_binding": "magic"}).status_code == 400


def test_r4_reminders_go_where_the_administrator_says(site: Site, admin: Browser) -> None:
    assert admin.post("/admin/settings/notify", {"address": " office@sakura.example "}).status_code == 303
    assert _address(site) == "office@sakura.example"
    assert _address(site, "momiji-admin") is None
    assert 'value="office@sakura.example"' in admin.get("/admin/settings/").text
    assert admin.post("/admin/settings/notify", {"address": ""}).status_code == 303
    assert _address(site) is None


@pytest.mark.parametrize("address", ["office", "a@b, c@d", "a b@c", "@sakura.example"])
def test_what_is_no_address_is_told_and_not_kept(site: Site, admin: Browser, address: str) -> None:
    answer = admin.post("/admin/settings/notify", {"address": address})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert _address(site) is None


def test_one_decision_leaves_the_others_as_they_are(site: Site, admin: Browser) -> None:
    admin.post("/admin/settings/notify", {"address": "office@sakura.example"})
    admin.post("/admin/settings/", {"device_binding": "none"})
    assert _address(site) == "office@sakura.example"
