"""`azukari contract …`, `azukari plans`, `azukari fee`: contracts and their plans."""

from __future__ import annotations

from typing import Annotated

import typer

from core import clock
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, AtOption, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from gateway.service import catalogue_of
from quota import contracts

app = typer.Typer(no_args_is_help=True, help="Contracts and their plans.")


@app.command(epilog="Example: azukari contract add sakura --plan pro-50")
def add(
    name: str,
    plan: Annotated[str, typer.Option("--plan", help="A code from `azukari plans`.")],
    at: AtOption = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Sign up a contract."""
    with output.reasons():
        settings = output.configuration(config)
        catalogue, now = catalogue_of(settings), clock.now()
        database = database_of(settings, data)
        at_ = output.instant(at) or now
        database.write(lambda tx: contracts.sign_up(tx, name, plan, catalogue, at=at_, now=now))
        document = describe(database, name, catalogue, now)
    output.show_json(document) if json_ else output.show_fields(document)
