"""`azukari lockout …`: logins and addresses that have to wait after failed guesses (R19)."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from auth import lockout
from auth.lockout import Kind
from core import clock
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from quota import contracts

app = typer.Typer(no_args_is_help=True, help="Logins and addresses that have to wait after failed guesses.")


@app.command("list", epilog="Example: azukari lockout list --contract sakura")
def list_(
    contract: Annotated[str | None, typer.Option("--contract", help="Only the logins of this contract.")] = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """List who has to wait, the longest first."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        contract_id = None if contract is None else contracts.find(tx, contract)
        found = lockout.list_lockouts(tx, now=clock.now(), contract_id=contract_id)
    rows = [dataclasses.asdict(one) for one in found]
    output.show_json(rows) if json_ else output.show_table(rows, "Nobody is locked out.")


@app.command(epilog="Example: azukari lockout release login hanako")
def release(
    kind: Kind,
    subject: str,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Let a login or an address try again at once."""
    with output.reasons():
        database_of(output.configuration(config), data).write(lambda tx: lockout.release(tx, kind, subject))
    document = {"kind": kind.value, "released": subject}
    output.show_json(document) if json_ else output.show_fields(document)
