"""The bytes of files: ranges, conditions, and nothing stored that runs as a page of ours."""

from __future__ import annotations

import pytest

from admin_web import content
from tests.unit.admin_web.cast import Browser, Site

DATA = bytes(range(256)) * 4


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser with a film of 1,024 bytes."""
    site.put("hanako", "film.mp4", DATA)
    return site.at_work("hanako")


FILM = "/files/content/my/film.mp4"


def test_a_file_comes_whole_with_what_caches_and_players_need(hanako: Browser) -> None:
    answer = hanako.get(FILM)
    assert (answer.status_code, answer.data) == (200, DATA)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Length"] == "1024"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert hanako.get(FILM, **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("asked", "first", "last"), [("bytes=0-0", 0, 0), ("bytes=10-19", 10, 19), ("bytes=1000-", 1000, 1023),
                                 ("bytes=-24", 1000, 1023), ("bytes=1000-9999", 1000, 1023)]
)  # fmt: skip
def test_a_player_gets_the_range_it_asks_for(hanako: Browser, asked: str, first: int, last: int) -> None:
    answer = hanako.get(FILM, Range=asked)
    assert (answer.status_code, answer.data) == (206, DATA[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/1024"


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000"])
def test_a_range_behind_the_end_is_416(hanako: Browser, asked: str) -> None:
    answer = hanako.get(FILM, Range=asked)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */1024")


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "lines=1-2", "bytes=x", "bytes=5-2"])
def test_other_ranges_get_the_whole_file(hanako: Browser, asked: str) -> None:
    assert hanako.get(FILM, Range=asked).data == DATA


def test_a_range_of_an_older_version_gets_the_whole_file(hanako: Browser) -> None:
    etag = hanako.get(FILM).headers["ETag"]
    assert hanako.get(FILM, Range="bytes=0-1", **{"If-Range": etag}).status_code == 206
    assert hanako.get(FILM, Range="bytes=0-1", **{"If-Range": '"other"'}).status_code == 200


def test_an_empty_file_has_no_ranges(site: Site, hanako: Browser) -> None:
    site.put("hanako", "empty.txt", b"")
    answer = hanako.get("/files/content/my/empty.txt", Range="bytes=0-")
    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize("name", ["evil.html", "evil.xhtml", "evil.svg", "evil.xml", "evil", "evil.js", "evil.mht"])
def test_stored_pages_and_pictures_run_no_script_in_our_origin(site: Site, hanako: Browser, name: str) -> None:
    site.put("hanako", name, b"<script>alert(1)</script>")
    answer = hanako.get(f"/files/content/my/{name}")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    kind = answer.headers["Content-Type"]
    assert kind in ("text/plain; charset=utf-8", "image/svg+xml") or answer.headers["Content-Disposition"].startswith(
        "attachment"
    )
    assert "html" not in kind or answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a.html", "text"), ("a.HTML", "text"), ("a.svg", "image"), ("a.txt.gz", ""), ("a.json", "text"), ("noname", "")],
)
def test_the_preview_follows_the_name(name: str, shown: str) -> None:
    assert content.kind(name) == shown


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("plain.txt", "attachment; filename=plain.txt"),
        ("見積.txt", "attachment; filename*=UTF-8''%E8%A6%8B%E7%A9%8D.txt"),
        ('a"b;c.txt', "attachment; filename*=UTF-8''a%22b%3Bc.txt"),
        ("two words.txt", "attachment; filename*=UTF-8''two%20words.txt"),
    ],
)
def test_a_download_keeps_its_name(name: str, said: str) -> None:
    assert content.disposition(name) == said


def test_a_download_is_never_shown(hanako: Browser) -> None:
    assert hanako.get(FILM + "?download=1").headers["Content-Disposition"] == "attachment; filename=film.mp4"


@pytest.mark.parametrize(
    ("data", "cut", "shown"),
    [
        ("見積書".encode(), False, "見積書"),
        (b"\xef\xbb\xbf" + "見積".encode(), False, "見積"),
        ("見積書①".encode("cp932"), False, "見積書①"),
        ("見積".encode()[:-1], True, "見"),
        ("見積".encode("cp932")[:-1], True, "見"),
        (b"\x81", False, "\ufffd"),
        (b"", False, ""),
    ],
)
def test_a_text_is_read_in_the_encodings_people_here_use(data: bytes, cut: bool, shown: str) -> None:
    assert content.text_of(data, cut=cut) == shown
