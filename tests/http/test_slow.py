"""A12: clients that drip, dawdle or do not read leave the others served."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest

from tests.http.raw import Raw
from tests.product import Drive, Product

pytestmark = pytest.mark.slow

CROWD = 500
LARGE_BYTES = 64 * 1024 * 1024
READERS = 20
#: What one who does not read may cost, whatever the size of the file (seen: cheroot 4, granian 11 MiB).
READER_BYTES = 20 * 1024 * 1024


@pytest.fixture
def crowd() -> Iterator[ExitStack]:
    """Yield what closes all connections of a test."""
    with ExitStack() as connections:
        yield connections


def served(drive: Drive) -> None:
    """Hold that another client is served whole and in good time."""
    began = time.monotonic()
    with httpx.Client(auth=(drive.login, drive.password), timeout=10) as other:
        assert other.put(f"{drive.url}other", content=b"other").status_code in (201, 204)
        assert other.get(f"{drive.url}other").content == b"other"
        assert other.request("PROPFIND", drive.url, headers={"Depth": "1"}).status_code == 207
    assert time.monotonic() - began < 5


def test_a12_500_dripping_heads_leave_other_clients_served(folder: Drive, crowd: ExitStack) -> None:
    dripping = [crowd.enter_context(Raw(folder)) for _ in range(CROWD)]
    for beginning in (b"PUT ", b"/dav/my/a HTTP/1.1\r\n", b"Host: a\r\nX-A: "):
        for one in dripping:
            one.send(beginning)
        served(folder)


def test_a12_500_dripping_bodies_leave_other_clients_served(folder: Drive, crowd: ExitStack) -> None:
    dripping = [crowd.enter_context(Raw(folder)) for _ in range(CROWD)]
    for number, one in enumerate(dripping):
        one.request("PUT", f"d{number}", "Content-Length: 100")
    for _ in range(3):
        for one in dripping:
            one.send(b"a")
        served(folder)


def test_clients_that_do_not_read_leave_others_served_and_hold_little_memory_each(
    folder: Drive, http: httpx.Client, crowd: ExitStack, product: Product
) -> None:
    assert http.put(f"{folder.url}large", content=bytes(LARGE_BYTES)).status_code == 201
    before_bytes = held_bytes(product)
    for _ in range(READERS):
        crowd.enter_context(Raw(folder, receive_bytes=4096)).request("GET", "large")
    served(folder)
    time.sleep(1)  # until every buffer on the way is full
    assert held_bytes(product) - before_bytes < READERS * READER_BYTES < READERS * LARGE_BYTES / 2


def held_bytes(product: Product) -> int:
    """Return what the processes hold in memory that answer requests."""
    return sum(one.memory_info().rss for one in product.serving())


def test_a_slow_reader_gets_the_whole_file(folder: Drive, http: httpx.Client) -> None:
    assert http.put(f"{folder.url}large", content=bytes(LARGE_BYTES)).status_code == 201
    with Raw(folder, receive_bytes=4096) as raw:
        raw.request("GET", "large")
        time.sleep(1)  # until every buffer on the way is full
        answer = raw.answer()
    assert (answer.status, len(answer.body)) == (200, LARGE_BYTES)


def test_idle_connections_of_a_crowd_cost_nobody_a_turn(folder: Drive, crowd: ExitStack) -> None:
    for _ in range(CROWD):
        crowd.enter_context(Raw(replace(folder)))
    served(folder)
