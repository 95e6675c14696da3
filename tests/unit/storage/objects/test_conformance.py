"""What every object store does, held by all of them: in memory, boto3, obstore, and behind the cache."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.errors import NotFound, StoreUnavailable
from core.s3settings import S3Settings
from storage.objects import LEAST_PART_BYTES, SINGLE_PUT_BYTES, ObjectStore
from storage.objects.boto3_s3 import Boto3S3, client
from storage.objects.cache import CachedStore
from storage.objects.memory import MemoryStore
from storage.objects.obstore_s3 import ObstoreS3

_MIB = 1024 * 1024
_S3: dict[str, Callable[[S3Settings], ObjectStore]] = {"boto3": Boto3S3, "obstore": ObstoreS3}


def _cached() -> ObjectStore:
    return CachedStore(MemoryStore(), capacity_bytes=_MIB)


@pytest.fixture(
    params=[
        "memory",
        "cached",
        "boto3-moto",
        "obstore-moto",
        pytest.param("boto3-seaweedfs", marks=pytest.mark.slow),
        pytest.param("obstore-seaweedfs", marks=pytest.mark.slow),
    ]
)
def kind(request: pytest.FixtureRequest) -> str:
    """Return the name of each object store in turn."""
    return str(request.param)


@pytest.fixture
def settings(kind: str, request: pytest.FixtureRequest) -> S3Settings | None:
    """Return the bucket under the store; None where there is none."""
    _, _, server = kind.partition("-")
    settings: S3Settings | None = request.getfixturevalue(f"{server}_s3") if server else None
    return settings


@pytest.fixture
def store(kind: str, settings: S3Settings | None) -> ObjectStore:
    """Return an empty object store."""
    if settings is None:
        return MemoryStore() if kind == "memory" else _cached()
    return _S3[kind.partition("-")[0]](settings)


def _stream(store: ObjectStore, key: str, start: int, length: int) -> bytes:
    return b"".join(map(bytes, store.stream(key, start=start, length=length)))


def _upload(
    store: ObjectStore, key: str, data: bytes, *, block: int = _MIB, metadata: Mapping[str, str] | None = None
) -> None:
    upload = store.begin_upload(key, metadata=metadata or {})
    for at in range(0, len(data), block):
        upload.write(data[at : at + block])
    upload.complete()


def _keys(store: ObjectStore, prefix: str = "p/") -> list[str]:
    return [one.key for one in store.list(prefix)]


def _unfinished(settings: S3Settings | None) -> list[Any]:
    if settings is None:
        return []
    return list(client(settings).list_multipart_uploads(Bucket=settings.bucket).get("Uploads", []))


@pytest.mark.parametrize("size", [0, 1, 4096, _MIB + 1, SINGLE_PUT_BYTES])
def test_what_was_put_is_read_whole(store: ObjectStore, size: int) -> None:
    data = os.urandom(size)
    store.put("p/a", data, metadata={})
    assert store.read("p/a", size_bytes=size) == data


@pytest.mark.parametrize("buffer", [bytes, bytearray, memoryview])
def test_any_buffer_can_be_put(store: ObjectStore, buffer: Callable[[bytes], Any]) -> None:
    store.put("p/a", buffer(b"words"), metadata={})
    assert store.read("p/a", size_bytes=5) == b"words"


def test_a_put_replaces_what_was_there(store: ObjectStore) -> None:
    store.put("p/a", b"old", metadata={})
    store.put("p/a", b"newer", metadata={})
    assert store.read("p/a", size_bytes=5) == b"newer"


def test_an_object_of_another_size_than_its_row_says_is_an_alarm(store: ObjectStore) -> None:
    store.put("p/a", b"words", metadata={})
    with pytest.raises(StoreUnavailable):
        store.read("p/a", size_bytes=4)


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, 1), (0, 3 * _MIB), (3 * _MIB - 1, 1), (_MIB - 1, 2), (_MIB, _MIB), (12_345, 2 * _MIB)],
)
def test_a_stream_yields_exactly_its_range(store: ObjectStore, start: int, length: int) -> None:
    data = os.urandom(3 * _MIB)
    store.put("p/a", data, metadata={})
    assert _stream(store, "p/a", start, length) == data[start : start + length]


def test_a_stream_comes_in_blocks_of_about_a_mebibyte(store: ObjectStore) -> None:
    store.put("p/a", bytes(SINGLE_PUT_BYTES), metadata={})
    sizes = [memoryview(block).nbytes for block in store.stream("p/a", start=0, length=SINGLE_PUT_BYTES)]
    assert sum(sizes) == SINGLE_PUT_BYTES
    assert max(sizes) < 4 * _MIB


def test_a_stream_longer_than_the_object_is_an_alarm(store: ObjectStore) -> None:
    store.put("p/a", b"12345", metadata={})
    with pytest.raises(StoreUnavailable):
        _stream(store, "p/a", 0, 6)


def test_a_stream_closed_early_leaves_the_store_usable(store: ObjectStore) -> None:
    data = os.urandom(SINGLE_PUT_BYTES)
    store.put("p/a", data, metadata={})
    for _ in range(20):
        stream = store.stream("p/a", start=0, length=len(data))
        next(stream)
        stream.close()  # type: ignore[attr-defined]
    assert _stream(store, "p/a", 0, len(data)) == data


def test_a_missing_object_is_not_found(store: ObjectStore) -> None:
    with pytest.raises(NotFound):
        store.read("p/none", size_bytes=1)
    with pytest.raises(NotFound):
        store.metadata("p/none")
    with pytest.raises(NotFound):
        next(store.stream("p/none", start=0, length=1))


def test_metadata_comes_back_as_it_was_given(store: ObjectStore) -> None:
    given = {
        "contract": "12",
        "path": "%E8%A6%8B%E7%A9%8D%20%20%E6%9B%B8/a(1)+b;c=d@e!$&'.txt%20",
        "stored-at": "2026-04-01T03:00:00+00:00",
        "sha256": hashlib.sha256(b"").hexdigest(),
    }
    store.put("p/a", b"x", metadata=given)
    _upload(store, "p/b", bytes(SINGLE_PUT_BYTES + 1), metadata=given)
    assert store.metadata("p/a") == given
    assert store.metadata("p/b") == given


def test_two_kilobytes_of_metadata_fit(store: ObjectStore) -> None:
    given = {"path": "%E8" * 400, "login": "%E8" * 192, "sha256": "0" * 64}
    store.put("p/a", b"x", metadata=given)
    assert store.metadata("p/a") == given


def test_a_listing_is_in_key_order_with_sizes_and_times(store: ObjectStore) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    for key, size in (("p/10/b", 2), ("p/1/z", 1), ("p/1/a", 3), ("q/1", 9)):
        store.put(key, bytes(size), metadata={})
    listed = list(store.list("p/"))
    assert [(one.key, one.size_bytes) for one in listed] == [("p/1/a", 3), ("p/1/z", 1), ("p/10/b", 2)]
    assert all(before < one.modified_at < before + timedelta(minutes=2) for one in listed)


def test_a_listing_of_nothing_is_empty(store: ObjectStore) -> None:
    assert _keys(store) == []


@pytest.mark.parametrize("count", [12, pytest.param(1_005, marks=pytest.mark.slow)])  # S3 pages by the thousand
def test_many_objects_are_listed_and_deleted_and_the_absent_are_no_error(store: ObjectStore, count: int) -> None:
    keys = [f"p/{number:04}" for number in range(count)]
    for key in keys:
        store.put(key, b"x", metadata={})
    assert _keys(store) == keys
    store.delete(["p/absent", *keys[1:], "p/zz"])
    assert _keys(store) == keys[:1]


def test_deleting_nothing_is_no_error(store: ObjectStore) -> None:
    store.delete([])
    store.delete(["p/absent"])


@pytest.mark.parametrize("size", [0, 1, SINGLE_PUT_BYTES, SINGLE_PUT_BYTES + 1, 3 * SINGLE_PUT_BYTES])
def test_a_large_object_arrives_whole(store: ObjectStore, settings: S3Settings | None, size: int) -> None:
    data = os.urandom(size)
    _upload(store, "p/a", data)
    assert [(one.key, one.size_bytes) for one in store.list("p/")] == [("p/a", size)]
    if size:
        assert _stream(store, "p/a", 0, size) == data
    assert _unfinished(settings) == []


def test_blocks_of_any_size_make_one_object(store: ObjectStore) -> None:
    data = os.urandom(SINGLE_PUT_BYTES + 70_000)
    _upload(store, "p/a", data, block=999_983)
    assert _stream(store, "p/a", 0, len(data)) == data


def test_a_buffer_may_be_used_again_after_each_write(store: ObjectStore) -> None:
    upload = store.begin_upload("p/a", metadata={})
    buffer = bytearray(_MIB)
    for number in range(18):
        buffer[:] = bytes([number]) * _MIB
        upload.write(buffer)
    upload.complete()
    assert _stream(store, "p/a", 0, 18 * _MIB) == b"".join(bytes([number]) * _MIB for number in range(18))


def test_a_large_object_is_not_there_before_it_is_complete(store: ObjectStore) -> None:
    upload = store.begin_upload("p/a", metadata={})
    for _ in range(18):
        upload.write(bytes(_MIB))
    assert _keys(store) == []
    upload.complete()
    assert _keys(store) == ["p/a"]


@pytest.mark.parametrize("mebibytes", [0, 1, 9, 40])
def test_an_aborted_upload_leaves_neither_object_nor_parts(
    store: ObjectStore, settings: S3Settings | None, mebibytes: int
) -> None:
    upload = store.begin_upload("p/a", metadata={})
    for _ in range(mebibytes):
        upload.write(bytes(_MIB))
    upload.abort()
    upload.abort()
    assert _keys(store) == []
    assert _unfinished(settings) == []


def test_an_upload_aborted_while_an_error_is_handled_leaves_no_parts(
    store: ObjectStore, settings: S3Settings | None
) -> None:
    """As `storage.uploads` does it: frames of the traceback still hold the upload."""
    upload = store.begin_upload("p/a", metadata={})
    try:
        for number in range(20):
            upload.write(bytes(_MIB))
            if number == 18:
                raise OSError("the client went away")
    except OSError:
        upload.abort()
    assert _unfinished(settings) == []


def test_aborting_one_upload_spares_another(store: ObjectStore, settings: S3Settings | None) -> None:
    aborted, kept = store.begin_upload("p/a", metadata={}), store.begin_upload("p/ab", metadata={})
    data = os.urandom(18 * _MIB)
    for at in range(0, len(data), _MIB):
        aborted.write(data[at : at + _MIB])
        kept.write(data[at : at + _MIB])
    aborted.abort()
    kept.complete()
    assert _keys(store) == ["p/ab"]
    assert _stream(store, "p/ab", 0, len(data)) == data
    assert _unfinished(settings) == []


def test_abandoned_uploads_are_thrown_away_by_prefix_and_age(store: ObjectStore, settings: S3Settings | None) -> None:
    uploads = [store.begin_upload(key, metadata={}) for key in ("p/a", "p/b", "q/c")]
    for upload in uploads:
        for _ in range(18):
            upload.write(bytes(_MIB))
    # moto says of every upload that it began in 2010.
    assert store.abort_uploads("p/", begun_before=datetime(2010, 1, 1, tzinfo=UTC)) == 0
    assert store.abort_uploads("p/", begun_before=datetime.now(UTC) + timedelta(minutes=1)) == 2
    assert [one["Key"] for one in _unfinished(settings)] == (["q/c"] if settings else [])
    assert store.abort_uploads("q/") == 1
    assert _keys(store, "") == []


def test_an_upload_that_lost_its_parts_does_not_complete(store: ObjectStore, settings: S3Settings | None) -> None:
    if settings is None:
        return
    upload = store.begin_upload("p/a", metadata={})
    for _ in range(18):
        upload.write(bytes(_MIB))
    store.abort_uploads("p/")
    with pytest.raises(StoreUnavailable):
        upload.complete()
    upload.abort()
    assert _keys(store) == []


def test_a_store_that_answers_passes_its_check(store: ObjectStore) -> None:
    store.check()


_PART = LEAST_PART_BYTES


def test_parts_sent_one_by_one_make_one_object(store: ObjectStore, settings: S3Settings | None) -> None:
    data = os.urandom(2 * _PART + 7)
    upload_id = store.begin_parts("p/a", metadata={"contract": "12"})
    tags = {
        number: store.put_part("p/a", upload_id, number, data[(number - 1) * _PART : number * _PART])
        for number in (1, 2, 3)
    }
    assert _keys(store) == []
    store.complete_parts("p/a", upload_id, tags)
    assert _stream(store, "p/a", 0, len(data)) == data
    assert store.metadata("p/a") == {"contract": "12"}
    assert _unfinished(settings) == []


def test_numbers_may_be_missing_parts_sent_twice_and_others_left_out(store: ObjectStore) -> None:
    first, second = os.urandom(_PART), os.urandom(9)
    upload_id = store.begin_parts("p/a", metadata={})
    store.put_part("p/a", upload_id, 2, bytes(_PART + 1))
    tags = {2: store.put_part("p/a", upload_id, 2, first), 7: store.put_part("p/a", upload_id, 7, bytearray(second))}
    store.put_part("p/a", upload_id, 4, b"of another sender")
    store.complete_parts("p/a", upload_id, tags)
    assert _stream(store, "p/a", 0, _PART + 9) == first + second
    assert [one.size_bytes for one in store.list("p/")] == [_PART + 9]


def test_an_upload_in_parts_that_was_aborted_has_ended(
    store: ObjectStore, kind: str, settings: S3Settings | None
) -> None:
    upload_id = store.begin_parts("p/a", metadata={})
    tag = store.put_part("p/a", upload_id, 1, b"x")
    store.abort_parts("p/a", upload_id)
    store.abort_parts("p/a", upload_id)
    assert _unfinished(settings) == []
    if "moto" in kind:
        return  # it has an internal error where S3 says NoSuchUpload
    with pytest.raises(NotFound):
        store.complete_parts("p/a", upload_id, {1: tag})
    with pytest.raises(NotFound):
        store.put_part("p/a", upload_id, 2, b"x")
    assert _keys(store) == []


def test_unfinished_uploads_in_parts_are_thrown_away_with_the_others(
    store: ObjectStore, settings: S3Settings | None
) -> None:
    upload_id = store.begin_parts("p/a", metadata={})
    store.put_part("p/a", upload_id, 1, b"x")
    assert store.abort_uploads("p/", begun_before=datetime(2010, 1, 1, tzinfo=UTC)) == 0  # moto's, see above
    assert store.abort_uploads("p/") == 1
    assert store.abort_uploads("p/") == 0
    assert _unfinished(settings) == []
