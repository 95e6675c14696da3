"""What some tests need of the machine: left out where it is missing; a failure where AZUKARI_REQUIRE_ALL is set."""

import os
import shutil
from pathlib import Path

import pytest


def program(name: str, package: str) -> str:
    """Return the path of a program that Debian has in a package."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    return found or missing(f"{name} is not installed: apt-get install {package}")


def postgresql_programs() -> Path:
    """Return the folder of PostgreSQL's server programs, the newest version's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else Path(missing("PostgreSQL is not installed: apt-get install postgresql"))


def root(what: str) -> None:
    """Return if this process may mount file systems."""
    if os.getuid() != 0:
        missing(f"{what} needs root")


def fuse() -> None:
    """Return if FUSE works here; no package brings it where the machine has none."""
    if not Path("/dev/fuse").exists():
        pytest.skip("there is no /dev/fuse")


def missing(words: str) -> str:
    """Leave a test out, or fail it where nothing may be left out."""
    if os.environ.get("AZUKARI_REQUIRE_ALL"):
        pytest.fail(words)
    pytest.skip(words)
