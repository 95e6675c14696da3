"""What pages leave in the access log, and transfers that end when their device is locked."""

from __future__ import annotations

import dataclasses
from io import BytesIO

import pytest

from admin_web import records
from admin_web.acts import Who
from admin_web.places import Place
from auth import accesslog, devices
from auth.access import FolderType, authorize
from auth.accesslog import Query
from auth.callers import DeviceState
from core.errors import NotAuthenticated
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


def test_r16_a_transfer_ends_when_its_device_is_locked(
    site: Site, hanako: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_WATCH_SECONDS", -1.0)
    with site.parts.database.reading() as tx:
        device_id = devices.list_devices(tx, site.caller("hanako").contract_id)[0].device_id
    caller = dataclasses.replace(site.caller("hanako"), device_id=device_id)
    with site.app.test_request_context():
        place = Place(authorize(caller, FolderType.MY), (), ())
        blocks = records.watched(place, iter([b"1", b"2", b"3"]))
    assert next(blocks) == b"1"
    site.parts.acts.change_device(device_id, DeviceState.LOCKED, Who("sakura-admin"))
    with pytest.raises(NotAuthenticated):
        next(blocks)
