"""Logins and groups together with the folders that belong to them (R22), each act in the access log (R21)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from auth import accesslog, devices, groups, lines, logins, totp
from auth.access import FolderType, folder_root
from auth.callers import Role
from auth.passwords import hash_password
from core.clock import to_microseconds
from core.errors import InvalidInput
from core.ids import readable_token
from db.engine import Database, Transaction
from db.tables import SERVICE_CONTRACT_ID
from quota import contracts
from quota.catalogue import Catalogue
from quota.meter import Ledger
from storage import files

#: A first password of 99 bits; a person types it once and then chooses their own.
_PASSWORD_CHARACTERS = 20
#: Who acts where nobody else is named: whoever runs the commands on this machine.
OPERATOR = "operator"
_STAFF = (Role.OPERATOR, Role.SUPPORT)


class AddedUser(NamedTuple):
    """A new login and its first password, shown once."""

    login_id: str
    password: str


def add_user(
    database: Database,
    contract: str,
    login_id: str,
    role: Role,
    *,
    now: datetime,
    password: str | None = None,
    by: str = OPERATOR,
) -> AddedUser:
    """Create a login with its own folders, its password made here unless given. Contract `-` is the service's staff.

    Raises NotFound for an unknown contract, AlreadyExists, InvalidInput for a login ID people could not type
    and for a role that the contract cannot have.
    """
    chosen = password or readable_token(_PASSWORD_CHARACTERS)
    password_hash = hash_password(chosen)  # slow on purpose, so outside the transaction
    database.write(lambda tx: insert_user(tx, contract, login_id, role, password_hash, now=now, by=by))
    return AddedUser(login_id, chosen)


def insert_user(
    tx: Transaction, contract: str, login_id: str, role: Role, password_hash: str, *, now: datetime, by: str
) -> None:
    """Insert a login with its own folders. Raises as `add_user`."""
    staff = contract == contracts.SERVICE_NAME
    if staff != (role in _STAFF):
        raise InvalidInput("operator and support are logins of contract -, administrator and user of all others")
    if staff:
        contracts.ensure_service(tx, now=now)
    contract_id = contracts.find(tx, contract)
    ledger = Ledger.open(tx.cursor, contract_id)
    number = ledger.take_ids()
    ledger.save()
    logins.add_login(tx, contract_id, number, login_id, role, password_hash, now=now)
    if contract_id != SERVICE_CONTRACT_ID:
        for folder in (FolderType.MY, FolderType.SECRET, FolderType.SECURITY):
            files.ensure_root(tx, contract_id, folder_root(folder, number), now_us=to_microseconds(now))
    accesslog.record(tx, contract_id, by, "user.add", f"{login_id} as {role}", now=now)


def sign_up(
    database: Database, name: str, code: str, administrator: str, catalogue: Catalogue, *, now: datetime, by: str
) -> AddedUser:
    """Sign a contract up with its administrator, both or neither, and return the first password.

    Raises as `contracts.sign_up` and `add_user`.
    """
    chosen = readable_token(_PASSWORD_CHARACTERS)
    password_hash = hash_password(chosen)

    def operation(tx: Transaction) -> None:
        contract_id = contracts.sign_up(tx, name, code, catalogue, at=now, now=now)
        accesslog.record(tx, contract_id, by, "contract.add", code, now=now)
        insert_user(tx, name, administrator, Role.ADMINISTRATOR, password_hash, now=now, by=by)

    database.write(operation)
    return AddedUser(administrator, chosen)


def set_enabled(tx: Transaction, login_id: str, enabled: bool, *, now: datetime, by: str = OPERATOR) -> None:
    """Let a login in or keep it out, from the next request on. Raises NotFound."""
    logins.set_enabled(tx, login_id, enabled)
    act = "user.enable" if enabled else "user.disable"
    accesslog.record(tx, logins.find(tx, login_id).contract_id, by, act, login_id, now=now)


def reset_password(database: Database, login_id: str, *, now: datetime, by: str = OPERATOR) -> AddedUser:
    """Give a login a new password, shown once; its sessions end, its devices stay. Raises NotFound."""
    chosen = readable_token(_PASSWORD_CHARACTERS)
    password_hash = hash_password(chosen)

    def operation(tx: Transaction) -> None:
        known = logins.find(tx, login_id)
        logins.set_password(tx, known.contract_id, known.number, password_hash)
        accesslog.record(tx, known.contract_id, by, "user.password", login_id, now=now)

    database.write(operation)
    return AddedUser(login_id, chosen)


def remove_totp(tx: Transaction, login_id: str, *, now: datetime, by: str = OPERATOR) -> None:
    """Take the authenticator app of a login away, for someone who lost phone and recovery codes. Raises NotFound."""
    known = logins.find(tx, login_id)
    totp.remove(tx, known.contract_id, known.number)
    accesslog.record(tx, known.contract_id, by, "user.remove-totp", login_id, now=now)


def add_group(
    tx: Transaction,
    contract: str,
    name: str,
    *,
    read: Sequence[str],
    write: Sequence[str],
    now: datetime,
    by: str = OPERATOR,
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
    accesslog.record(tx, contract_id, by, "group.add", kept, now=now)
    return groups.Group(kept, tuple(one for one in dict.fromkeys(read) if one not in write), tuple(write))


def set_member(
    tx: Transaction,
    contract: str,
    name: str,
    login_id: str,
    may_write: bool | None,
    *,
    now: datetime,
    by: str = OPERATOR,
) -> None:
    """Let a login read, or read and write, a group's folder; None ends its membership. Raises NotFound."""
    contract_id = contracts.find(tx, contract)
    groups.set_member(tx, contract_id, groups.find(tx, contract_id, name), login_id, may_write=may_write)
    granted = "none" if may_write is None else "write" if may_write else "read"
    accesslog.record(tx, contract_id, by, "group.member", f"{name}: {login_id} {granted}", now=now)


def issue_key(
    tx: Transaction, login_id: str, *, now: datetime, valid_for: timedelta, by: str = OPERATOR
) -> devices.IssuedKey:
    """Issue a device key to a login (R13). Raises NotFound."""
    issued = devices.issue_key(tx, login_id, now=now, valid_for=valid_for)
    contract_id = logins.find(tx, login_id).contract_id
    accesslog.record(tx, contract_id, by, "device.issue", f"{issued.key_id} for {login_id}", now=now)
    return issued


def revoke_key(tx: Transaction, contract: str, key_id: str, *, now: datetime, by: str = OPERATOR) -> None:
    """Take back a key nobody has used. Raises NotFound where there is none, or it was used."""
    contract_id = contracts.find(tx, contract)
    devices.revoke_key(tx, contract_id, key_id)
    accesslog.record(tx, contract_id, by, "device.withdraw", key_id, now=now)


def add_line(
    tx: Transaction, contract: str, name: str, networks: Sequence[str], *, now: datetime, by: str = OPERATOR
) -> lines.AddedLine:
    """Register a contract's line (R17). Raises as `lines.add_line`, and NotFound for an unknown contract."""
    contract_id = contracts.find(tx, contract)
    added = lines.add_line(tx, contract_id, name, networks, now=now)
    accesslog.record(tx, contract_id, by, "line.add", f"{added.line_id} {name}", now=now)
    return added
