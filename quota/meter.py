"""What a contract holds: exact counters, moved in the transaction that moves the rows."""

from __future__ import annotations

from typing import Self

from sqlalchemy import BigInteger, Integer, bindparam, insert, select, update

from core.errors import NotFound, QuotaExceeded
from db.statements import Cursor, Statement
from db.tables import usage

_CONTRACT = bindparam("contract", type_=Integer)

_open = Statement(select(usage.c.used_bytes, usage.c.next_id).where(usage.c.contract_id == _CONTRACT).with_for_update())
_read = Statement(select(usage.c.used_bytes).where(usage.c.contract_id == _CONTRACT))
_save = Statement(
    update(usage)
    .where(usage.c.contract_id == _CONTRACT)
    .values(used_bytes=bindparam("used", type_=BigInteger), next_id=bindparam("next", type_=BigInteger))
)
_create = Statement(insert(usage))


class Ledger:
    """A contract's counters, held by one write transaction; whoever holds it writes alone for that contract."""

    __slots__ = ("_changed", "_cursor", "_next_id", "contract_id", "used_bytes")

    def __init__(self, cursor: Cursor, contract_id: int, used_bytes: int, next_id: int) -> None:
        self._cursor = cursor
        self._next_id = next_id
        self._changed = False
        self.contract_id = contract_id
        self.used_bytes = used_bytes

    @classmethod
    def open(cls, cursor: Cursor, contract_id: int) -> Self:
        """Take the contract's write mutex (a row lock on PostgreSQL; SQLite has one writer anyway).

        Raises NotFound for a contract that does not exist.
        """
        row = _open.first(cursor, contract=contract_id)
        if row is None:
            raise NotFound(f"contract {contract_id}")
        return cls(cursor, contract_id, row[0], row[1])

    @classmethod
    def create(cls, cursor: Cursor, contract_id: int) -> Self:
        """Start the counters of a new contract."""
        _create.run(cursor, contract_id=contract_id, used_bytes=0, next_id=1)
        return cls(cursor, contract_id, 0, 1)

    def take_ids(self, count: int = 1) -> int:
        """Return the first of `count` fresh ids, unique within the contract."""
        first = self._next_id
        self._next_id += count
        self._changed = True
        return first

    def charge(self, delta_bytes: int, *, capacity_bytes: int) -> None:
        """Move the used bytes. Growth beyond the capacity raises QuotaExceeded; shrinking is always admitted (R4)."""
        admit(delta_bytes, used_bytes=self.used_bytes, capacity_bytes=capacity_bytes)
        self.used_bytes += delta_bytes
        self._changed = True

    def release(self, size_bytes: int) -> None:
        """Give bytes back."""
        self.used_bytes -= size_bytes
        self._changed = True

    def save(self) -> None:
        """Write the counters back; once, at the end of the transaction."""
        if self._changed:
            _save.run(self._cursor, contract=self.contract_id, used=self.used_bytes, next=self._next_id)


def admit(delta_bytes: int, *, used_bytes: int, capacity_bytes: int) -> None:
    """Return if `delta_bytes` more fit, or none are added; else raise QuotaExceeded (R6)."""
    if delta_bytes > 0 and used_bytes + delta_bytes > capacity_bytes:
        raise QuotaExceeded(needed_bytes=delta_bytes, free_bytes=max(0, capacity_bytes - used_bytes))


def used_bytes(cursor: Cursor, contract_id: int) -> int:
    """Return what the contract holds, to the byte (R7)."""
    row = _read.first(cursor, contract=contract_id)
    return int(row[0]) if row else 0
