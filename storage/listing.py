"""A collection as pages show it: collections first, in any order, a page at a time."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, Text, bindparam, cast, select

from auth.access import Grant
from core.clock import to_microseconds
from db.engine import Transaction
from db.statements import Statement
from db.tables import COLLECTION, nodes
from storage.files import FileSystem
from storage.nodes import Node, columns_of, member_count


class Order(StrEnum):
    """What members are ordered by; those that are alike by name."""

    NAME = "name"
    SIZE = "size"
    MODIFIED = "modified"


_COLUMNS = {Order.NAME: nodes.c.name, Order.SIZE: nodes.c.size_bytes, Order.MODIFIED: nodes.c.modified_at}


@functools.cache
def _page_statement(order: Order, descending: bool, from_end: bool) -> Statement:
    """Return the statement for a page, counted from the end where that is nearer: what is sorted is what is kept."""
    column = _COLUMNS[order]
    wanted = (nodes.c.kind, column.desc() if descending else column, nodes.c.name)
    turned = (nodes.c.kind.desc(), column if descending else column.desc(), nodes.c.name.desc())
    return Statement(
        select(*columns_of(nodes))
        .where(
            nodes.c.contract_id == bindparam("contract", type_=Integer),
            nodes.c.parent_id == bindparam("parent", type_=BigInteger),
        )
        .order_by(*(turned if from_end else wanted))
        .limit(bindparam("rows", type_=Integer))
        .offset(bindparam("skipped", type_=Integer))
    )


def page(
    fs: FileSystem,
    grant: Grant,
    collection: Node,
    *,
    order: Order,
    descending: bool,
    offset: int,
    limit: int,
    among: int | None = None,
) -> list[Node]:
    """Return `limit` members from the one at `offset` on; the size of a collection is that of all files below it.

    `among` is how many there are, where it is known: the last page then costs what the first does.
    """
    left = None if among is None else max(0, among - offset - limit)
    # Rows come in the order of their names: sorted so they cost little already, and sorted the other way round most.
    from_end = left is not None and left < offset and order is not Order.NAME
    with fs.database.reading() as tx:
        rows = _page_statement(order, descending, from_end).all(
            tx.cursor,
            contract=grant.caller.contract_id,
            parent=collection.id,
            rows=min(limit, max(0, (among or 0) - offset)) if from_end else limit,
            skipped=left if from_end else offset,
        )
    return [Node._make(row) for row in (reversed(rows) if from_end else rows)]


def count(fs: FileSystem, grant: Grant, collection: Node) -> int:
    """Return how many members a collection has."""
    with fs.database.reading() as tx:
        return member_count(tx.cursor, grant.caller.contract_id, collection.id)


class Hit(NamedTuple):
    """What a search found: the names that lead from the collection that was searched, and the node."""

    names: tuple[str, ...]
    node: Node


def search(fs: FileSystem, grant: Grant, collection: Node, text: str, *, limit: int) -> list[Hit]:
    """Return what is below a collection and has a text in its name, whatever the case of its letters; by name.

    One statement walks the collections and reads the names in them, a second one the way to what was found.
    """
    contract_id = grant.caller.contract_id
    own = nodes.c.contract_id == contract_id
    below = select(nodes.c.id).where(own, nodes.c.id == collection.id).cte("below", recursive=True)
    below = below.union_all(select(nodes.c.id).where(own, nodes.c.parent_id == below.c.id, nodes.c.kind == COLLECTION))
    # SQLite's LIKE looks past the case of letters by itself, in half the time it takes with both sides lowered.
    has_text = nodes.c.name.contains if fs.database.is_sqlite else nodes.c.name.icontains
    wanted = (
        select(*columns_of(nodes))
        .where(own, nodes.c.parent_id.in_(select(below.c.id)), has_text(text, autoescape=True))
        .order_by(nodes.c.name, nodes.c.id)
        .limit(limit)
    )
    with fs.database.reading() as tx:
        found = [_node(row) for row in tx.execute(wanted)]
        ways = _ways(tx, contract_id, collection, {one.parent_id for one in found})
    return [Hit((*ways[one.parent_id], one.name), one) for one in found]


def _ways(tx: Transaction, contract_id: int, collection: Node, ids: set[int]) -> dict[int, tuple[str, ...]]:
    """Return the names that lead from a collection to some of those below it, and to itself."""
    beside = (nodes.c.contract_id == contract_id) & (nodes.c.id != collection.id)
    start = select(nodes.c.id, nodes.c.parent_id.label("above"), cast(nodes.c.name + "/", Text).label("path"))
    up = start.where(beside, nodes.c.id.in_(ids)).cte("up", recursive=True)
    step = select(up.c.id, nodes.c.parent_id, cast(nodes.c.name + "/" + up.c.path, Text))
    up = up.union_all(step.where(beside, nodes.c.id == up.c.above))
    rows = tx.execute(select(up.c.id, up.c.path).where(up.c.above == collection.id))
    return {collection.id: (), **{row.id: tuple(row.path.split("/")[:-1]) for row in rows}}


def _node(row: Sequence[Any]) -> Node:
    """Return a node of a row that SQLAlchemy read: its instants are datetimes."""
    return Node(*row[:6], *(to_microseconds(at) for at in row[6:]))
