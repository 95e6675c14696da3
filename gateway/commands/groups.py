"""`azukari group …`: Group Folders and their members (R22)."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from typing import Annotated

import typer

from auth import groups
from core import clock
from db.engine import Transaction
from gateway import people
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from quota import contracts

app = typer.Typer(no_args_is_help=True, help="Group Folders and their members.")

ReadOption = Annotated[list[str] | None, typer.Option("--read", help="A login that may read; repeat for more.")]
WriteOption = Annotated[
    list[str] | None, typer.Option("--write", help="A login that may read and write; repeat for more.")
]


@app.command(epilog="Example: azukari group add sakura eigyo --write hanako --read taro")
def add(
    contract: str,
    name: str,
    read: ReadOption = None,
    write: WriteOption = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Create a Group Folder with its members."""
    with output.reasons():
        database = database_of(output.configuration(config), data)
        group = database.write(
            lambda tx: people.add_group(tx, contract, name, read=read or (), write=write or (), now=clock.now())
        )
    output.show_json(group) if json_ else output.show_fields(dataclasses.asdict(group))


@app.command("list", epilog="Example: azukari group list sakura")
def list_(
    contract: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """List a contract's groups with their members."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        rows = [dataclasses.asdict(one) for one in groups.list_groups(tx, contracts.find(tx, contract))]
    output.show_json(rows) if json_ else output.show_table(rows, "There is no group yet.")


class Access(StrEnum):
    """What a login may do in a Group Folder."""

    NONE = "none"
    READ = "read"
    WRITE = "write"


@app.command(epilog="Example: azukari group member sakura eigyo taro --access read")
def member(
    contract: str,
    name: str,
    login: str,
    access: Annotated[Access, typer.Option("--access", help="What the login may do from now on.")],
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Change what one login may do in a Group Folder, from its next request on."""

    def operation(tx: Transaction) -> None:
        may_write = None if access is Access.NONE else access is Access.WRITE
        people.set_member(tx, contract, name, login, may_write, now=clock.now())

    with output.reasons():
        database_of(output.configuration(config), data).write(operation)
    document = {"group": name, "login_id": login, "access": access.value}
    output.show_json(document) if json_ else output.show_fields(document)
