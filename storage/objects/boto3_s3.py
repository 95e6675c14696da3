"""S3 through boto3: set-up, listings, cleaning up; also a whole store, held by the same conformance suite.

Its calls cost ten times those of obstore, so the data path does not go here (docs/performance.md).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from typing_extensions import Buffer

from core.errors import NotFound, StorageFull, StoreUnavailable
from core.s3settings import S3Settings
from storage.objects import SINGLE_PUT_BYTES, StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, GetObjectOutputTypeDef, MultipartUploadTypeDef

_BLOCK_BYTES = 1024 * 1024
_DELETE_BATCH = 1000
_ABSENT = ("NoSuchKey", "404", "NotFound")
_ENDED = "NoSuchUpload"
#: As many threads may send parts at once without a connection made anew for each.
_CONNECTIONS = 64


def client(settings: S3Settings) -> S3Client:
    """Return a boto3 client for the service; path-style addresses, which every S3 server understands."""
    return boto3.client(
        "s3",
        endpoint_url=settings.endpoint,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        region_name=settings.region,
        config=Config(
            # The body's own checksum is ours, as in `obstore_s3`.
            s3={"addressing_style": "path", "payload_signing_enabled": False},
            max_pool_connections=_CONNECTIONS,
            connect_timeout=5,
            read_timeout=60,
            retries={"max_attempts": 3, "mode": "standard"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextlib.contextmanager
def _translated(what: str, *, writing: bool = False) -> Iterator[None]:
    """Raise our errors for boto3's. What is not found while `writing` is the bucket or the upload itself."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _ABSENT and not writing:
            raise NotFound(what) from error
        raise StoreUnavailable(f"{code} {error}") from error
    except (BotoCoreError, OSError) as error:
        if "No space left" in str(error):
            raise StorageFull(str(error)) from error
        raise StoreUnavailable(str(error)) from error


@contextlib.contextmanager
def _in_parts(key: str) -> Iterator[None]:
    """Raise NotFound where an upload in parts has ended, and else our errors."""
    with _translated(key, writing=True):
        try:
            yield
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == _ENDED:
                raise NotFound(key) from error
            raise


def ensure_bucket(settings: S3Settings) -> None:
    """Create the bucket where it is missing. Raises StoreUnavailable."""
    s3 = client(settings)
    with _translated(settings.bucket):
        try:
            s3.head_bucket(Bucket=settings.bucket)
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code")) not in ("404", "NoSuchBucket"):
                raise
            with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
                s3.create_bucket(Bucket=settings.bucket)


class Boto3S3:
    """An S3 bucket through boto3."""

    def __init__(self, settings: S3Settings) -> None:
        self._bucket = settings.bucket
        self._s3 = client(settings)

    def put(self, key: str, data: Buffer, *, metadata: Mapping[str, str]) -> None:
        """Store a small object in one request. Raises StoreUnavailable."""
        with _translated(key, writing=True):
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=bytes(data), Metadata=dict(metadata))

    def begin_upload(self, key: str, *, metadata: Mapping[str, str]) -> _Upload:
        """Start a multipart upload; its parts go one after the other. Raises StoreUnavailable."""
        with _translated(key, writing=True):
            begun = self._s3.create_multipart_upload(Bucket=self._bucket, Key=key, Metadata=dict(metadata))
        return _Upload(self._s3, self._bucket, key, begun["UploadId"])

    def begin_parts(self, key: str, *, metadata: Mapping[str, str]) -> str:
        """Start an upload in parts and return its id. Raises StoreUnavailable."""
        with _translated(key, writing=True):
            begun = self._s3.create_multipart_upload(Bucket=self._bucket, Key=key, Metadata=dict(metadata))
        return begun["UploadId"]

    def put_part(self, key: str, upload_id: str, number: int, data: bytes | bytearray) -> str:
        """Store one part and return its tag. Raises NotFound, StoreUnavailable."""
        with _in_parts(key):
            sent = self._s3.upload_part(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload_id,
                PartNumber=number,
                Body=data,  # type: ignore[arg-type]  # a bytearray is taken too; the stubs have not heard of it
            )
        return sent["ETag"]

    def complete_parts(self, key: str, upload_id: str, tags: Mapping[int, str]) -> None:
        """Make the parts named an object. Raises NotFound, StoreUnavailable."""
        parts: list[CompletedPartTypeDef] = [{"PartNumber": number, "ETag": tags[number]} for number in sorted(tags)]
        with _in_parts(key):
            self._s3.complete_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )

    def abort_parts(self, key: str, upload_id: str) -> None:
        """Throw an upload away. Raises StoreUnavailable."""
        with contextlib.suppress(NotFound), _in_parts(key):
            self._s3.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)

    def stream(self, key: str, *, start: int, length: int) -> Iterator[Buffer]:
        """Yield a range of an object. Raises NotFound, StoreUnavailable."""
        with _translated(key):
            found = self._get(key, start, length)
            with contextlib.closing(found["Body"]) as body:
                left = length
                while left and (block := body.read(min(_BLOCK_BYTES, left))):
                    left -= len(block)
                    yield block
        if left:
            raise StoreUnavailable(f"{key} ended {left} bytes early")

    def _get(self, key: str, start: int, length: int) -> GetObjectOutputTypeDef:
        return self._s3.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-{start + length - 1}")

    def read(self, key: str, *, size_bytes: int) -> bytes:
        """Return an object whole. Raises NotFound, StoreUnavailable."""
        with _translated(key):
            data = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        if len(data) != size_bytes:
            raise StoreUnavailable(f"{key} has {len(data)} bytes instead of {size_bytes}")
        return data

    def metadata(self, key: str) -> dict[str, str]:
        """Return an object's user metadata. Raises NotFound, StoreUnavailable."""
        with _translated(key):
            return dict(self._s3.head_object(Bucket=self._bucket, Key=key)["Metadata"])

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects, a thousand a request. Raises StoreUnavailable."""
        for at in range(0, len(keys), _DELETE_BATCH):
            batch = keys[at : at + _DELETE_BATCH]
            with _translated(batch[0]):
                answer = self._s3.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
                )
            if failed := answer.get("Errors"):
                raise StoreUnavailable(f"{len(failed)} objects were not deleted: {failed[0]}")

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects under a prefix in key order. Raises StoreUnavailable."""
        token: dict[str, Any] = {}
        while True:
            with _translated(prefix):
                page = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **token)
            for one in page.get("Contents", []):
                yield StoredObject(one["Key"], one["Size"], one["LastModified"])
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def check(self) -> None:
        """Return if the bucket answers. Raises StoreUnavailable."""
        try:
            with _translated(self._bucket):
                self._s3.head_bucket(Bucket=self._bucket)
        except NotFound:
            raise StoreUnavailable(f"there is no bucket {self._bucket}") from None

    def abort_uploads(self, prefix: str, *, begun_before: datetime | None = None) -> int:
        """Throw away unfinished multipart uploads under a prefix; return how many. Raises StoreUnavailable."""
        aborted = 0
        for one in self._unfinished(prefix):
            if begun_before is None or one["Initiated"] < begun_before:
                self._abort(one)
                aborted += 1
        return aborted

    def abort_upload(self, key: str) -> None:
        """Throw away the unfinished upload of one key. Raises StoreUnavailable."""
        for one in self._unfinished(key):
            if one["Key"] == key:
                self._abort(one)

    def _unfinished(self, prefix: str) -> Iterator[MultipartUploadTypeDef]:
        marker: dict[str, Any] = {}
        while True:
            with _translated(prefix, writing=True):
                page = self._s3.list_multipart_uploads(Bucket=self._bucket, Prefix=prefix, **marker)
            yield from page.get("Uploads", [])
            if not page.get("IsTruncated"):
                return
            marker = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}

    def _abort(self, upload: MultipartUploadTypeDef) -> None:
        self.abort_parts(upload["Key"], upload["UploadId"])


class _Upload:
    def __init__(self, s3: S3Client, bucket: str, key: str, upload_id: str) -> None:
        self._s3, self._bucket, self._key, self._upload_id = s3, bucket, key, upload_id
        self._parts: list[CompletedPartTypeDef] = []
        self._pending = bytearray()

    def write(self, data: Buffer) -> None:
        self._pending += memoryview(data)
        while len(self._pending) >= SINGLE_PUT_BYTES:
            self._send(bytes(self._pending[:SINGLE_PUT_BYTES]))
            del self._pending[:SINGLE_PUT_BYTES]

    def _send(self, part: bytes) -> None:
        number = len(self._parts) + 1
        with _translated(self._key, writing=True):
            sent = self._s3.upload_part(
                Bucket=self._bucket, Key=self._key, UploadId=self._upload_id, PartNumber=number, Body=part
            )
        self._parts.append({"ETag": sent["ETag"], "PartNumber": number})

    def complete(self) -> None:
        if self._pending or not self._parts:
            self._send(bytes(self._pending))
        with _translated(self._key, writing=True):
            self._s3.complete_multipart_upload(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id,
                MultipartUpload={"Parts": self._parts},
            )

    def abort(self) -> None:
        self._pending.clear()
        with contextlib.suppress(ClientError, BotoCoreError, OSError):
            self._s3.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=self._upload_id)
