"""Deleting what is over capacity when its time has come, and all there is of a contract that ended (R4, R9).

The rules are in `quota.retention`. Every batch is one transaction that takes the oldest files that are left, so
that a run cut anywhere and run again leaves exactly what one run leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import BigInteger, Integer, bindparam, delete, exists, literal_column, select, tuple_

from auth import accesslog
from db.engine import Transaction
from db.statements import Cursor, Statement
from db.tables import NO_PARENT, locks, nodes
from quota import contracts
from quota.catalogue import Catalogue
from quota.history import History
from quota.meter import Ledger
from quota.months import BillingMonth
from quota.retention import kept_bytes, to_delete
from quota.standings import Standing, standings
from storage import purge_log, tree
from storage.files import FileSystem
from storage.locks import release_tree
from storage.nodes import Node, columns_of, members
from storage.nodes import find as find_node

BATCH_FILES = 500
_START = (-(2**63), -(2**63))

# The condition on kind is written out as the index has it.
_oldest = Statement(
    select(*columns_of(nodes))
    .where(
        nodes.c.contract_id == bindparam("contract", type_=Integer),
        nodes.c.kind == literal_column("1"),
        tuple_(nodes.c.stored_at, nodes.c.id)
        > tuple_(bindparam("stored", type_=BigInteger), bindparam("node", type_=BigInteger)),
    )
    .order_by(nodes.c.stored_at, nodes.c.id)
    .limit(bindparam("count", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Going:
    """A file that goes, or would go: its path below its folder's root, and the collections it is in."""

    node: Node
    root: str
    names: tuple[str, ...]
    parents: tuple[int, ...]

    @property
    def id(self) -> int:
        """Return the file's id."""
        return self.node.id

    @property
    def size_bytes(self) -> int:
        """Return the file's size."""
        return self.node.size_bytes

    @property
    def stored_us(self) -> int:
        """Return when its bytes were stored."""
        return self.node.stored_us

    @property
    def path(self) -> str:
        """Return folder root and path."""
        return "/".join((self.root, *self.names))


@dataclass(slots=True)
class Purged:
    """What a run deleted. The bytes leave the object store with the next reclaim."""

    contracts: int = 0
    closed_contracts: int = 0
    deleted_files: int = 0
    deleted_bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Run:
    """What one run works with; `due_at` is the deadline it is run for."""

    fs: FileSystem
    catalogue: Catalogue
    at: datetime

    @property
    def due_at(self) -> datetime:
        return BillingMonth.of(self.at).start()

    def kept_bytes(self, past: History) -> int:
        """Return what a contract may keep; run for an instant in the past, no less than what holds by now."""
        return kept_bytes(past, self.catalogue, self.at, now=self.fs.clock())

    def is_over(self, one: Standing) -> bool:
        """Tell whether a contract holds more than it may; the transactions that delete look again."""
        begun = one.history.signed_up_at is not None and one.history.signed_up_at <= self.at
        return begun and one.used_bytes > self.kept_bytes(one.history)

    def is_over_for_good(self, past: History) -> bool:
        """Tell whether a contract has ended and nothing of it may be kept; that is never taken back."""
        return past.ended_at is not None and past.ended_at <= self.at and self.kept_bytes(past) == 0


def purge(fs: FileSystem, catalogue: Catalogue, *, at: datetime) -> Purged:
    """Delete what every contract holds beyond what it may keep at an instant, the oldest stored-at first.

    Idempotent; may be run late and be interrupted. Raises DatabaseUnavailable; what was done stays done.
    """
    run, done = _Run(fs, catalogue, at), Purged()
    for one in standings(fs.database):
        if run.is_over_for_good(one.history):
            deleted = _close_if_open(run, one.contract_id)
            done.closed_contracts += deleted is not None
        else:
            deleted = _shrink(run, one.contract_id) if run.is_over(one) else None
        if deleted is not None:
            done.contracts += 1
            done.deleted_files += deleted.files
            done.deleted_bytes += deleted.size_bytes
    return done


def would_delete(fs: FileSystem, catalogue: Catalogue, *, at: datetime) -> Iterator[tuple[Standing, Going]]:
    """Yield every file a run for an instant would delete, with its contract; bounded memory."""
    run = _Run(fs, catalogue, at)
    for one in standings(fs.database):
        if run.is_over_for_good(one.history):
            yield from ((one, going) for going in _oldest_first(fs, one.contract_id))
        elif run.is_over(one):
            to_bytes = run.kept_bytes(one.history)
            yield from ((one, going) for going in going_first(fs, one, to_bytes=to_bytes))


def going_first(fs: FileSystem, one: Standing, *, to_bytes: int) -> Iterator[Going]:
    """Yield the files of a contract that would go to bring it to `to_bytes`, the first to go first (R4)."""
    return to_delete(_oldest_first(fs, one.contract_id), used_bytes=one.used_bytes, kept_bytes=to_bytes)


@dataclass(frozen=True, slots=True)
class _Deleted:
    files: int
    size_bytes: int
    last: tuple[int, int] | None = None


def _shrink(run: _Run, contract_id: int) -> _Deleted:
    files, size_bytes, after = 0, 0, _START
    while True:
        # Behind `after` only files of deleted trees were passed over; what was deleted is not met again anyway.
        batch = run.fs.database.write(lambda tx, after=after: _delete_batch(tx, run, contract_id, after))  # type: ignore[misc]
        files, size_bytes = files + batch.files, size_bytes + batch.size_bytes
        if batch.last is None:
            return _Deleted(files, size_bytes)
        after = batch.last


def _delete_batch(tx: Transaction, run: _Run, contract_id: int, after: tuple[int, int]) -> _Deleted:
    """Delete up to a batch of files, the oldest first; `last` of the result is None where nothing is left to do."""
    ledger = Ledger.open(tx.cursor, contract_id)
    to_bytes = run.kept_bytes(contracts.history(tx, contract_id))
    if ledger.used_bytes <= to_bytes:
        return _Deleted(0, 0)
    rows = _oldest_rows(tx.cursor, contract_id, after)
    found = _locate(tx.cursor, contract_id, rows)
    going = list(to_delete(found, used_bytes=ledger.used_bytes, kept_bytes=to_bytes))
    _delete_files(tx, ledger, going, now_us=run.fs.now_us())
    deleted = _Deleted(len(going), sum(one.size_bytes for one in going))
    purge_log.note(tx, contract_id, _entry(run, to_bytes, deleted))
    purge_log.note_files(tx, contract_id, run.due_at, going)
    accesslog.append(tx.cursor, contract_id, [_log_entry(run, one.path, one.size_bytes) for one in going])
    ledger.save()
    is_last = len(rows) < BATCH_FILES or ledger.used_bytes <= to_bytes
    return deleted if is_last else replace(deleted, last=_place(rows[-1]))


def _log_entry(run: _Run, path: str, size_bytes: int) -> accesslog.Entry:
    """Return the line an administrator finds who asks the access log where a file went (R21)."""
    detail = f"{size_bytes} bytes over capacity since before {run.due_at.isoformat()}"
    return accesslog.Entry(run.fs.clock(), "", "", "", "", "purge", path, accesslog.DONE, detail)


def _entry(run: _Run, to_bytes: int, deleted: _Deleted) -> purge_log.Entry:
    return purge_log.Entry(run.due_at, to_bytes, deleted.files, deleted.size_bytes, run.fs.clock())


def _delete_files(tx: Transaction, ledger: Ledger, going: list[Going], *, now_us: int) -> None:
    contract_id = ledger.contract_id
    has_locks = tx.execute(select(exists().where(locks.c.contract_id == contract_id))).scalar_one()
    shrunk: dict[int, int] = {}
    for one in going:
        tree.remove(tx.cursor, contract_id, one.node, now_us=now_us)
        ledger.release(one.size_bytes)
        for parent_id in one.parents:
            shrunk[parent_id] = shrunk.get(parent_id, 0) + one.size_bytes
        if has_locks:
            release_tree(tx.cursor, contract_id, one.root, one.names)
    for parent_id, size_bytes in sorted(shrunk.items()):
        tree.grow(tx.cursor, contract_id, (parent_id,), -size_bytes)


def _close_if_open(run: _Run, contract_id: int) -> _Deleted | None:
    with run.fs.database.reading() as tx:
        if not members(tx.cursor, contract_id, NO_PARENT):
            return None
    return run.fs.database.write(lambda tx: _close(tx, run, contract_id))


def _close(tx: Transaction, run: _Run, contract_id: int) -> _Deleted:
    """Unlink all folders of a contract and return what was in them; the reclaim job takes the trees apart.

    Only sums stay on record: a firm's file names do not outlive its files.
    """
    ledger = Ledger.open(tx.cursor, contract_id)
    deleted = _Deleted(_count_files(tx.cursor, contract_id), ledger.used_bytes)
    while roots := members(tx.cursor, contract_id, NO_PARENT):
        for root in roots:
            tree.unlink(tx.cursor, contract_id, root, now_us=run.fs.now_us())
    ledger.release(ledger.used_bytes)
    ledger.save()
    tx.execute(delete(locks).where(locks.c.contract_id == contract_id))
    purge_log.note(tx, contract_id, _entry(run, 0, deleted))
    purge_log.forget_files(tx, contract_id)
    accesslog.append(tx.cursor, contract_id, [_log_entry(run, "", deleted.size_bytes)])
    return deleted


def _count_files(cursor: Cursor, contract_id: int) -> int:
    files, after = 0, _START
    while rows := _oldest_rows(cursor, contract_id, after):
        files += sum(1 for _ in _locate(cursor, contract_id, rows))
        after = _place(rows[-1])
    return files


def _oldest_first(fs: FileSystem, contract_id: int) -> Iterator[Going]:
    after = _START
    while True:
        with fs.database.reading() as tx:
            rows = _oldest_rows(tx.cursor, contract_id, after)
            found = list(_locate(tx.cursor, contract_id, rows))
        yield from found
        if len(rows) < BATCH_FILES:
            return
        after = _place(rows[-1])


def _oldest_rows(cursor: Cursor, contract_id: int, after: tuple[int, int]) -> list[Node]:
    rows = _oldest.all(cursor, contract=contract_id, stored=after[0], node=after[1], count=BATCH_FILES)
    return [Node._make(row) for row in rows]


def _place(node: Node) -> tuple[int, int]:
    return node.stored_us, node.id


def _locate(cursor: Cursor, contract_id: int, files: list[Node]) -> Iterator[Going]:
    """Yield files with their paths; those of deleted trees, which count no more, are left to the reclaim job."""
    known: dict[int, Node | None] = {}
    for node in files:
        parents: list[int] = []
        names = [node.name]
        above = node.parent_id
        while above > NO_PARENT:
            if above not in known:
                known[above] = find_node(cursor, contract_id, above)
            folder = known[above]
            if folder is None:
                break
            parents.append(folder.id)
            names.append(folder.name)
            above = folder.parent_id
        if above == NO_PARENT and parents:
            *below, root = names
            yield Going(node, root, tuple(reversed(below)), tuple(reversed(parents)))
