"""`azukari secret …`: Secret Folders (R18)."""

from __future__ import annotations

from typing import Annotated

import typer

from auth import devices, logins, secret_folders
from auth.callers import Caller, Role
from core import clock
from core.errors import NotFound
from db.engine import Transaction
from gateway import instance
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from gateway.service import run_key_of

app = typer.Typer(no_args_is_help=True, help="Secret Folders: hidden and encrypted until their secret is given.")

DeviceOption = Annotated[str, typer.Option("--device", help="The device on which the folder opens.")]
SecretOption = Annotated[str, typer.Option("--secret", help="The folder's secret.", prompt=True, hide_input=True)]
NewSecretOption = Annotated[
    str,
    typer.Option("--secret", help="The secret to choose.", prompt=True, confirmation_prompt=True, hide_input=True),
]


@app.command(epilog="Example: azukari secret create hanako")
def create(
    login: str,
    secret: NewSecretOption,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Create a login's Secret Folder; prints the recovery code, once."""
    with output.reasons():
        database = database_of(output.configuration(config), data)
        with database.reading() as tx:
            caller = _caller(tx, login)
        code = secret_folders.create(database, caller, secret, now=clock.now())
    document = {"login_id": login, "recovery_code": code}
    output.show_json(document) if json_ else output.show_fields(document)


@app.command(epilog="Example: azukari secret unlock hanako --device dev-…")
def unlock(
    login: str,
    device: DeviceOption,
    secret: SecretOption,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Open a Secret Folder on one device, until it is idle, locked, or the service starts anew."""
    with output.reasons():
        settings = output.configuration(config)
        database = database_of(settings, data)
        with database.reading() as tx:
            caller = _caller(tx, login, device)
        run_key = run_key_of(instance.noted_s3(settings, data))
        secret_folders.unlock(database, caller, secret, run_key, now=clock.now())
    document = {"login_id": login, "device_id": device, "unlocked": True}
    output.show_json(document) if json_ else output.show_fields(document)


@app.command(epilog="Example: azukari secret lock hanako --device dev-…")
def lock(
    login: str,
    device: DeviceOption,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Close a Secret Folder on one device."""
    with output.reasons():
        database = database_of(output.configuration(config), data)
        with database.reading() as tx:
            caller = _caller(tx, login, device)
        secret_folders.lock(database, caller)
    document = {"login_id": login, "device_id": device, "unlocked": False}
    output.show_json(document) if json_ else output.show_fields(document)


@app.command(epilog="Example: azukari secret recover hanako --code abcde-fghjk-…")
def recover(
    login: str,
    code: Annotated[str, typer.Option("--code", help="The recovery code.", prompt=True)],
    secret: NewSecretOption,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Choose a new secret with the recovery code, when the old one is forgotten."""
    with output.reasons():
        database = database_of(output.configuration(config), data)
        with database.reading() as tx:
            caller = _caller(tx, login)
        secret_folders.recover(database, caller, code, secret, now=clock.now())
    document = {"login_id": login, "changed": True}
    output.show_json(document) if json_ else output.show_fields(document)


def _caller(tx: Transaction, login_id: str, device_id: str | None = None) -> Caller:
    known = logins.find(tx, login_id)
    if device_id is not None and device_id not in {
        one.device_id for one in devices.list_devices(tx, known.contract_id) if one.login_id == login_id
    }:
        raise NotFound(f"device {device_id} of {login_id}")
    return Caller(known.contract_id, known.number, login_id, Role.USER, device_id)
