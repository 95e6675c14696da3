"""`azukari line …`: a contract's own lines (R17)."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from auth import lines
from core import clock
from gateway import people
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from quota import contracts

app = typer.Typer(no_args_is_help=True, help="A contract's own lines.")


@app.command(epilog="Example: azukari line add sakura office --network 192.0.2.0/24 --network 2001:db8:1::/48")
def add(
    contract: str,
    name: str,
    network: Annotated[
        list[str] | None, typer.Option("--network", help="An address prefix of the line; repeat for more.")
    ] = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Register a line; prints the secret to provision its line tool with, once."""
    with output.reasons():
        added = database_of(output.configuration(config), data).write(
            lambda tx: people.add_line(tx, contract, name, network or (), now=clock.now())
        )
    output.show_json(added._asdict()) if json_ else output.show_fields(added._asdict())


@app.command("list", epilog="Example: azukari line list sakura")
def list_(
    contract: Annotated[str | None, typer.Argument(help="Only this contract's.")] = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """List the lines of one contract, or of all, with their networks."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        names = contracts.list_names(tx) if contract is None else [contract]
        rows = [
            {"contract": name, **dataclasses.asdict(one)}
            for name in names
            for one in lines.list_lines(tx, contracts.find(tx, name))
        ]
    output.show_json(rows) if json_ else output.show_table(rows, "No line is registered yet.")
