"""Logins and groups together with the folders that belong to them (R22)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from auth import groups, logins
from auth.access import FolderType, folder_root
from auth.callers import Role
from auth.passwords import hash_password
from core.clock import to_microseconds
from core.errors import InvalidInput
from core.ids import readable_token
from db.engine import Database, Transaction
from db.tables import SERVICE_CONTRACT_ID
from quota import contracts
from quota.meter import Ledger
from storage import files

#: A first password of 99 bits; a person types it once and then chooses their own.
_PASSWORD_CHARACTERS = 20
_STAFF = (Role.OPERATOR, Role.SUPPORT)


class AddedUser(NamedTuple):
    """A new login and its first password, shown once."""

    login_id: str
    password: str


def add_user(
    database: Database, contract: str, login_id: str, role: Role, *, now: datetime, password: str | None = None
) -> AddedUser:
    """Create a login with its My Folder, its password made here unless given. Contract `-` is the service's staff.

    Raises NotFound for an unknown contract, AlreadyExists, InvalidInput for a login ID people could not type
    and for a role that the contract cannot have.
    """
    staff = contract == contracts.SERVICE_NAME
    if staff != (role in _STAFF):
        raise InvalidInput("operator and support are logins of contract -, administrator and user of all others")
    chosen = password or readable_token(_PASSWORD_CHARACTERS)
    password_hash = hash_password(chosen)  # slow on purpose, so outside the transaction

    def operation(tx: Transaction) -> None:
        if staff:
            contracts.ensure_service(tx, now=now)
        contract_id = contracts.find(tx, contract)
        ledger = Ledger.open(tx.cursor, contract_id)
        number = ledger.take_ids()
        ledger.save()
        logins.add_login(tx, contract_id, number, login_id, role, password_hash, now=now)
        if contract_id != SERVICE_CONTRACT_ID:
            files.ensure_root(tx, contract_id, folder_root(FolderType.MY, number), now_us=to_microseconds(now))

    database.write(operation)
    return AddedUser(login_id, chosen)


def add_group(
    tx: Transaction, contract: str, name: str, *, read: Sequence[str], write: Sequence[str], now: datetime
) -> groups.Group:
    """Create a group with its folder and members; a login named for both writes.

    Raises NotFound for an unknown contract or a login of another one, AlreadyExists, InvalidName.
    """
    contract_id = contracts.find(tx, contract)
    ledger = Ledger.open(tx.cursor, contract_id)
    number = ledger.take_ids()
    ledger.save()
    kept = groups.add_group(tx, contract_id, number, name, now=now)
    for login_id in dict.fromkeys((*write, *read)):
        groups.set_member(tx, contract_id, number, login_id, may_write=login_id in write)
    files.ensure_root(tx, contract_id, folder_root(FolderType.GROUP, number), now_us=to_microseconds(now))
    return groups.Group(kept, tuple(one for one in dict.fromkeys(read) if one not in write), tuple(write))
