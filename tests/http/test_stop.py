"""The product's life: a clean stop in seconds whatever clients do, and parts that are replaced when they die."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.http.raw import Raw
from tests.product import AZUKARI, Drive, Product

pytestmark = pytest.mark.slow

STOP_SECONDS = 12
LARGE_BYTES = 64 * 1024 * 1024


@pytest.fixture(scope="module")
def own(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Yield a product with two workers that a test may stop and start."""
    with Product(tmp_path_factory.mktemp("own") / "data", server=server, workers=2) as running:
        yield running


def client(drive: Drive) -> httpx.Client:
    """Return a client with the drive's credentials that opens a new connection for every request."""
    return httpx.Client(
        auth=(drive.login, drive.password), timeout=30, limits=httpx.Limits(max_keepalive_connections=0)
    )


def eventually(holds: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)


def test_a_stop_waits_for_no_client_keeps_what_was_stored_and_nothing_of_what_was_not(own: Product) -> None:
    drive = own.drive()
    with client(drive) as http:
        assert http.put(f"{drive.url}kept", content=b"kept").status_code == 201
        assert http.put(f"{drive.url}large", content=bytes(LARGE_BYTES)).status_code == 201
    with Raw(drive) as head, Raw(drive) as body, Raw(drive), Raw(drive, receive_bytes=4096) as reading:
        head.send(b"PUT /dav/my/a HTTP/1.1\r\n")
        body.request("PUT", "half", "Content-Length: 10", body=b"half")
        reading.request("GET", "large")
        assert reading.socket.recv(100)
        began = time.monotonic()
        own.stop()  # holds that no process is left
        took_seconds = time.monotonic() - began
    own.start()
    assert took_seconds < STOP_SECONDS
    with client(drive := own.drive()) as http:
        assert http.get(f"{drive.url}kept").content == b"kept"
        assert http.get(f"{drive.url}half").status_code == 404


def test_a_killed_worker_is_replaced(own: Product) -> None:
    killed = own.serving()[0]
    killed.kill()
    eventually(lambda: len([one for one in own.serving() if one != killed]) == 2)

    def answers() -> bool:
        try:
            with client(own.drive()) as http:
                return http.get(f"{own.base_url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    eventually(lambda: all(answers() for _ in range(20)))


def test_a_killed_store_comes_back_and_meanwhile_data_is_answered_503_and_names_are_served(own: Product) -> None:
    drive = own.drive()
    with client(drive) as http:
        assert http.put(f"{drive.url}cold", content=bytes(1024 * 1024)).status_code in (201, 204)
        own.store().suspend()  # it neither answers nor refuses, until it is killed
        try:
            assert http.request("PROPFIND", drive.url, headers={"Depth": "1"}).status_code == 207
            assert http.request("MKCOL", f"{drive.url}made").status_code == 201
        finally:
            own.store().kill()
        said = http.get(f"{drive.url}cold")
        if said.status_code != 200:  # it may be back already
            assert said.status_code == 503
            assert int(said.headers["Retry-After"]) > 0
        eventually(lambda: http.get(f"{drive.url}cold").status_code == 200)
        assert http.put(f"{drive.url}after", content=b"after").status_code == 201


def test_a_killed_supervisor_takes_everything_with_it_and_a_new_start_finds_all(own: Product) -> None:
    psutil.Process(own.pid).kill()
    eventually(lambda: not own.processes())
    own.reap()
    own.start()
    with client(own.drive()) as http:
        assert http.get(f"{own.drive().url}kept").content == b"kept"


def refused(*options: str) -> str:
    """Start a second demo that must refuse; return its words."""
    done = subprocess.run([AZUKARI, "demo", *options], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_second_demo_on_the_same_port_is_refused(own: Product, tmp_path: Path) -> None:
    port = own.base_url.rpartition(":")[2]
    assert port in refused("--port", port, "--data", str(tmp_path / "other"))


def test_a_second_demo_on_the_same_data_is_refused_and_the_first_serves_on(own: Product) -> None:
    assert str(own.data) in refused("--port", "0", "--data", str(own.data))
    with client(own.drive()) as http:
        assert http.get(f"{own.drive().url}kept").content == b"kept"
