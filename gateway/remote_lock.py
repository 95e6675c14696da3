"""Remote lock (R16): a device is closed, and everything it holds ends in the same transaction.

Requests that come later are refused because identification reads the device's state; transfers under way are
asked about every second (`auth.transfers`). Other devices of the login are not touched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from auth import accesslog, devices, lines, secret_folders, sessions, tokens
from auth.accesslog import Entry, Query
from auth.callers import DeviceState
from auth.devices import Device
from core.clock import to_microseconds
from db.engine import Transaction
from db.tables import line_sessions, locks, unlocked_folders, web_sessions
from storage import locks as dav_locks
from storage import resumable_rows

ACTS = {
    DeviceState.LOCKED: "device.lock",
    DeviceState.REGISTERED: "device.unlock",
    DeviceState.REVOKED: "device.revoke",
}


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a device holds open, and would lose."""

    web_sessions: int
    dav_locks: int
    line_sessions: int
    unlocked_secrets: int


NOTHING = Holdings(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Order:
    """Who does it, who asked for it (the support desk acts on a call), and why."""

    by: str
    asked_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProofReport:
    """That a lock took hold: who asked and did it when, the last access before, the first refusal after."""

    device_id: str
    login_id: str
    state: DeviceState
    locked_at: datetime | None
    done_by: str
    asked_by: str
    reason: str
    last_access_before: Entry | None
    first_refusal_after: Entry | None


def preview(tx: Transaction, device_id: str) -> Holdings:
    """Return what would end if the device were locked now. Raises NotFound."""
    device = devices.describe(tx, device_id)
    counts = []
    for table in (web_sessions, locks, line_sessions, unlocked_folders):
        held = select(func.count()).where(table.c.contract_id == device.contract_id, table.c.device_id == device_id)
        counts.append(int(tx.execute(held).scalar_one()))
    return Holdings(*counts)


def change(tx: Transaction, device_id: str, state: DeviceState, order: Order, *, now: datetime) -> Holdings:
    """Lock, unlock or revoke a device, end what it held, log the act, and return what ended.

    Raises NotFound, and Conflict for a device that was revoked.
    """
    contract_id = devices.change_state(tx, device_id, state, by=order.by, reason=order.reason, now=now)
    ended = NOTHING
    if state is not DeviceState.REGISTERED:
        ended = preview(tx, device_id)
        sessions.end_all(tx, contract_id, device_id=device_id)
        lines.end_sessions(tx, contract_id, device_id=device_id)
        secret_folders.lock_device(tx, contract_id, device_id)
        dav_locks.release_device(tx.cursor, contract_id, device_id)
        resumable_rows.end_of_device(tx.cursor, contract_id, device_id, now_us=to_microseconds(now))
        tokens.revoke_all(tx, contract_id, device_id=device_id)
    detail = json.dumps({"asked_by": order.asked_by or order.by, "reason": order.reason}, ensure_ascii=False)
    entry = Entry(now, order.by, device_id, "", "", ACTS[state], "", accesslog.DONE, detail)
    accesslog.append(tx.cursor, contract_id, [entry])
    return ended


def proof(tx: Transaction, device_id: str) -> ProofReport:
    """Return the proof of the device's latest lock or revocation. Raises NotFound for an unknown device."""
    device = devices.describe(tx, device_id)
    closings = [
        entry
        for state in (DeviceState.LOCKED, DeviceState.REVOKED)
        for entry in accesslog.search(tx, device.contract_id, Query(device_id=device_id, act=ACTS[state]))
    ]
    if not closings:
        return _report(device, None, None, None)
    latest = max(closings, key=lambda entry: entry.at)
    before = accesslog.last_of_device(tx, device.contract_id, device_id, before=latest.at)
    after = accesslog.first_refusal_of_device(tx, device.contract_id, device_id, since=latest.at)
    return _report(device, latest, before, after)


def _report(device: Device, closing: Entry | None, before: Entry | None, after: Entry | None) -> ProofReport:
    told = json.loads(closing.detail) if closing is not None else {}
    return ProofReport(
        device_id=device.device_id,
        login_id=device.login_id,
        state=device.state,
        locked_at=closing.at if closing is not None else None,
        done_by=closing.login_id if closing is not None else "",
        asked_by=str(told.get("asked_by", "")),
        reason=str(told.get("reason", "")),
        last_access_before=before,
        first_refusal_after=after,
    )
