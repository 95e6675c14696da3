"""A collection as pages show it: collections first, in any order, a page at a time."""

from __future__ import annotations

import functools
from enum import StrEnum

from sqlalchemy import BigInteger, Integer, bindparam, select

from auth.access import Grant
from db.statements import Statement
from db.tables import nodes
from storage.files import FileSystem
from storage.nodes import Node, columns_of, member_count


class Order(StrEnum):
    """What members are ordered by; those that are alike by name."""

    NAME = "name"
    SIZE = "size"
    MODIFIED = "modified"


_COLUMNS = {Order.NAME: nodes.c.name, Order.SIZE: nodes.c.size_bytes, Order.MODIFIED: nodes.c.modified_at}


@functools.cache
def _page_statement(order: Order, descending: bool) -> Statement:
    column = _COLUMNS[order]
    return Statement(
        select(*columns_of(nodes))
        .where(
            nodes.c.contract_id == bindparam("contract", type_=Integer),
            nodes.c.parent_id == bindparam("parent", type_=BigInteger),
        )
        .order_by(nodes.c.kind, column.desc() if descending else column, nodes.c.name)
        .limit(bindparam("rows", type_=Integer))
        .offset(bindparam("skipped", type_=Integer))
    )


def page(
    fs: FileSystem, grant: Grant, collection: Node, *, order: Order, descending: bool, offset: int, limit: int
) -> list[Node]:
    """Return `limit` members from the one at `offset` on; the size of a collection is that of all files below it."""
    with fs.database.reading() as tx:
        rows = _page_statement(order, descending).all(
            tx.cursor,
            contract=grant.caller.contract_id,
            parent=collection.id,
            rows=limit,
            skipped=offset,
        )
    return [Node._make(row) for row in rows]


def count(fs: FileSystem, grant: Grant, collection: Node) -> int:
    """Return how many members a collection has."""
    with fs.database.reading() as tx:
        return member_count(tx.cursor, grant.caller.contract_id, collection.id)
