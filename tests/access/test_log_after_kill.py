"""R21: no acknowledged write is missing from the access log, whatever kills the service."""

from __future__ import annotations

import threading
import time

import httpx
import pytest

from tests.access.firm import Device, access_log, new_device
from tests.product import Product

pytestmark = pytest.mark.slow

THREADS, SECONDS = 6, 4.0


class Writer(threading.Thread):
    """Writes files, moves and deletes some, until the connection breaks; `done` is what was acknowledged."""

    def __init__(self, device: Device, number: int) -> None:
        super().__init__(daemon=True)
        self.device = device
        self.number = number
        self.done: set[tuple[str, str]] = set()

    def run(self) -> None:
        """Write."""
        with httpx.Client(base_url=self.device.product.dav_url, auth=self.device.auth, timeout=30) as http:
            try:
                self._write(http)
            except httpx.TransportError:
                return  # the kill

    def _write(self, http: httpx.Client) -> None:
        for count in range(1_000_000):
            name = f"my/w{self.number}-{count}"
            self._note("write", name, http.put(name, content=b"x" * (count % 3000)))
            if count % 5 == 1:
                away = f"{self.device.product.dav_url}{name}-moved"
                self._note("move", name, http.request("MOVE", name, headers={"Destination": away}))
            if count % 5 == 2:
                self._note("delete", name, http.delete(name))

    def _note(self, act: str, path: str, answer: httpx.Response) -> None:
        assert answer.status_code in (201, 204), answer.text
        self.done.add((act, path))


def test_r21_every_acknowledged_write_is_logged_after_kill_9_of_everything(product: Product) -> None:
    device = new_device(product, "hanako")
    writers = [Writer(device, number) for number in range(THREADS)]
    for one in writers:
        one.start()
    time.sleep(SECONDS)
    product.kill9()
    for one in writers:
        one.join(30)
    acknowledged = set().union(*(one.done for one in writers))
    assert len(acknowledged) > THREADS * 10
    product.start()
    entries = access_log(product, "sakura", "--login", "hanako", "--path", "my/w")
    logged = {(one["act"], one["path"]) for one in entries if one["device"] == device.device_id}
    assert acknowledged - logged == set()
    # At most one change a connection was done and not answered.
    assert len(logged) - len(acknowledged) <= THREADS
    for contract in ("sakura", "momiji"):
        assert product.azukari("verify-log", contract) == {"whole": True, "flaw": None}
