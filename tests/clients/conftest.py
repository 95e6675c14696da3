"""A fresh collection per test, and a plain HTTP view of it to check what a client program claims."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from tests.product import Drive


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
