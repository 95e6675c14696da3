"""The object store: immutable blobs under keys, and nothing else.

`ObjectStore` is all the rest of Azukari knows of S3. Three implementations share one conformance suite
(tests/unit/storage/objects/): `obstore_s3` carries the data path, `boto3_s3` does set-up and listings,
`memory` serves fast tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from typing_extensions import Buffer

#: One PUT request carries a file up to this size; a larger one goes up in parts.
SINGLE_PUT_BYTES = 8 * 1024 * 1024
#: S3 takes no smaller part, the last one excepted, and no higher number.
LEAST_PART_BYTES = 5 * 1024 * 1024
MAX_PART_NUMBER = 10_000


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as a listing shows it."""

    key: str
    size_bytes: int
    modified_at: datetime


class Upload(Protocol):
    """A large object on its way up; not visible under its key before `complete` returned."""

    def write(self, data: Buffer) -> None:
        """Take more bytes; blocks while too many parts are in flight, so that memory stays bounded.

        The buffer may be reused by the caller as soon as this returns.
        Raises StoreUnavailable; after that only `abort` may be called.
        """

    def complete(self) -> None:
        """Make the object visible and durable under its key. Raises StoreUnavailable."""

    def abort(self) -> None:
        """Throw away what was sent, at the store too. Never raises; safe after any failure and twice."""


class ObjectStore(Protocol):
    """Blobs by key. Every method raises StoreUnavailable where the store does not do its part."""

    def put(self, key: str, data: Buffer, *, metadata: Mapping[str, str]) -> None:
        """Store a small object in one request; when this returns it is durable. Metadata is ASCII."""

    def begin_upload(self, key: str, *, metadata: Mapping[str, str]) -> Upload:
        """Start a large object (its parts + 2 requests)."""

    def begin_parts(self, key: str, *, metadata: Mapping[str, str]) -> str:
        """Start a large object whose parts any process may send, and return the store's id for it."""

    def put_part(self, key: str, upload_id: str, number: int, data: bytes | bytearray) -> str:
        """Store one part and return its tag. A number used twice holds what came last.

        Raises NotFound where the upload has ended.
        """

    def complete_parts(self, key: str, upload_id: str, tags: Mapping[int, str]) -> None:
        """Make the object of the parts named, in the order of their numbers, durable under its key.

        Numbers may be missing between them; parts that are not named are thrown away. Raises NotFound where the
        upload has ended: completed already, or aborted.
        """

    def abort_parts(self, key: str, upload_id: str) -> None:
        """Throw away an upload with all its parts; one that has ended is no error."""

    def stream(self, key: str, *, start: int, length: int) -> Iterator[Buffer]:
        """Yield exactly `length` bytes from offset `start`, in blocks of about 1 MiB, from one request.

        Raises NotFound where there is no such object, at the latest on the first block. Closing the
        iterator early frees the connection. Fewer bytes than asked for raise StoreUnavailable.
        """

    def read(self, key: str, *, size_bytes: int) -> bytes:
        """Return a small object whole; its size is known from its row. Raises NotFound.

        A store that holds another number of bytes under the key raises StoreUnavailable.
        """

    def metadata(self, key: str) -> dict[str, str]:
        """Return the user metadata of one object. Raises NotFound."""

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects, in as few requests as the store allows; those already gone are no error."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects under a prefix in key order, a page at a time."""

    def abort_uploads(self, prefix: str, *, begun_before: datetime | None = None) -> int:
        """Throw away unfinished large uploads under a prefix, with all their parts; return how many.

        `begun_before` spares those begun later; without it none is spared.
        """

    def check(self) -> None:
        """Return if the store answers and the bucket is there; else raise StoreUnavailable."""
