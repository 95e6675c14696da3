"""The file system as fronts use it: every operation takes a Grant, and changes in one transaction.

Reads ask for rows only. Changes resolve the path again inside their transaction, check the caller's
conditions and every lock in the way, and move names, sums and usage together (invariants 1, 2, 5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from typing_extensions import Buffer

from auth.access import Grant
from core.clock import Clock, to_microseconds
from core.errors import AccessDenied, AlreadyExists, NotAllowedHere, NotFound, ParentMissing
from db.engine import Database, Transaction
from db.statements import Cursor
from db.tables import NO_PARENT
from quota import limits
from quota.meter import Ledger
from storage import locks, nodes, properties, tree
from storage.nodes import COLLECTION, Node, Place
from storage.objects import ObjectStore
from storage.sealing import NameCipher, ObjectCipher, opened, sealed_size, span_of

Names = tuple[str, ...]

#: Answers a contract's capacity in bytes at an instant (microseconds): quota's rules, bound to a catalogue.
CapacityRule = Callable[[Cursor, int, int], int]

#: Runs inside the transaction, before anything changes, and raises where a condition does not hold.
Check = Callable[[Cursor, Place, list[locks.Lock]], None]

#: Files up to this size are read in one piece.
WHOLE_READ_BYTES = 256 * 1024


#: Runs inside the transaction after a change, and writes down that it was made (R21).
Record = Callable[[Cursor], None]


def _no_condition(cursor: Cursor, place: Place, found: list[locks.Lock]) -> None:
    """Hold always."""


def _no_record(cursor: Cursor) -> None:
    """Write nothing down."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What goes with a change: lock tokens the caller submits, a check of the present state, a record of it."""

    tokens: frozenset[str] = frozenset()
    check: Check = _no_condition
    record: Record = _no_record


UNCONDITIONAL = Conditions()


@dataclass(frozen=True, slots=True)
class FileSystem:
    """What every operation works with: the rows, the bytes, the capacity rule and the clock."""

    database: Database
    objects: ObjectStore
    capacity: CapacityRule
    clock: Clock
    key_prefix: str

    def now_us(self) -> int:
        """Return the present instant in microseconds."""
        return to_microseconds(self.clock())

    def key(self, contract_id: int, object_id: str) -> str:
        """Return an object's key in the bucket: where its home keeps it (storage.lending)."""
        if "@" in object_id:
            own_id, _, contract = object_id.partition("@")
            return f"{self.key_prefix}/{contract}/{own_id}"
        return f"{self.key_prefix}/{contract_id}/{object_id}"


class Quota(NamedTuple):
    """What a contract uses and what is free for one folder, exact to the byte (R7, RFC 4331)."""

    used_bytes: int
    available_bytes: int


def find(fs: FileSystem, grant: Grant, names: Names) -> Node | None:
    """Return the node at a path, or None. One statement."""
    return find_place(fs, grant, names).node


def find_place(fs: FileSystem, grant: Grant, names: Names) -> Place:
    """Return where a path leads. One statement."""
    with fs.database.reading() as tx:
        return nodes.resolve(tx.cursor, grant.caller.contract_id, grant.root, names)


def stat(fs: FileSystem, grant: Grant, names: Names) -> Node:
    """Return the node at a path. Raises NotFound."""
    node = find(fs, grant, names)
    if node is None:
        raise NotFound("/".join(names))
    return node


def members(fs: FileSystem, grant: Grant, collection: Node, *, after: str = "") -> list[Node]:
    """Return the next members of a collection in name order, at most `nodes.PAGE_ROWS`, behind `after`."""
    with fs.database.reading() as tx:
        return nodes.members(tx.cursor, grant.caller.contract_id, collection.id, after=after)


def properties_of(fs: FileSystem, grant: Grant, node: Node) -> dict[str, str]:
    """Return a node's dead properties."""
    with fs.database.reading() as tx:
        found = properties.of_node(tx.cursor, grant.caller.contract_id, node.id)
    return found if grant.folder_key is None else _opened_values(grant.folder_key, found)


def properties_of_members(fs: FileSystem, grant: Grant, page: list[Node]) -> dict[int, dict[str, str]]:
    """Return the dead properties of a page of `members`, by node id. One statement; none for an empty page."""
    if not page:
        return {}
    with fs.database.reading() as tx:
        found = properties.of_members(
            tx.cursor, grant.caller.contract_id, page[0].parent_id, first=page[0].name, last=page[-1].name
        )
    if grant.folder_key is None:
        return found
    return {node_id: _opened_values(grant.folder_key, values) for node_id, values in found.items()}


def _opened_values(folder_key: bytes, values: dict[str, str]) -> dict[str, str]:
    cipher = NameCipher(folder_key)
    return {name: cipher.open(value) for name, value in values.items()}


def quota(fs: FileSystem, grant: Grant) -> Quota:
    """Return what the contract uses, and by how much this folder may still grow (its owner may have a limit)."""
    contract_id = grant.caller.contract_id
    with fs.database.reading() as tx:
        room = limits.room(tx.cursor, contract_id, grant.root)
        capacity_bytes = fs.capacity(tx.cursor, contract_id, fs.now_us())
    return Quota(room.used_bytes, room.free_bytes(capacity_bytes))


def charge(cursor: Cursor, fs: FileSystem, ledger: Ledger, root: str, delta_bytes: int, *, now_us: int) -> None:
    """Count so many bytes more in a folder, before its sums move; shrinking is always admitted (R4).

    Raises QuotaExceeded beyond the contract's capacity, LimitExceeded beyond the limit of the folder's owner.
    """
    capacity_bytes = fs.capacity(cursor, ledger.contract_id, now_us) if delta_bytes > 0 else 0
    ledger.charge(delta_bytes, capacity_bytes=capacity_bytes)
    if delta_bytes > 0:
        limits.room(cursor, ledger.contract_id, root).admit_owner(delta_bytes)


def content(fs: FileSystem, grant: Grant, node: Node, *, start: int, length: int) -> Iterator[Buffer]:
    """Yield `length` bytes of a file from offset `start`; one request to the object store, none for 0 bytes.

    Raises NotFound before the first block where the object is gone: the file was replaced meanwhile.
    Closing the iterator frees the connection.
    """
    if length == 0 or node.object_id is None:
        return iter(())
    key = fs.key(grant.caller.contract_id, node.object_id)
    if grant.folder_key is None:
        return _stored(fs, key, node, size_bytes=node.size_bytes, start=start, length=length)
    span = span_of(start, length, size_bytes=node.size_bytes)
    sealed = _stored(fs, key, node, size_bytes=sealed_size(node.size_bytes), start=span.start, length=span.length)
    return opened(ObjectCipher(grant.folder_key, node.object_id), sealed, span, length)


def _stored(fs: FileSystem, key: str, node: Node, *, size_bytes: int, start: int, length: int) -> Iterator[Buffer]:
    """Yield part of an object of `size_bytes`; a small one is read whole, so that it can be kept in memory."""
    if node.size_bytes > WHOLE_READ_BYTES:
        return fs.objects.stream(key, start=start, length=length)
    whole = fs.objects.read(key, size_bytes=size_bytes)
    return iter((whole if length == size_bytes else whole[start : start + length],))


class Site(NamedTuple):
    """A path as a change finds it: where it leads, and the locks that guard its content and its name."""

    names: Names
    place: Place
    guards: locks.Guards


def look(tx: Transaction, grant: Grant, names: Names, conditions: Conditions, *, now_us: int) -> Site:
    """Look at a path; raise what `conditions.check` raises."""
    contract_id = grant.caller.contract_id
    place = nodes.resolve(tx.cursor, contract_id, grant.root, names)
    guards = locks.UNGUARDED
    if place.guarded:
        guards = locks.guards(tx.cursor, contract_id, grant.root, names, now_us=now_us)
    conditions.check(tx.cursor, place, guards.covering)
    return Site(names, place, guards)


def survey(tx: Transaction, grant: Grant, names: Names, conditions: Conditions, *, now_us: int) -> Site:
    """Look at a path that is about to change; raise where its place, a condition or a lock forbids that.

    Raises AccessDenied for a folder's root or a grant to read only, ParentMissing, ResourceLocked, and what
    `conditions.check` raises.
    """
    if not grant.may_write:
        raise AccessDenied("access.read_only")
    if not names:
        raise AccessDenied("access.fixed_folder")
    site = look(tx, grant, names, conditions, now_us=now_us)
    if not site.place.parent_found:
        raise ParentMissing("/".join(names[:-1]))
    guarding = site.guards.naming if site.place.node is None else site.guards.covering
    locks.require(guarding, grant, conditions.tokens)
    return site


def require_removable(tx: Transaction, grant: Grant, site: Site, conditions: Conditions, *, now_us: int) -> None:
    """Return if a name may vanish: no foreign lock on it, on its collection, or below it.

    Raises AccessDenied for a grant to read only, and ResourceLocked.
    """
    if not grant.may_write:
        raise AccessDenied("access.read_only")
    found = site.guards.naming
    if site.place.node is not None and site.place.node.is_collection:
        found = found + locks.below(tx.cursor, grant.caller.contract_id, grant.root, site.names, now_us=now_us)
    locks.require(found, grant, conditions.tokens)


def ensure_root(tx: Transaction, contract_id: int, root: str, *, now_us: int) -> None:
    """Create a folder's root where it is missing. Raises NotFound for a contract that does not exist."""
    ledger = Ledger.open(tx.cursor, contract_id)
    if nodes.resolve(tx.cursor, contract_id, root, ()).node is None:
        node = Node(ledger.take_ids(), NO_PARENT, root, COLLECTION, 0, None, now_us, now_us, now_us)
        tree.add_node(tx.cursor, contract_id, node)
        ledger.save()


def make_collection(fs: FileSystem, grant: Grant, names: Names, conditions: Conditions = UNCONDITIONAL) -> Node:
    """Create an empty collection and return it. Raises AlreadyExists, ParentMissing, ResourceLocked."""
    return fs.database.write(lambda tx: create(tx, fs, grant, names, conditions, kind=COLLECTION))


def create(tx: Transaction, fs: FileSystem, grant: Grant, names: Names, conditions: Conditions, *, kind: int) -> Node:
    """Insert an empty collection or file and return it; a row alone. Raises as `make_collection`."""
    now_us = fs.now_us()
    ledger = Ledger.open(tx.cursor, grant.caller.contract_id)
    site = survey(tx, grant, names, conditions, now_us=now_us)
    if site.place.node is not None:
        raise AlreadyExists("/".join(names))
    node = Node(ledger.take_ids(), site.place.parents[-1], names[-1], kind, 0, None, now_us, now_us, now_us)
    tree.add_node(tx.cursor, ledger.contract_id, node)
    ledger.save()
    conditions.record(tx.cursor)
    return node


def delete(fs: FileSystem, grant: Grant, names: Names, conditions: Conditions = UNCONDITIONAL) -> None:
    """Remove a file or a whole collection; a tree of any size costs the same (invariant 5).

    Raises NotFound, AccessDenied, ResourceLocked.
    """

    def operation(tx: Transaction) -> None:
        now_us = fs.now_us()
        contract_id = grant.caller.contract_id
        ledger = Ledger.open(tx.cursor, contract_id)
        site = _existing(tx, grant, names, conditions, now_us=now_us)
        require_removable(tx, grant, site, conditions, now_us=now_us)
        assert site.place.node is not None
        discard(tx.cursor, ledger, site.place.parents, site.place.node, now_us=now_us)
        locks.release_tree(tx.cursor, contract_id, grant.root, names)
        ledger.save()
        conditions.record(tx.cursor)

    fs.database.write(operation)


def _existing(tx: Transaction, grant: Grant, names: Names, conditions: Conditions, *, now_us: int) -> Site:
    try:
        site = survey(tx, grant, names, conditions, now_us=now_us)
    except ParentMissing as error:
        raise NotFound("/".join(names)) from error
    if site.place.node is None:
        raise NotFound("/".join(names))
    return site


def discard(cursor: Cursor, ledger: Ledger, parents: tuple[int, ...], node: Node, *, now_us: int) -> None:
    """Unlink a node and give its bytes back to all sums above it and to the contract."""
    tree.unlink(cursor, ledger.contract_id, node, now_us=now_us)
    tree.grow(cursor, ledger.contract_id, parents, -node.size_bytes)
    ledger.release(node.size_bytes)


def set_properties(
    fs: FileSystem,
    grant: Grant,
    names: Names,
    values: dict[str, str | None],
    conditions: Conditions = UNCONDITIONAL,
    *,
    own_locks_suffice: bool = False,
    modified_us: int | None = None,
    created_us: int | None = None,
) -> None:
    """Set (or with None remove) dead properties and the node's own times, all or nothing.

    `own_locks_suffice`: a lock of the caller's own login does not ask for its token (CLIENTS O4).
    Raises NotFound, AccessDenied, ResourceLocked.
    """
    if not grant.may_write:
        raise AccessDenied("access.read_only")
    if grant.folder_key is not None:
        cipher = NameCipher(grant.folder_key)
        values = {name: value if value is None else cipher.seal(value) for name, value in values.items()}

    def operation(tx: Transaction) -> None:
        now_us = fs.now_us()
        contract_id = grant.caller.contract_id
        Ledger.open(tx.cursor, contract_id)
        site = look(tx, grant, names, conditions, now_us=now_us)
        node, guarding = site.place.node, site.guards.covering
        if node is None:
            raise NotFound("/".join(names))
        own = {lock.token for lock in guarding if own_locks_suffice and lock.login == grant.caller.login}
        locks.require(guarding, grant, conditions.tokens | own)
        properties.write(tx.cursor, contract_id, node.id, values)
        if modified_us is not None or created_us is not None:
            tree.set_times(
                tx.cursor,
                contract_id,
                node,
                modified_us=node.modified_us if modified_us is None else modified_us,
                created_us=node.created_us if created_us is None else created_us,
            )
        conditions.record(tx.cursor)

    fs.database.write(operation)


def require_file(node: Node | None) -> None:
    """Return for a file or a free name; raise NotAllowedHere for a collection (RFC 4918 §9.7.2)."""
    if node is not None and node.is_collection:
        raise NotAllowedHere("a collection")
