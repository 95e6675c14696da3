"""Changing the names, inside a write transaction.

Every function keeps the two sums true: a collection's `size_bytes` is the sum of the files below it, and the
contract's used bytes are the sum over its folders. Callers hold the contract's ledger (`quota.meter.Ledger`).
"""

from __future__ import annotations

import functools

from sqlalchemy import BigInteger, Integer, String, bindparam, case, delete, insert, literal, select, update

from core.errors import InvalidName
from core.names import MAX_DEPTH
from db.statements import Cursor, Statement
from db.tables import COLLECTION, DELETED_PARENT, nodes, objects
from storage import properties
from storage.nodes import Node

_CONTRACT = bindparam("contract", type_=Integer)
_NODE = bindparam("node", type_=BigInteger)

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
_release = Statement(
    update(objects)
    .where(objects.c.contract_id == _CONTRACT, objects.c.id == bindparam("object", type_=String))
    .values(
        reference_count=objects.c.reference_count - 1,
        freed_at=case((objects.c.reference_count == 1, bindparam("now", type_=BigInteger)), else_=None),
    )
)


_below = (select(bindparam("node", type_=BigInteger).label("id"), literal(0).label("level"))).cte(
    "below", recursive=True
)
_below = _below.union_all(
    select(nodes.c.id, _below.c.level + 1).where(
        nodes.c.contract_id == _CONTRACT,
        nodes.c.parent_id == _below.c.id,
        nodes.c.kind == COLLECTION,
        _below.c.level < bindparam("left", type_=Integer),
    )
)
_deeper = Statement(
    select(nodes.c.id)
    .where(
        nodes.c.contract_id == _CONTRACT,
        nodes.c.parent_id == _below.c.id,
        _below.c.level == bindparam("left", type_=Integer),
    )
    .limit(1)
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
        _release.run(cursor, contract=contract_id, object=object_id, now=now_us)


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
    properties.clear(cursor, contract_id, node.id)
    _remove_node.run(cursor, contract=contract_id, node=node.id)
    release_object(cursor, contract_id, node.object_id, now_us=now_us)


def refer(cursor: Cursor, contract_id: int, object_id: str | None) -> None:
    """Count one more reference to an object."""
    if object_id is not None:
        _refer.run(cursor, contract=contract_id, object=object_id)


def require_depth(cursor: Cursor, contract_id: int, node: Node, *, depth: int) -> None:
    """Return if a tree can stand with its top `depth` levels below its folder.

    Raises InvalidName where something in it would be too deep for any path to reach.
    """
    if node.is_collection:
        left = MAX_DEPTH - depth
        if left < 0 or _deeper.first(cursor, contract=contract_id, node=node.id, left=left) is not None:
            raise too_deep()


def too_deep() -> InvalidName:
    """Return the refusal of a tree that would reach below the deepest path."""
    return InvalidName(f"the path would be more than {MAX_DEPTH} levels deep")
