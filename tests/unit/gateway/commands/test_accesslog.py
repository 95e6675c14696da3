"""`azukari log`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner

from auth.accesslog import Entry, append
from gateway.commands import accesslog
from quota import contracts
from tests.unit.gateway.commands.conftest import Shell

NOON = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def app() -> typer.Typer:
    """Return an application with the commands of this module."""
    made = typer.Typer()
    made.command("log")(accesslog.log)
    made.command("log-verify")(accesslog.verify)
    return made


@pytest.fixture
def logged(shell: Shell) -> Shell:
    """Return a shell on an instance where two people worked."""
    entries = [
        Entry(NOON, "hanako", "dev-1", "line-1", "192.0.2.7", "put", "/my/見積.xlsx", "ok"),
        Entry(NOON.replace(hour=4), "taro", "dev-2", "", "192.0.2.8", "get", "/group/eigyo/a,b", "ok"),
    ]
    shell.database().write(lambda tx: append(tx.cursor, contracts.find(tx, "sakura"), entries))
    return shell


def test_r21_each_entry_is_one_json_document_on_its_line(logged: Shell, app: typer.Typer) -> None:
    first, second = logged.lines(app, "log", "sakura")
    assert first == {
        "at": "2026-04-01T12:00:00+09:00", "login": "hanako", "device": "dev-1", "line": "line-1",
        "address": "192.0.2.7", "act": "put", "path": "/my/見積.xlsx", "result": "ok", "detail": "",
    }  # fmt: skip
    assert second["login"] == "taro"


@pytest.mark.parametrize(
    "words",
    [("--login", "taro"), ("--path", "/group/"), ("--since", "2026-04-01T13:00:00+09:00")],
)
def test_r21_the_log_is_searched(logged: Shell, app: typer.Typer, words: tuple[str, str]) -> None:
    assert [one["login"] for one in logged.lines(app, "log", "sakura", *words)] == ["taro"]


def test_r21_the_log_is_exported_as_csv(logged: Shell, app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["log", "sakura", "--csv", "--data", str(logged.data)])
    assert result.stdout.splitlines() == [
        "at,login,device,line,address,act,path,result,detail",
        "2026-04-01T03:00:00+00:00,hanako,dev-1,line-1,192.0.2.7,put,/my/見積.xlsx,ok,",
        '2026-04-01T04:00:00+00:00,taro,dev-2,,192.0.2.8,get,"/group/eigyo/a,b",ok,',
    ]


def test_r21_a_log_that_was_tampered_with_ends_the_check_with_status_1(logged: Shell, app: typer.Typer) -> None:
    assert logged.done(app, "log-verify", "sakura") == {"whole": True, "flaw": None}
    logged.database().write(lambda tx: tx.cursor.execute("UPDATE access_log SET login_id = 'x' WHERE sequence = 1"))
    assert "changed" in CliRunner().invoke(app, ["log-verify", "sakura", "--data", str(logged.data)]).stdout
    logged.refused(app, "log-verify", "sakura")
