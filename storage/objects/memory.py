"""Objects in memory: the reference for the other implementations, and what fast tests run on."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from typing_extensions import Buffer

from core.clock import Clock, now
from core.errors import NotFound, StoreUnavailable
from storage.objects import LEAST_PART_BYTES, StoredObject

_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Blob:
    data: bytes
    metadata: dict[str, str]
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class _InParts:
    key: str
    metadata: dict[str, str]
    begun_at: datetime
    parts: dict[int, tuple[str, bytes]] = field(default_factory=dict)


class MemoryStore:
    """Blobs in a dictionary."""

    def __init__(self, clock: Clock = now) -> None:
        self._blobs: dict[str, _Blob] = {}
        self._uploads: dict[_Upload, datetime] = {}
        self._in_parts: dict[str, _InParts] = {}
        self._clock = clock
        self._lock = threading.Lock()

    def put(self, key: str, data: Buffer, *, metadata: Mapping[str, str]) -> None:
        """Store an object."""
        blob = _Blob(bytes(data), dict(metadata), self._clock())
        with self._lock:
            self._blobs[key] = blob

    def begin_upload(self, key: str, *, metadata: Mapping[str, str]) -> _Upload:
        """Start an object that arrives in pieces."""
        upload = _Upload(self, key, metadata)
        with self._lock:
            self._uploads[upload] = self._clock()
        return upload

    def begin_parts(self, key: str, *, metadata: Mapping[str, str]) -> str:
        """Start an object in parts and return its id."""
        upload_id = secrets.token_hex(8)
        with self._lock:
            self._in_parts[upload_id] = _InParts(key, dict(metadata), self._clock())
        return upload_id

    def put_part(self, key: str, upload_id: str, number: int, data: bytes | bytearray) -> str:
        """Store one part and return its tag. Raises NotFound."""
        tag = hashlib.md5(data, usedforsecurity=False).hexdigest()
        with self._lock:
            self._begun(key, upload_id).parts[number] = (tag, bytes(data))
        return tag

    def complete_parts(self, key: str, upload_id: str, tags: Mapping[int, str]) -> None:
        """Make the parts named an object. Raises NotFound, and StoreUnavailable for parts S3 would refuse."""
        with self._lock:
            begun = self._begun(key, upload_id)
            sent = [begun.parts.get(number, ("", b"")) for number in sorted(tags)]
            if [tag for tag, _ in sent] != [tags[number] for number in sorted(tags)]:
                raise StoreUnavailable("InvalidPart")
            if any(len(data) < LEAST_PART_BYTES for _, data in sent[:-1]):
                raise StoreUnavailable("EntityTooSmall")
            blob = _Blob(b"".join(data for _, data in sent), begun.metadata, self._clock())
            self._blobs[key] = blob
            del self._in_parts[upload_id]

    def abort_parts(self, key: str, upload_id: str) -> None:
        """Forget an upload in parts."""
        with self._lock:
            self._in_parts.pop(upload_id, None)

    def _begun(self, key: str, upload_id: str) -> _InParts:
        found = self._in_parts.get(upload_id)
        if found is None or found.key != key:
            raise NotFound(key)
        return found

    def stream(self, key: str, *, start: int, length: int) -> Iterator[Buffer]:
        """Yield a range of an object in blocks. Raises NotFound on the first block."""
        data = self._blob(key).data[start : start + length]
        if len(data) != length:
            raise StoreUnavailable(f"{key} is too short")
        for at in range(0, length, _BLOCK_BYTES):
            yield data[at : at + _BLOCK_BYTES]

    def read(self, key: str, *, size_bytes: int) -> bytes:
        """Return an object whole. Raises NotFound, StoreUnavailable where its size is another."""
        data = self._blob(key).data
        if len(data) != size_bytes:
            raise StoreUnavailable(f"{key} has {len(data)} bytes instead of {size_bytes}")
        return data

    def metadata(self, key: str) -> dict[str, str]:
        """Return an object's metadata. Raises NotFound."""
        return dict(self._blob(key).metadata)

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects."""
        with self._lock:
            for key in keys:
                self._blobs.pop(key, None)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects under a prefix in key order."""
        with self._lock:
            found = sorted((key, blob) for key, blob in self._blobs.items() if key.startswith(prefix))
        for key, blob in found:
            yield StoredObject(key, len(blob.data), blob.modified_at)

    def abort_uploads(self, prefix: str, *, begun_before: datetime | None = None) -> int:
        """Forget unfinished uploads."""
        with self._lock:
            found = [
                upload
                for upload, begun_at in self._uploads.items()
                if upload.key.startswith(prefix) and (begun_before is None or begun_at < begun_before)
            ]
            in_parts = [
                upload_id
                for upload_id, begun in self._in_parts.items()
                if begun.key.startswith(prefix) and (begun_before is None or begun.begun_at < begun_before)
            ]
            for upload_id in in_parts:
                del self._in_parts[upload_id]
        for upload in found:
            upload.abort()
        return len(found) + len(in_parts)

    def check(self) -> None:
        """Answer always."""

    def ended(self, upload: _Upload) -> None:
        """Forget that an upload was unfinished."""
        with self._lock:
            self._uploads.pop(upload, None)

    def _blob(self, key: str) -> _Blob:
        with self._lock:
            blob = self._blobs.get(key)
        if blob is None:
            raise NotFound(key)
        return blob


class _Upload:
    def __init__(self, store: MemoryStore, key: str, metadata: Mapping[str, str]) -> None:
        self._store, self.key, self._metadata = store, key, metadata
        self._data = bytearray()

    def write(self, data: Buffer) -> None:
        self._data += memoryview(data)

    def complete(self) -> None:
        self._store.put(self.key, self._data, metadata=self._metadata)
        self._store.ended(self)

    def abort(self) -> None:
        self._data.clear()
        self._store.ended(self)
