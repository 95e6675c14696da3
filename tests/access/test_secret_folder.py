"""R18: what a thief of the disks finds of a locked Secret Folder, and what its owner gets back."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from storage.sealing import SEGMENT_BYTES
from tests.access.firm import Bucket, Device, new_device
from tests.product import Product

pytestmark = pytest.mark.slow

SECRET = "correct-horse-battery"
NAME, FOLDER, VALUE = "kessan-yosoku-2026-画期的.txt", "Kakushi-Daihyo", "cinnabar-vermilion"
PHRASE = b"the merger closes on the ninth of May / "
SMALL = PHRASE * 20
#: Three whole segments and a little.
LARGE = b"".join(b"%08d " % number + PHRASE for number in range(5000))[: 3 * SEGMENT_BYTES + 17]
PATCH = f'<propertyupdate xmlns="DAV:"><set><prop><shade xmlns="urn:kept">{VALUE}</shade></prop></set></propertyupdate>'


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Yield a product of our own: it is locked, stopped and searched."""
    with Product(tmp_path_factory.mktemp("secret") / "data") as running:
        yield running


@dataclass
class Owner:
    """Hanako, with what she keeps in her Secret Folder."""

    product: Product
    device: Device

    def unlock(self) -> None:
        """Open the folder on her device."""
        self.product.azukari("secret", "unlock", "hanako", "--device", self.device.device_id, "--secret", SECRET)

    def lock(self) -> None:
        """Close it."""
        self.product.azukari("secret", "lock", "hanako", "--device", self.device.device_id)

    def get(self, path: str, span: str = "") -> tuple[int, bytes]:
        """Return status and bytes of a file."""
        answer = self.device.ask("GET", f"secret/{path}", {"Range": span} if span else None)
        return answer.status_code, answer.content


@pytest.fixture(scope="module")
def owner(product: Product) -> Owner:
    """Return hanako's Secret Folder, unlocked and filled."""
    mine = Owner(product, new_device(product, "hanako"))
    product.azukari("secret", "create", "hanako", "--secret", SECRET)
    mine.unlock()
    for path, body in ((NAME, SMALL), ("large.bin", LARGE)):
        assert mine.device.ask("PUT", f"secret/{path}", body=body).status_code == 201
    assert mine.device.ask("MKCOL", f"secret/{FOLDER}").status_code == 201
    assert mine.device.ask("PUT", f"secret/{FOLDER}/{NAME}", body=SMALL).status_code == 201
    assert mine.device.ask("PROPPATCH", f"secret/{NAME}", body=PATCH.encode()).status_code == 207
    return mine


EDGES = [SEGMENT_BYTES * number + off for number in range(4) for off in (-1, 0, 1)] + [len(LARGE) - 1]


@pytest.mark.parametrize("length", [1, 2, SEGMENT_BYTES, SEGMENT_BYTES + 1])
def test_r18_a_range_from_every_segment_edge_is_exact(owner: Owner, length: int) -> None:
    owner.unlock()
    for start in (one for one in EDGES if one >= 0):
        status, body = owner.get("large.bin", f"bytes={start}-{start + length - 1}")
        assert (status, body == LARGE[start : start + length]) == (206, True), (start, length)
    assert owner.get("large.bin", f"bytes=-{length}") == (206, LARGE[-length:])


def needles() -> list[bytes]:
    """Return what may nowhere be found, in the forms in which it could be written down."""
    found = [PHRASE.strip(), *(one.encode() for one in (NAME, FOLDER, VALUE, SECRET))]
    found += [quote(NAME).encode(), repr(NAME)[1:-1].encode("unicode_escape"), NAME[:18].encode()]
    # Base64 of a text shows three ways, by where it begins; the middle of each is looked for.
    found += [base64.b64encode(b"x" * shift + PHRASE)[4:-4] for shift in range(3)]
    return found


def hauls(product: Product) -> Iterator[tuple[str, bytes]]:
    """Yield every file of the data directory, and what the product printed."""
    for path in sorted(Path(product.data).parent.rglob("*")):
        if path.is_file():
            yield str(path), path.read_bytes()


def traces(found: Iterator[tuple[str, bytes]] | list[tuple[str, bytes]], sought: list[bytes]) -> set[bytes]:
    """Return which needles were found."""
    return {needle for _, body in found for needle in sought if needle in body}


def test_r18_the_search_finds_what_is_not_sealed(owner: Owner) -> None:
    """The same search finds a file of My Folder, its name and its property; else the next test would hold nothing."""
    sought = [b"this lies open to everyone", b"not-secret.txt", b"plain-vermilion"]
    plain, bucket = new_device(owner.product, "taro"), Bucket(owner.product)
    before = bucket.keys()
    assert plain.ask("PUT", "my/not-secret.txt", body=sought[0] * 20).status_code == 201
    patch = PATCH.replace(VALUE, sought[2].decode())
    assert plain.ask("PROPPATCH", "my/not-secret.txt", body=patch.encode()).status_code == 207
    assert sought[0] in traces(bucket.everything(sorted(bucket.keys() - before)), sought)
    assert traces(hauls(owner.product), sought) >= set(sought[1:])  # the store may pack the bytes


@pytest.mark.parametrize("how", ["locked", "restarted"])
def test_r18_what_is_stolen_while_it_is_locked_tells_nothing(owner: Owner, how: str) -> None:
    owner.unlock()
    assert owner.get(NAME) == (200, SMALL)
    if how == "locked":
        owner.lock()
    else:
        owner.product.restart()
    assert owner.device.ask("PROPFIND", "secret/", {"Depth": "0"}).status_code == 404
    bucket = Bucket(owner.product)
    assert traces(bucket.everything(sorted(bucket.keys())), needles()) == set()
    assert traces(hauls(owner.product), needles()) == set()
    owner.unlock()
    assert owner.get(NAME) == (200, SMALL)
    assert owner.get(f"{FOLDER}/{NAME}") == (200, SMALL)
    assert owner.get("large.bin") == (200, LARGE)
    assert VALUE in owner.device.ask("PROPFIND", f"secret/{NAME}", {"Depth": "0"}).text
