"""The running product, once per server and test run, for every suite that comes from outside."""

import os
import uuid
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx
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


@pytest.fixture(autouse=True)
def _is_the_server_it_is_called_for(request: pytest.FixtureRequest) -> None:
    """Notice a product that outlived the server it was started for."""
    if {"server", "product"} <= set(request.fixturenames):
        assert request.getfixturevalue("product").server == request.getfixturevalue("server")


@pytest.fixture(scope="session")
def drive(server: str, request: pytest.FixtureRequest) -> Drive:
    """Return hanako's My Folder, or the server that AZUKARI_TEST_DRIVE=http://user:password@host/path/ names."""
    if given := os.environ.get(DRIVE_NAME):
        parts = urlsplit(given)
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        return Drive(urlunsplit(bare), unquote(parts.username or ""), unquote(parts.password or ""))
    product: Product = request.getfixturevalue("product")
    return product.drive()


@pytest.fixture(scope="session")
def http(drive: Drive) -> Iterator[httpx.Client]:
    """Yield an HTTP client that knows the drive's credentials."""
    with httpx.Client(auth=(drive.login, drive.password), timeout=60) as client:
        yield client


@pytest.fixture
def folder(drive: Drive, http: httpx.Client) -> Iterator[Drive]:
    """Yield a new, empty collection and delete it after the test."""
    inside = replace(drive, url=f"{drive.url}{uuid.uuid4().hex}/")
    assert http.request("MKCOL", inside.url).status_code == 201
    yield inside
    assert http.delete(inside.url).status_code == 204
