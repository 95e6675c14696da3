"""K1: Debian's litmus, every suite, every test, no warning."""

import re
import subprocess
from pathlib import Path

import pytest

from tests import needs
from tests.product import Drive

pytestmark = pytest.mark.slow

SUITES = {"basic": 16, "copymove": 13, "props": 30, "locks": 41, "http": 4}
#: granian's HTTP library (hyper) takes the fragment off a request's address before any application sees it;
#: RFC 9112 §3.2 allows no fragment there, and cheroot's reading refuses it.
FORGIVEN = {
    "granian": [
        " 9. delete_fragment....... "
        "WARNING: DELETE removed collection resource with Request-URI including fragment; unsafe"
    ]
}
SUMMARY = re.compile(r"<- summary for `(\w+)': of (\d+) tests run: (\d+) passed, (\d+) failed")


def run_suite(suite: str, drive: Drive, folder: Path) -> str:
    """Run one litmus suite against the drive and return all it printed, a line per message."""
    done = subprocess.run(
        [needs.program("litmus", "litmus"), "-k", drive.url, drive.login, drive.password],
        env={"TESTS": suite, "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    return done.stdout.decode(errors="replace").replace("\r", "\n")


@pytest.mark.parametrize("suite", SUITES)
def test_k1_every_litmus_test_passes_without_a_warning(suite: str, server: str, drive: Drive, tmp_path: Path) -> None:
    said = run_suite(suite, drive, tmp_path)
    complaints = [line for line in said.splitlines() if re.search("WARNING|FAIL|SKIPPED|skipped", line)]
    assert complaints == (FORGIVEN.get(server, []) if suite == "basic" else []), said
    summary = SUMMARY.search(said)
    assert summary, said
    name, run, passed, failed = summary.groups()
    assert (name, passed, failed) == (suite, run, "0"), said
    assert int(run) >= SUITES[suite], f"litmus stopped early:\n{said}"
