"""What belongs to the caller's contract: looked up by its id, so that no address or form names another's."""

from __future__ import annotations

from sqlalchemy import select

from admin_web.gate import caller, parts
from auth import devices, logins
from auth.access import FolderType, folder_root
from auth.devices import Device
from auth.logins import Login
from core.errors import NotFound
from db import tables
from quota import standings
from quota.standings import Standing


def contract() -> Standing:
    """Return the caller's contract with its history and what it uses."""
    with parts().database.reading() as tx:
        return standings.standing(tx, caller().contract_id)


def people() -> list[Login]:
    """Return the contract's logins."""
    with parts().database.reading() as tx:
        return logins.list_logins(tx, caller().contract_id)


def folder_names() -> dict[str, tuple[str, str]]:
    """Return of each folder's root its type, and the login or group it belongs to."""
    contract_id = caller().contract_id
    of_logins = select(tables.logins.c.id, tables.logins.c.login_id).where(tables.logins.c.contract_id == contract_id)
    of_groups = select(tables.groups.c.id, tables.groups.c.name).where(tables.groups.c.contract_id == contract_id)
    with parts().database.reading() as tx:
        owners = {row.id: row.login_id for row in tx.execute(of_logins)}
        names = {row.id: row.name for row in tx.execute(of_groups)}
    personal = [one for one in FolderType if one is not FolderType.GROUP]
    found = {folder_root(one, number): (one.value, owner) for number, owner in owners.items() for one in personal}
    return found | {folder_root(FolderType.GROUP, number): ("group", name) for number, name in names.items()}


def login(login_id: str) -> Login:
    """Return one of the contract's logins. Raises NotFound."""
    found = next((one for one in people() if one.login_id == login_id), None)
    if found is None:
        raise NotFound(f"login {login_id}")
    return found


def device_list() -> list[Device]:
    """Return the contract's devices, the newest first."""
    with parts().database.reading() as tx:
        return devices.list_devices(tx, caller().contract_id)


def device(device_id: str) -> Device:
    """Return one of the contract's devices. Raises NotFound."""
    found = next((one for one in device_list() if one.device_id == device_id), None)
    if found is None:
        raise NotFound(f"device {device_id}")
    return found
