"""Small objects kept in memory. An object never changes, so what is kept can never be wrong (invariant 9)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from typing_extensions import Buffer

from storage.objects import ObjectStore, StoredObject, Upload


class CachedStore:
    """An object store with the small objects used last kept in memory, at most `capacity_bytes` of them."""

    def __init__(self, inner: ObjectStore, *, capacity_bytes: int, max_object_bytes: int = 256 * 1024) -> None:
        self._inner = inner
        self._capacity_bytes = capacity_bytes
        self._max_object_bytes = min(max_object_bytes, capacity_bytes)
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._held_bytes = 0
        self._lock = threading.Lock()

    def put(self, key: str, data: Buffer, *, metadata: Mapping[str, str]) -> None:
        """Store a small object, and keep it: what was just written is likely read next."""
        self._inner.put(key, data, metadata=metadata)
        if memoryview(data).nbytes <= self._max_object_bytes:
            self._keep(key, bytes(data))

    def begin_upload(self, key: str, *, metadata: Mapping[str, str]) -> Upload:
        """Start a large object; it is not kept."""
        return self._inner.begin_upload(key, metadata=metadata)

    def begin_parts(self, key: str, *, metadata: Mapping[str, str]) -> str:
        """Start a large object in parts; it is not kept."""
        return self._inner.begin_parts(key, metadata=metadata)

    def put_part(self, key: str, upload_id: str, number: int, data: bytes | bytearray) -> str:
        """Store one part."""
        return self._inner.put_part(key, upload_id, number, data)

    def complete_parts(self, key: str, upload_id: str, tags: Mapping[int, str]) -> None:
        """Make the parts named an object."""
        self._inner.complete_parts(key, upload_id, tags)

    def abort_parts(self, key: str, upload_id: str) -> None:
        """Throw an upload in parts away."""
        self._inner.abort_parts(key, upload_id)

    def stream(self, key: str, *, start: int, length: int) -> Iterator[Buffer]:
        """Yield a range of a large object from the store."""
        return self._inner.stream(key, start=start, length=length)

    def read(self, key: str, *, size_bytes: int) -> bytes:
        """Return a small object whole, from the store only the first time."""
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
        if known is not None and len(known) == size_bytes:
            return known
        data = self._inner.read(key, size_bytes=size_bytes)
        if len(data) <= self._max_object_bytes:
            self._keep(key, data)
        return data

    def metadata(self, key: str) -> dict[str, str]:
        """Return an object's metadata from the store."""
        return self._inner.metadata(key)

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects, here and in the store."""
        with self._lock:
            for key in keys:
                self._held_bytes -= len(self._kept.pop(key, b""))
        self._inner.delete(keys)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects under a prefix from the store."""
        return self._inner.list(prefix)

    def abort_uploads(self, prefix: str, *, begun_before: datetime | None = None) -> int:
        """Throw away unfinished uploads in the store."""
        return self._inner.abort_uploads(prefix, begun_before=begun_before)

    def check(self) -> None:
        """Return if the store answers."""
        self._inner.check()

    def _keep(self, key: str, data: bytes) -> None:
        with self._lock:
            self._held_bytes += len(data) - len(self._kept.pop(key, b""))
            self._kept[key] = data
            while self._held_bytes > self._capacity_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._held_bytes -= len(dropped)
