"""The tests that the caldav library ships for real servers, against us and against Radicale: we pass what it passes.

Radicale is GPL; it runs as a process of its own and is no part of Azukari.
"""

import os
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
import yaml

from tests.needs import missing
from tests.product import Brood, Product

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("server", ["cheroot"], indirect=True)]
_SECONDS = 300.0
#: What only a server that schedules by mailboxes (RFC 6638) passes; neither of us is one.
_SCHEDULING = {"testSupport", "testSchedulingMailboxes"}


@dataclass(frozen=True)
class Place:
    """A CalDAV server and a login there; the suite has settings of its own for servers it knows by name."""

    name: str
    url: str
    login: str
    password: str


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sources of the installed caldav library: its tests are not installed with it."""
    folder = tmp_path_factory.mktemp("caldav")
    wanted = f"caldav=={version('caldav')}"
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "caldav", wanted]
    done = subprocess.run([*command, "-d", str(folder)], capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode:
        missing(f"the sources of {wanted} cannot be had: {done.stderr[-300:]}")
    (archive,) = folder.glob("caldav-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (found,) = (one for one in folder.iterdir() if one.is_dir())
    return found


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Run Radicale with one user."""
    folder = tmp_path_factory.mktemp("radicale")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "users").write_text("hanako:secret\n")
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {folder / 'users'}\n"
        f"htpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = {folder / 'data'}\n"
    )
    brood = Brood()
    with (folder / "log").open("wb") as log:
        subprocess.Popen(
            [sys.executable, "-m", "radicale", "--config", str(folder / "config")],
            stdout=log, stderr=log, env=brood.env(),
        )  # fmt: skip
    url, deadline = f"http://127.0.0.1:{port}/", time.monotonic() + 60
    try:
        while not _answers(url):
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.1)
        yield Place("peer", url, "hanako", "secret")
    finally:
        brood.close()


def _answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=5)
    except httpx.HTTPError:
        return False
    return True


def _outcomes(suite: Path, places: list[Place], folder: Path) -> dict[str, dict[str, str]]:
    """Run the suite against every place and return what became of each test: passed, failed or skipped."""
    servers = {
        one.name: {"type": "external", "enabled": True, "url": one.url, "username": one.login, "password": one.password}
        for one in places
    }
    (suite / "tests" / "caldav_test_servers.yaml").write_text(yaml.safe_dump({"test-servers": servers}))
    (folder / "pytest.ini").write_text("[pytest]\n")
    report = folder / "report.xml"
    environment = {**os.environ, "PYTHON_CALDAV_TEST_EMBEDDED": "0", "PYTHON_CALDAV_TEST_DOCKER": "0"}
    command = ["-c", str(folder / "pytest.ini"), "--rootdir", str(suite), "-p", "no:cacheprovider", "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *command, "-k", "ForServer", f"--junitxml={report}", "tests/test_caldav.py"],
        cwd=suite, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False,
    )  # fmt: skip
    assert report.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    found: dict[str, dict[str, str]] = {one.name: {} for one in places}
    for case in ET.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        server = str(case.get("classname")).rpartition("TestForServer")[2]
        found[server][str(case.get("name"))] = outcome
    return found


def test_we_pass_every_test_of_the_caldav_library_that_radicale_passes(
    product: Product, radicale: Place, suite: Path, tmp_path: Path
) -> None:
    password = product.logins["hanako"].dav_password
    assert password is not None
    ours = Place("azukari", f"{product.dav_url}calendars/", "hanako", password)
    outcomes = _outcomes(suite, [ours, radicale], tmp_path)
    passed = {name: {test for test, what in done.items() if what == "passed"} for name, done in outcomes.items()}
    assert len(passed["peer"]) >= 55, outcomes["peer"]
    assert passed["peer"] - passed["azukari"] == set()
    failed = {test for test, what in outcomes["azukari"].items() if what == "failed"}
    assert failed <= _SCHEDULING
