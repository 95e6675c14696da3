"""GET and HEAD."""

from __future__ import annotations

import threading

import pytest

from core.errors import StoreUnavailable
from tests.unit.providers.conftest import Client, Office

FILE = "/dav/my/a.txt"


@pytest.fixture
def ten(hanako: Client) -> Client:
    """Return hanako's device with a file of ten bytes."""
    hanako.put(FILE, b"0123456789")
    return hanako


def test_a9_get_carries_length_etag_last_modified_and_accept_ranges(ten: Client) -> None:
    answer = ten("GET", FILE)
    assert answer.status == 200
    assert answer.headers["content-length"] == "10"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["last-modified"] == "Wed, 01 Apr 2026 03:00:00 GMT"
    assert answer.headers["etag"].startswith('"')


def test_head_is_get_without_the_body_and_asks_the_store_nothing(office: Office, ten: Client) -> None:
    office.store.requests.clear()
    head = ten("HEAD", FILE)
    assert (head.status, head.body) == (200, b"")
    assert office.store.requests == {}
    assert head.headers == ten("GET", FILE).headers


@pytest.mark.parametrize(
    ("asked", "got", "content_range"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=9-9", b"9", "bytes 9-9/10"),
        ("bytes=0-9", b"0123456789", "bytes 0-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
        ("Bytes=1-1", b"1", "bytes 1-1/10"),
    ],
)
def test_a9_a_single_range_is_exact(ten: Client, asked: str, got: bytes, content_range: str) -> None:
    answer = ten("GET", FILE, range=asked)
    assert (answer.status, answer.body) == (206, got)
    assert answer.headers["content-range"] == content_range
    assert answer.headers["content-length"] == str(len(got))


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=999999999999999999-"])
def test_a9_a_range_outside_the_file_is_416_and_says_its_size(ten: Client, asked: str) -> None:
    answer = ten("GET", FILE, range=asked)
    assert answer.status == 416
    assert answer.headers["content-range"] == "bytes */10"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,3-4",
        "bytes=5-2",
        "bytes=-",
        "bytes=a-b",
        "lines=1-2",
        "bytes 0-1",
        "bytes=1",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_a9_several_or_unreadable_ranges_are_ignored(ten: Client, asked: str) -> None:
    answer = ten("GET", FILE, range=asked)
    assert (answer.status, answer.body) == (200, b"0123456789")


@pytest.mark.parametrize("asked", ["bytes=0-", "bytes=0-9", "bytes=-5"])
def test_an_empty_file_is_whole_whatever_part_is_asked(hanako: Client, asked: str) -> None:
    hanako.put(FILE, b"")
    answer = hanako("GET", FILE, range=asked)
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


def test_a9_head_knows_no_range(ten: Client) -> None:
    assert ten("HEAD", FILE, range="bytes=0-1").headers["content-length"] == "10"


def test_if_range_of_this_version_gives_the_part_and_of_another_the_whole(ten: Client) -> None:
    now = ten("GET", FILE).headers
    assert ten("GET", FILE, range="bytes=0-1", if_range=now["etag"]).body == b"01"
    assert ten("GET", FILE, range="bytes=0-1", if_range=now["last-modified"]).body == b"01"
    for other in ('"other"', "W/" + now["etag"], "Wed, 01 Apr 2026 02:59:59 GMT", "yesterday"):
        assert ten("GET", FILE, range="bytes=0-1", if_range=other).status == 200


def test_c2_parallel_segments_of_a_large_file_have_exact_lengths(hanako: Client) -> None:
    size, part = 3_000_000, 750_000
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    hanako.put(FILE, data)
    got: dict[int, bytes] = {}

    def fetch(start: int) -> None:
        got[start] = hanako("GET", FILE, range=f"bytes={start}-{start + part - 1}").body

    threads = [threading.Thread(target=fetch, args=(start,)) for start in range(0, size, part)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert b"".join(got[start] for start in sorted(got)) == data


def test_a_large_file_is_streamed_in_blocks_from_one_request(office: Office, hanako: Client) -> None:
    data = bytes(3 * 1024 * 1024)
    hanako.put(FILE, data)
    office.store.requests.clear()
    answer = hanako("GET", FILE)
    assert answer.body == data
    assert answer.blocks == 3
    assert office.store.requests == {"stream": 1}


def test_a_client_that_goes_away_frees_the_stream(hanako: Client) -> None:
    hanako.put(FILE, bytes(3 * 1024 * 1024))
    environ = hanako._environ("GET", FILE, b"", "")
    blocks = iter(hanako.app(environ, lambda *_: None))
    next(blocks)
    blocks.close()  # type: ignore[attr-defined]
    assert next(blocks, None) is None


def test_a11_if_modified_since_our_own_last_modified_is_304(ten: Client) -> None:
    now = ten("GET", FILE).headers
    answer = ten("GET", FILE, if_modified_since=now["last-modified"])
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", now["etag"])
    assert ten("GET", FILE, if_modified_since="Wed, 01 Apr 2026 02:59:59 GMT").status == 200
    assert ten("GET", FILE, if_modified_since="not a date").status == 200


def test_if_none_match_decides_before_if_modified_since(ten: Client) -> None:
    now = ten("GET", FILE).headers
    assert ten("GET", FILE, if_none_match=now["etag"]).status == 304
    assert ten("HEAD", FILE, if_none_match=f'"x", W/{now["etag"]}').status == 304
    assert ten("GET", FILE, if_none_match='"x"', if_modified_since=now["last-modified"]).status == 200


def test_if_match_and_if_unmodified_since_guard_a_read(ten: Client) -> None:
    now = ten("GET", FILE).headers
    assert ten("GET", FILE, if_match=now["etag"]).status == 200
    assert ten("GET", FILE, if_match='"x"').status == 412
    assert ten("GET", FILE, if_match="W/" + now["etag"]).status == 412
    assert ten("GET", FILE, if_unmodified_since=now["last-modified"]).status == 200
    assert ten("GET", FILE, if_unmodified_since="Wed, 01 Apr 2026 02:59:59 GMT").status == 412


def test_what_people_store_never_runs_as_our_page(hanako: Client) -> None:
    hanako.put("/dav/my/evil.html", b"<script>")
    answer = hanako("GET", "/dav/my/evil.html")
    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_g1_a_missing_path_is_404(hanako: Client) -> None:
    assert hanako("GET", "/dav/my/none").status == 404
    assert hanako("HEAD", "/dav/my/none/none").status == 404


def test_a_store_that_is_down_is_503_with_retry_after_while_names_are_answered(office: Office, ten: Client) -> None:
    def down(_: str) -> None:
        raise StoreUnavailable("connection refused")

    office.store.before = down
    answer = ten("GET", FILE, accept_language="ja")
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "保管先が応答しません" in answer.text
    assert ten("PUT", FILE, b"new").status == 503
    assert ten("HEAD", FILE).status == 200
    assert ten("PROPFIND", "/dav/my/", depth="1").hrefs() == ["/dav/my/", FILE]
    assert ten("MOVE", FILE, destination="/dav/my/b.txt").status == 201
    office.store.before = lambda _: None
    assert ten("GET", "/dav/my/b.txt").body == b"0123456789"


def test_a_file_replaced_while_it_is_read_is_503_and_can_be_asked_again(office: Office, ten: Client) -> None:
    def replaced(method: str) -> None:
        office.store.inner.delete(list(office.firm.stored_keys()))

    office.store.before = replaced
    answer = ten("GET", FILE)
    assert answer.status == 503
    assert "retry-after" in answer.headers


@pytest.mark.parametrize("path", ["/dav/my", "/dav/my/", "/dav/my/d", "/dav/my/d/"])
def test_a9_head_on_a_collection_is_200(hanako: Client, path: str) -> None:
    hanako.mkcol("/dav/my/d")
    answer = hanako("HEAD", path)
    assert (answer.status, answer.body) == (200, b"")


def test_a_browser_sees_all_members_of_a_collection_of_any_size(office: Office, hanako: Client) -> None:
    hanako.mkcol("/dav/my/大")
    office.fill(("大",), [f"{i:04}<&>.txt" for i in range(2001)])
    answer = hanako("GET", "/dav/my/大")
    assert answer.status == 200
    assert answer.text.count("<li>") == 2001
    assert '<a href="/dav/my/%E5%A4%A7/2000%3C%26%3E.txt">2000&lt;&amp;&gt;.txt</a>' in answer.text
