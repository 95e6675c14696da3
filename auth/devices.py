"""Device keys and devices (R13-R16): issue, register, lock, unlock, revoke, list."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from auth.callers import DeviceState
from auth.logins import find as find_login
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
class WaitingKey:
    """A key that was issued and waits for its device, as the administrator sees it."""

    key_id: str
    login_id: str
    issued_at: datetime
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

    contract_id: int
    device_id: str
    login_id: str
    name: str
    state: DeviceState
    registered_at: datetime
    changed_at: datetime
    changed_by: str
    reason: str
    last_seen_at: datetime | None
    last_address: str | None
    last_client: str | None


@dataclass(frozen=True, slots=True)
class Proofs:
    """How a new device can prove itself beside its password: a browser's cookie, a tool's public key (R14)."""

    cookie_hash: str | None = None
    public_key: str | None = None
    certificate_sha256: str | None = None


PASSWORD_ALONE = Proofs()


def issue_key(tx: Transaction, login_id: str, *, now: datetime, valid_for: timedelta) -> IssuedKey:
    """Issue a device key to a login (R13). Raises NotFound for an unknown login."""
    known = find_login(tx, login_id)
    token = readable_token(_KEY_CHARACTERS)
    key_id = f"key-{readable_token(10)}"
    tx.execute(
        insert(device_keys).values(
            contract_id=known.contract_id,
            id=key_id,
            login=known.number,
            key_hash=secret_hash(token),
            state="issued",
            issued_at=now,
            expires_at=now + valid_for,
        )
    )
    return IssuedKey(key_id, grouped(token), now + valid_for)


def register(
    tx: Transaction,
    contract_id: int,
    login: int,
    key: str,
    name: str,
    *,
    now: datetime,
    proofs: Proofs = PASSWORD_ALONE,
) -> RegisteredDevice:
    """Make the device that presents a key a registered one. The caller has proved the login's password.

    Of two devices racing for one key exactly one wins: the key changes state by a conditional update.
    Raises AccessDenied for a key that is used, revoked, expired, unknown or another login's: which one is
    only its cause, for the access log. Raises InvalidInput for a name that cannot be kept.
    """
    shown = device_name(name)
    key_hash = secret_hash("".join(key.split()).replace("-", "").lower())
    won = tx.execute(
        update(device_keys)
        .where(
            device_keys.c.key_hash == key_hash,
            device_keys.c.contract_id == contract_id,
            device_keys.c.login == login,
            device_keys.c.state == "issued",
            device_keys.c.expires_at > now,
        )
        .values(state="used")
    )
    if won.rowcount != 1:
        raise AccessDenied("device.key_refused", cause=_why_refused(tx, contract_id, login, key_hash))
    registered = add_device(tx, contract_id, login, shown, now=now, proofs=proofs)
    tx.execute(update(device_keys).where(device_keys.c.key_hash == key_hash).values(device_id=registered.device_id))
    return registered


def device_name(name: str) -> str:
    """Return a device's name as it is kept. Raises InvalidInput for an empty, long or unprintable one."""
    shown = name.strip()
    if not 1 <= len(shown) <= MAX_NAME_CHARACTERS or not shown.isprintable():
        raise InvalidInput(f"a device name has 1 to {MAX_NAME_CHARACTERS} printable characters")
    return shown


def _why_refused(tx: Transaction, contract_id: int, login: int, key_hash: str) -> str:
    found = tx.execute(
        select(device_keys, devices.c.state.label("device_state"))
        .outerjoin(
            devices, (devices.c.contract_id == device_keys.c.contract_id) & (devices.c.id == device_keys.c.device_id)
        )
        .where(device_keys.c.key_hash == key_hash)
    ).first()
    if found is None:
        return "device.key_unknown"
    if (found.contract_id, found.login) != (contract_id, login):
        return "device.key_of_other_login"
    if found.device_state in (DeviceState.LOCKED, DeviceState.REVOKED):
        return f"device.{found.device_state}"
    return "device.key_expired" if found.state == "issued" else f"device.key_{found.state}"


def add_device(
    tx: Transaction, contract_id: int, login: int, name: str, *, now: datetime, proofs: Proofs = PASSWORD_ALONE
) -> RegisteredDevice:
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
            state=DeviceState.REGISTERED.value,
            password_hash=secret_hash(password),
            registered_at=now,
            changed_at=now,
            changed_by=login_id,
            reason="",
            **dataclasses.asdict(proofs),
        )
    )
    return RegisteredDevice(device_id, login_id, password)


def list_keys(tx: Transaction, contract_id: int) -> list[WaitingKey]:
    """Return the contract's keys that nobody has used, the newest first; expired ones are among them."""
    rows = tx.execute(
        select(device_keys, logins.c.login_id)
        .join(logins, (logins.c.contract_id == device_keys.c.contract_id) & (logins.c.id == device_keys.c.login))
        .where(device_keys.c.contract_id == contract_id, device_keys.c.state == "issued")
        .order_by(device_keys.c.issued_at.desc(), device_keys.c.id)
    )
    return [WaitingKey(row.id, row.login_id, row.issued_at, row.expires_at) for row in rows]


def revoke_key(tx: Transaction, contract_id: int, key_id: str) -> None:
    """Take back a key nobody has used. Raises NotFound where there is none, or it was used."""
    taken = tx.execute(
        update(device_keys)
        .where(device_keys.c.contract_id == contract_id, device_keys.c.id == key_id, device_keys.c.state == "issued")
        .values(state="revoked")
    )
    if taken.rowcount != 1:
        raise NotFound(f"unused key {key_id}")


def change_state(tx: Transaction, device_id: str, state: DeviceState, *, by: str, reason: str, now: datetime) -> int:
    """Lock, unlock (`registered`) or revoke a device; it bites at the next request. Return its contract.

    Repeating a change does nothing. Raises NotFound, and Conflict for a revoked device: revoking is final.
    """
    found = tx.execute(
        select(devices.c.contract_id, devices.c.state).where(devices.c.id == device_id).with_for_update()
    ).first()
    if found is None:
        raise NotFound(f"device {device_id}")
    if found.state == DeviceState.REVOKED and state is not DeviceState.REVOKED:
        raise Conflict("the device was revoked; issue a new key instead")
    if found.state != state:
        tx.execute(
            update(devices)
            .where(devices.c.contract_id == found.contract_id, devices.c.id == device_id)
            .values(state=state.value, changed_at=now, changed_by=by[:64], reason=reason[:255])
        )
    return int(found.contract_id)


def bind_client(tx: Transaction, contract_id: int, device_id: str, client: str) -> bool:
    """Bind a device to the client it first comes with; False where it is bound to another already."""
    mine = (devices.c.contract_id == contract_id, devices.c.id == device_id)
    first = tx.execute(update(devices).where(*mine, devices.c.client.is_(None)).values(client=client))
    return first.rowcount == 1 or tx.execute(select(devices.c.client).where(*mine)).scalar() == client


def list_devices(tx: Transaction, contract_id: int) -> list[Device]:
    """Return the contract's devices, the newest first."""
    rows = tx.execute(_described.where(devices.c.contract_id == contract_id).order_by(*_newest_first))
    return [_device(row) for row in rows]


def describe(tx: Transaction, device_id: str) -> Device:
    """Return one device. Raises NotFound."""
    row = tx.execute(_described.where(devices.c.id == device_id)).first()
    if row is None:
        raise NotFound(f"device {device_id}")
    return _device(row)


_described = select(devices, logins.c.login_id).join(
    logins, (logins.c.contract_id == devices.c.contract_id) & (logins.c.id == devices.c.login)
)
_newest_first = (devices.c.registered_at.desc(), devices.c.id)


def _device(row: Row[Any]) -> Device:
    return Device(
        row.contract_id,
        row.id,
        row.login_id,
        row.name,
        DeviceState(row.state),
        row.registered_at,
        row.changed_at,
        row.changed_by,
        row.reason,
        row.last_seen_at,
        row.last_address,
        row.last_client,
    )
