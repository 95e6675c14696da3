"""MOVE and COPY: rows only, in one transaction, also between folders of a contract (RFC 4918 §9.8, §9.9; R23)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from auth import access, settings
from auth.access import Grant
from core.errors import AccessDenied, Conflict, NameTaken, NotFound
from db.engine import Transaction
from db.statements import Cursor
from quota import limits
from quota.limits import Owner
from quota.meter import Ledger
from storage import copies, files, locks, properties, tree
from storage.files import UNCONDITIONAL, Conditions, FileSystem, Names, Site
from storage.nodes import Node


@dataclass(frozen=True, slots=True)
class End:
    """One end of a move or copy: a folder and a path in it."""

    grant: Grant
    names: Names


class _Plan(NamedTuple):
    """What a move or copy found: the node to take, what stands at its target, and the counters."""

    ledger: Ledger
    source: Site
    target: Site
    node: Node
    replaced: Node | None
    now_us: int


def move(fs: FileSystem, source: End, target: End, *, overwrite: bool, conditions: Conditions = UNCONDITIONAL) -> bool:
    """Move a file or a tree of any size in one step; return True where the target name was free.

    A replaced file keeps its identity, so that what hangs on its name (shares, dead properties) stays
    (CLIENTS O3); its old content is replaced, never deleted first. Stored-at is kept (R4).
    Raises NotFound, ParentMissing, NameTaken (`overwrite` false), Conflict,
    AccessDenied, ResourceLocked, and LimitExceeded where the target's login or group may not hold so much.
    """

    def operation(tx: Transaction) -> bool:
        plan = _plan(tx, fs, source, target, moving=True, overwrite=overwrite, conditions=conditions)
        files.require_removable(tx, source.grant, plan.source, conditions, now_us=plan.now_us)
        _admit_owner(tx.cursor, plan, source, target)
        _move_rows(tx.cursor, plan, target)
        locks.release_tree(tx.cursor, plan.ledger.contract_id, source.grant.root, source.names)
        plan.ledger.save()
        conditions.record(tx.cursor)
        return plan.replaced is None

    return fs.database.write(operation)


def _admit_owner(cursor: Cursor, plan: _Plan, source: End, target: End) -> None:
    """Hold what comes from another owner's folder to the limit of the target's; the contract's use stays."""
    if Owner.of(source.grant.root) != Owner.of(target.grant.root):
        replaced_bytes = plan.replaced.size_bytes if plan.replaced else 0
        room = limits.room(cursor, plan.ledger.contract_id, target.grant.root)
        room.admit_owner(plan.node.size_bytes - replaced_bytes)


def _move_rows(cursor: Cursor, plan: _Plan, target: End) -> None:
    contract_id, node, replaced = plan.ledger.contract_id, plan.node, plan.replaced
    from_parents, to_parents = plan.source.place.parents, plan.target.place.parents
    if len(target.names) > len(plan.source.names):
        tree.require_depth(cursor, contract_id, node, depth=len(target.names))
    # What stands above both ends holds the same bytes as before.
    tree.grow(cursor, contract_id, tuple(set(from_parents) - set(to_parents)), -node.size_bytes)
    tree.grow(cursor, contract_id, tuple(set(to_parents) - set(from_parents)), node.size_bytes)
    if replaced is not None and not replaced.is_collection and not node.is_collection:
        tree.repoint(cursor, contract_id, node._replace(id=replaced.id))
        properties.write(cursor, contract_id, replaced.id, dict(properties.of_node(cursor, contract_id, node.id)))
        tree.remove(cursor, contract_id, node._replace(object_id=None), now_us=plan.now_us)
        tree.release_object(cursor, contract_id, replaced.object_id, now_us=plan.now_us)
        tree.grow(cursor, contract_id, to_parents, -replaced.size_bytes)
        plan.ledger.release(replaced.size_bytes)
        return
    if replaced is not None:
        files.discard(cursor, plan.ledger, to_parents, replaced, now_us=plan.now_us)
    tree.relocate(cursor, contract_id, node, parent_id=to_parents[-1], name=target.names[-1])


def copy(
    fs: FileSystem,
    source: End,
    target: End,
    *,
    overwrite: bool,
    depth_infinity: bool = True,
    conditions: Conditions = UNCONDITIONAL,
) -> bool:
    """Copy a file or a tree by reference; return True where the target name was free.

    Without `depth_infinity` a collection is copied without its members (RFC 4918 §9.8.3). A copy is a new
    file, stored now (R4), and counts in full. Raises as `move`, and QuotaExceeded.
    """

    def operation(tx: Transaction) -> bool:
        plan = _plan(tx, fs, source, target, moving=False, overwrite=overwrite, conditions=conditions)
        whole = depth_infinity or not plan.node.is_collection
        size_bytes = plan.node.size_bytes if whole else 0
        replaced_bytes = plan.replaced.size_bytes if plan.replaced else 0
        delta_bytes = size_bytes - replaced_bytes
        files.charge(tx.cursor, fs, plan.ledger, target.grant.root, delta_bytes, now_us=plan.now_us)
        _copy_rows(tx.cursor, plan, target, size_bytes=size_bytes, with_members=whole)
        plan.ledger.save()
        conditions.record(tx.cursor)
        return plan.replaced is None

    return fs.database.write(operation)


def _copy_rows(cursor: Cursor, plan: _Plan, target: End, *, size_bytes: int, with_members: bool) -> None:
    contract_id, node, replaced = plan.ledger.contract_id, plan.node, plan.replaced
    to_parents = plan.target.place.parents
    new = node._replace(
        parent_id=to_parents[-1], name=target.names[-1], size_bytes=size_bytes,
        created_us=plan.now_us, stored_us=plan.now_us,
    )  # fmt: skip
    if replaced is not None and not replaced.is_collection and not node.is_collection:
        new = new._replace(id=replaced.id)
        properties.clear(cursor, contract_id, new.id)  # RFC 4918 §9.8.4: as if it had been deleted first
        tree.repoint(cursor, contract_id, new)
        tree.release_object(cursor, contract_id, replaced.object_id, now_us=plan.now_us)
    else:
        if replaced is not None:
            tree.unlink(cursor, contract_id, replaced, now_us=plan.now_us)
        new = new._replace(id=plan.ledger.take_ids())
        tree.add_node(cursor, contract_id, new)
    tree.grow(cursor, contract_id, to_parents, size_bytes - (replaced.size_bytes if replaced else 0))
    tree.refer(cursor, contract_id, new.object_id)
    properties.write(cursor, contract_id, new.id, dict(properties.of_node(cursor, contract_id, node.id)))
    if with_members and node.is_collection:
        copies.copy_members(cursor, plan.ledger, node, new, depth=len(target.names), now_us=plan.now_us)


def _plan(
    tx: Transaction,
    fs: FileSystem,
    source: End,
    target: End,
    *,
    moving: bool,
    overwrite: bool,
    conditions: Conditions,
) -> _Plan:
    _require_apart(source, target)
    now_us = fs.now_us()
    contract_id = source.grant.caller.contract_id
    require_crossing(tx, source, target, moving=moving)
    ledger = Ledger.open(tx.cursor, contract_id)
    origin = files.look(tx, source.grant, source.names, conditions, now_us=now_us)
    if origin.place.node is None:
        raise NotFound("/".join(source.names))
    # The request's conditions speak of its own resource; only its lock tokens hold for the target as well.
    tokens = Conditions(conditions.tokens)
    there = files.survey(tx, target.grant, target.names, tokens, now_us=now_us)
    replaced = there.place.node
    if replaced is not None:
        if not overwrite:
            raise NameTaken("Overwrite: F, and the name is taken")
        files.require_removable(tx, target.grant, there, tokens, now_us=now_us)
    return _Plan(ledger, origin, there, origin.place.node, replaced, now_us)


def require_crossing(tx: Transaction, source: End, target: End, *, moving: bool) -> None:
    """Return if the contract lets files go this way between its folders (R23). Raises AccessDenied."""
    if source.grant.folder is not target.grant.folder:
        copy_out = settings.read(tx, source.grant.caller.contract_id).copy_out
        access.require_crossing(source.grant.folder, target.grant.folder, moving=moving, copy_out=copy_out)


def _require_apart(source: End, target: End) -> None:
    if not source.names:
        raise AccessDenied("access.fixed_folder")
    if source.grant.root != target.grant.root:
        return
    if source.names == target.names:
        raise AccessDenied("access.same_place")
    shorter = min(len(source.names), len(target.names))
    if source.names[:shorter] == target.names[:shorter]:
        raise Conflict("one lies inside the other")
