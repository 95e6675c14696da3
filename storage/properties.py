"""Dead properties: what clients attach to a resource and Azukari only keeps (RFC 4918 §4.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import BigInteger, Integer, String, bindparam, delete, insert, select

from db.statements import Cursor, Statement
from db.tables import dead_properties, nodes

_CONTRACT = bindparam("contract", type_=Integer)
_NODE = bindparam("node", type_=BigInteger)

_of_node = Statement(
    select(dead_properties.c.name, dead_properties.c.value).where(
        dead_properties.c.contract_id == _CONTRACT, dead_properties.c.node_id == _NODE
    )
)
_of_members = Statement(
    select(dead_properties.c.node_id, dead_properties.c.name, dead_properties.c.value)
    .join(
        nodes,
        (nodes.c.contract_id == dead_properties.c.contract_id) & (nodes.c.id == dead_properties.c.node_id),
    )
    .where(
        nodes.c.contract_id == _CONTRACT,
        nodes.c.parent_id == bindparam("parent", type_=BigInteger),
        nodes.c.name >= bindparam("first", type_=String),
        nodes.c.name <= bindparam("last", type_=String),
    )
)
_remove = Statement(
    delete(dead_properties).where(
        dead_properties.c.contract_id == _CONTRACT,
        dead_properties.c.node_id == _NODE,
        dead_properties.c.name == bindparam("property", type_=String),
    )
)
_clear = Statement(
    delete(dead_properties).where(dead_properties.c.contract_id == _CONTRACT, dead_properties.c.node_id == _NODE)
)
_insert = Statement(insert(dead_properties))


def of_node(cursor: Cursor, contract_id: int, node_id: int) -> dict[str, str]:
    """Return the dead properties of one node: Clark name → the property element as XML."""
    return dict(_of_node.all(cursor, contract=contract_id, node=node_id))


def of_members(cursor: Cursor, contract_id: int, parent_id: int, *, first: str, last: str) -> dict[int, dict[str, str]]:
    """Return the dead properties of those members of a collection that have any, from one name to another.

    By node id, in one statement.
    """
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for node_id, name, value in _of_members.all(cursor, contract=contract_id, parent=parent_id, first=first, last=last):
        found[node_id][name] = value
    return found


def clear(cursor: Cursor, contract_id: int, node_id: int) -> None:
    """Remove all dead properties of a node."""
    _clear.run(cursor, contract=contract_id, node=node_id)


def write(cursor: Cursor, contract_id: int, node_id: int, values: Mapping[str, str | None]) -> None:
    """Set properties; None removes one. Others stay."""
    for name, value in values.items():
        _remove.run(cursor, contract=contract_id, node=node_id, property=name)
        if value is not None:
            _insert.run(cursor, contract_id=contract_id, node_id=node_id, name=name, value=value)
