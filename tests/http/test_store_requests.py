"""Invariant 4: requests at the object store, counted where they arrive: none for names, one for a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from storage.objects import SINGLE_PUT_BYTES
from storage.objects.obstore_s3 import PART_BYTES
from tests.product import Drive
from tests.store_proxy import StoreProxy, product_behind_proxy

pytestmark = pytest.mark.slow

#: Larger than what a gateway keeps in memory.
COLD_BYTES = 512 * 1024
LOCK = (
    '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype>'
    "<owner>hanako</owner></lockinfo>"
)
PATCH = '<propertyupdate xmlns="DAV:"><set><prop><colour xmlns="urn:test">blue</colour></prop></set></propertyupdate>'


@dataclass(frozen=True)
class Counted:
    """A drive whose requests to the store are counted."""

    drive: Drive
    http: httpx.Client
    proxy: StoreProxy

    def ask(self, method: str, name: str, *, status: int, body: bytes | str = b"", **headers: str) -> httpx.Response:
        """Send a request that must be answered so."""
        fields = {key.replace("_", "-"): value for key, value in headers.items()}
        said = self.http.request(method, self.drive.url + name, headers=fields, content=body)
        assert said.status_code == status, said.text
        return said

    @contextmanager
    def at_the_store(self, *methods: str) -> Iterator[None]:
        """Hold that exactly these requests arrive at the store, in any order."""
        self.proxy.forget()
        yield
        assert sorted(line.split(" ")[0] for line in self.proxy.seen) == sorted(methods), self.proxy.seen


@pytest.fixture(scope="module")
def counted(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """Yield a product of our own on a counted store."""
    with product_behind_proxy(tmp_path_factory.mktemp("counted"), server=server) as (product, proxy):
        drive = product.drive()
        with httpx.Client(auth=(drive.login, drive.password), timeout=60) as http:
            yield Counted(drive, http, proxy)


@pytest.fixture(scope="module")
def tree(counted: Counted) -> str:
    """Return the name of a collection with 1,000 files three levels down."""
    counted.ask("MKCOL", "tree", status=201)
    counted.ask("PUT", "tree/0", status=201, body=b"one object, a thousand files")
    with counted.at_the_store():
        for number in range(1, 10):
            counted.ask("COPY", "tree/0", status=201, Destination=f"{counted.drive.url}tree/{number}")
        for level in ("higher", "highest"):
            counted.ask("MKCOL", level, status=201)
            below = "tree" if level == "higher" else "higher"
            for number in range(10):
                counted.ask("COPY", below, status=201, Destination=f"{counted.drive.url}{level}/{number}")
    return "highest"


def test_names_cost_no_request_at_the_store_whatever_the_size_of_the_tree(counted: Counted, tree: str) -> None:
    url = counted.drive.url
    with counted.at_the_store():
        counted.ask("OPTIONS", tree, status=200)
        for depth in ("0", "1", "infinity"):
            counted.ask("PROPFIND", tree, status=207, Depth=depth)
        counted.ask("HEAD", f"{tree}/0/0/0", status=200)
        counted.ask("PROPPATCH", f"{tree}/0/0/0", status=207, body=PATCH)
        token = counted.ask("LOCK", f"{tree}/0/0/0", status=200, body=LOCK).headers["Lock-Token"]
        counted.ask("UNLOCK", f"{tree}/0/0/0", status=204, Lock_Token=token)
        counted.ask("LOCK", "locked", status=201, body=LOCK)
        counted.ask("MKCOL", "made", status=201)
        counted.ask("PUT", "empty", status=201)
        counted.ask("GET", "empty", status=200)
        counted.ask("COPY", tree, status=201, Destination=f"{url}copy")
        counted.ask("MOVE", "copy", status=201, Destination=f"{url}made/moved")
        counted.ask("MOVE", f"{tree}/0/0/0", status=204, Destination=f"{url}{tree}/0/0/1")
        counted.ask("DELETE", "made/moved", status=204)
        counted.ask("DELETE", f"{tree}/0/0/1", status=204)
        counted.ask("GET", f"{tree}/0/0/none", status=404)


@pytest.mark.parametrize("size_bytes", [1, 4096, SINGLE_PUT_BYTES - 1, SINGLE_PUT_BYTES])
def test_a_put_of_up_to_8_mib_costs_one_request(counted: Counted, size_bytes: int) -> None:
    with counted.at_the_store("PUT"):
        counted.ask("PUT", f"put{size_bytes}", status=201, body=bytes(size_bytes))
    with counted.at_the_store("PUT"):
        counted.ask("PUT", f"put{size_bytes}", status=204, body=bytes(size_bytes))


@pytest.mark.parametrize("size_bytes", [SINGLE_PUT_BYTES + 1, 2 * PART_BYTES, 2 * PART_BYTES + 1, 5 * PART_BYTES])
def test_a_larger_put_costs_its_parts_and_two(counted: Counted, size_bytes: int) -> None:
    parts = -(-size_bytes // PART_BYTES)
    with counted.at_the_store("POST", *["PUT"] * parts, "POST"):
        counted.ask("PUT", f"large{size_bytes}", status=201, body=bytes(size_bytes))


def test_a_get_costs_one_request_also_a_range_of_it(counted: Counted) -> None:
    counted.ask("PUT", "cold", status=201, body=bytes(COLD_BYTES))
    with counted.at_the_store("GET"):
        assert len(counted.ask("GET", "cold", status=200).content) == COLD_BYTES
    with counted.at_the_store("GET"):
        assert len(counted.ask("GET", "cold", status=206, Range="bytes=100-199").content) == 100
    with counted.at_the_store():
        counted.ask("GET", "cold", status=416, Range=f"bytes={COLD_BYTES}-")


def test_a_get_of_a_small_file_just_written_costs_none(counted: Counted) -> None:
    counted.ask("PUT", "warm", status=201, body=b"warm")
    with counted.at_the_store():
        assert counted.ask("GET", "warm", status=200).content == b"warm"


def test_what_is_refused_costs_none(counted: Counted) -> None:
    with counted.at_the_store():
        counted.ask("PUT", "none/a", status=409, body=b"hello")
        counted.ask("PUT", "a", status=412, body=b"hello", If_Match="*")
        counted.ask("PUT", "a", status=400, body=b"hello", Content_MD5="bm9uZQ==")
