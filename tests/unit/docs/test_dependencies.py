"""docs/dependencies.md lists every dependency of pyproject.toml, with its licence, and nothing else."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_LICENCE_FIELDS = ("License-Expression", "License", "Classifier")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def _names(requirements: list[str]) -> list[str]:
    return [found.group() for one in requirements if (found := _NAME.match(one))]


def _section(title: str) -> list[tuple[str, str, str]]:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    return _ROW.findall(text.partition(f"## {title}")[2].partition("\n## ")[0])


RUN_TIME, DEVELOPMENT = _section("At run time"), _section("For development only")


def test_every_run_time_dependency_is_listed_and_nothing_else() -> None:
    assert [name for name, _, _ in RUN_TIME] == _names(PROJECT["dependencies"])


def test_every_development_dependency_is_listed_and_nothing_else() -> None:
    assert [name for name, _, _ in DEVELOPMENT] == _names(PROJECT["optional-dependencies"]["dev"])


@pytest.mark.parametrize(("name", "licence", "reason"), RUN_TIME + DEVELOPMENT)
def test_the_licence_is_what_the_installed_package_says(name: str, licence: str, reason: str) -> None:
    about = metadata.metadata(name)
    told = " ".join(text for field in _LICENCE_FIELDS for text in about.get_all(field) or [])
    for file in about.get_all("License-File") or []:
        told += metadata.distribution(name).read_text(f"licenses/{file}") or ""
    assert _NAME.findall(licence)[0].partition("-")[0] in told


def test_no_run_time_dependency_has_a_licence_that_would_bind_azukari() -> None:
    allowed = ("MIT", "BSD", "Apache", "PSF", "LGPL")
    assert [name for name, licence, _ in RUN_TIME if not licence.startswith(allowed)] == []


def test_azukari_ships_the_licence_it_names() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_every_dependency_has_an_exact_version_in_constraints() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    wanted = {name.lower().replace("_", "-") for name, _, _ in RUN_TIME + DEVELOPMENT}
    assert wanted - pinned == set()
