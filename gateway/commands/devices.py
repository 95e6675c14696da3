"""`azukari device …`: device keys and devices (R13-R16)."""

from __future__ import annotations

import dataclasses
import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from auth import certificates, devices, settings
from auth.callers import DeviceState
from auth.presented import NOTHING
from auth.settings import Binding
from core import clock
from db.engine import Transaction
from gateway import api, entrance, people, remote_lock
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of, service_without_store
from gateway.remote_lock import Order
from quota import contracts

app = typer.Typer(no_args_is_help=True, help="Device keys and devices.")

ByOption = Annotated[str, typer.Option("--by", help="Who does it, for the record.")]
AskedByOption = Annotated[str, typer.Option("--asked-by", help="Who asked for it, where someone else does it.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the record.")]


@app.command(epilog="Example: azukari device issue hanako")
def issue(login: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False) -> None:
    """Issue a device key to a login. It is shown once and works on one device."""
    with output.reasons():
        settings = output.configuration(config)
        valid_for = timedelta(days=settings.devices.key_valid_days)
        key = database_of(settings, data).write(
            lambda tx: people.issue_key(tx, login, now=clock.now(), valid_for=valid_for)
        )
    if json_:
        output.show_json(key)
    else:
        output.show_fields(dataclasses.asdict(key))


@app.command(epilog="Example: azukari device keys sakura")
def keys(
    contract: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """List the keys of a contract that wait for their device, the newest first."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        rows = [dataclasses.asdict(one) for one in devices.list_keys(tx, contracts.find(tx, contract))]
    output.show_json(rows) if json_ else output.show_table(rows, "No key is waiting.")


@app.command(epilog="Example: azukari device withdraw sakura key-…")
def withdraw(
    contract: str, key: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """Take back a key that nobody has used."""
    with output.reasons():
        database_of(output.configuration(config), data).write(
            lambda tx: people.revoke_key(tx, contract, key, now=clock.now())
        )
    document = {"key_id": key, "state": "revoked"}
    output.show_json(document) if json_ else output.show_fields(document)


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
        made = entrance.register_device(
            service.entrance, NOTHING, login_id=login, password=password, device_key=key, device_name=name
        )
    document = {**dataclasses.asdict(made.device), "dav_url": api.dav_url(service.config)}
    output.show_json(document) if json_ else output.show_fields(document)


@app.command("list", epilog="Example: azukari device list sakura")
def list_(
    contract: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """List a contract's devices, the newest first."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        found = devices.list_devices(tx, contracts.find(tx, contract))
    rows = [dataclasses.asdict(one) for one in found]
    output.show_json(rows) if json_ else output.show_table(rows, "No device is registered yet.")


def _change(device: str, state: DeviceState, order: Order, config: ConfigOption, data: DataOption, json_: bool) -> None:
    with output.reasons():
        database = database_of(output.configuration(config), data)
        ended = database.write(lambda tx: remote_lock.change(tx, device, state, order, now=clock.now()))
    document = {"device_id": device, "state": state.value, "ended": dataclasses.asdict(ended)}
    output.show_json(document) if json_ else output.show_fields(document)


@app.command(epilog="Example: azukari device lock dev-… --by sakura-admin --reason 'lost on the train'")
def lock(
    device: str,
    by: ByOption = "operator",
    asked_by: AskedByOption = "",
    reason: ReasonOption = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would end.")] = False,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Lock a device: it is refused from its next request on, and its sessions and WebDAV locks end."""
    if not preview:
        _change(device, DeviceState.LOCKED, Order(by, asked_by, reason), config, data, json_)
        return
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        document = dataclasses.asdict(remote_lock.preview(tx, device))
    output.show_json(document) if json_ else output.show_fields(document)


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
    _change(device, DeviceState.REGISTERED, Order(by, reason=reason), config, data, json_)


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
    _change(device, DeviceState.REVOKED, Order(by, reason=reason), config, data, json_)


@app.command(epilog="Example: azukari device proof dev-…")
def proof(device: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False) -> None:
    """Show that a lock took hold: who asked, who did it, the last access before, the first refusal after."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        document = dataclasses.asdict(remote_lock.proof(tx, device))
    output.show_json(document) if json_ else output.show_fields(document)


@app.command(epilog="Example: azukari device certificate dev-… --out hanako.p12")
def certificate(
    device: str,
    out: Annotated[Path, typer.Option("--out", help="Where to write the PKCS#12 file.")],
    valid_days: Annotated[
        int | None, typer.Option("--valid-days", min=1, max=3650, help="How long it is good; else as configured.")
    ] = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Make a client certificate for a device and bind the device to it; prints the file's password, once."""
    with output.reasons():
        settings_ = output.configuration(config)
        database = database_of(settings_, data)
        valid_for = timedelta(days=valid_days or settings_.devices.certificate_valid_days)
        made = database.write(lambda tx: certificates.certify(tx, device, now=clock.now(), valid_for=valid_for))
    with open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(made.pkcs12)
    document = {"device_id": device, "file": str(out), "password": made.password, "sha256": made.sha256}
    output.show_json(document) if json_ else output.show_fields(document)


@app.command(epilog="Example: azukari device binding sakura client")
def binding(
    contract: str,
    kind: Binding,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Decide what a contract's devices show beside their password: nothing, the same client, or a certificate."""

    def operation(tx: Transaction) -> None:
        contract_id = contracts.find(tx, contract)
        chosen = dataclasses.replace(settings.read(tx, contract_id), device_binding=kind)
        settings.write(tx, contract_id, chosen)

    with output.reasons():
        database_of(output.configuration(config), data).write(operation)
    document = {"contract": contract, "device_binding": kind.value}
    output.show_json(document) if json_ else output.show_fields(document)
