"""A PC with a running loopback address, once per server."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.agent.pc import Pc
from tests.product import Drive, Product


@pytest.fixture(scope="session")
def pc(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pc]:
    """Yield jiro's PC, registered and serving."""
    running = Pc(product, tmp_path_factory.mktemp("pc"))
    try:
        running.serve()
        yield running
    finally:
        running.close()


@pytest.fixture(scope="session")
def drive(pc: Pc) -> Drive:
    """Return My Folder through the loopback address."""
    return pc.drive()


@pytest.fixture(scope="session")
def direct(pc: Pc) -> Iterator[httpx.Client]:
    """Yield a client that talks to the gateway itself, past the tool."""
    with httpx.Client(base_url=pc.product.base_url, timeout=60) as client:
        yield client
