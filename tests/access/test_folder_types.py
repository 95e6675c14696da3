"""K1: litmus passes on the folder types beside My Folder, which `tests/clients` and `tests/agent` hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.access.firm import new_device
from tests.agent.pc import CONTRACT, Pc, wait_for
from tests.clients.test_litmus import SUITES, SUMMARY, run_suite
from tests.product import Drive, Product

pytestmark = pytest.mark.slow

SECRET = "correct-horse-battery"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Yield a product of our own; what differs by HTTP server is held elsewhere."""
    with Product(tmp_path_factory.mktemp("types") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def at_the_office(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drive]:
    """Yield the Security Folder through the loopback tool of a PC on its contract's line."""
    pc = Pc(product, tmp_path_factory.mktemp("pc"))
    try:
        line = product.azukari("line", "add", CONTRACT, "office", "--network", "127.0.0.0/8")
        pc.run("line", "set", str(line["line_id"]), str(line["tool_secret"]))
        pc.serve()
        drive = pc.drive("security/")
        with httpx.Client(auth=(drive.login, drive.password), headers={"Depth": "0"}, timeout=60) as http:
            wait_for(lambda: http.request("PROPFIND", drive.url).status_code == 207, seconds=90)
        yield drive
    finally:
        pc.close()


@pytest.fixture(scope="module", params=["group/eigyo/", "secret/", "security/"])
def drive(product: Product, request: pytest.FixtureRequest) -> Drive:
    """Return a folder that its user may write in."""
    if request.param == "security/":
        office: Drive = request.getfixturevalue("at_the_office")
        return office
    device = new_device(product, "hanako")
    if request.param == "secret/":
        product.azukari("secret", "create", "hanako", "--secret", SECRET)
        product.azukari("secret", "unlock", "hanako", "--device", device.device_id, "--secret", SECRET)
    return device.drive(request.param)


@pytest.mark.parametrize("suite", SUITES)
def test_k1_every_litmus_test_passes_without_a_warning(suite: str, drive: Drive, tmp_path: Path) -> None:
    said = run_suite(suite, drive, tmp_path)
    assert not re.search("WARNING|FAIL|SKIPPED|skipped", said), said
    summary = SUMMARY.search(said)
    assert summary, said
    name, run, passed, failed = summary.groups()
    assert (name, passed, failed) == (suite, run, "0"), said
    assert int(run) >= SUITES[suite], f"litmus stopped early:\n{said}"
