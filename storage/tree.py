"""Changing the names, inside a write transaction.

Every function keeps the two sums true: a collection's `size_bytes` is the sum of the files below it, and the
contract's used bytes are the sum over its folders. Callers hold the contract's ledger (`quota.meter.Ledger`).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator

from sqlalchemy import BigInteger, Integer, String, bindparam, delete, insert, update

from db.statements import Cursor, Statement
from db.tables import DELETED_PARENT, dead_properties, nodes, objects
from quota.meter import Ledger
from storage import properties
from storage.nodes import Node, members

_CONTRACT = bindparam("contract", type_=Integer)
_NODE = bindparam("node", type_=BigInteger)
_COPY_BATCH = 500

_insert_node = Statement(insert(nodes))
_repoint = Statement(
    update(nodes)
    .where(nodes.c.contract_id == _CONTRACT, nodes.c.id == _NODE)
    .values(
        kind=bindparam("new_kind", type_=Integer),
        size_bytes=bindparam("new_size", type_=BigInteger),
        object_id=bindparam("new_object", type_=String),
        modified_at=bindparam("new_modified", type_=BigInteger),
        stored_at=bindparam("new_stored", type_=BigInteger),
    )
)
_relocate = Statement(
    update(nodes)
    .where(nodes.c.contract_id == _CONTRACT, nodes.c.id == _NODE)
    .values(
        parent_id=bindparam("new_parent", type_=BigInteger),
        name=bindparam("new_name", type_=String),
    )
)
_remove_node = Statement(delete(nodes).where(nodes.c.contract_id == _CONTRACT, nodes.c.id == _NODE))
_set_times = Statement(
    update(nodes)
    .where(nodes.c.contract_id == _CONTRACT, nodes.c.id == _NODE)
    .values(
        modified_at=bindparam("new_modified", type_=BigInteger),
        created_at=bindparam("new_created", type_=BigInteger),
    )
)
_insert_object = Statement(insert(objects))
_refer = Statement(
    update(objects)
    .where(objects.c.contract_id == _CONTRACT, objects.c.id == bindparam("object", type_=String))
    .values(reference_count=objects.c.reference_count + 1)
)
_unrefer = Statement(
    update(objects)
    .where(objects.c.contract_id == _CONTRACT, objects.c.id == bindparam("object", type_=String))
    .values(reference_count=objects.c.reference_count - 1)
)
_free = Statement(
    update(objects)
    .where(
        objects.c.contract_id == _CONTRACT,
        objects.c.id == bindparam("object", type_=String),
        objects.c.reference_count == 0,
    )
    .values(freed_at=bindparam("now", type_=BigInteger))
)
_drop_properties = Statement(
    delete(dead_properties).where(dead_properties.c.contract_id == _CONTRACT, dead_properties.c.node_id == _NODE)
)


@functools.cache
def _grow_statement(count: int) -> Statement:
    ids = [bindparam(f"p{i}", type_=BigInteger) for i in range(count)]
    return Statement(
        update(nodes)
        .where(nodes.c.contract_id == _CONTRACT, nodes.c.id.in_(ids))
        .values(size_bytes=nodes.c.size_bytes + bindparam("delta", type_=BigInteger))
    )


def grow(cursor: Cursor, contract_id: int, ancestors: tuple[int, ...], delta_bytes: int) -> None:
    """Add to the sums of all collections above a node."""
    if delta_bytes and ancestors:
        ids = {f"p{i}": node_id for i, node_id in enumerate(ancestors)}
        _grow_statement(len(ancestors)).run(cursor, contract=contract_id, delta=delta_bytes, **ids)


def add_object(cursor: Cursor, contract_id: int, object_id: str, size_bytes: int, sha256: str, *, now_us: int) -> None:
    """Record a stored object with one reference."""
    _insert_object.run(
        cursor,
        contract_id=contract_id,
        id=object_id,
        size_bytes=size_bytes,
        sha256=sha256,
        reference_count=1,
        created_at=now_us,
        freed_at=None,
    )


def release_object(cursor: Cursor, contract_id: int, object_id: str | None, *, now_us: int) -> None:
    """Take one reference back; an object without any is queued for the reclaim job."""
    if object_id is not None:
        _unrefer.run(cursor, contract=contract_id, object=object_id)
        _free.run(cursor, contract=contract_id, object=object_id, now=now_us)


def add_node(cursor: Cursor, contract_id: int, node: Node) -> None:
    """Insert a node as it is; the caller accounts for its size."""
    _insert_node.run(cursor, **_row(contract_id, node))


def _row(contract_id: int, node: Node) -> dict[str, object]:
    return {
        "contract_id": contract_id,
        "parent_id": node.parent_id,
        "name": node.name,
        "id": node.id,
        "kind": node.kind,
        "size_bytes": node.size_bytes,
        "object_id": node.object_id,
        "created_at": node.created_us,
        "modified_at": node.modified_us,
        "stored_at": node.stored_us,
    }


def repoint(cursor: Cursor, contract_id: int, node: Node) -> None:
    """Give an existing node the content and times of `node` (same id): the pointer swap of a write."""
    _repoint.run(
        cursor,
        contract=contract_id,
        node=node.id,
        new_kind=node.kind,
        new_size=node.size_bytes,
        new_object=node.object_id,
        new_modified=node.modified_us,
        new_stored=node.stored_us,
    )


def set_times(cursor: Cursor, contract_id: int, node: Node, *, modified_us: int, created_us: int) -> None:
    """Set a node's own times, as clients keep them."""
    _set_times.run(cursor, contract=contract_id, node=node.id, new_modified=modified_us, new_created=created_us)


def relocate(cursor: Cursor, contract_id: int, node: Node, *, parent_id: int, name: str) -> None:
    """Give a node another parent and name; what is below it does not notice."""
    _relocate.run(cursor, contract=contract_id, node=node.id, new_parent=parent_id, new_name=name)


def unlink(cursor: Cursor, contract_id: int, node: Node, *, now_us: int) -> None:
    """Take a node out of the names: a file at once, a collection by one row, its tree left to the reclaim job."""
    if node.is_collection:
        relocate(cursor, contract_id, node, parent_id=DELETED_PARENT, name=f"{now_us}-{node.id}")
    else:
        remove(cursor, contract_id, node, now_us=now_us)


def remove(cursor: Cursor, contract_id: int, node: Node, *, now_us: int) -> None:
    """Delete one node's row, its dead properties and its reference. A collection must be empty."""
    _drop_properties.run(cursor, contract=contract_id, node=node.id)
    _remove_node.run(cursor, contract=contract_id, node=node.id)
    release_object(cursor, contract_id, node.object_id, now_us=now_us)


def copy_members(cursor: Cursor, ledger: Ledger, source: Node, target: Node, *, now_us: int) -> None:
    """Copy what is below `source` under the new node `target`: rows only; each object gains a reference.

    The caller has inserted `target` and accounts for the size. Copies are new files: stored now (R4).
    """
    contract_id = ledger.contract_id
    pending = [(source.id, target.id)]
    while pending:
        source_id, target_id = pending.pop()
        known = properties.of_members(cursor, contract_id, source_id)
        for batch in _batches(members_of(cursor, contract_id, source_id)):
            first_id = ledger.take_ids(len(batch))
            copies = [
                node._replace(id=first_id + i, parent_id=target_id, stored_us=now_us, created_us=now_us)
                for i, node in enumerate(batch)
            ]
            _insert_node.run_many(cursor, [_row(contract_id, node) for node in copies])
            refer_all(cursor, contract_id, copies)
            for node, copy in zip(batch, copies, strict=True):
                if node.id in known:
                    properties.write(cursor, contract_id, copy.id, known[node.id])
                if node.is_collection:
                    pending.append((node.id, copy.id))


def refer_all(cursor: Cursor, contract_id: int, copies: Iterable[Node]) -> None:
    """Count one more reference for the object of each node."""
    rows = [{"contract": contract_id, "object": node.object_id} for node in copies if node.object_id is not None]
    if rows:
        _refer.run_many(cursor, rows)


def members_of(cursor: Cursor, contract_id: int, parent_id: int) -> Iterator[Node]:
    """Yield all members of a collection, a page at a time."""
    after = ""
    while page := members(cursor, contract_id, parent_id, after=after):
        yield from page
        after = page[-1].name


def _batches(source: Iterator[Node]) -> Iterator[list[Node]]:
    batch: list[Node] = []
    for node in source:
        batch.append(node)
        if len(batch) == _COPY_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
