"""What pages leave in the access log, and transfers that end when their device is locked."""

from __future__ import annotations

import dataclasses
from io import BytesIO
from typing import Any

import pytest

from admin_web import incoming, records
from admin_web.acts import Who
from admin_web.places import Place
from auth import accesslog, devices
from auth.access import FolderType, authorize
from auth.accesslog import Query
from auth.callers import DeviceState
from auth.transfers import WATCHER
from core.errors import NotAuthenticated
from core.http import BodyCut
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser."""
    return site.at_work("hanako")


def _told(site: Site, login: str = "hanako") -> list[tuple[str, str, str]]:
    site.parts.journal.flush()
    with site.parts.database.reading() as tx:
        found = list(accesslog.search(tx, site.caller(login).contract_id, Query(login_id=login)))
    assert all(one.device_id.startswith("dev-") for one in found)
    return [(one.act, one.path, one.result) for one in found]


def test_r21_every_change_is_in_the_log(site: Site, hanako: Browser) -> None:
    hanako.post("/files/new-folder/my", {"name": "箱"})
    hanako.post("/files/upload/my", {"files": [(BytesIO(b"x"), "a.txt")]})
    hanako.post("/files/rename/my/a.txt", {"name": "b.txt"})
    hanako.post("/files/transfer/my", {"pick": ["b.txt"], "do": "copy", "into": "my/箱"})
    hanako.post("/files/transfer/my", {"pick": ["b.txt"], "do": "move", "into": "group/eigyo"})
    hanako.post("/files/delete/my", {"pick": ["箱"]})
    assert _told(site) == [
        ("folder", "my/箱", "ok"),
        ("write", "my/a.txt", "ok"),
        ("move", "my/a.txt", "ok"),
        ("copy", "my/b.txt", "ok"),
        ("move", "my/b.txt", "ok"),
        ("delete", "my/箱", "ok"),
    ]


def test_r21_reading_a_file_is_in_the_log_and_listing_my_folder_is_not(site: Site, hanako: Browser) -> None:
    site.put("hanako", "a.txt")
    for page in ("/files/my", "/files/content/my/a.txt", "/files/my/a.txt", "/files/zip/my"):
        assert hanako.get(page).status_code == 200
    assert _told(site) == [("read", "my/a.txt", "ok"), ("read", "my/a.txt", "ok"), ("read", "my", "ok")]


def test_r21_refusals_tell_their_reason(site: Site) -> None:
    taro = site.at_work("taro")
    taro.post("/files/new-folder/group/eigyo", {"name": "x"})
    taro.post("/files/upload/group/eigyo", {"files": [(BytesIO(b"x"), "a.txt")]})
    site.capacity_bytes = 0
    taro.post("/files/upload/my", {"files": [(BytesIO(b"x"), "a.txt")]})
    assert _told(site, "taro") == [
        ("folder", "group/eigyo", "access.read_only"),
        ("write", "group/eigyo/a.txt", "access.read_only"),
        ("write", "my/a.txt", "quota.exceeded"),
    ]


class _Client:
    """A client whose connection is cut, also by the thread that asks every second."""

    def __init__(self) -> None:
        self.cuts: list[str] = []

    def cut(self) -> None:
        self.cuts.append("cut")


@pytest.fixture
def lost(site: Site, hanako: Browser) -> str:
    """Return the device of hanako's browser, which will be lost."""
    with site.parts.database.reading() as tx:
        return devices.list_devices(tx, site.caller("hanako").contract_id)[0].device_id


def _on_the_way(site: Site, device_id: str, client: _Client) -> tuple[Place, Any]:
    caller = dataclasses.replace(site.caller("hanako"), device_id=device_id)
    context = site.app.test_request_context(environ_overrides={"azukari.cut": client.cut})
    return Place(authorize(caller, FolderType.MY), (), ()), context


def test_r16_an_answer_ends_when_its_device_is_locked_also_where_nobody_reads_on(
    site: Site, lost: str, hanako: Browser
) -> None:
    client = _Client()
    place, context = _on_the_way(site, lost, client)
    with context:
        blocks = records.watched(place, iter([b"1", b"2", b"3"]))
    assert next(blocks) == b"1"
    WATCHER.ask()
    assert client.cuts == []
    site.parts.acts.change_device(lost, DeviceState.LOCKED, Who("sakura-admin"))
    WATCHER.ask()
    assert client.cuts
    with pytest.raises(NotAuthenticated):
        next(blocks)
    site.parts.journal.flush()
    with site.parts.database.reading() as tx:
        *_, last = accesslog.search(tx, site.caller("hanako").contract_id, Query(device_id=lost))
    assert (last.act, last.path, last.result) == ("read", "my", "device.locked")


def test_r16_a_body_ends_when_its_device_is_locked_also_while_its_client_is_silent(
    site: Site, lost: str, hanako: Browser
) -> None:
    client = _Client()
    place, context = _on_the_way(site, lost, client)

    def silent(limit: int) -> bytes:
        site.parts.acts.change_device(lost, DeviceState.LOCKED, Who("sakura-admin"))
        WATCHER.ask()
        WATCHER.ask()
        assert client.cuts
        raise BodyCut("cut")

    with context, incoming.watched(place, silent) as read, pytest.raises(NotAuthenticated):
        read(1)
