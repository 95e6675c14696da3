"""`azukari user …`: the logins of a contract, and with contract `-` the staff of the service."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from auth import logins
from auth.callers import Role
from core import clock
from gateway import people
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from quota import contracts

app = typer.Typer(no_args_is_help=True, help="The logins of a contract.")

RoleOption = Annotated[
    Role, typer.Option("--role", help="administrator or user; with contract -: operator or support.")
]


@app.command(epilog="Example: azukari user add sakura hanako --role user")
def add(
    contract: str,
    login: str,
    role: RoleOption = Role.USER,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Create a login with its My Folder; prints its first password, once."""
    with output.reasons():
        database = database_of(output.configuration(config), data)
        document = people.add_user(database, contract, login, role, now=clock.now())._asdict()
    output.show_json(document) if json_ else output.show_fields(document)


@app.command("list", epilog="Example: azukari user list sakura")
def list_(
    contract: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """List a contract's logins."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        found = logins.list_logins(tx, contracts.find(tx, contract))
    rows = [dataclasses.asdict(one) for one in found]
    output.show_json(rows) if json_ else output.show_table(rows, "There is no login yet.")


@app.command(epilog="Example: azukari user disable hanako")
def disable(
    login: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """Keep a login out, from its next request on."""
    _set_enabled(login, False, config, data, json_)


@app.command(epilog="Example: azukari user enable hanako")
def enable(login: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False) -> None:
    """Let a login in again."""
    _set_enabled(login, True, config, data, json_)


@app.command(epilog="Example: azukari user password hanako")
def password(
    login: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """Give a login a new password, printed once; its sessions end, its devices stay."""
    with output.reasons():
        database = database_of(output.configuration(config), data)
        document = people.reset_password(database, login, now=clock.now())._asdict()
    output.show_json(document) if json_ else output.show_fields(document)


@app.command("remove-totp", epilog="Example: azukari user remove-totp sakura-admin")
def remove_totp(
    login: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """Take a login's authenticator app away: for someone who lost the phone and the recovery codes."""
    with output.reasons():
        database_of(output.configuration(config), data).write(lambda tx: people.remove_totp(tx, login, now=clock.now()))
    document = {"login_id": login, "totp": False}
    output.show_json(document) if json_ else output.show_fields(document)


def _set_enabled(login: str, enabled: bool, config: ConfigOption, data: DataOption, json_: bool) -> None:
    with output.reasons():
        database = database_of(output.configuration(config), data)
        database.write(lambda tx: people.set_enabled(tx, login, enabled, now=clock.now()))
    document = {"login_id": login, "enabled": enabled}
    output.show_json(document) if json_ else output.show_fields(document)
