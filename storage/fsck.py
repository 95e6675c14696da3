"""Does everything agree: rows with objects, sums with rows, counters with sums?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import CompoundSelect, Select, func, or_, select, union_all, update

from db.engine import Transaction
from db.tables import (
    COLLECTION,
    DELETED_PARENT,
    FILE,
    NO_PARENT,
    contest_entries,
    contracts,
    loans,
    nodes,
    objects,
    transfer_items,
    usage,
)
from quota.meter import Ledger
from storage import lending
from storage.files import FileSystem
from storage.objects import StoredObject
from storage.reclaim import unknown
from storage.sealing import sealed_size

_PAGE = 1000


@dataclass(slots=True)
class Report:
    """What was found. Wrong is what `is_wrong` counts; orphans and freed objects are garbage that jobs collect."""

    files: int = 0
    objects: int = 0
    object_bytes: int = 0
    missing_objects: int = 0
    wrong_size_objects: int = 0
    orphan_objects: int = 0
    orphan_bytes: int = 0
    freed_objects: int = 0
    usage_drift_bytes: int = 0
    wrong_sums: int = 0
    wrong_references: int = 0
    lost_nodes: int = 0
    repaired: int = 0

    @property
    def is_wrong(self) -> bool:
        """Return whether something is wrong that jobs do not mend by themselves."""
        return any(
            (
                self.missing_objects,
                self.wrong_size_objects,
                self.usage_drift_bytes,
                self.wrong_sums,
                self.wrong_references,
                self.lost_nodes,
            )
        )


@dataclass(frozen=True, slots=True)
class _Row:
    object_id: str
    size_bytes: int
    referred: bool


def check(fs: FileSystem, *, repair: bool = False) -> Report:
    """Compare rows, sums, counters and objects, also while the service runs; bounded memory.

    With `repair`, sums, counters and reference counts are set to what the rows say; a missing object and a
    lost node (one whose collection is gone) can only be reported. Raises StoreUnavailable, DatabaseUnavailable.
    """
    report = Report()
    with fs.database.reading() as tx:
        contract_ids = list(tx.execute(select(contracts.c.id)).scalars())
        counted = select(func.count()).select_from(nodes).where(nodes.c.kind == FILE)
        report.files = tx.execute(counted).scalar_one()
    _compare_objects(fs, report, set(contract_ids))
    _compare_loans(fs, report, repair=repair)
    for contract_id in contract_ids:
        report = _compare_contract(fs, contract_id, report, repair=repair)
    return report


def _compare_contract(fs: FileSystem, contract_id: int, so_far: Report, *, repair: bool) -> Report:
    def operation(tx: Transaction) -> Report:
        report = replace(so_far)  # the operation may be run again
        _compare_counters(tx, contract_id, report, repair=repair, now=fs.clock())
        return report

    return fs.database.write(operation)


def recount(fs: FileSystem, *, repair: bool = True) -> Report:
    """Compare sums, counters and references with the rows, contract by contract; the object store is not asked.

    There must be no drift; what there is, is reported and with `repair` set right. Raises DatabaseUnavailable.
    """
    report = Report()
    with fs.database.reading() as tx:
        contract_ids = list(tx.execute(select(contracts.c.id)).scalars())
    _compare_loans(fs, report, repair=repair)
    for contract_id in contract_ids:
        report = _compare_contract(fs, contract_id, report, repair=repair)
    return report


def _compare_loans(fs: FileSystem, report: Report, *, repair: bool) -> None:
    """Compare loans with the rows of those who hold them. References are counted afterwards: a loan is one."""
    with fs.database.reading() as tx:
        found = lending.flaws(tx)
    report.wrong_references += len(found)
    if found and repair:
        report.repaired += fs.database.write(lambda tx: lending.mend(tx, found))


def _compare_objects(fs: FileSystem, report: Report, contract_ids: set[int]) -> None:
    listing = fs.objects.list(fs.key_prefix + "/")
    for contract, group in groupby(listing, key=lambda one: one.key.split("/")[-2]):
        if contract.isdecimal() and int(contract) in contract_ids:
            contract_ids.discard(int(contract))
            _merge(fs, report, int(contract), group)
    for contract_id in contract_ids:
        _merge(fs, report, contract_id, iter(()))


def _merge(fs: FileSystem, report: Report, contract_id: int, listed: Iterator[StoredObject]) -> None:
    """Walk rows and listing side by side, both in id order."""
    rows = _rows(fs, contract_id)
    row, stored = next(rows, None), next(listed, None)
    while row is not None or stored is not None:
        stored_id = stored.key.rpartition("/")[2] if stored is not None else None
        if row is not None and (stored_id is None or row.object_id < stored_id):
            _row_alone(fs, report, contract_id, row)
            row = next(rows, None)
        elif stored is not None and (row is None or row.object_id != stored_id):
            if unknown(fs, [stored]):  # asked again: its row may have come since the rows were read
                report.orphan_objects += 1
                report.orphan_bytes += stored.size_bytes
            stored = next(listed, None)
        elif row is not None and stored is not None:
            report.objects += 1
            report.object_bytes += stored.size_bytes
            report.freed_objects += not row.referred
            report.wrong_size_objects += stored.size_bytes != row.size_bytes
            row, stored = next(rows, None), next(listed, None)


def _row_alone(fs: FileSystem, report: Report, contract_id: int, row: _Row) -> None:
    if not row.referred:
        report.freed_objects += 1
        return
    key = fs.key(contract_id, row.object_id)
    # Asked again one by one: the listing may be older than the row, or the row gone by now.
    if next(iter(fs.objects.list(key)), None) is None and not unknown(
        fs, [StoredObject(key, row.size_bytes, fs.clock())]
    ):
        report.missing_objects += 1


def _rows(fs: FileSystem, contract_id: int) -> Iterator[_Row]:
    after = ""
    while True:
        with fs.database.reading() as tx:
            page = tx.execute(
                select(objects.c.id, objects.c.size_bytes, objects.c.sha256, objects.c.reference_count)
                .where(objects.c.contract_id == contract_id, objects.c.id > after, lending.is_own(objects.c.id))
                .order_by(objects.c.id)
                .limit(_PAGE)
            ).all()
        if not page:
            return
        for row in page:
            # What is sealed has no hash of its content (storage.uploads), and takes more room in the store.
            stored_bytes = row.size_bytes if row.sha256 else sealed_size(row.size_bytes)
            yield _Row(row.id, stored_bytes, row.reference_count > 0)
        after = page[-1].id


def _compare_counters(tx: Transaction, contract_id: int, report: Report, *, repair: bool, now: datetime) -> None:
    ledger = Ledger.open(tx.cursor, contract_id)
    report.lost_nodes += tx.execute(_lost_nodes(contract_id)).scalar_one()
    report.missing_objects += tx.execute(_unknown_objects(contract_id)).scalar_one()
    wrong = _wrong_sums(tx, contract_id)
    report.wrong_sums += len(wrong)
    if wrong and repair:
        _repair_sums(tx, contract_id)
        report.repaired += len(wrong)
    rooted = select(func.coalesce(func.sum(nodes.c.size_bytes), 0)).where(
        nodes.c.contract_id == contract_id, nodes.c.parent_id == NO_PARENT
    )
    drift = ledger.used_bytes - int(tx.execute(rooted).scalar_one())  # PostgreSQL sums BIGINT as NUMERIC
    report.usage_drift_bytes += abs(drift)
    if drift and repair:
        tx.execute(update(usage).where(usage.c.contract_id == contract_id).values(used_bytes=ledger.used_bytes - drift))
        report.repaired += 1
    _compare_references(tx, contract_id, report, repair=repair, now=now)


def _lost_nodes(contract_id: int) -> Select[int]:
    """Count nodes whose parent is not there: no path leads to them."""
    parents = nodes.alias("parents")
    return (
        select(func.count())
        .select_from(
            nodes.outerjoin(
                parents, (parents.c.contract_id == nodes.c.contract_id) & (parents.c.id == nodes.c.parent_id)
            )
        )
        .where(
            nodes.c.contract_id == contract_id,
            nodes.c.parent_id.not_in((NO_PARENT, DELETED_PARENT)),
            parents.c.id.is_(None),
        )
    )


def _unknown_objects(contract_id: int) -> Select[Any]:
    """Count whatever refers to an object that has no row: its bytes would be collected as orphans."""
    referring = _referring(contract_id).subquery()
    return (
        select(func.count())
        .select_from(
            referring.outerjoin(
                objects, (objects.c.contract_id == contract_id) & (objects.c.id == referring.c.object_id)
            )
        )
        .where(objects.c.id.is_(None))
    )


def _wrong_sums(tx: Transaction, contract_id: int) -> list[tuple[int, int, int]]:
    """Return collections whose sum is not that of their members: (id, kept, true).

    A deleted collection is being taken apart by the reclaim job; its own sum means nothing any more.
    """
    members = nodes.alias("members")
    total = func.coalesce(func.sum(members.c.size_bytes), 0)
    rows = tx.execute(
        select(nodes.c.id, nodes.c.size_bytes, total)
        .select_from(
            nodes.outerjoin(
                members, (members.c.contract_id == nodes.c.contract_id) & (members.c.parent_id == nodes.c.id)
            )
        )
        .where(nodes.c.contract_id == contract_id, nodes.c.kind == COLLECTION, nodes.c.parent_id != DELETED_PARENT)
        .group_by(nodes.c.id, nodes.c.size_bytes)
        .having(nodes.c.size_bytes != total)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _repair_sums(tx: Transaction, contract_id: int) -> None:
    """Set sums from the leaves up: each round mends the collections whose members are right by then."""
    while wrong := _wrong_sums(tx, contract_id):
        for node_id, _, true in wrong:
            tx.execute(
                update(nodes).where(nodes.c.contract_id == contract_id, nodes.c.id == node_id).values(size_bytes=true)
            )


def _referring(contract_id: int) -> CompoundSelect[Any]:
    """Return whatever refers to a contract's objects, a row each: files, what is sent or lent, contests' photos."""
    found = [
        select(table.c.object_id).where(table.c.contract_id == contract_id, table.c.object_id.is_not(None))
        for table in (nodes, transfer_items, loans, contest_entries)
    ]
    return union_all(*found)


def _compare_references(tx: Transaction, contract_id: int, report: Report, *, repair: bool, now: datetime) -> None:
    # Counted first and joined then: joined row by row, no index would serve the search by object.
    referring = _referring(contract_id).subquery()
    references = select(referring.c.object_id, func.count().label("number")).group_by(referring.c.object_id).subquery()
    counted = func.coalesce(references.c.number, 0)
    wrong = tx.execute(
        select(objects.c.id, counted)
        .select_from(objects.outerjoin(references, references.c.object_id == objects.c.id))
        .where(
            objects.c.contract_id == contract_id,
            # An object is queued for the reclaim job if, and only if, nothing refers to it.
            or_(objects.c.reference_count != counted, (counted == 0) != objects.c.freed_at.is_not(None)),
        )
    ).all()
    report.wrong_references += len(wrong)
    if repair:
        for object_id, references in wrong:
            tx.execute(
                update(objects)
                .where(objects.c.contract_id == contract_id, objects.c.id == object_id)
                .values(reference_count=references, freed_at=None if references else now)
            )
            report.repaired += 1
