"""Pictures the service makes of stored files and keeps for itself: objects no name leads to.

A picture has a row and a reference like a file's bytes, so that `reclaim`, `collect-orphans` and `fsck` know it. It
is no part of a contract's used bytes: what uses it bounds how many there are (docs/adr).
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from auth.access import Grant
from core.clock import from_microseconds
from core.errors import GatewayError
from core.ids import new_object_id
from db.engine import Transaction
from storage import tree
from storage.files import FileSystem


class Picture(NamedTuple):
    """A picture that lies in the object store."""

    object_id: str
    size_bytes: int
    sha256: str


def store(fs: FileSystem, grant: Grant, data: bytes, *, purpose: str) -> Picture:
    """Store a picture's bytes; it has no row yet (`keep`). Raises StoreUnavailable."""
    contract_id, object_id = grant.caller.contract_id, new_object_id()
    picture = Picture(object_id, len(data), hashlib.sha256(data).hexdigest())
    described = {
        "contract": str(contract_id), "purpose": purpose, "size": str(len(data)), "sha256": picture.sha256,
        "stored-at": from_microseconds(fs.now_us()).isoformat(),
    }  # fmt: skip
    fs.objects.put(fs.key(contract_id, object_id), data, metadata=described)
    return picture


def keep(tx: Transaction, contract_id: int, picture: Picture, *, now_us: int) -> None:
    """Insert the row of a stored picture, with the one reference its user writes in the same transaction."""
    tree.add_object(tx.cursor, contract_id, picture.object_id, picture.size_bytes, picture.sha256, now_us=now_us)


def release(tx: Transaction, contract_id: int, object_ids: Iterable[str], *, now_us: int) -> None:
    """Take the references back; the reclaim job removes the objects. The caller holds the contract's ledger."""
    for object_id in object_ids:
        tree.release_object(tx.cursor, contract_id, object_id, now_us=now_us)


def discard(fs: FileSystem, contract_id: int, stored: Sequence[Picture]) -> None:
    """Remove pictures that never got a row; what cannot be removed now is an orphan, collected later."""
    with contextlib.suppress(GatewayError):
        fs.objects.delete([fs.key(contract_id, one.object_id) for one in stored])


def read(fs: FileSystem, contract_id: int, object_id: str, *, size_bytes: int) -> bytes:
    """Return a picture's bytes. Raises NotFound where it was given up meanwhile, StoreUnavailable."""
    return fs.objects.read(fs.key(contract_id, object_id), size_bytes=size_bytes)
