"""What retention took of a contract, for its page and for the record (R4, R9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import delete, insert, select, update

from core.clock import from_microseconds
from db.engine import Transaction
from db.tables import purged_files, purges


class File(Protocol):
    """A file as the record names it."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def path(self) -> str:
        """Its folder and path."""

    @property
    def size_bytes(self) -> int:
        """Its size."""

    @property
    def stored_us(self) -> int:
        """When its bytes were stored."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one deadline took. `to_bytes`: down to what was to be kept."""

    due_at: datetime
    to_bytes: int
    deleted_files: int
    deleted_bytes: int
    done_at: datetime


@dataclass(frozen=True, slots=True)
class GoneFile:
    """One file that went."""

    path: str
    size_bytes: int
    stored_at: datetime
    due_at: datetime


def note(tx: Transaction, contract_id: int, entry: Entry) -> None:
    """Add to what a deadline took. The caller holds the contract's ledger."""
    same = (purges.c.contract_id == contract_id) & (purges.c.due_at == entry.due_at)
    added = tx.execute(
        update(purges)
        .where(same)
        .values(
            to_bytes=entry.to_bytes,
            deleted_files=purges.c.deleted_files + entry.deleted_files,
            deleted_bytes=purges.c.deleted_bytes + entry.deleted_bytes,
            done_at=entry.done_at,
        )
    )
    if added.rowcount == 0:
        tx.execute(insert(purges).values(contract_id=contract_id, **asdict(entry)))


def note_files(tx: Transaction, contract_id: int, due_at: datetime, gone: Iterable[File]) -> None:
    """Write down which files went."""
    rows = [
        {
            "contract_id": contract_id,
            "node_id": one.id,
            "path": one.path,
            "size_bytes": one.size_bytes,
            "stored_at": from_microseconds(one.stored_us),
            "due_at": due_at,
        }
        for one in gone
    ]
    if rows:
        tx.execute(insert(purged_files), rows)


def forget_files(tx: Transaction, contract_id: int) -> None:
    """Remove the names of all files that ever went; the sums stay."""
    tx.execute(delete(purged_files).where(purged_files.c.contract_id == contract_id))


def entries(tx: Transaction, contract_id: int) -> list[Entry]:
    """Return what each deadline took, the latest first."""
    rows = tx.execute(select(purges).where(purges.c.contract_id == contract_id).order_by(purges.c.due_at.desc()))
    return [Entry(row.due_at, row.to_bytes, row.deleted_files, row.deleted_bytes, row.done_at) for row in rows]


def gone_files(tx: Transaction, contract_id: int, *, due_at: datetime, limit: int = 1000) -> list[GoneFile]:
    """Return the files a deadline took, the oldest first, at most `limit`."""
    rows = tx.execute(
        select(purged_files)
        .where(purged_files.c.contract_id == contract_id, purged_files.c.due_at == due_at)
        .order_by(purged_files.c.stored_at, purged_files.c.node_id)
        .limit(limit)
    )
    return [GoneFile(row.path, row.size_bytes, row.stored_at, row.due_at) for row in rows]
