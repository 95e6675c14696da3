"""Device keys and devices (R13-R16): issue, register, lock, unlock, revoke, list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from auth.identify import REGISTERED as REGISTERED
from core.errors import AccessDenied, Conflict, InvalidInput, NotFound
from core.ids import grouped, readable_token, secret_hash
from db.engine import Transaction
from db.tables import device_keys, devices, logins

#: 26 characters of 31 are 128 bits; a person types them once.
_KEY_CHARACTERS = 26
#: The password a network drive stores: 160 bits, never typed twice.
_PASSWORD_CHARACTERS = 33
MAX_NAME_CHARACTERS = 128


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A device key as it is shown, once."""

    key_id: str
    device_key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RegisteredDevice:
    """A new device and its password for the network drive, shown once."""

    device_id: str
    dav_username: str
    dav_password: str


@dataclass(frozen=True, slots=True)
class Device:
    """A device as the administrator sees it."""

    device_id: str
    login_id: str
    name: str
    state: str
    registered_at: datetime
    changed_at: datetime
    changed_by: str
    reason: str


def issue_key(tx: Transaction, login_id: str, *, now: datetime, valid_for: timedelta) -> IssuedKey:
    """Issue a device key to a login (R13). Raises NotFound for an unknown login."""
    found = tx.execute(select(logins.c.contract_id, logins.c.id).where(logins.c.login_id == login_id)).first()
    if found is None:
        raise NotFound(f"login {login_id}")
    token = readable_token(_KEY_CHARACTERS)
    key_id = f"key-{readable_token(10)}"
    tx.execute(
        insert(device_keys).values(
            contract_id=found.contract_id,
            id=key_id,
            login=found.id,
            key_hash=secret_hash(token),
            state="issued",
            issued_at=now,
            expires_at=now + valid_for,
        )
    )
    return IssuedKey(key_id, grouped(token), now + valid_for)


def register(tx: Transaction, contract_id: int, login: int, key: str, name: str, *, now: datetime) -> RegisteredDevice:
    """Make the device that presents a key a registered one. The caller has proved the login's password.

    Of two devices racing for one key exactly one wins: the key changes state by a conditional update.
    Raises AccessDenied for a key that is used, revoked, expired, unknown or another login's (which one is
    not said), InvalidInput for a name that cannot be kept.
    """
    shown = name.strip()
    if not 1 <= len(shown) <= MAX_NAME_CHARACTERS or not shown.isprintable():
        raise InvalidInput(f"a device name has 1 to {MAX_NAME_CHARACTERS} printable characters")
    won = tx.execute(
        update(device_keys)
        .where(
            device_keys.c.key_hash == secret_hash("".join(key.split()).replace("-", "").lower()),
            device_keys.c.contract_id == contract_id,
            device_keys.c.login == login,
            device_keys.c.state == "issued",
            device_keys.c.expires_at > now,
        )
        .values(state="used")
    )
    if won.rowcount != 1:
        raise AccessDenied("device.key_refused")
    return add_device(tx, contract_id, login, shown, now=now)


def add_device(tx: Transaction, contract_id: int, login: int, name: str, *, now: datetime) -> RegisteredDevice:
    """Insert a registered device of a login and return its password."""
    login_id = tx.execute(
        select(logins.c.login_id).where(logins.c.contract_id == contract_id, logins.c.id == login)
    ).scalar_one()
    device_id, password = f"dev-{readable_token(12)}", readable_token(_PASSWORD_CHARACTERS)
    tx.execute(
        insert(devices).values(
            contract_id=contract_id,
            id=device_id,
            login=login,
            name=name,
            state=REGISTERED,
            password_hash=secret_hash(password),
            registered_at=now,
            changed_at=now,
            changed_by=login_id,
            reason="",
        )
    )
    return RegisteredDevice(device_id, login_id, password)


def change_state(tx: Transaction, device_id: str, state: str, *, by: str, reason: str, now: datetime) -> int:
    """Lock, unlock (`registered`) or revoke a device; it bites at the next request. Return its contract.

    Repeating a change does nothing. Raises NotFound, and Conflict for a revoked device: revoking is final.
    """
    found = tx.execute(select(devices.c.contract_id, devices.c.state).where(devices.c.id == device_id)).first()
    if found is None:
        raise NotFound(f"device {device_id}")
    if found.state == "revoked" and state != "revoked":
        raise Conflict("the device was revoked; issue a new key instead")
    if found.state != state:
        tx.execute(
            update(devices)
            .where(devices.c.contract_id == found.contract_id, devices.c.id == device_id)
            .values(state=state, changed_at=now, changed_by=by, reason=reason)
        )
    return int(found.contract_id)


def list_devices(tx: Transaction, contract_id: int) -> list[Device]:
    """Return the contract's devices, the newest first."""
    rows = tx.execute(
        select(devices, logins.c.login_id)
        .join(logins, (logins.c.contract_id == devices.c.contract_id) & (logins.c.id == devices.c.login))
        .where(devices.c.contract_id == contract_id)
        .order_by(devices.c.registered_at.desc(), devices.c.id)
    )
    return [_device(row) for row in rows]


def _device(row: Row[Any]) -> Device:
    return Device(
        row.id, row.login_id, row.name, row.state, row.registered_at, row.changed_at, row.changed_by, row.reason
    )
