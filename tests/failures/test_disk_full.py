"""The disk under rows and bytes is full: 507, nothing acknowledged is lost, and room brings everything back."""

import hashlib
import random
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests import needs
from tests.failures.asking import client, eventually
from tests.product import Product

pytestmark = pytest.mark.slow

DISK_BYTES = 160 * 1024 * 1024
MIB = 1024 * 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a small file system of its own."""
    needs.root("a file system of its own")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(http: httpx.Client, url: str) -> dict[str, str]:
    """Store files of 3 MiB until one is refused; return the SHA-256 of those acknowledged."""
    stored: dict[str, str] = {}
    randomly = random.Random(5)
    while len(stored) * 3 * MIB < 2 * DISK_BYTES:
        body = randomly.randbytes(3 * MIB)
        said = http.put(f"{url}{len(stored)}", content=body)
        if said.status_code != 201:
            assert said.status_code == 507, said.text
            return stored
        stored[str(len(stored))] = hashlib.sha256(body).hexdigest()
    raise AssertionError("the disk took more than it holds")


def test_a_full_disk_is_answered_507_and_loses_nothing(disk: Path, tmp_path: Path) -> None:
    with Product(disk / "data") as product, client(product.drive()) as http:
        url = product.drive().url
        stored = fill(http, url)
        assert len(stored) > 5
        use_up(disk)
        for name in ("new", "0"):
            assert http.put(f"{url}{name}", content=bytes(MIB)).status_code == 507
        until_refused(http, url)
        product.serving()[0].kill()  # a new worker finds its way on a full disk, too
        eventually(lambda: answers(product))
        intact(http, url, stored)
        subprocess.run(["mount", "-o", f"remount,size={3 * DISK_BYTES}", str(disk)], check=True)
        eventually(lambda: http.put(f"{url}after", content=bytes(MIB)).status_code in (201, 204))
        intact(http, url, stored)
        product.restart()
        with client(product.drive()) as again:
            intact(again, product.drive().url, stored)
        report = product.azukari("fsck")
        assert (report["missing_objects"], report["usage_drift_bytes"], report["wrong_sums"]) == (0, 0, 0)


def answers(product: Product) -> bool:
    """Tell whether the product lists names on a new connection."""
    try:
        with client(product.drive()) as http:
            return http.request("PROPFIND", product.drive().url, headers={"Depth": "0"}).status_code == 207
    except httpx.TransportError:
        return False


def use_up(disk: Path) -> None:
    """Leave not a byte of room."""
    with (disk / "ballast").open("wb", buffering=0) as ballast:
        for size in (MIB, 4096, 1):
            with suppress(OSError):
                while True:
                    ballast.write(bytes(size))


def until_refused(http: httpx.Client, url: str) -> None:
    """Make collections until the disk under the rows is full, too."""
    for number in range(5000):
        said = http.request("MKCOL", f"{url}c{number}")
        if said.status_code != 201:
            assert said.status_code == 507, said.text
            return
    raise AssertionError("5,000 collections on a full disk")


def intact(http: httpx.Client, url: str, stored: dict[str, str]) -> None:
    """Hold that every acknowledged file is there byte for byte."""
    for name, digest in stored.items():
        said = http.get(url + name)
        assert said.status_code == 200, f"{name}: {said.text}"
        assert hashlib.sha256(said.content).hexdigest() == digest
