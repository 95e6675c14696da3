"""PostgreSQL is gone or restarted under load: 503 meanwhile, and nothing acknowledged is lost."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.chaos.work import Client
from tests.failures.asking import client, eventually, refused_for_now
from tests.failures.postgres import Postgres
from tests.product import Product

pytestmark = pytest.mark.slow

Pair = tuple[Product, Postgres]


@pytest.fixture(scope="module")
def pair(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Yield a product on PostgreSQL, and the server."""
    data = tmp_path_factory.mktemp("database") / "data"
    with Postgres() as postgres, Product(data, server=server, workers=2, options=["--database", postgres.url]) as it:
        yield it, postgres


def test_without_its_database_everything_is_answered_503_and_then_goes_on(pair: Pair) -> None:
    product, postgres = pair
    url = product.drive().url
    with client(product.drive()) as http:
        assert http.put(f"{url}kept", content=b"kept").status_code == 201
        postgres.stop()
        for method in ("GET", "PUT", "PROPFIND", "MKCOL", "DELETE", "LOCK"):
            refused_for_now(http.request(method, f"{url}kept"))
        assert http.get(f"{product.base_url}/healthz").status_code == 200
        ready = http.get(f"{product.base_url}/readyz")
        refused_for_now(ready)
        assert ready.json()["parts"]["database"] != "ok"
        postgres.start()
        eventually(lambda: http.get(f"{product.base_url}/readyz").status_code == 200)
        assert http.get(f"{url}kept").content == b"kept"
        assert http.put(f"{url}kept", content=b"new").status_code == 204


def test_a_database_restarted_under_load_loses_nothing_acknowledged(pair: Pair) -> None:
    product, postgres = pair
    drive = product.drive()
    workers = [Client("database", f"restarted{number}") for number in range(3)]
    for one in workers:
        one.begin(drive)
    for _ in range(3):
        stop = threading.Event()
        with ThreadPoolExecutor(len(workers)) as pool:
            working = [pool.submit(one.work, drive, stop) for one in workers]
            time.sleep(0.5)  # work to be interrupted
            postgres.stop()
            stop.set()
            for done in working:
                done.result()
        postgres.start()
        with client(drive) as http:
            eventually(lambda: http.get(f"{product.base_url}/readyz").status_code == 200)
        for one in workers:
            one.check(drive)
    report = product.azukari("fsck")
    assert (report["missing_objects"], report["usage_drift_bytes"], report["wrong_sums"]) == (0, 0, 0)
