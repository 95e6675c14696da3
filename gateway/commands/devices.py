"""`azukari device …`: device keys and devices (R13-R16)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Annotated

import typer

from auth import devices
from auth.callers import DeviceState
from core import clock
from core.config import Config
from db.engine import Transaction
from gateway import api
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of, service_without_store
from quota import contracts
from storage import locks

app = typer.Typer(no_args_is_help=True, help="Device keys and devices.")

ByOption = Annotated[str, typer.Option("--by", help="Who does it, for the record.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the record.")]


@app.command(epilog="Example: azukari device issue hanako")
def issue(login: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False) -> None:
    """Issue a device key to a login. It is shown once and works on one device."""
    with output.reasons():
        settings = output.configuration(config)
        valid_for = timedelta(days=settings.devices.key_valid_days)
        key = database_of(settings, data).write(
            lambda tx: devices.issue_key(tx, login, now=clock.now(), valid_for=valid_for)
        )
    if json_:
        output.show_json(key)
    else:
        output.show_fields(dataclasses.asdict(key))


@app.command(epilog="Example: azukari device register hanako abcde-fghij-… --name 'Hanako PC' --password …")
def register(
    login: str,
    key: str,
    name: Annotated[str, typer.Option("--name", help="What people call this device.")],
    password: Annotated[str, typer.Option("--password", help="The login's password.")],
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Register a device with its key; prints the password for its network drive, once."""
    with output.reasons():
        service = service_without_store(output.configuration(config), data)
        registered = api.register(service, login_id=login, password=password, device_key=key, device_name=name)
    document = {**dataclasses.asdict(registered), "dav_url": _dav_url(service.config)}
    output.show_json(document) if json_ else output.show_fields(document)


def _dav_url(config: Config) -> str:
    server = config.server
    scheme = "http" if server.certificate is None else "https"
    host = server.public_hosts[0] if server.public_hosts else f"{server.host}:{server.port}"
    return f"{scheme}://{host}/dav/"


@app.command("list", epilog="Example: azukari device list sakura")
def list_(
    contract: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """List a contract's devices, the newest first."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        found = devices.list_devices(tx, contracts.find(tx, contract))
    rows = [dataclasses.asdict(one) for one in found]
    output.show_json(rows) if json_ else output.show_table(rows, "No device is registered yet.")


def _change(
    device: str, state: DeviceState, by: str, reason: str, config: ConfigOption, data: DataOption, json_: bool
) -> None:
    with output.reasons():
        database = database_of(output.configuration(config), data)

        def operation(tx: Transaction) -> None:
            contract_id = devices.change_state(tx, device, state, by=by, reason=reason, now=clock.now())
            if state != DeviceState.REGISTERED:
                locks.release_device(tx.cursor, contract_id, device)

        database.write(operation)
    document = {"device_id": device, "state": state}
    output.show_json(document) if json_ else output.show_fields(document)


@app.command(epilog="Example: azukari device lock dev-… --by sakura-admin --reason 'lost on the train'")
def lock(
    device: str,
    by: ByOption = "operator",
    reason: ReasonOption = "",
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Lock a device: it is refused from its next request on, and its WebDAV locks end."""
    _change(device, DeviceState.LOCKED, by, reason, config, data, json_)


@app.command(epilog="Example: azukari device unlock dev-… --by sakura-admin")
def unlock(
    device: str,
    by: ByOption = "operator",
    reason: ReasonOption = "",
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Let a locked device in again."""
    _change(device, DeviceState.REGISTERED, by, reason, config, data, json_)


@app.command(epilog="Example: azukari device revoke dev-… --by sakura-admin")
def revoke(
    device: str,
    by: ByOption = "operator",
    reason: ReasonOption = "",
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Take a device's registration away for good; it needs a new key to come back."""
    _change(device, DeviceState.REVOKED, by, reason, config, data, json_)
