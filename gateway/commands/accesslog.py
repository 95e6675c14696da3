"""`azukari log`: the access log of a contract (R21)."""

from __future__ import annotations

import csv
import io
from typing import Annotated

import typer
from rich.text import Text

from auth import accesslog
from auth.accesslog import Query
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from quota import contracts

_Time = Annotated[str | None, typer.Option(metavar="T", help="Instant, such as 2026-04-01 (Tokyo without offset).")]


def log(
    contract: str,
    since: _Time = None,
    login: Annotated[str, typer.Option("--login", help="Only this login ID.")] = "",
    path: Annotated[str, typer.Option("--path", help="Only paths that begin so.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Show who did what with which file: one JSON document a line, oldest first."""
    query = Query(since=output.instant(since), login_id=login, path=path)
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        entries = accesslog.search(tx, contracts.find(tx, contract), query)
        if as_csv:
            for row in accesslog.csv_rows(entries):
                _line(row)
        else:
            for entry in entries:
                output.show_json(entry.as_json())


def _line(row: list[str]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(row)
    output.console.print(Text(text.getvalue()), soft_wrap=True)


def verify(
    contract: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """Check that nothing was changed in or removed from a contract's access log; status 1 where something was."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        flaw = accesslog.verify(tx, contracts.find(tx, contract))
    document = {"whole": flaw is None, "flaw": None if flaw is None else flaw._asdict()}
    output.show_json(document) if json_ else output.show_fields(document)
    if flaw is not None:
        raise typer.Exit(1)
