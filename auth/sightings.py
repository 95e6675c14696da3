"""When a device was last seen, from where and with what; written at most once a minute per device and process."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, Integer, String, bindparam, or_, update

from auth.callers import Caller
from core.clock import to_microseconds
from db.engine import Transaction
from db.statements import Statement
from db.tables import devices

EVERY = timedelta(minutes=1)

_SEEN = bindparam("seen", type_=BigInteger)
_write = Statement(
    update(devices)
    .where(
        devices.c.contract_id == bindparam("contract", type_=Integer),
        devices.c.id == bindparam("device", type_=String),
        # Another process may have seen it later and been faster.
        or_(devices.c.last_seen_at.is_(None), devices.c.last_seen_at < _SEEN),
    )
    .values(
        last_seen_at=_SEEN,
        last_address=bindparam("from_address", type_=String),
        last_client=bindparam("with_client", type_=String),
    )
)


class _Sighting(NamedTuple):
    contract_id: int
    at: datetime
    address: str
    client: str


class Sightings:
    """Gathers what requests see of devices, until someone writes it down. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written_at: dict[str, datetime] = {}
        self._pending: dict[str, _Sighting] = {}

    def note(self, caller: Caller, *, now: datetime) -> None:
        """Note that a caller's device is here; nothing for a caller without one."""
        device_id = caller.device_id
        if device_id is None:
            return
        written_at = self._written_at.get(device_id)
        if written_at is None or now - written_at >= EVERY:
            self._pending[device_id] = _Sighting(caller.contract_id, now, caller.address, caller.client)

    def take(self) -> dict[str, _Sighting]:
        """Return what is to be written, by device, and consider it written."""
        with self._lock:
            taken, self._pending = self._pending, {}
            for device_id, sighting in taken.items():
                self._written_at[device_id] = sighting.at
            if taken:
                latest = max(sighting.at for sighting in taken.values())
                self._written_at = {one: at for one, at in self._written_at.items() if latest - at < EVERY}
            return taken


def write(tx: Transaction, taken: dict[str, _Sighting]) -> None:
    """Write down what was taken."""
    # In the order of ids: two processes that write the same devices must not wait for each other crosswise.
    for device_id, sighting in sorted(taken.items()):
        _write.run(
            tx.cursor,
            contract=sighting.contract_id,
            device=device_id,
            seen=to_microseconds(sighting.at),
            from_address=sighting.address,
            with_client=sighting.client,
        )
