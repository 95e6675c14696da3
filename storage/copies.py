"""Copying what is below a collection: one row set at a time, by the database itself, no byte of content."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, bindparam, func, insert, select, update

from core.names import MAX_DEPTH
from db.statements import Cursor, Statement
from db.tables import COLLECTION, dead_properties, nodes, objects
from quota.meter import Ledger
from storage import tree
from storage.nodes import Node

_CONTRACT = bindparam("contract", type_=Integer)
_SOURCE = bindparam("source", type_=BigInteger)
_TARGET = bindparam("target", type_=BigInteger)
_NOW = bindparam("now", type_=BigInteger)

_copies = nodes.alias("copies")
_same_name = (
    (_copies.c.contract_id == nodes.c.contract_id) & (_copies.c.parent_id == _TARGET) & (_copies.c.name == nodes.c.name)
)
_members_of_source = (nodes.c.contract_id == _CONTRACT) & (nodes.c.parent_id == _SOURCE)

_copy_rows = Statement(
    insert(nodes).from_select(
        [
            nodes.c.contract_id, nodes.c.parent_id, nodes.c.name, nodes.c.id, nodes.c.kind, nodes.c.size_bytes,
            nodes.c.object_id, nodes.c.created_at, nodes.c.modified_at, nodes.c.stored_at,
        ],
        select(
            nodes.c.contract_id,
            _TARGET,
            nodes.c.name,
            bindparam("first", type_=BigInteger) - 1 + func.row_number().over(order_by=nodes.c.name),
            nodes.c.kind,
            nodes.c.size_bytes,
            nodes.c.object_id,
            _NOW,
            nodes.c.modified_at,
            _NOW,
        ).where(_members_of_source),
    )
)  # fmt: skip
_counted = (
    select(nodes.c.object_id, func.count().label("count"))
    .where(nodes.c.contract_id == _CONTRACT, nodes.c.parent_id == _TARGET, nodes.c.object_id.is_not(None))
    .group_by(nodes.c.object_id)
    .subquery("counted")
)
_refer_rows = Statement(
    update(objects)
    .where(objects.c.contract_id == _CONTRACT, objects.c.id == _counted.c.object_id)
    .values(reference_count=objects.c.reference_count + _counted.c.count)
)
_copy_properties = Statement(
    insert(dead_properties).from_select(
        ["contract_id", "node_id", "name", "value"],
        select(dead_properties.c.contract_id, _copies.c.id, dead_properties.c.name, dead_properties.c.value)
        .select_from(nodes)
        .join(
            dead_properties,
            (dead_properties.c.contract_id == nodes.c.contract_id) & (dead_properties.c.node_id == nodes.c.id),
        )
        .join(_copies, _same_name)
        .where(_members_of_source),
    )
)
_collections = Statement(
    select(nodes.c.id, _copies.c.id)
    .select_from(nodes)
    .join(_copies, _same_name)
    .where(_members_of_source, nodes.c.kind == COLLECTION)
)


def copy_members(cursor: Cursor, ledger: Ledger, source: Node, target: Node, *, depth: int, now_us: int) -> None:
    """Copy what is below `source` under the new node `target`, which stands `depth` levels below its folder.

    Each object gains a reference. A few statements for each collection, whatever it holds. The caller has
    inserted `target` and accounts for the size. Copies are new files: stored now (R4).
    Raises InvalidName where a copy would be too deep for any path to reach.
    """
    pending = [(source.id, target.id, depth)]
    while pending:
        source_id, target_id, depth = pending.pop()
        copied = _copy_collection(cursor, ledger, source_id, target_id, now_us=now_us)
        if copied and depth == MAX_DEPTH:
            raise tree.too_deep()
        if copied:
            found = _collections.all(cursor, contract=ledger.contract_id, source=source_id, target=target_id)
            pending += [(below_source, below_target, depth + 1) for below_source, below_target in found]


def _copy_collection(cursor: Cursor, ledger: Ledger, source_id: int, target_id: int, *, now_us: int) -> int:
    """Copy the members of one collection and return how many there are."""
    between = {"contract": ledger.contract_id, "source": source_id, "target": target_id}
    copied = _copy_rows.run(cursor, **between, first=ledger.take_ids(0), now=now_us)
    if copied:
        ledger.take_ids(copied)
        _refer_rows.run(cursor, contract=ledger.contract_id, target=target_id)
        _copy_properties.run(cursor, **between)
    return copied
