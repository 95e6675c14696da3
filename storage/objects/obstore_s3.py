"""S3 through obstore (Rust): the data path. A call costs about 0.1 ms, outside the GIL.

Listings, the throwing away of unfinished uploads and uploads in parts that go on in other requests are boto3's,
loaded only when they are needed: obstore knows no upload but the one it holds in memory.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store
from typing_extensions import Buffer

from core import baton
from core.errors import GatewayError, NotFound, StorageFull, StoreUnavailable
from core.s3settings import S3Settings
from storage.objects import LEAST_PART_BYTES, StoredObject
from storage.objects.seaweed import is_disk_low, is_full

if TYPE_CHECKING:
    from storage.objects.boto3_s3 import Boto3S3

_BLOCK_BYTES = 1024 * 1024
#: The least a part may have. What an upload holds in memory is the part being filled and those on their way.
PART_BYTES = LEAST_PART_BYTES
PARTS_IN_FLIGHT = 2
#: S3 takes 10,000; a sealed file is a little larger than announced.
_MAX_PARTS = 9_990


def _open(settings: S3Settings) -> S3Store:
    return S3Store(
        settings.bucket,
        endpoint=settings.endpoint,
        access_key_id=settings.access_key,
        secret_access_key=settings.secret_key,
        region=settings.region,
        virtual_hosted_style_request=False,
        # The body's own checksum is ours (sha256 in the row); hashing it again for the signature costs more
        # than sending it.
        unsigned_payload=True,
        client_options={
            "allow_http": True,
            "connect_timeout": timedelta(seconds=3),
            # A stream may last as long as its reader wants; what must not happen is silence.
            "read_timeout": timedelta(seconds=60),
            "timeout": timedelta(hours=48),
            # Shorter than the servers', so that no request goes out on a connection about to be closed.
            "pool_idle_timeout": timedelta(seconds=20),
        },
        retry_config={
            "max_retries": 6,
            "retry_timeout": timedelta(seconds=4),
            "backoff": {
                "init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=1), "base": 2,
            },
        },
    )  # fmt: skip


@contextlib.contextmanager
def _translated(what: str, *, writing: bool = False) -> Iterator[None]:
    """Raise our errors for obstore's. What is not found while `writing` is the bucket or the upload itself."""
    baton.lay_down()  # the store takes its time
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise (StoreUnavailable(str(error).splitlines()[0]) if writing else NotFound(what)) from error
    except (BaseError, OSError) as error:
        words = str(error)
        if "No space left" in words or "status code: 507" in words:  # a port or a key may hold these digits, too
            raise StorageFull(words.splitlines()[0]) from error
        raise StoreUnavailable(words.splitlines()[0] if words else what) from error


class ObstoreS3:
    """An S3 bucket through obstore."""

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings
        self._store = _open(settings)

    @functools.cached_property
    def _set_up(self) -> Boto3S3:
        from storage.objects.boto3_s3 import Boto3S3

        return Boto3S3(self._settings)

    @contextlib.contextmanager
    def writing(self, key: str) -> Iterator[None]:
        """Raise our errors for what goes wrong in a write; a full embedded store calls it an internal error."""
        try:
            with _translated(key, writing=True):
                yield
        except StoreUnavailable as error:
            url, directory = self._settings.status_url, self._settings.directory
            if url and directory and is_disk_low(directory) and is_full(url, self._settings.bucket):
                raise StorageFull(error.reason) from error
            raise

    def put(self, key: str, data: Buffer, *, metadata: Mapping[str, str]) -> None:
        """Store a small object in one request. Raises StoreUnavailable, StorageFull."""
        with self.writing(key):
            obstore.put(self._store, key, data, attributes=dict(metadata), use_multipart=False)

    def begin_upload(self, key: str, *, metadata: Mapping[str, str]) -> _Upload:
        """Start an upload in parts, two of them on their way at once."""
        with self.writing(key):
            writer = obstore.open_writer(
                self._store,
                key,
                attributes=dict(metadata),
                buffer_size=part_bytes(metadata),
                max_concurrency=PARTS_IN_FLIGHT,
            )
        return _Upload(self, key, writer)

    def begin_parts(self, key: str, *, metadata: Mapping[str, str]) -> str:
        """Start an upload whose parts any process may send. Raises StoreUnavailable, StorageFull."""
        with self.writing(key):
            return self._set_up.begin_parts(key, metadata=metadata)

    def put_part(self, key: str, upload_id: str, number: int, data: bytes | bytearray) -> str:
        """Store one part and return its tag. Raises NotFound, StoreUnavailable, StorageFull."""
        with self.writing(key):
            return self._set_up.put_part(key, upload_id, number, data)

    def complete_parts(self, key: str, upload_id: str, tags: Mapping[int, str]) -> None:
        """Make the parts named an object. Raises NotFound, StoreUnavailable, StorageFull."""
        with self.writing(key):
            self._set_up.complete_parts(key, upload_id, tags)

    def abort_parts(self, key: str, upload_id: str) -> None:
        """Throw an upload away. Raises StoreUnavailable."""
        self._set_up.abort_parts(key, upload_id)

    def stream(self, key: str, *, start: int, length: int) -> Iterator[Buffer]:
        """Yield a range of an object in blocks of 1 MiB from one request. Raises NotFound, StoreUnavailable."""
        left = length
        try:
            with _translated(key):
                found = obstore.get(self._store, key, options={"range": (start, start + length)})
                for block in found.stream(min_chunk_size=_BLOCK_BYTES):
                    left -= len(block)
                    yield block
        finally:
            if length > PART_BYTES:
                _give_memory_back()
        if left:
            raise StoreUnavailable(f"{key} ended {left} bytes early")

    def read(self, key: str, *, size_bytes: int) -> bytes:
        """Return an object whole. Raises NotFound, StoreUnavailable."""
        with _translated(key):
            data = obstore.get(self._store, key).bytes().to_bytes()
        if len(data) != size_bytes:
            raise StoreUnavailable(f"{key} has {len(data)} bytes instead of {size_bytes}")
        return data

    def metadata(self, key: str) -> dict[str, str]:
        """Return an object's user metadata. Raises NotFound, StoreUnavailable."""
        with _translated(key):
            attributes = obstore.get(self._store, key, options={"head": True}).attributes
        return {str(name).lower(): str(value) for name, value in attributes.items() if name != "Content-Type"}

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects, a thousand a request. Raises StoreUnavailable."""
        if keys:
            with _translated(keys[0]), contextlib.suppress(NotFoundError, FileNotFoundError):
                obstore.delete(self._store, keys)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects under a prefix in key order. Raises StoreUnavailable."""
        return self._set_up.list(prefix)

    def check(self) -> None:
        """Return if the bucket answers. Raises StoreUnavailable."""
        with _translated(self._settings.bucket):
            next(iter(obstore.list(self._store, "azukari-check", chunk_size=1)), None)

    def abort_uploads(self, prefix: str, *, begun_before: datetime | None = None) -> int:
        """Throw away unfinished uploads under a prefix; return how many. Raises StoreUnavailable."""
        return self._set_up.abort_uploads(prefix, begun_before=begun_before)

    def abort_upload(self, key: str) -> None:
        """Throw away the unfinished upload of one key. Raises StoreUnavailable."""
        self._set_up.abort_upload(key)


class _Upload:
    def __init__(self, store: ObstoreS3, key: str, writer: obstore.WritableFile) -> None:
        self._store, self._key = store, key
        self._writer: obstore.WritableFile | None = writer

    def write(self, data: Buffer) -> None:
        assert self._writer is not None, "written after abort"
        with self._store.writing(self._key):
            self._writer.write(bytes(data))  # the writer keeps what it is given, without a copy, until it is sent

    def complete(self) -> None:
        assert self._writer is not None, "completed after abort"
        with self._store.writing(self._key):
            self._writer.close()
        self._writer = None
        _give_memory_back()

    def abort(self) -> None:
        if self._writer is None:
            return
        self._writer = None  # dropping the writer stops the parts on their way
        with contextlib.suppress(GatewayError):
            self._store.abort_upload(self._key)
        _give_memory_back()


def part_bytes(metadata: Mapping[str, str]) -> int:
    """Return how large the parts of an upload are: 5 MiB, more where the announced size would need too many of them.

    What is not announced can thus have 48 GiB.
    """
    return max(PART_BYTES, -(-int(metadata.get("size", 0)) // _MAX_PARTS))


def _give_memory_back() -> None:
    """Return to the system what a large transfer held.

    glibc would keep it in the heaps of several threads, and the process grow by 30 MiB with each of the first uploads.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
