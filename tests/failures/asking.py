"""Asking a product that may fail: a new connection for each request, so that none is left over from before."""

import time
from collections.abc import Callable

import httpx

from tests.product import Drive


def client(drive: Drive) -> httpx.Client:
    """Return a client with the drive's credentials."""
    return httpx.Client(
        auth=(drive.login, drive.password), timeout=60, limits=httpx.Limits(max_keepalive_connections=0)
    )


def eventually(holds: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.1)


def refused_for_now(said: httpx.Response) -> None:
    """Hold that an answer is 503 and says when to come again."""
    assert said.status_code == 503, said.text
    assert int(said.headers["Retry-After"]) > 0
