"""From a node's id to where it is at present: what is shared by its id may have moved, or be gone."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, Integer, bindparam, literal, select

from core.names import MAX_DEPTH
from db.statements import Cursor, Statement
from db.tables import NO_PARENT, nodes
from storage.files import Names
from storage.nodes import Node, columns_of

_CONTRACT = bindparam("contract", type_=Integer)

_up = (
    select(*columns_of(nodes), literal(0).label("level"))
    .where(nodes.c.contract_id == _CONTRACT, nodes.c.id == bindparam("node", type_=BigInteger))
    .cte("up", recursive=True)
)
_up = _up.union_all(
    select(*columns_of(nodes), _up.c.level + 1).where(
        nodes.c.contract_id == _CONTRACT, nodes.c.id == _up.c.parent_id, _up.c.level <= MAX_DEPTH
    )
)
_trail = Statement(select(*columns_of(_up)).order_by(_up.c.level.desc()))


class Trail(NamedTuple):
    """Where a node is: its folder's root, the names below it, and the nodes on the way, the root's first."""

    root: str
    names: Names
    nodes: tuple[Node, ...]

    @property
    def node(self) -> Node:
        """Return the node itself."""
        return self.nodes[-1]

    @property
    def path(self) -> str:
        """Return folder root and path."""
        return "/".join((self.root, *self.names))

    def passes(self, node_id: int) -> bool:
        """Return whether the way leads through a node, or ends there."""
        return any(one.id == node_id for one in self.nodes)


def trail(cursor: Cursor, contract_id: int, node_id: int) -> Trail | None:
    """Return where a node is, None where it was deleted, or a collection it was in. One statement."""
    found = tuple(Node._make(row) for row in _trail.all(cursor, contract=contract_id, node=node_id))
    if not found or found[0].parent_id != NO_PARENT:
        return None
    return Trail(found[0].name, tuple(one.name for one in found[1:]), found)
