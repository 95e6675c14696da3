"""PUT: bytes go to a new object, are compared, and then one transaction makes them the file (invariants 1-3)."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote

from auth.access import Grant
from core.clock import from_microseconds
from core.errors import (
    ChecksumMismatch,
    DatabaseUnavailable,
    GatewayError,
    IncompleteUpload,
    InvalidInput,
    StorageFull,
    StoreUnavailable,
)
from core.ids import new_object_id
from db.engine import Transaction
from quota import limits
from quota.meter import Ledger
from storage import files, tree
from storage.files import UNCONDITIONAL, Conditions, FileSystem, Names
from storage.nodes import FILE, Node
from storage.objects import SINGLE_PUT_BYTES
from storage.sealing import ObjectCipher, Sealer

#: Bytes taken from the client at a time.
BLOCK_BYTES = 1024 * 1024
#: An upload that took longer may have been collected as an orphan meanwhile (`reclaim.collect_orphans`).
MAX_UPLOAD_US = 48 * 3600 * 1_000_000
#: S3 keeps 2 KB of metadata with an object; the path gets what the other facts leave.
_PATH_METADATA_BYTES = 1200

#: Returns up to so many bytes of the body, b"" at its end; raises where the client goes away.
Read = Callable[[int], bytes]
#: Raises QuotaExceeded where a file of so many bytes finds no room.
Admit = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Announced:
    """What a client said of its upload beforehand.

    `size_bytes` is None where the length is not known; `checksums` maps hashlib names to digests.
    """

    size_bytes: int | None
    checksums: Mapping[str, bytes] = field(default_factory=dict)
    modified_us: int | None = None


class Written(NamedTuple):
    """The outcome of an upload."""

    node: Node
    created: bool


class Stored(NamedTuple):
    """A body that lies in the object store; `object_id` is None for an empty one."""

    object_id: str | None
    size_bytes: int
    sha256: str


def write(
    fs: FileSystem,
    grant: Grant,
    names: Names,
    read: Read,
    announced: Announced,
    conditions: Conditions = UNCONDITIONAL,
) -> Written:
    """Store a body as the content of a file, whole or not at all, and return the file.

    Refuses before the body is read where that can be known: QuotaExceeded, ParentMissing, NotAllowedHere,
    ResourceLocked, AccessDenied, or what `conditions.check` raises; all are asked again at the commit.
    Raises IncompleteUpload and ChecksumMismatch for a body that is not what was announced, and whatever
    `read` raises. After any error the old file stands and nothing is left in the object store, unless the
    database or the store itself failed: then `reclaim.collect_orphans` finds what was left.
    """
    admit = admit_early(fs, grant, names, announced, conditions)
    now_us = fs.now_us()
    object_id = new_object_id()
    key = fs.key(grant.caller.contract_id, object_id)
    sealer = None if grant.folder_key is None else Sealer(ObjectCipher(grant.folder_key, object_id))
    goal = _Goal(key, object_id, describe(grant, names, announced.size_bytes, now_us), sealer)
    stored = _receive(fs, goal, _Gauge(read, announced, admit))
    try:
        if fs.now_us() - now_us > MAX_UPLOAD_US:
            raise StoreUnavailable("the upload took too long")
        return fs.database.write(lambda tx: commit(tx, fs, grant, names, stored, announced, conditions))
    except GatewayError as error:
        # A database that failed may have committed all the same: then the object must stay.
        if stored.object_id is not None and not isinstance(error, DatabaseUnavailable | StorageFull):
            with contextlib.suppress(GatewayError):  # what cannot be deleted now is an orphan, collected later
                fs.objects.delete([key])
        raise


def admit_early(fs: FileSystem, grant: Grant, names: Names, announced: Announced, conditions: Conditions) -> Admit:
    """Return what holds a file to the room there is; raise what is already known to fail (as `write`)."""
    contract_id = grant.caller.contract_id
    with fs.database.reading() as tx:
        site = files.survey(tx, grant, names, conditions, now_us=fs.now_us())
        node = site.place.node
        files.require_file(node)
        old_bytes = node.size_bytes if node else 0
        if announced.size_bytes is not None and announced.size_bytes <= old_bytes:
            return lambda _: None  # needs no room, also over capacity (R4)
        room = limits.room(tx.cursor, contract_id, grant.root)
        capacity_bytes = fs.capacity(tx.cursor, contract_id, fs.now_us())

    def admit(size_bytes: int) -> None:
        room.admit(size_bytes - old_bytes, capacity_bytes=capacity_bytes)

    if announced.size_bytes is not None:
        admit(announced.size_bytes)
    return admit


def commit(
    tx: Transaction,
    fs: FileSystem,
    grant: Grant,
    names: Names,
    stored: Stored,
    announced: Announced,
    conditions: Conditions,
) -> Written:
    """Make what was stored the content of a file, inside a transaction: the pointer swap. Raises as `write`."""
    now_us = fs.now_us()
    cursor = tx.cursor
    ledger = Ledger.open(cursor, grant.caller.contract_id)
    site = files.survey(tx, grant, names, conditions, now_us=now_us)
    old, parents = site.place.node, site.place.parents
    files.require_file(old)
    old_bytes = old.size_bytes if old else 0
    delta_bytes = stored.size_bytes - old_bytes
    files.charge(cursor, fs, ledger, grant.root, delta_bytes, now_us=now_us)
    if stored.object_id is not None:
        tree.add_object(cursor, ledger.contract_id, stored.object_id, stored.size_bytes, stored.sha256, now_us=now_us)
    node = Node(
        id=old.id if old else ledger.take_ids(),
        parent_id=parents[-1],
        name=names[-1],
        kind=FILE,
        size_bytes=stored.size_bytes,
        object_id=stored.object_id,
        created_us=old.created_us if old else now_us,
        modified_us=announced.modified_us if announced.modified_us is not None else now_us,
        stored_us=now_us,
    )
    if old is None:
        tree.add_node(cursor, ledger.contract_id, node)
    else:
        tree.repoint(cursor, ledger.contract_id, node)
        tree.release_object(cursor, ledger.contract_id, old.object_id, now_us=now_us)
    tree.grow(cursor, ledger.contract_id, parents, delta_bytes)
    ledger.save()
    conditions.record(cursor)
    return Written(node, created=old is None)


class _Gauge:
    """Counts and hashes a body as it passes, and holds it to what was announced and to the room there is."""

    def __init__(self, read: Read, announced: Announced, admit: Admit) -> None:
        self._read = read
        self._announced = announced
        self._admit = admit
        self._hashes = {name: hashlib.new(name, usedforsecurity=False) for name in {"sha256", *announced.checksums}}
        self.received_bytes = 0

    def next_block(self, limit: int = BLOCK_BYTES) -> bytes:
        """Return the next bytes, b"" at the end. Raises QuotaExceeded and IncompleteUpload."""
        expected = self._announced.size_bytes
        if expected is not None:
            limit = min(limit, expected - self.received_bytes)
            if limit == 0:
                return b""
        block = self._read(limit)
        self.received_bytes += len(block)
        if not block and expected is not None:
            raise IncompleteUpload(expected_bytes=expected, received_bytes=self.received_bytes)
        self._admit(self.received_bytes)
        for one in self._hashes.values():
            one.update(block)
        return block

    def finish(self) -> str:
        """Return the sha256. Raises IncompleteUpload for bytes too many, ChecksumMismatch."""
        if self._announced.size_bytes is not None and self._read(1):
            raise IncompleteUpload(expected_bytes=self._announced.size_bytes, received_bytes=self.received_bytes + 1)
        for name, digest in self._announced.checksums.items():
            if self._hashes[name].digest() != digest:
                raise ChecksumMismatch(algorithm=name)
        return self._hashes["sha256"].hexdigest()


class _Goal(NamedTuple):
    """Where a body goes: its object, what is told of it, and what seals it in a Secret Folder (R18)."""

    key: str
    object_id: str
    described: dict[str, str]
    sealer: Sealer | None

    def stored(self, size_bytes: int, sha256: str) -> Stored:
        """Return the outcome. The hash of a secret file is not kept: it would tell which known file it is."""
        return Stored(self.object_id, size_bytes, "" if self.sealer else sha256)


def _receive(fs: FileSystem, goal: _Goal, gauge: _Gauge) -> Stored:
    blocks: list[bytes] = []
    while gauge.received_bytes < SINGLE_PUT_BYTES and (
        block := gauge.next_block(min(BLOCK_BYTES, SINGLE_PUT_BYTES - gauge.received_bytes))
    ):
        blocks.append(block)
    following = gauge.next_block() if gauge.received_bytes == SINGLE_PUT_BYTES else b""
    if following:
        return _receive_parts(fs, goal, gauge, [*blocks, following])
    sha256 = gauge.finish()
    size_bytes = gauge.received_bytes
    if size_bytes == 0:
        return Stored(None, 0, sha256)  # an empty file is a row alone
    body = blocks[0] if len(blocks) == 1 else b"".join(blocks)
    described = {**goal.described, "size": str(size_bytes)}
    if goal.sealer is None:
        described["sha256"] = sha256
    else:
        body = goal.sealer.feed(body) + goal.sealer.finish()
    fs.objects.put(goal.key, body, metadata=described)
    return goal.stored(size_bytes, sha256)


def _receive_parts(fs: FileSystem, goal: _Goal, gauge: _Gauge, first: list[bytes]) -> Stored:
    upload = fs.objects.begin_upload(goal.key, metadata=goal.described)
    sealer = goal.sealer
    try:
        while block := first.pop(0) if first else gauge.next_block():
            upload.write(block if sealer is None else sealer.feed(block))
        sha256 = gauge.finish()
        if sealer is not None:
            upload.write(sealer.finish())
        upload.complete()
    except BaseException:
        upload.abort()
        raise
    return goal.stored(gauge.received_bytes, sha256)


def describe(grant: Grant, names: Names, size_bytes: int | None, now_us: int) -> dict[str, str]:
    """Return what an object carries so that the names can be rebuilt from the bucket alone.

    Names and logins are percent-encoded, as headers are ASCII and lose spaces at their ends. A path longer
    than S3 can hold keeps its last names; `path-cut` says so.
    """
    encoded = [quote(name, safe="!$&'()+;=@") for name in names]
    path = "/".join(encoded)
    described = {
        "contract": str(grant.caller.contract_id),
        "folder": grant.root,
        "login": quote(grant.caller.login_id),
        "stored-at": from_microseconds(now_us).isoformat(),
    }
    if size_bytes is not None:
        described["size"] = str(size_bytes)
    if len(path) > _PATH_METADATA_BYTES:
        described["path-cut"] = "1"
        while len(path) > _PATH_METADATA_BYTES and len(encoded) > 1:
            encoded.pop(0)
            path = "/".join(encoded)
    return {**described, "path": path}


def parse_checksum(algorithm: str, text: str) -> tuple[str, bytes]:
    """Return the hashlib name and digest of a checksum in hexadecimal or base64.

    Raises InvalidInput for an algorithm we do not compute or a digest of the wrong length.
    """
    name = algorithm.lower().replace("-", "")
    if name not in ("md5", "sha1", "sha256", "sha512"):
        raise InvalidInput(f"checksum algorithm {algorithm!r} is not known")
    size = hashlib.new(name, usedforsecurity=False).digest_size
    with contextlib.suppress(ValueError):
        digest = bytes.fromhex(text) if len(text) == 2 * size else base64.b64decode(text, validate=True)
        if len(digest) == size:
            return name, digest
    raise InvalidInput(f"the {algorithm} checksum cannot be read")


__all__ = [
    "BLOCK_BYTES",
    "MAX_UPLOAD_US",
    "Announced",
    "Read",
    "Stored",
    "Written",
    "admit_early",
    "commit",
    "describe",
    "parse_checksum",
    "write",
]
