"""Uploads: by a form, and one file at a time by script; whole or not at all."""

from __future__ import annotations

from io import BytesIO

import pytest

from auth.access import FolderType, authorize
from storage import files
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser."""
    return site.at_work("hanako")


def _read(site: Site, *path: str) -> bytes:
    fs, grant = site.parts.files, authorize(site.caller("hanako"), FolderType.MY)
    node = files.stat(fs, grant, path)
    return b"".join(map(bytes, files.content(fs, grant, node, start=0, length=node.size_bytes)))


def test_a_form_stores_its_files(site: Site, hanako: Browser) -> None:
    chosen = [(BytesIO(b"one"), "一.txt"), (BytesIO(b"x" * 3_000_000), "big.bin"), (BytesIO(b""), "empty")]
    answer = hanako.post("/files/upload/my", {"files": chosen})
    assert answer.status_code == 303
    assert "3 stored." in hanako.get("/files/my").text
    assert _read(site, "一.txt") == b"one"
    assert _read(site, "big.bin") == b"x" * 3_000_000
    assert _read(site, "empty") == b""


def test_a_form_replaces_only_where_that_was_ticked(site: Site, hanako: Browser) -> None:
    site.put("hanako", "a.txt", b"old")
    refused = hanako.post("/files/upload/my", {"files": [(BytesIO(b"new"), "a.txt")]})
    assert refused.status_code == 409
    assert _read(site, "a.txt") == b"old"
    hanako.post("/files/upload/my", {"replace": "1", "files": [(BytesIO(b"new"), "a.txt")]})
    assert _read(site, "a.txt") == b"new"


@pytest.mark.parametrize("sent", ["../../a.txt", "/etc/a.txt", "folder/a.txt"])
def test_a_form_stores_under_the_last_name_of_what_the_browser_says(site: Site, hanako: Browser, sent: str) -> None:
    hanako.post("/files/upload/my", {"files": [(BytesIO(b"x"), sent)]})
    assert _read(site, "a.txt") == b"x"


def test_a_form_without_files_says_so(hanako: Browser) -> None:
    assert hanako.post("/files/upload/my", {"files": [(BytesIO(b""), "")]}).status_code == 303
    assert "Nothing was selected." in hanako.get("/files/my").text


def test_a_form_with_a_foreign_token_stores_nothing(site: Site, hanako: Browser) -> None:
    stranger = site.browser().token("/login")
    for token in ("", "x", stranger):
        answer = hanako.post("/files/upload/my", {"files": [(BytesIO(b"x"), "a.txt")]}, token=token)
        assert answer.status_code == 403
    assert "There is nothing here yet." in hanako.get("/files/my").text


def test_r6_a_form_is_told_in_words_that_there_is_no_room(site: Site, hanako: Browser) -> None:
    site.capacity_bytes = 9
    answer = hanako.post("/files/upload/my", {"files": [(BytesIO(b"x" * 10), "a.txt")]})
    assert answer.status_code == 507
    assert "There is not enough room" in answer.text
    assert hanako.post("/files/upload/my", {"files": [(BytesIO(b"x" * 9), "a.txt")]}).status_code == 303


def test_r4_over_capacity_every_page_says_so(site: Site, hanako: Browser) -> None:
    site.put("hanako", "a", b"12345")
    site.capacity_bytes = 4
    assert "You are 1 B over your capacity." in hanako.get("/files/my").text
    site.capacity_bytes = 5
    assert "over your capacity" not in hanako.get("/files/my").text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("new.bin?size=4", 204),
        ("new.bin?size=5", 507),
        ("old.txt?size=4", 409),
        ("old.txt?size=9&replace=1", 204),
        ("old.txt?size=10&replace=1", 507),
        ("new.bin?size=-1", 400),
        ("new.bin", 400),
        ("new.bin?size=9999999999999999", 400),
    ],
)
def test_a_script_asks_before_it_sends_a_large_file(site: Site, hanako: Browser, query: str, status: int) -> None:
    site.put("hanako", "old.txt", b"12345")
    site.capacity_bytes = 9
    answer = hanako.get(f"/files/room/my/{query}", Accept="application/json")
    assert answer.status_code == status


def test_r22_a_reader_of_a_group_is_told_before_sending(site: Site) -> None:
    assert site.at_work("taro").get("/files/room/group/eigyo/a?size=1").status_code == 403
    assert site.at_work("jiro").get("/files/room/group/eigyo/a?size=1").status_code == 404
