"""A collection as pages show it: collections first, in any order, a page at a time."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, Text, bindparam, cast, func, select

from auth.access import Grant
from core.clock import to_microseconds
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

    One statement walks the collections; of files it reads the names alone.
    """
    contract_id = grant.caller.contract_id
    # An empty path out of the name's own column: PostgreSQL wants one collation throughout the recursion.
    start = select(nodes.c.id, cast(func.substr(nodes.c.name, 1, 0), Text).label("path")).where(
        nodes.c.contract_id == contract_id, nodes.c.id == collection.id
    )
    below = start.cte("below", recursive=True)
    deeper = select(nodes.c.id, cast(below.c.path + nodes.c.name + "/", Text)).where(
        nodes.c.contract_id == contract_id, nodes.c.parent_id == below.c.id, nodes.c.kind == COLLECTION
    )
    below = below.union_all(deeper)
    wanted = (
        select(below.c.path, *columns_of(nodes))
        .join_from(below, nodes, nodes.c.parent_id == below.c.id)
        .where(nodes.c.contract_id == contract_id, nodes.c.name.icontains(text, autoescape=True))
        .order_by(nodes.c.name, nodes.c.id)
        .limit(limit)
    )
    with fs.database.reading() as tx:
        rows = tx.execute(wanted).all()
    return [Hit(_names(row[0], row[3]), _node(row[1:])) for row in rows]


def _names(path: str, name: str) -> tuple[str, ...]:
    return (*path.split("/")[:-1], name)


def _node(row: Sequence[Any]) -> Node:
    """Return a node of a row that SQLAlchemy read: its instants are datetimes."""
    return Node(*row[:6], *(to_microseconds(at) for at in row[6:]))
