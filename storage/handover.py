"""Files that go from one contract to another by reference, held as they were when they were sent (R26).

A few statements hold, deliver or let go of a tree of any size; no byte moves. While they are held, the sender may
change or delete the files: what was sent keeps its objects, and costs the sender nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Integer,
    SmallInteger,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from core.clock import from_microseconds
from core.errors import AlreadyExists
from core.names import MAX_DEPTH
from db.engine import Transaction
from db.tables import COLLECTION, FILE, NO_PARENT, nodes, objects, transfer_items
from db.types import UtcDateTime
from quota.meter import Ledger
from storage import lending, tree
from storage.nodes import Node

_items = transfer_items.c
#: Names of what was picked, bound at once.
_PICKED: BindParameter[list[str]] = bindparam("picked", expanding=True)


class Parcel(NamedTuple):
    """Where the held files of a transfer are: the sender's contract, and the transfer's id."""

    contract_id: int
    transfer_id: str


class Held(NamedTuple):
    """What is held: how many were picked, files and their bytes with all that is below."""

    tops: int
    files: int
    size_bytes: int


def hold(tx: Transaction, parcel: Parcel, collection_id: int, names: list[str], *, now_us: int) -> Held:
    """Hold members of a collection by their names, with all that is below them, as they are now.

    Each object gains a reference. The caller holds the sender's ledger, and compares `tops` with what was asked for.
    """
    contract_id = parcel.contract_id
    tops = select(
        nodes.c.id,
        literal(NO_PARENT, BigInteger).label("parent_id"),
        literal(0, SmallInteger).label("level"),
        nodes.c.kind,
    ).where(nodes.c.contract_id == contract_id, nodes.c.parent_id == collection_id, nodes.c.name.in_(_PICKED))
    below = tops.cte("below", recursive=True)
    members = select(nodes.c.id, nodes.c.parent_id, below.c.level + 1, nodes.c.kind).where(
        nodes.c.contract_id == contract_id, nodes.c.parent_id == below.c.id, below.c.kind == COLLECTION
    )
    below = below.union_all(members)
    rows = select(
        literal(contract_id), literal(parcel.transfer_id), nodes.c.id, below.c.parent_id, below.c.level, nodes.c.name,
        nodes.c.kind, nodes.c.size_bytes, nodes.c.object_id, nodes.c.modified_at,
    ).join_from(below, nodes, (nodes.c.contract_id == contract_id) & (nodes.c.id == below.c.id))  # fmt: skip
    columns = [column.name for column in transfer_items.columns]
    tx.execute(insert(transfer_items).from_select(columns, rows), {"picked": names})
    _change_references(tx, _counted(parcel, _items.object_id), contract_id, by=1, now_us=now_us)
    return held(tx, parcel)


def held(tx: Transaction, parcel: Parcel) -> Held:
    """Return what is held of a transfer."""
    row = tx.execute(
        select(
            func.coalesce(func.sum(case((_items.level == 0, 1), else_=0)), 0),
            func.coalesce(func.sum(case((_items.kind == FILE, 1), else_=0)), 0),
            func.coalesce(func.sum(case((_items.kind == FILE, _items.size_bytes), else_=0)), 0),
        ).where(*_of(parcel))
    ).one()
    return Held(int(row[0]), int(row[1]), int(row[2]))


class Item(NamedTuple):
    """Something that was picked, as it was then; the size of a collection is that of all files below it."""

    name: str
    is_collection: bool
    size_bytes: int


def tops(tx: Transaction, parcel: Parcel, *, limit: int) -> list[Item]:
    """Return what was picked and is still held, collections first, then by name; at most `limit` of it."""
    rows = tx.execute(
        select(_items.name, _items.kind, _items.size_bytes)
        .where(*_of(parcel), _items.level == 0)
        .order_by(_items.kind, _items.name)
        .limit(limit)
    )
    return [Item(row.name, row.kind == COLLECTION, row.size_bytes) for row in rows]


def let_go(tx: Transaction, parcel: Parcel, *, now_us: int) -> None:
    """Hold a transfer's files no longer; an object nothing else refers to is freed. The caller holds the ledger."""
    _change_references(tx, _counted(parcel, _items.object_id), parcel.contract_id, by=-1, now_us=now_us)
    tx.execute(delete(transfer_items).where(*_of(parcel)))


class Shelf(NamedTuple):
    """Where held files are put: a collection of the receiver, `depth` levels below its folder, and all above it."""

    collection: Node
    above: tuple[int, ...]
    depth: int


def deliver(tx: Transaction, parcel: Parcel, ledger: Ledger, shelf: Shelf, size_bytes: int, *, now_us: int) -> None:
    """Give the receiver, whose ledger this is, its own rows of a transfer's files. They are new files, stored now (R4).

    The caller holds the ledgers of `contracts_of`, and has charged the receiver for `size_bytes`.
    Raises AlreadyExists where a name is taken, InvalidName where something would stand too deep for any path.
    """
    target, receiver_id = shelf.collection, ledger.contract_id
    _require_free_names(tx, parcel, receiver_id, target.id)
    first, last, level = tx.execute(
        select(func.min(_items.node_id), func.max(_items.node_id), func.max(_items.level)).where(*_of(parcel))
    ).one()
    if shelf.depth + 1 + level > MAX_DEPTH:
        raise tree.too_deep()
    # The ids' distances stay, so that parents need no looking up; gaps in a contract's ids cost nothing.
    offset = ledger.take_ids(last - first + 1) - first
    lending.lend(tx, _objects(parcel), parcel.contract_id, receiver_id, now_us=now_us)
    name = lending.name_for(_items.object_id, parcel.contract_id, receiver_id)
    _insert_nodes(tx, parcel, receiver_id, target.id, offset, name, now_us=now_us)
    _change_references(tx, _counted(parcel, name), receiver_id, by=1, now_us=now_us)
    tree.grow(tx.cursor, receiver_id, (*shelf.above, target.id), size_bytes)


def contracts_of(tx: Transaction, parcel: Parcel, receiver_id: int) -> set[int]:
    """Return the contracts whose rows a delivery changes: both sides, and the homes of what the sender borrowed."""
    return {parcel.contract_id, receiver_id, *lending.homes(tx, _objects(parcel), parcel.contract_id)}


def _of(parcel: Parcel) -> tuple[Any, Any]:
    return _items.contract_id == parcel.contract_id, _items.transfer_id == parcel.transfer_id


def _objects(parcel: Parcel) -> Any:
    return select(_items.object_id).where(*_of(parcel), _items.object_id.is_not(None)).distinct()


def _counted(parcel: Parcel, name: Any) -> Any:
    counted = select(name.label("object_id"), func.count().label("count"))
    return counted.where(*_of(parcel), _items.object_id.is_not(None)).group_by(name).subquery("counted")


def _change_references(tx: Transaction, counted: Any, contract_id: int, *, by: int, now_us: int) -> None:
    left = objects.c.reference_count + counted.c.count * by
    now = literal(from_microseconds(now_us), UtcDateTime)
    tx.execute(
        update(objects)
        .where(objects.c.contract_id == contract_id, objects.c.id == counted.c.object_id)
        .values(reference_count=left, freed_at=case((left == 0, now), else_=None))
    )


def _require_free_names(tx: Transaction, parcel: Parcel, receiver_id: int, target_id: int) -> None:
    tops = select(_items.name).where(*_of(parcel), _items.level == 0)
    taken = select(nodes.c.name).where(
        nodes.c.contract_id == receiver_id, nodes.c.parent_id == target_id, nodes.c.name.in_(tops)
    )
    if (name := tx.execute(taken.limit(1)).scalar()) is not None:
        raise AlreadyExists(str(name))


def _insert_nodes(
    tx: Transaction, parcel: Parcel, receiver_id: int, target_id: int, offset: int, name: Any, *, now_us: int
) -> None:
    now = literal(from_microseconds(now_us), UtcDateTime)
    parent = case((_items.level == 0, literal(target_id, BigInteger)), else_=_items.parent_id + offset)
    into: Table = nodes
    columns = [
        into.c.contract_id, into.c.parent_id, into.c.name, into.c.id, into.c.kind, into.c.size_bytes,
        into.c.object_id, into.c.created_at, into.c.modified_at, into.c.stored_at,
    ]  # fmt: skip
    rows = select(
        literal(receiver_id, Integer), parent, _items.name, _items.node_id + offset, _items.kind, _items.size_bytes,
        name, now, _items.modified_at, now,
    ).where(*_of(parcel))  # fmt: skip
    tx.execute(insert(nodes).from_select(columns, rows))
