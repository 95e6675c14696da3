"""Devices of a contract and the keys that make them (R13, R16)."""

from __future__ import annotations

from typing import Literal

from admin_web import own
from admin_web.acts import Who
from admin_web.api.shapes import Instant, Key, Page, Rows, Shape, Text, rows
from admin_web.api.subject import Subject
from admin_web.gate import caller, parts
from auth import devices
from auth.callers import DeviceState
from auth.devices import Device, WaitingKey
from auth.tokens import Scope

subject = Subject("devices", "Registered devices, their keys, and the remote lock")


class DeviceShown(Shape):
    """A registered device. The last three are null before it was first seen."""

    device_id: str
    login_id: str
    name: str
    state: Literal["registered", "locked", "revoked"]
    registered_at: Instant
    changed_at: Instant
    changed_by: str
    reason: str
    last_seen_at: Instant | None
    last_address: str | None
    last_client: str | None


class HeldOpen(Shape):
    """What a device holds open, and would lose when it is locked."""

    web_sessions: int
    dav_locks: int
    unlocked_secrets: int


class KeyShown(Shape):
    """A key that waits for its device."""

    key_id: str
    login_id: str
    issued_at: Instant
    expires_at: Instant


class KeyIssued(Shape):
    """A fresh key, shown this once."""

    key_id: str
    device_key: str
    expires_at: Instant


class ForLogin(Shape):
    """Whose device it will be."""

    login_id: Key


class Reason(Shape):
    """Why, for the access log."""

    reason: Text = ""


class WhichDevice(Shape):
    """One of the contract's devices."""

    device_id: Key


class WhichKey(Shape):
    """One of the contract's waiting keys."""

    key_id: Key


def shown(device: Device) -> DeviceShown:
    """Return a device as the API shows it."""
    names = DeviceShown.model_fields
    return DeviceShown(**{name: getattr(device, name) for name in names})


@subject.operation("GET /devices", scope=Scope.CONTRACT_READ, answer=Rows[DeviceShown])
def list_devices(query: Page) -> Rows[DeviceShown]:
    """List the contract's devices, the newest first."""
    return rows(query, own.device_list(), shown)


@subject.operation("GET /devices/<device_id>", scope=Scope.CONTRACT_READ, answer=DeviceShown)
def show_device(path: WhichDevice) -> DeviceShown:
    """Tell about one device."""
    return shown(own.device(path.device_id))


@subject.operation("GET /devices/<device_id>/held", scope=Scope.CONTRACT_READ, answer=HeldOpen)
def show_held(path: WhichDevice) -> HeldOpen:
    """Tell what would end if the device were locked now."""
    found = parts().acts.held(own.device(path.device_id).device_id)
    return HeldOpen(web_sessions=found.web_sessions, dav_locks=found.dav_locks, unlocked_secrets=found.unlocked_secrets)


@subject.operation("POST /devices/<device_id>/lock", scope=Scope.CONTRACT_WRITE, answer=DeviceShown)
def lock_device(path: WhichDevice, body: Reason) -> DeviceShown:
    """Lock a device, from its next request on.

    What it holds open ends: sessions, locks, unlocked Secret Folders, tokens.
    """
    return _change(path, DeviceState.LOCKED, body)


@subject.operation("POST /devices/<device_id>/unlock", scope=Scope.CONTRACT_WRITE, answer=DeviceShown)
def unlock_device(path: WhichDevice, body: Reason) -> DeviceShown:
    """Let a locked device in again; its tokens stay revoked."""
    return _change(path, DeviceState.REGISTERED, body)


@subject.operation("POST /devices/<device_id>/revoke", scope=Scope.CONTRACT_WRITE, answer=DeviceShown)
def revoke_device(path: WhichDevice, body: Reason) -> DeviceShown:
    """Close a device for good, from its next request on."""
    return _change(path, DeviceState.REVOKED, body)


def _change(path: WhichDevice, state: DeviceState, body: Reason) -> DeviceShown:
    device = own.device(path.device_id)
    parts().acts.change_device(device.device_id, state, Who(caller().login_id, reason=body.reason.strip()))
    return shown(own.device(path.device_id))


@subject.operation("GET /device-keys", scope=Scope.CONTRACT_READ, answer=Rows[KeyShown])
def list_keys(query: Page) -> Rows[KeyShown]:
    """List the keys nobody has used yet, the newest first; expired ones are among them."""
    with parts().database.reading() as tx:
        found = devices.list_keys(tx, caller().contract_id)
    return rows(query, found, _key)


def _key(one: WaitingKey) -> KeyShown:
    return KeyShown(key_id=one.key_id, login_id=one.login_id, issued_at=one.issued_at, expires_at=one.expires_at)


@subject.operation("POST /device-keys", scope=Scope.CONTRACT_WRITE, answer=KeyIssued, status=201)
def issue_key(body: ForLogin) -> KeyIssued:
    """Issue a device key to a login; it is shown this once."""
    issued = parts().acts.issue_key(own.login(body.login_id).login_id, by=caller().login_id)
    return KeyIssued(key_id=issued.key_id, device_key=issued.device_key, expires_at=issued.expires_at)


@subject.operation("DELETE /device-keys/<key_id>", scope=Scope.CONTRACT_WRITE)
def withdraw_key(path: WhichKey) -> None:
    """Take back a key nobody has used."""
    parts().acts.withdraw_key(own.contract().name, path.key_id, by=caller().login_id)
