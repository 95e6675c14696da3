"""Uploads that go on in later requests, on any gateway: bytes go to the store as they come, the state is rows.

What arrives is sent on in parts of one upload of the store; what is too little for a part at a request's end becomes
an object of its own, the tail, and is read again when the upload goes on. A part counts once its row is committed,
so that a gateway killed at any line leaves an offset that is true. One part is all that is held in memory.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from auth.access import Grant
from auth.callers import Caller
from core.errors import (
    AccessDenied,
    ChecksumMismatch,
    GatewayError,
    IncompleteUpload,
    NotFound,
    UploadOffsetWrong,
)
from core.ids import new_object_id
from db.engine import Transaction
from db.statements import Cursor
from storage import resumable_rows as rows
from storage import uploads
from storage.files import Conditions, FileSystem, Names
from storage.objects import LEAST_PART_BYTES, SINGLE_PUT_BYTES
from storage.resumable_rows import Upload
from storage.uploads import BLOCK_BYTES, MAX_UPLOAD_US, Announced, Read, Stored

#: The largest object S3 keeps.
MAX_BYTES = 5 << 40
#: How long a finished upload still tells that it is done, to a client that did not hear so.
_TOLD_US = 3600 * 1_000_000
_RENEW_US = 3 * 1_000_000
#: Of the 10,000 numbers S3 has, some are passed over where a writer was overtaken.
_PLANNED_PARTS = 8_000
#: Of a file that came in several requests nobody has the hash; an empty one would mean a sealed file (`fsck`).
_UNKNOWN_HASH = "-"


@dataclass(frozen=True, slots=True)
class Destination:
    """The file an upload becomes, decided anew in each request."""

    grant: Grant
    names: Names
    conditions: Conditions
    modified_us: int | None = None


class Checksum(NamedTuple):
    """What the bytes of one request hash to, by hashlib's name of the algorithm."""

    algorithm: str
    digest: bytes


@dataclass(slots=True)
class Expired:
    """What a run of the job took away."""

    ended_uploads: int = 0
    freed_bytes: int = 0


def begin(fs: FileSystem, to: Destination, length_bytes: int, label: str) -> Upload:
    """Start an upload of so many bytes and return it.

    Raises what is already known to fail: QuotaExceeded, ResourceLocked, AccessDenied, what the conditions' check
    raises, ParentMissing; and AccessDenied for a Secret Folder: what is sealed is sealed in one go, as no number of
    a segment may serve twice (R18).
    """
    uploads.admit_early(fs, to.grant, to.names, Announced(length_bytes), to.conditions)
    if to.grant.folder_key is not None:
        raise AccessDenied("upload.secret_folder")
    upload, now_us = _fresh(fs, to, length_bytes, label), fs.now_us()

    def operation(tx: Transaction) -> None:
        capacity_bytes = fs.capacity(tx.cursor, upload.contract_id, now_us)
        rows.make_room(tx.cursor, upload.contract_id, length_bytes, capacity_bytes=capacity_bytes, now_us=now_us)
        rows.add(tx.cursor, upload)

    fs.database.write(operation)
    return upload


def store_at_once(fs: FileSystem, to: Destination, length_bytes: int, label: str, read: Read) -> Upload:
    """Store a body that comes whole with the request that announces it; return its finished upload.

    Raises as `uploads.write`; a body that is cut leaves nothing.
    """
    now_us = fs.now_us()
    done = _fresh(fs, to, length_bytes, label)._replace(
        offset_bytes=length_bytes, finished_us=now_us, expires_us=now_us + _TOLD_US
    )

    def record(cursor: Cursor) -> None:
        to.conditions.record(cursor)
        rows.add(cursor, done)

    announced = Announced(length_bytes, modified_us=to.modified_us)
    conditions = dataclasses.replace(to.conditions, record=record)
    uploads.write(fs, to.grant, to.names, read, announced, conditions)
    return done


def _fresh(fs: FileSystem, to: Destination, length_bytes: int, label: str) -> Upload:
    caller = to.grant.caller
    return Upload(
        caller.contract_id, new_object_id(), caller.login, caller.device_id or "", label, length_bytes,
        offset_bytes=0, store_id=None, next_part=1, tail_id=None, tail_bytes=0, turn=0, writing_until_us=None,
        expires_us=fs.now_us() + MAX_UPLOAD_US, finished_us=None,
    )  # fmt: skip


def find(fs: FileSystem, caller: Caller, upload_id: str) -> Upload:
    """Return an upload of the caller's login and device. Raises NotFound."""
    with fs.database.reading() as tx:
        return rows.find(tx.cursor, caller, upload_id, now_us=fs.now_us())


def append(
    fs: FileSystem, upload: Upload, to: Destination, offset_bytes: int, read: Read, checksum: Checksum | None = None
) -> Upload:
    """Take the bytes of one request from an offset on, and return the upload as it stands then.

    With the last byte the file is made. Where `read` raises, or anything fails, what arrived before is kept; with a
    checksum all of the request counts or nothing. Raises UploadOffsetWrong, UploadBusy, ChecksumMismatch,
    IncompleteUpload for bytes too many, what `read` raises, and as `settle`.
    """
    if offset_bytes == upload.offset_bytes and upload.is_whole:
        return settle(fs, upload, to)
    mine = fs.database.write(lambda tx: rows.claim(tx.cursor, upload, offset_bytes, now_us=fs.now_us()))
    writer = _Writer(fs, mine, to, checksum)
    try:
        writer.take(read)
    except UploadOffsetWrong:
        raise  # overtaken: nothing is ours to write any more
    except BaseException as error:
        if checksum is not None or isinstance(error, IncompleteUpload):
            writer.forget()
        with contextlib.suppress(GatewayError):  # what cannot be kept is sent again
            writer.rest()
        raise
    stands = writer.rest()
    return settle(fs, stands, to, writer.sha256) if stands.is_whole else stands


def settle(fs: FileSystem, upload: Upload, to: Destination, sha256: str = _UNKNOWN_HASH) -> Upload:
    """Make the file of an upload whose bytes have all arrived, in one commit; return the finished upload.

    May be asked again: where the commit is refused the bytes stay until the upload expires. Raises NotFound for an
    upload that ended, and as `uploads.write`: QuotaExceeded, ResourceLocked, ParentMissing, AlreadyExists …
    """
    if upload.finished_us is not None:
        return upload
    if upload.store_id is not None:
        _complete(fs, upload)
    stored = Stored(upload.id if upload.length_bytes else None, upload.length_bytes, sha256)
    announced = Announced(upload.length_bytes, modified_us=to.modified_us)

    def operation(tx: Transaction) -> None:
        now_us = fs.now_us()
        if rows.finish(tx.cursor, upload, now_us=now_us, kept_until_us=now_us + _TOLD_US):
            uploads.commit(tx, fs, to.grant, to.names, stored, announced, to.conditions)

    fs.database.write(operation)
    done = find(fs, to.grant.caller, upload.id)
    if done.finished_us is None:
        raise NotFound(upload.id)
    return done


def _complete(fs: FileSystem, upload: Upload) -> None:
    key = fs.key(upload.contract_id, upload.id)
    with fs.database.reading() as tx:
        tags = rows.parts(tx.cursor, upload)
    try:
        fs.objects.complete_parts(key, str(upload.store_id), tags)
    except NotFound:
        fs.objects.metadata(key)  # completed before, by a gateway that came no further; else NotFound


class _Writer:
    """One request's turn: what was received and not sent on yet, and what was sent and is not written down yet."""

    def __init__(self, fs: FileSystem, mine: Upload, to: Destination, checksum: Checksum | None) -> None:
        self._fs, self._mine, self._to = fs, mine, to
        self._key = fs.key(mine.contract_id, mine.id)
        self._least_bytes = max(LEAST_PART_BYTES, -(-mine.length_bytes // _PLANNED_PARTS))
        self._most_bytes = max(SINGLE_PUT_BYTES, self._least_bytes)
        self._checksum = checksum
        self._check = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        self._whole_hash = hashlib.sha256() if mine.offset_bytes == 0 else None
        self._kept = mine  # as its row has it
        self._old_tail_id = mine.tail_id
        self._sent: dict[int, str] = {}
        self._pending = bytearray()
        self._renew_at_us = fs.now_us() + _RENEW_US

    @property
    def sha256(self) -> str:
        """Return the hash of a file that came in one request; else that it is not known."""
        return _UNKNOWN_HASH if self._whole_hash is None else self._whole_hash.hexdigest()

    def take(self, read: Read) -> None:
        """Receive to the body's end, sending part after part. Raises as `append`."""
        if self._mine.tail_id is not None:
            tail_key = self._fs.key(self._mine.contract_id, self._mine.tail_id)
            self._pending += self._fs.objects.read(tail_key, size_bytes=self._mine.tail_bytes)
        while block := read(min(BLOCK_BYTES, max(1, self._left_bytes))):
            if not self._left_bytes:
                received_bytes = self._mine.length_bytes + 1
                raise IncompleteUpload(expected_bytes=self._mine.length_bytes, received_bytes=received_bytes)
            for one in filter(None, (self._check, self._whole_hash)):
                one.update(block)
            self._pending += block
            self._mine = self._mine._replace(offset_bytes=self._mine.offset_bytes + len(block))
            if len(self._pending) >= self._most_bytes and self._left_bytes:
                self._send_part()
                if self._check is None:
                    self._save()
            self._stay()
        if self._check is not None and self._checksum is not None and self._check.digest() != self._checksum.digest:
            raise ChecksumMismatch(algorithm=self._checksum.algorithm)

    @property
    def _left_bytes(self) -> int:
        return self._mine.length_bytes - self._mine.offset_bytes

    def forget(self) -> None:
        """Let nothing of this request count that is not written down; the store's upload stays ours."""
        self._mine, self._sent = self._kept._replace(store_id=self._mine.store_id), {}

    def rest(self) -> Upload:
        """Keep what was received, give the turn back, and return the upload as it stands."""
        if self._mine.offset_bytes != self._kept.offset_bytes:
            self._put_rest()
        self._mine = self._mine._replace(writing_until_us=None)
        self._save()
        if self._old_tail_id is not None and self._mine.tail_id != self._old_tail_id:
            _free(self._fs, self._mine.contract_id, self._old_tail_id)
        return self._mine

    def _put_rest(self) -> None:
        if self._mine.is_whole and self._mine.store_id is None:
            metadata = self._describe()
            self._fs.objects.put(self._key, self._pending, metadata=metadata)
            self._mine = self._mine._replace(tail_id=None, tail_bytes=0)
        elif self._mine.is_whole or len(self._pending) >= self._least_bytes:
            self._send_part()
        elif self._pending:
            tail_id = new_object_id()
            self._fs.objects.put(self._fs.key(self._mine.contract_id, tail_id), self._pending, metadata={})
            self._mine = self._mine._replace(tail_id=tail_id, tail_bytes=len(self._pending))

    def _send_part(self) -> None:
        mine = self._mine
        store_id = mine.store_id
        if store_id is None:
            store_id = self._fs.objects.begin_parts(self._key, metadata=self._describe())
        self._sent[mine.next_part] = self._fs.objects.put_part(self._key, store_id, mine.next_part, self._pending)
        self._mine = mine._replace(store_id=store_id, next_part=mine.next_part + 1, tail_id=None, tail_bytes=0)
        self._pending = bytearray()

    def _describe(self) -> dict[str, str]:
        return uploads.describe(self._to.grant, self._to.names, self._mine.length_bytes, self._fs.now_us())

    def _save(self) -> None:
        mine, sent = self._mine, self._sent
        if mine.writing_until_us is not None:
            mine = mine._replace(writing_until_us=self._fs.now_us() + rows.LEASE_US)
        self._fs.database.write(lambda tx: rows.save(tx.cursor, mine, sent))
        self._mine = self._kept = mine
        self._sent = {}

    def _stay(self) -> None:
        now_us = self._fs.now_us()
        if now_us >= self._renew_at_us:
            self._fs.database.write(lambda tx: rows.renew(tx.cursor, self._kept, now_us=now_us))
            self._renew_at_us = now_us + _RENEW_US


def end(fs: FileSystem, upload: Upload) -> int:
    """End an upload and return how many bytes the store gives back; a file that was made of it stays."""
    gone = fs.database.write(lambda tx: rows.remove(tx.cursor, upload))
    if gone is None or gone.finished_us is not None:
        return 0
    # No row leads there any more. What cannot be freed now is garbage that `reclaim.collect_orphans` finds.
    if gone.store_id is not None:
        with contextlib.suppress(GatewayError):
            fs.objects.abort_parts(fs.key(gone.contract_id, gone.id), gone.store_id)
    _free(fs, gone.contract_id, gone.id, *filter(None, (gone.tail_id,)))
    return gone.offset_bytes


def expire(fs: FileSystem) -> Expired:
    """End the uploads whose time is over, and forget those finished a while ago. Raises DatabaseUnavailable."""
    done = Expired()
    while over := _expired(fs):
        for upload in over:
            done.freed_bytes += end(fs, upload)
            done.ended_uploads += upload.finished_us is None
    return done


def count_expired(fs: FileSystem) -> int:
    """Return how many unfinished uploads `expire` would end now."""
    with fs.database.reading() as tx:
        return rows.count_expired(tx.cursor, now_us=fs.now_us())


def _expired(fs: FileSystem) -> list[Upload]:
    with fs.database.reading() as tx:
        return rows.expired(tx.cursor, now_us=fs.now_us())


def _free(fs: FileSystem, contract_id: int, *object_ids: str) -> None:
    with contextlib.suppress(GatewayError):
        fs.objects.delete([fs.key(contract_id, object_id) for object_id in object_ids])


__all__ = [
    "MAX_BYTES",
    "Checksum",
    "Destination",
    "Expired",
    "Upload",
    "append",
    "begin",
    "count_expired",
    "end",
    "expire",
    "find",
    "settle",
    "store_at_once",
]
