"""Work behind the scenes: deleted trees lose their rows, freed objects leave the store, orphans are collected.

Every step may be interrupted anywhere and run again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import ColumnElement, delete, func, literal_column, select
from uuid_utils import UUID

from core.clock import from_microseconds
from db.engine import Transaction
from db.tables import nodes, objects
from quota.meter import Ledger
from storage import lending, tree
from storage import nodes as names
from storage.files import FileSystem
from storage.objects import StoredObject

_BATCH = 500
_PAGE = 1000
_MILLISECOND_US = 1000


@dataclass(slots=True)
class Reclaimed:
    """What a run took away. Bytes are those that left the object store."""

    deleted_files: int = 0
    deleted_objects: int = 0
    deleted_bytes: int = 0
    aborted_uploads: int = 0


def reclaim(fs: FileSystem, *, freed_before_us: int) -> Reclaimed:
    """Remove the rows of deleted trees, then the objects nobody has referred to since `freed_before_us`.

    Raises StoreUnavailable or DatabaseUnavailable; what was done stays done.
    """
    done = Reclaimed()
    while removed := fs.database.write(lambda tx: _dismantle(tx, fs.now_us())):
        done.deleted_files += removed - 1
    while freed := _freed(fs, freed_before_us):
        _give_back(fs, freed)
        own = [one for one in freed if "@" not in one[1]]
        fs.objects.delete([fs.key(contract_id, object_id) for contract_id, object_id, _ in own])
        fs.database.write(lambda tx, gone=own: _forget(tx, gone))  # type: ignore[misc]
        done.deleted_objects += len(own)
        done.deleted_bytes += sum(size_bytes for _, _, size_bytes in own)
    return done


def _give_back(fs: FileSystem, freed: list[tuple[int, str, int]]) -> None:
    """Let go of what was borrowed; its home frees the bytes in a later run, where nobody else holds them."""
    borrowed: dict[tuple[int, int], list[str]] = {}
    for holder_id, object_id, _ in freed:
        home_id, _ = lending.home_of(holder_id, object_id)
        if home_id != holder_id:
            borrowed.setdefault((holder_id, home_id), []).append(object_id)
    for (holder, home), ids in borrowed.items():
        fs.database.write(
            lambda tx, at=(holder, home, ids): lending.give_back(tx, *at, now_us=fs.now_us())  # type: ignore[misc]
        )


def _dismantle(tx: Transaction, now_us: int) -> int:
    """Take up to a batch of members off one deleted collection; 0 when nothing is left to do.

    Returns one more than the files removed. Collections among the members become deleted ones themselves.
    """
    # Written out, not bound: only so does the partial index on deleted collections serve it.
    deleted = nodes.c.parent_id < literal_column("0")  # DELETED_PARENT alone is negative
    top = tx.execute(select(nodes.c.contract_id, nodes.c.id).where(deleted).limit(1)).first()
    if top is None:
        return 0
    ledger = Ledger.open(tx.cursor, top.contract_id)
    members = names.members(tx.cursor, ledger.contract_id, top.id)[:_BATCH]
    for member in members:
        tree.unlink(tx.cursor, ledger.contract_id, member, now_us=now_us)
    if len(members) < _BATCH:
        found = names.find(tx.cursor, ledger.contract_id, top.id)
        if found is not None:
            tree.remove(tx.cursor, ledger.contract_id, found, now_us=now_us)
    return 1 + sum(not member.is_collection for member in members)


def _reclaimable(before_us: int) -> ColumnElement[bool]:
    return (objects.c.freed_at <= from_microseconds(before_us)) & (objects.c.reference_count == 0)


def _freed(fs: FileSystem, before_us: int) -> list[tuple[int, str, int]]:
    with fs.database.reading() as tx:
        rows = tx.execute(
            select(objects.c.contract_id, objects.c.id, objects.c.size_bytes)
            .where(_reclaimable(before_us))
            .limit(_PAGE)
        )
        return [(row.contract_id, row.id, row.size_bytes) for row in rows]


def _forget(tx: Transaction, gone: list[tuple[int, str, int]]) -> None:
    for contract_id, object_id, _ in gone:
        tx.execute(
            delete(objects).where(
                objects.c.contract_id == contract_id, objects.c.id == object_id, objects.c.reference_count == 0
            )
        )


def pending(fs: FileSystem, *, freed_before_us: int) -> Reclaimed:
    """Return what `reclaim` would take from the store now; the files of deleted trees are not counted yet."""
    own = lending.is_own(objects.c.id)
    with fs.database.reading() as tx:
        count, size_bytes = tx.execute(
            select(func.count(), func.coalesce(func.sum(objects.c.size_bytes), 0)).where(
                _reclaimable(freed_before_us), own
            )
        ).one()
    return Reclaimed(0, count, int(size_bytes))


def collect_orphans(fs: FileSystem, *, stored_before_us: int, dry_run: bool = False) -> Reclaimed:
    """Remove objects that no row knows, and unfinished uploads, begun before an instant: what crashes left.

    No upload may commit that late (`uploads.MAX_UPLOAD_US`), so nothing that could still become a file is
    touched. A dry run does not count unfinished uploads. Raises StoreUnavailable.
    """
    done = Reclaimed()
    listing = iter(fs.objects.list(fs.key_prefix + "/"))
    while page := list(islice(listing, _PAGE)):
        old = [one for one in page if 0 <= begun_us(one.key) < stored_before_us]
        orphans = unknown(fs, old)
        if orphans and not dry_run:
            fs.objects.delete([one.key for one in orphans])
        done.deleted_objects += len(orphans)
        done.deleted_bytes += sum(one.size_bytes for one in orphans)
    if not dry_run:
        begun_before = from_microseconds(stored_before_us)
        done.aborted_uploads = fs.objects.abort_uploads(fs.key_prefix + "/", begun_before=begun_before)
    return done


def unknown(fs: FileSystem, listed: Iterable[StoredObject]) -> list[StoredObject]:
    """Return those of some listed objects that no row knows."""
    with fs.database.reading() as tx:
        return [one for one in listed if not _is_known(tx, one.key)]


def _is_known(tx: Transaction, key: str) -> bool:
    contract, _, object_id = key.rpartition("/")
    contract_id = contract.rpartition("/")[2]
    if not contract_id.isdecimal():
        return True  # not a key of ours: leave it alone
    row = tx.execute(
        select(objects.c.id).where(objects.c.contract_id == int(contract_id), objects.c.id == object_id)
    ).first()
    return row is not None


def begun_us(key: str) -> int:
    """Return when an upload was begun, from the UUIDv7 in its key (RFC 9562 §5.7); -1 for a foreign key."""
    try:
        timestamp = UUID(hex=key.rpartition("/")[2]).timestamp
    except ValueError:
        return -1
    return int(timestamp) * _MILLISECOND_US
