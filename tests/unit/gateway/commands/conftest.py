"""Commands as a person types them, on a data directory of their own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from core import clock
from db.engine import Database
from gateway import instance
from quota import contracts
from quota.catalogue import shipped


class Shell:
    """Runs commands with `--data` and `--json`."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def done(self, app: typer.Typer, *words: str) -> Any:
        """Return the JSON document of a command that has to succeed."""
        result = CliRunner().invoke(app, [*words, "--data", str(self.data), "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def lines(self, app: typer.Typer, *words: str) -> list[Any]:
        """Return the JSON documents of a command that prints one a line."""
        result = CliRunner().invoke(app, [*words, "--data", str(self.data), "--json"])
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def refused(self, app: typer.Typer, *words: str) -> str:
        """Return the reason of a command that has to be refused with status 1."""
        result = CliRunner().invoke(app, [*words, "--data", str(self.data)])
        assert result.exit_code == 1, result.output
        return result.stderr

    def database(self) -> Database:
        """Return the database the commands work on."""
        return Database(instance.default_database_url(self.data))


@pytest.fixture
def shell(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell on a fresh instance with the contracts sakura (PRO), momiji (PRO) and kaede (free)."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(sqlite_template, data / "azukari.sqlite3")
    shell, catalogue, now = Shell(data), shipped(), clock.now()
    database = shell.database()
    for name, plan in (("sakura", "pro-50"), ("momiji", "pro-10"), ("kaede", "free-10")):
        database.write(
            lambda tx, name=name, plan=plan: contracts.sign_up(tx, name, plan, catalogue, at=now, now=now)  # type: ignore[misc]
        )
    database.dispose()
    return shell
