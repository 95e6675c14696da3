"""A1: an upload that is cut short is never answered 2xx, changes nothing and leaves nothing at the store."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import boto3
import httpx
import pytest

from tests.http.raw import Raw
from tests.product import Drive, Product

pytestmark = pytest.mark.slow

OLD = b"what stood there before"
SMALL = b"half of"
#: More than one request's worth: the upload has begun at the store when it is cut.
LARGE = random.Random(1).randbytes(18 * 1024 * 1024)

Held = Callable[[], tuple[set[str], set[str]]]


@pytest.fixture
def held(product: Product) -> Iterator[Held]:
    """Yield a look at the store: the keys of objects and of unfinished uploads."""
    s3 = boto3.client(
        "s3",
        endpoint_url=product.s3.endpoint,
        aws_access_key_id=product.s3.access_key,
        aws_secret_access_key=product.s3.secret_key,
        region_name="us-east-1",
    )

    def look() -> tuple[set[str], set[str]]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=product.s3.bucket)
        uploads = s3.list_multipart_uploads(Bucket=product.s3.bucket).get("Uploads", [])
        return {one["Key"] for page in pages for one in page.get("Contents", [])}, {one["Key"] for one in uploads}

    yield look
    s3.close()


def cut(folder: Drive, name: str, headers: tuple[str, ...], body: bytes, ending: str) -> int | None:
    """Send a part of an upload and end the connection; return the status answered, None without an answer."""
    with Raw(folder, timeout_seconds=30) as raw:
        raw.request("PUT", name, *headers)
        with suppress(OSError):
            raw.send(body)
            if ending == "RST":
                time.sleep(0.2)  # so that the server has the bytes in hand, and not the reset alone
                raw.reset()
                return None
            if ending == "FIN":
                raw.finish_sending()
        with suppress(EOFError, ConnectionError):
            return raw.answer("PUT").status
    return None


def framed(sent: bytes, chunked: bool) -> tuple[tuple[str, ...], bytes]:
    """Return the headers of an upload of ten bytes more than are sent, and what is sent."""
    if not chunked:
        return (f"Content-Length: {len(sent) + 10}",), sent
    return (
        ("Transfer-Encoding: chunked", f"X-Expected-Entity-Length: {len(sent) + 10}"),
        b"%x\r\n%b\r\na\r\n" % (len(sent), sent),
    )


@pytest.mark.parametrize("ending", ["FIN", "RST"])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("sent", [SMALL, LARGE], ids=["small", "large"])
def test_a1_a_cut_upload_changes_nothing_and_leaves_nothing(
    sent: bytes, chunked: bool, ending: str, folder: Drive, http: httpx.Client, held: Held
) -> None:
    assert http.put(f"{folder.url}old", content=OLD).status_code == 201
    before = held()
    headers, body = framed(sent, chunked)
    for name in ("old", "new"):
        status = cut(folder, name, headers, body, ending)
        assert status is None or status >= 400
    settled(held, before)
    assert http.get(f"{folder.url}old").content == OLD
    assert names(http, folder) == {"old"}


def settled(held: Held, before: tuple[set[str], set[str]]) -> None:
    """Wait until the store holds no more than before: throwing away what came may outlast the connection."""
    deadline = time.monotonic() + 20
    while (now := held()) != before:
        assert time.monotonic() < deadline, f"left at the store: {now[0] - before[0]} {now[1] - before[1]}"
        time.sleep(0.1)


def names(http: httpx.Client, folder: Drive) -> set[str]:
    """Return the names in a collection."""
    said = http.request("PROPFIND", folder.url, headers={"Depth": "1"})
    assert said.status_code == 207
    found = {one.split("</", 1)[0].rsplit("/", 1)[1] for one in said.text.split("href>")[1::2]}
    return found - {""}


def test_a1_chunks_that_end_early_are_refused_on_cheroot_and_not_begun_on_granian(
    server: str, folder: Drive, http: httpx.Client
) -> None:
    for body in (b"", b"5\r\n", b"5\r\nhel", b"5\r\nhello", b"5\r\nhello\r\n", b"5\r\nhello\r\n0\r\n"):
        status = cut(folder, "new", ("Transfer-Encoding: chunked",), body, "FIN")
        assert status in ((400, None) if server == "cheroot" else (411, None)), body
    assert names(http, folder) == set()


def test_a7_chunks_of_unknown_length_are_stored_on_cheroot_and_refused_with_411_on_granian(
    server: str, folder: Drive, http: httpx.Client
) -> None:
    def blocks() -> Iterator[bytes]:
        yield from (LARGE[at : at + 1_000_003] for at in range(0, len(LARGE), 1_000_003))

    said = http.put(f"{folder.url}new", content=blocks())
    assert said.status_code == (201 if server == "cheroot" else 411)
    if server == "cheroot":
        assert http.get(f"{folder.url}new").content == LARGE
    else:
        assert names(http, folder) == set()


@pytest.mark.parametrize("expected", [4, 6])
def test_f5_the_expected_length_decides_whether_a_chunked_upload_is_whole(
    expected: int, folder: Drive, http: httpx.Client
) -> None:
    headers = ("Transfer-Encoding: chunked", f"X-Expected-Entity-Length: {expected}")
    assert cut(folder, "new", headers, b"5\r\nhello\r\n0\r\n\r\n", "none") == 400
    assert names(http, folder) == set()


def test_an_empty_put_makes_an_empty_file(folder: Drive, http: httpx.Client) -> None:
    with Raw(folder) as raw:
        raw.request("PUT", "empty")
        assert raw.answer("PUT").status == 201
        assert raw.is_open()
    assert http.get(f"{folder.url}empty").content == b""
