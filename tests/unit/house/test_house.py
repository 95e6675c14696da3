"""Sizes, names, docstrings and places: what docs/development.md asks of every file."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "root_packages"
]
MAX_FUNCTION_LINES, MAX_MODULE_LINES = 50, 400
#: Directories of tests/unit that hold no package's tests.
_OWN_SUBJECTS = {"docs", "house"}
#: A home or work directory, as a message or comment copied from someone's machine would have it.
_MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:home|Users|root|work|private|mnt)/\w")

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _modules() -> list[Path]:
    """Return every module of the packages, without migrations: these are a record, written by Alembic."""
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path for path in found if path.parts[-3:-1] != ("migrations", "versions"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(params=_modules(), ids=_name)
def module(request: pytest.FixtureRequest) -> Path:
    """Return each module of the packages in turn."""
    path: Path = request.param
    return path


def test_a_module_has_at_most_400_lines(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= MAX_MODULE_LINES


def test_a_function_has_at_most_50_lines(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    sizes = {one.name: (one.end_lineno or one.lineno) - one.lineno + 1 for one in functions}
    assert {name: lines for name, lines in sizes.items() if lines > MAX_FUNCTION_LINES} == {}


def test_everything_public_has_a_docstring(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    silent = [] if ast.get_docstring(tree) else ["the module"]
    silent += [one.name for one in _public(tree) if not ast.get_docstring(one)]
    assert silent == []


def _public(scope: ast.Module | ast.ClassDef) -> Iterator[_Definition]:
    """Yield public definitions and their public members; what a nested function does is its owner's business."""
    for one in scope.body:
        if isinstance(one, _Definition) and not one.name.startswith("_") and not _is_bound_elsewhere(one):
            yield one
            if isinstance(one, ast.ClassDef):
                yield from _public(one)


def _is_bound_elsewhere(one: _Definition) -> bool:
    """Tell an overload, whose words stand at the implementation."""
    return any(isinstance(mark, ast.Name) and mark.id == "overload" for mark in one.decorator_list)


def test_every_folder_of_tests_unit_mirrors_a_package() -> None:
    strays = []
    for path in (ROOT / "tests" / "unit").rglob("test_*.py"):
        folder = path.parent.relative_to(ROOT / "tests" / "unit")
        if folder.parts and folder.parts[0] not in _OWN_SUBJECTS and not (ROOT / folder).is_dir():
            strays.append(_name(path))
        if not folder.parts:
            strays.append(_name(path))
    assert strays == []


def test_no_tracked_file_names_a_path_of_somebodys_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    found = []
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not name or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{name}: {hit.group()}" for hit in _MACHINE_PATH.finditer(text)]
    assert found == []
