"""The running product, once per server and test run, for every suite that comes from outside."""

import os
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit, urlunsplit

import pytest

from tests.product import Drive, Product

DRIVE_NAME = "AZUKARI_TEST_DRIVE"


@pytest.fixture(scope="session", params=["cheroot", "granian"])
def server(request: pytest.FixtureRequest) -> str:
    """Return the name of each WSGI server in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def product(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Yield `azukari demo` on fresh data, once with each server."""
    with Product(tmp_path_factory.mktemp(server) / "data", server=server) as running:
        yield running


@pytest.fixture(scope="session")
def drive(server: str, request: pytest.FixtureRequest) -> Drive:
    """Return hanako's My Folder, or the server that AZUKARI_TEST_DRIVE=http://user:password@host/path/ names."""
    if given := os.environ.get(DRIVE_NAME):
        parts = urlsplit(given)
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        return Drive(urlunsplit(bare), unquote(parts.username or ""), unquote(parts.password or ""))
    product: Product = request.getfixturevalue("product")
    return product.drive()
