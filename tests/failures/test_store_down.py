"""The object store is gone, hangs or breaks off: names are served, data is answered 503, nothing is lost or torn."""

from collections.abc import Iterator

import httpx
import pytest

from tests.failures.asking import client, eventually, refused_for_now
from tests.product import Product
from tests.store_proxy import StoreProxy, product_behind_proxy

pytestmark = pytest.mark.slow

LARGE = bytes(range(256)) * 4096 * 24

Behind = tuple[Product, StoreProxy]


@pytest.fixture(scope="module")
def behind(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """Yield a product whose object store can fail."""
    with product_behind_proxy(tmp_path_factory.mktemp("down"), server=server) as pair:
        yield pair


def test_names_are_served_and_data_is_answered_503_until_the_store_is_back(behind: Behind) -> None:
    product, proxy = behind
    url = product.drive().url
    with client(product.drive()) as http:
        assert http.put(f"{url}kept", content=LARGE).status_code == 201
        proxy.fail()
        refused_for_now(http.get(f"{url}kept"))
        refused_for_now(http.put(f"{url}kept", content=b"new"))
        refused_for_now(http.put(f"{url}new", content=LARGE))
        assert http.request("MKCOL", f"{url}made").status_code == 201
        assert http.request("MOVE", f"{url}kept", headers={"Destination": f"{url}made/moved"}).status_code == 201
        assert http.request("COPY", f"{url}made", headers={"Destination": f"{url}copy"}).status_code == 201
        assert http.head(f"{url}copy/moved").headers["Content-Length"] == str(len(LARGE))
        assert http.put(f"{url}empty", content=b"").status_code == 201
        assert http.delete(f"{url}made").status_code == 204
        assert http.request("PROPFIND", url, headers={"Depth": "1"}).status_code == 207
        ready = http.get(f"{product.base_url}/readyz")
        refused_for_now(ready)
        assert ready.json()["parts"]["database"] == "ok"
        assert ready.json()["parts"]["object_store"] != "ok"
        proxy.mend()
        eventually(lambda: http.get(f"{product.base_url}/readyz").status_code == 200)
        assert http.get(f"{url}copy/moved").content == LARGE
        assert http.get(f"{url}new").status_code == 404
        assert http.put(f"{url}new", content=LARGE).status_code == 201


def test_a_download_the_store_breaks_off_is_whole_or_visibly_cut(behind: Behind) -> None:
    product, proxy = behind
    url = product.drive().url
    with client(product.drive()) as http:
        assert http.put(f"{url}cut", content=LARGE).status_code == 201
        proxy.fail()
        proxy.mend()
        proxy.cut_answers_after(len(LARGE) // 2)
        try:
            said = http.get(f"{url}cut")
        except httpx.TransportError:
            return
        finally:
            proxy.mend()
        assert said.status_code == 503 or said.content == LARGE


def test_an_upload_during_which_the_store_goes_away_is_refused_and_the_old_file_stays(behind: Behind) -> None:
    product, proxy = behind
    url = product.drive().url

    def body() -> Iterator[bytes]:
        for number in range(24):
            if number == 20:
                proxy.fail()
            yield bytes(1024 * 1024)

    with client(product.drive()) as http:
        assert http.put(f"{url}old", content=b"old").status_code == 201
        try:
            said = http.put(f"{url}old", content=body(), headers={"Content-Length": str(24 * 1024 * 1024)})
        finally:
            proxy.mend()
        refused_for_now(said)
        assert http.get(f"{url}old").content == b"old"


def test_fsck_finds_nothing_wrong_after_all_that(behind: Behind) -> None:
    product, _ = behind
    report = product.azukari("fsck")
    assert (report["missing_objects"], report["usage_drift_bytes"], report["wrong_sums"]) == (0, 0, 0)
