"""Reading the names: from a path to a node, from a collection to its members."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Exists,
    FromClause,
    Integer,
    String,
    and_,
    bindparam,
    exists,
    func,
    select,
)

from db.statements import Cursor, Statement
from db.tables import COLLECTION, FILE, NO_PARENT, dead_properties, locks, nodes
from storage.locks import path_key

#: Names resolved by one statement; SQLite joins at most 64 tables.
_STRIDE = 32
#: Members fetched by one statement; between two of them no read transaction is open.
PAGE_ROWS = 1000


class Node(NamedTuple):
    """A file or collection as its row has it. Instants are microseconds since 1970, UTC.

    `size_bytes` of a collection is the sum of all files below it.
    """

    id: int
    parent_id: int
    name: str
    kind: int
    size_bytes: int
    object_id: str | None
    created_us: int
    modified_us: int
    stored_us: int

    @property
    def is_collection(self) -> bool:
        """True for a collection, False for a file."""
        return self.kind == COLLECTION

    @property
    def etag(self) -> str:
        """Return the strong entity tag, quoted (RFC 9110 §8.8.3).

        An object is never changed, so its id names the bytes; all empty files are the same bytes.
        """
        return f'"{self.object_id or "empty"}"'


class Place(NamedTuple):
    """Where a path leads: the collections on the way that exist, root first, and what stands at its end.

    `guarded` and `described` are False where the same look saw no lock on the path or above it, and no dead
    property of the node: then nobody has to ask for them.
    """

    parents: tuple[int, ...]
    parent_found: bool
    node: Node | None
    guarded: bool = True
    described: bool = True


def columns_of(table: FromClause) -> list[ColumnElement[Any]]:
    """Return the columns of `Node`, in its order."""
    c = table.c
    return [
        c.id, c.parent_id, c.name, c.kind, c.size_bytes, c.object_id, c.created_at, c.modified_at, c.stored_at,
    ]  # fmt: skip


def _guarded(keys: Sequence[BindParameter[int]]) -> Exists:
    """Return whether locks stand on any of the paths with these keys; those that have expired count, too."""
    return exists().where(locks.c.contract_id == bindparam("contract", type_=Integer), locks.c.path_key.in_(keys))


@functools.cache
def _resolve_statement(count: int) -> Statement:
    steps = [nodes.alias(f"n{i}") for i in range(count)]
    joined: FromClause = steps[0]
    for above, below, i in zip(steps, steps[1:], range(1, count), strict=False):
        joined = joined.outerjoin(
            below,
            and_(
                below.c.contract_id == above.c.contract_id,
                below.c.parent_id == above.c.id,
                below.c.name == bindparam(f"n{i}", type_=String),
            ),
        )
    last = steps[-1].c
    ids_above = [step.c.id for step in steps[:-1]]
    parent_kind = [steps[-2].c.kind] if count > 1 else []
    keys = [bindparam(f"key{i}", type_=BigInteger) for i in range(count)]
    described = exists().where(dead_properties.c.contract_id == last.contract_id, dead_properties.c.node_id == last.id)
    return Statement(
        select(_guarded(keys), described, *ids_above, *parent_kind, *columns_of(steps[-1]))
        .select_from(joined)
        .where(
            steps[0].c.contract_id == bindparam("contract", type_=Integer),
            steps[0].c.parent_id == bindparam("start", type_=BigInteger),
            steps[0].c.name == bindparam("n0", type_=String),
        )
    )


def resolve(cursor: Cursor, contract_id: int, root: str, names: tuple[str, ...]) -> Place:
    """Return where the path `names` below the folder root leads. One statement for up to 31 names."""
    steps = (root, *names)
    parents: tuple[int, ...] = ()
    start, parent_is_collection, guarded = NO_PARENT, True, False
    for at in range(0, len(steps), _STRIDE):
        stride = steps[at : at + _STRIDE]
        values: dict[str, Any] = {"contract": contract_id, "start": start}
        for i, name in enumerate(stride):
            values[f"n{i}"] = name
            values[f"key{i}"] = path_key("/".join(steps[: at + i + 1]))
        row = _resolve_statement(len(stride)).first(cursor, **values)
        above = len(stride) - 1
        last = at + _STRIDE >= len(steps)
        if row is None:
            return Place(parents, last and above == 0 and parent_is_collection, None)
        guarded = guarded or bool(row[0])
        parents += tuple([node_id for node_id in row[2 : above + 2] if node_id is not None])
        if above:
            parent_is_collection = row[above + 2] == COLLECTION
        node_at = above + 3 if above else 2
        if row[node_at] is None:
            found = last and len(parents) == len(steps) - 1 and parent_is_collection
            return Place(parents, found, None, guarded or not last, described=False)
        node = Node._make(row[node_at:])
        if last:
            return Place(parents, True, node, guarded, bool(row[1]))
        parents += (node.id,)
        start, parent_is_collection = node.id, node.is_collection
    raise AssertionError("unreachable: a path has at least its root")


_by_id = Statement(
    select(*columns_of(nodes)).where(
        nodes.c.contract_id == bindparam("contract", type_=Integer),
        nodes.c.id == bindparam("node", type_=BigInteger),
    )
)

_members = Statement(
    select(*columns_of(nodes))
    .where(
        nodes.c.contract_id == bindparam("contract", type_=Integer),
        nodes.c.parent_id == bindparam("parent", type_=BigInteger),
        nodes.c.name > bindparam("after", type_=String),
    )
    .order_by(nodes.c.name)
    .limit(bindparam("count", type_=Integer))
)

_member_count = Statement(
    select(func.count())
    .select_from(nodes)
    .where(
        nodes.c.contract_id == bindparam("contract", type_=Integer),
        nodes.c.parent_id == bindparam("parent", type_=BigInteger),
    )
)


def find(cursor: Cursor, contract_id: int, node_id: int) -> Node | None:
    """Return a node by its id, or None."""
    row = _by_id.first(cursor, contract=contract_id, node=node_id)
    return None if row is None else Node._make(row)


def members(cursor: Cursor, contract_id: int, parent_id: int, *, after: str = "") -> list[Node]:
    """Return the next members of a collection in name order, at most `PAGE_ROWS`, behind the name `after`."""
    rows = _members.all(cursor, contract=contract_id, parent=parent_id, after=after, count=PAGE_ROWS)
    return [Node._make(row) for row in rows]


def member_count(cursor: Cursor, contract_id: int, parent_id: int) -> int:
    """Return how many members a collection has."""
    row = _member_count.first(cursor, contract=contract_id, parent=parent_id)
    return int(row[0]) if row else 0


__all__ = [
    "COLLECTION",
    "FILE",
    "PAGE_ROWS",
    "Node",
    "Place",
    "columns_of",
    "find",
    "member_count",
    "members",
    "resolve",
]
