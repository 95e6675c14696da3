"""WebDAV locks in SQL, so that every gateway sees the same ones (RFC 4918 §6, §7).

A lock stands on a path of a folder, not on a node: RFC 4918 §7.5 lets it stay behind when the resource moves.
"""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import BigInteger, Integer, String, bindparam, delete, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from auth.access import Grant
from core.errors import NotFound, ResourceLocked
from db.statements import Cursor, Statement
from db.tables import locks
from quota.meter import Ledger

#: Leases are granted within these bounds (CLIENTS O5).
MIN_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS = 180, 3600

_CONTRACT = bindparam("contract", type_=Integer)
_NOW = bindparam("now", type_=BigInteger)
_TOKEN = bindparam("lock_token", type_=String)


class Lock(NamedTuple):
    """One active lock. `path` is the folder root and the names below it, joined by slashes."""

    token: str
    path: str
    infinite_depth: bool
    exclusive: bool
    login: int
    login_id: str
    device_id: str | None
    owner_xml: str
    timeout_seconds: int
    expires_us: int


_columns = (
    locks.c.token, locks.c.path, locks.c.infinite_depth, locks.c.exclusive, locks.c.login, locks.c.login_id,
    locks.c.device_id, locks.c.owner_xml, locks.c.timeout_seconds, locks.c.expires_at,
)  # fmt: skip


def _active(*conditions: ColumnElement[bool]) -> Statement:
    return Statement(select(*_columns).where(locks.c.contract_id == _CONTRACT, locks.c.expires_at > _NOW, *conditions))


@functools.cache
def _on_any(count: int) -> Statement:
    return _active(locks.c.path_key.in_([bindparam(f"key{i}", type_=BigInteger) for i in range(count)]))


# "0" is the character after "/": the range holds exactly the paths below the given one.
_below = _active(locks.c.path >= bindparam("first", type_=String), locks.c.path < bindparam("end", type_=String))
_by_token = _active(locks.c.token == _TOKEN)
_insert = Statement(insert(locks))
_delete = Statement(delete(locks).where(locks.c.contract_id == _CONTRACT, locks.c.token == _TOKEN))
_delete_tree = Statement(
    delete(locks).where(
        locks.c.contract_id == _CONTRACT,
        (locks.c.path == bindparam("top", type_=String))
        | ((locks.c.path >= bindparam("first", type_=String)) & (locks.c.path < bindparam("end", type_=String))),
    )
)
_delete_expired = Statement(delete(locks).where(locks.c.contract_id == _CONTRACT, locks.c.expires_at <= _NOW))
_extend = Statement(
    update(locks)
    .where(locks.c.contract_id == _CONTRACT, locks.c.token == _TOKEN)
    .values(
        expires_at=bindparam("new_expiry", type_=BigInteger),
        timeout_seconds=bindparam("new_timeout", type_=Integer),
    )
)
_forget_device = Statement(
    delete(locks).where(locks.c.contract_id == _CONTRACT, locks.c.device_id == bindparam("device", type_=String))
)


@functools.lru_cache(maxsize=4096)
def path_key(path: str) -> int:
    """Return a 64-bit hash of a path; what is found by it is compared by the path itself."""
    return int.from_bytes(hashlib.blake2b(path.encode(), digest_size=8).digest(), "big", signed=True)


def lock_path(root: str, names: tuple[str, ...]) -> str:
    """Return the path under which a resource's locks are kept."""
    return "/".join((root, *names))


class Guards(NamedTuple):
    """The locks that matter to a resource.

    `covering`: on it, or of infinite depth above it; they guard its content. `naming`: these, and any on the
    collection that holds it, which guards what names it has (RFC 4918 §7.4).
    """

    covering: list[Lock]
    naming: list[Lock]


UNGUARDED = Guards([], [])


def guards(cursor: Cursor, contract_id: int, root: str, names: tuple[str, ...], *, now_us: int) -> Guards:
    """Return the locks that guard a resource and its name. One statement."""
    paths = [lock_path(root, names[:i]) for i in range(len(names) + 1)]
    keys = {f"key{i}": path_key(path) for i, path in enumerate(paths)}
    rows = _on_any(len(paths)).all(cursor, contract=contract_id, now=now_us, **keys)
    found = [lock for lock in map(Lock._make, rows) if lock.path in paths]
    return Guards(
        [lock for lock in found if lock.infinite_depth or lock.path == paths[-1]],
        [lock for lock in found if lock.infinite_depth or lock.path in paths[-2:]],
    )


def covering(cursor: Cursor, contract_id: int, root: str, names: tuple[str, ...], *, now_us: int) -> list[Lock]:
    """Return the locks that cover a resource: those on it, and those of infinite depth above it."""
    return guards(cursor, contract_id, root, names, now_us=now_us).covering


def below(cursor: Cursor, contract_id: int, root: str, names: tuple[str, ...], *, now_us: int) -> list[Lock]:
    """Return the locks strictly below a collection."""
    path = lock_path(root, names)
    rows = _below.all(cursor, contract=contract_id, now=now_us, first=path + "/", end=path + "0")
    return [Lock._make(row) for row in rows]


def require(found: list[Lock], grant: Grant, tokens: Collection[str]) -> None:
    """Return if the caller may write past these locks; else raise ResourceLocked.

    The caller must have submitted the token of a lock they own; of several shared locks on one resource,
    one token is enough (RFC 4918 §6.1, §7.7).
    """
    for lock in found:
        own = [one for one in found if one.path == lock.path and one.login == grant.caller.login]
        if not any(one.token in tokens for one in own):
            raise ResourceLocked(path=lock.path, owner_login=lock.login_id)


def acquire(
    cursor: Cursor,
    grant: Grant,
    names: tuple[str, ...],
    *,
    infinite_depth: bool,
    exclusive: bool,
    owner_xml: str,
    timeout_seconds: int,
    now_us: int,
) -> Lock:
    """Take a lock. Raises ResourceLocked where another stands in the way (RFC 4918 §6.2, §7.4)."""
    contract_id, root = grant.caller.contract_id, grant.root
    Ledger.open(cursor, contract_id)  # the contract's write mutex: of two exclusive locks at once one wins
    _delete_expired.run(cursor, contract=contract_id, now=now_us)
    others = covering(cursor, contract_id, root, names, now_us=now_us)
    if infinite_depth:
        others += below(cursor, contract_id, root, names, now_us=now_us)
    for other in others:
        if exclusive or other.exclusive:
            raise ResourceLocked(path=other.path, owner_login=other.login_id)
    lock = Lock(
        token=f"urn:uuid:{uuid.uuid4()}",
        path=lock_path(root, names),
        infinite_depth=infinite_depth,
        exclusive=exclusive,
        login=grant.caller.login,
        login_id=grant.caller.login_id,
        device_id=grant.caller.device_id,
        owner_xml=owner_xml,
        timeout_seconds=timeout_seconds,
        expires_us=now_us + timeout_seconds * 1_000_000,
    )
    values = lock._asdict()
    key = path_key(lock.path)
    _insert.run(cursor, contract_id=contract_id, path_key=key, expires_at=values.pop("expires_us"), **values)
    return lock


def find(cursor: Cursor, contract_id: int, token: str, *, now_us: int) -> Lock | None:
    """Return an active lock by its token, or None."""
    row = _by_token.first(cursor, contract=contract_id, lock_token=token, now=now_us)
    return None if row is None else Lock._make(row)


def refresh(cursor: Cursor, contract_id: int, lock: Lock, *, timeout_seconds: int, now_us: int) -> Lock:
    """Begin a lock's lease anew and return it."""
    expires_us = now_us + timeout_seconds * 1_000_000
    _extend.run(cursor, contract=contract_id, lock_token=lock.token, new_expiry=expires_us, new_timeout=timeout_seconds)
    return lock._replace(timeout_seconds=timeout_seconds, expires_us=expires_us)


def release(cursor: Cursor, contract_id: int, token: str) -> None:
    """Remove a lock. Raises NotFound where there is none by this token."""
    if _delete.run(cursor, contract=contract_id, lock_token=token) == 0:
        raise NotFound(token)


def release_tree(cursor: Cursor, contract_id: int, root: str, names: tuple[str, ...]) -> None:
    """Remove the locks on a resource and below it, when it is deleted or moved away (RFC 4918 §7.5, §9.6)."""
    path = lock_path(root, names)
    _delete_tree.run(cursor, contract=contract_id, top=path, first=path + "/", end=path + "0")


def release_device(cursor: Cursor, contract_id: int, device_id: str) -> None:
    """Remove all locks a device holds, when it is locked or revoked (R16)."""
    _forget_device.run(cursor, contract=contract_id, device=device_id)
