"""Uploads that go on in later requests: true offsets, bounded memory, one commit, nothing left behind."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tracemalloc
from collections.abc import Callable
from io import BytesIO

import pytest
from sqlalchemy import select

from auth.access import Grant
from core.errors import (
    AccessDenied,
    AlreadyExists,
    ChecksumMismatch,
    DatabaseUnavailable,
    GatewayError,
    IncompleteUpload,
    NotFound,
    QuotaExceeded,
    ResourceLocked,
    StoreUnavailable,
    UploadBusy,
    UploadOffsetWrong,
)
from core.http import BodyCut
from db.tables import objects, upload_parts
from db.tables import uploads as upload_rows
from storage import files, fsck, locks, resumable, resumable_rows
from storage.files import Conditions
from storage.objects import LEAST_PART_BYTES, SINGLE_PUT_BYTES
from storage.resumable import Checksum, Destination, Upload
from tests.unit.world import Firm, at, grant_for, only_sqlite

_MIB = 1024 * 1024
_LARGE = 2 * SINGLE_PUT_BYTES + 3 * _MIB


def _to(
    firm: Firm, path: str = "f", *, grant: Grant | None = None, conditions: Conditions | None = None
) -> Destination:
    return Destination(grant or firm.grant, at(path), conditions or Conditions(), 5)


def _begin(firm: Firm, size: int, path: str = "f") -> Upload:
    return resumable.begin(firm.fs, _to(firm, path), size, "label")


def _send(
    firm: Firm, upload: Upload, data: bytes, offset: int | None = None, checksum: Checksum | None = None
) -> Upload:
    """Send bytes from where the upload stands on, or from an offset."""
    stands = resumable.find(firm.fs, firm.grant.caller, upload.id)
    start = stands.offset_bytes if offset is None else offset
    return resumable.append(firm.fs, stands, _to(firm), start, BytesIO(data).read, checksum)


def _cut_after(data: bytes) -> Callable[[int], bytes]:
    source = BytesIO(data)

    def read(limit: int) -> bytes:
        block = source.read(limit)
        if not block:
            raise BodyCut("reset")
        return block

    return read


def _require_clean(firm: Firm, *, objects_left: int) -> None:
    """Assert that rows and store agree, with no part, tail or unfinished upload beside the files."""
    assert len(firm.stored_keys()) == objects_left
    assert firm.store.inner.abort_uploads("") == 0
    assert not fsck.check(firm.fs).is_wrong
    with firm.fs.database.reading() as tx:
        assert tx.execute(select(upload_parts.c.number)).all() == []


@pytest.mark.parametrize("size", [1, LEAST_PART_BYTES, SINGLE_PUT_BYTES, SINGLE_PUT_BYTES + 1, _LARGE])
@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_a_file_sent_in_pieces_comes_back_byte_for_byte(firm: Firm, size: int, pieces: int) -> None:
    data = os.urandom(size)
    upload = _begin(firm, size)
    step = -(-size // pieces)
    for start in range(0, size, step):
        assert firm.names() == []
        stands = _send(firm, upload, data[start : start + step])
        assert stands.offset_bytes == min(size, start + step)
    assert (firm.get("f"), firm.used_bytes()) == (data, size)
    assert files.stat(firm.fs, firm.grant, at("f")).modified_us == 5
    _require_clean(firm, objects_left=1)


def test_a_file_without_bytes_is_made_at_once(firm: Firm) -> None:
    done = resumable.store_at_once(firm.fs, _to(firm), 0, "", BytesIO(b"").read)
    assert done.is_whole
    assert firm.get("f") == b""


def test_a_body_that_comes_with_its_announcement_costs_one_request(firm: Firm) -> None:
    done = resumable.store_at_once(firm.fs, _to(firm), 5, "note", BytesIO(b"words").read)
    assert firm.store.requests == {"put": 1}
    assert firm.get("f") == b"words"
    told = resumable.find(firm.fs, firm.grant.caller, done.id)
    assert (told.offset_bytes, told.length_bytes, told.label) == (5, 5, "note")


@pytest.mark.parametrize(
    ("pieces", "requests"),
    [
        ([_LARGE], {"begin_parts": 1, "put_part": 3, "complete_parts": 1}),
        ([SINGLE_PUT_BYTES] * 2 + [3 * _MIB], {"begin_parts": 1, "put_part": 3, "complete_parts": 1}),
        # A piece too little for a part is a tail: put, read again with the next piece, deleted.
        (
            [_MIB, _LARGE - _MIB],
            {"put": 1, "read": 1, "delete": 1, "begin_parts": 1, "put_part": 3, "complete_parts": 1},
        ),
        ([_MIB] * 4, {"put": 4, "read": 3, "delete": 3}),
    ],
)
def test_parts_go_to_the_store_as_they_come(firm: Firm, pieces: list[int], requests: dict[str, int]) -> None:
    upload = _begin(firm, sum(pieces))
    for size in pieces:
        _send(firm, upload, bytes(size))
    assert firm.store.requests == requests


def test_memory_holds_one_part_whatever_the_size_of_the_file(firm: Firm) -> None:
    firm.store.inner.put_part = lambda *_: "tag"  # type: ignore[method-assign]  # the test would keep the parts
    firm.store.inner.complete_parts = lambda *_: None  # type: ignore[method-assign]

    def peak_bytes(size: int) -> int:
        left = [size]

        def read(limit: int) -> bytes:
            block = bytes(min(limit, left[0]))
            left[0] -= len(block)
            return block

        upload = _begin(firm, size)
        tracemalloc.start()
        resumable.append(firm.fs, upload, _to(firm, "large"), 0, read)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    small, large = peak_bytes(4 * SINGLE_PUT_BYTES), peak_bytes(16 * SINGLE_PUT_BYTES)
    assert max(small, large) < 2 * SINGLE_PUT_BYTES + 3 * _MIB
    assert large < small + _MIB


@pytest.mark.parametrize("arrived", [1, LEAST_PART_BYTES, SINGLE_PUT_BYTES + 1, _LARGE - 1])
def test_what_arrived_before_the_line_broke_is_kept_to_the_byte(firm: Firm, arrived: int) -> None:
    data = os.urandom(_LARGE)
    upload = _begin(firm, _LARGE)
    with pytest.raises(BodyCut):
        resumable.append(firm.fs, upload, _to(firm), 0, _cut_after(data[:arrived]))
    assert resumable.find(firm.fs, firm.grant.caller, upload.id).offset_bytes == arrived
    _send(firm, upload, data[arrived:])
    assert firm.get("f") == data
    _require_clean(firm, objects_left=1)


@only_sqlite
def test_a_gateway_killed_at_any_statement_leaves_an_offset_that_is_true(firm: Firm) -> None:
    """As after kill -9: no later statement runs, and another gateway goes on once the first was silent for a while."""
    size = SINGLE_PUT_BYTES + 1
    data = os.urandom(size)
    probe = firm.fs.database.probe  # type: ignore[attr-defined]
    for failing_at in range(1, 60):
        upload, path = _begin(firm, size, f"f{failing_at}"), f"f{failing_at}"
        probe.reset()
        probe.before = _killed_from(failing_at)
        try:
            resumable.append(firm.fs, upload, _to(firm, path), 0, BytesIO(data).read)
            survived = True
        except DatabaseUnavailable:
            survived = False
        probe.reset()
        firm.clock.advance(seconds=11)
        stands = resumable.find(firm.fs, firm.grant.caller, upload.id)
        if stands.is_whole:
            resumable.settle(firm.fs, stands, _to(firm, path))
        else:
            rest = BytesIO(data[stands.offset_bytes :]).read
            resumable.append(firm.fs, stands, _to(firm, path), stands.offset_bytes, rest)
        assert firm.get(path) == data
        assert not fsck.check(firm.fs).is_wrong
        files.delete(firm.fs, firm.grant, at(path))
        if survived:
            break
    assert survived
    assert failing_at > 20


def _killed_from(number: int) -> Callable[[int], None]:
    def kill(count: int) -> None:
        if count >= number:
            raise sqlite3.OperationalError("disk I/O error")

    return kill


def test_of_two_writers_at_one_offset_exactly_one_wins(firm: Firm) -> None:
    data = os.urandom(_LARGE)
    upload = _begin(firm, _LARGE)
    source, refused = BytesIO(data), []

    def read(limit: int) -> bytes:
        if source.tell() == _MIB:
            with pytest.raises(UploadBusy):
                resumable.append(firm.fs, upload, _to(firm), 0, BytesIO(b"x" * _LARGE).read)
            refused.append(True)
        return source.read(limit)

    assert resumable.append(firm.fs, upload, _to(firm), 0, read).finished_us is not None
    assert refused == [True]
    with pytest.raises(UploadOffsetWrong) as wrong:
        resumable.append(firm.fs, upload, _to(firm), 0, BytesIO(data).read)
    assert wrong.value.offset_bytes == _LARGE
    assert firm.get("f") == data


@pytest.mark.parametrize("arrived", [_MIB, SINGLE_PUT_BYTES, SINGLE_PUT_BYTES + _MIB])
def test_a_writer_that_was_silent_is_overtaken_and_changes_nothing_any_more(firm: Firm, arrived: int) -> None:
    """The first stalls and comes back late: its bytes, of whatever content, are in no part of the file."""
    data = os.urandom(_LARGE)
    upload = _begin(firm, _LARGE)
    first = BytesIO(bytes(_LARGE))

    def stalling(limit: int) -> bytes:
        if first.tell() == arrived:
            firm.clock.advance(seconds=11)
            stands = resumable.find(firm.fs, firm.grant.caller, upload.id)
            kept = bytes(stands.offset_bytes) + data[stands.offset_bytes :]
            _send(firm, upload, kept[stands.offset_bytes :])
            files.set_properties(firm.fs, firm.grant, at("f"), {"{x}kept": str(stands.offset_bytes)})
        return first.read(limit)

    with pytest.raises((UploadOffsetWrong, NotFound)):
        resumable.append(firm.fs, upload, _to(firm), 0, stalling)
    node = files.stat(firm.fs, firm.grant, at("f"))
    kept = int(files.properties_of(firm.fs, firm.grant, node)["{x}kept"])
    assert firm.get("f") == bytes(kept) + data[kept:]


def test_a_slow_writer_that_is_heard_of_is_not_overtaken(firm: Firm) -> None:
    upload = _begin(firm, 20)
    source = BytesIO(b"x" * 20)

    def dripping(_: int) -> bytes:
        firm.clock.advance(seconds=9)
        if source.tell():
            with pytest.raises(UploadBusy):
                resumable.append(firm.fs, upload, _to(firm), 0, BytesIO(b"y" * 20).read)
        return source.read(1)

    resumable.append(firm.fs, upload, _to(firm), 0, dripping)
    assert firm.get("f") == b"x" * 20


@pytest.mark.parametrize("offset", [0, 4, 6, 10, 11])
def test_an_upload_goes_on_only_from_where_it_stands(firm: Firm, offset: int) -> None:
    upload = _begin(firm, 10)
    _send(firm, upload, b"12345")
    with pytest.raises(UploadOffsetWrong) as refused:
        _send(firm, upload, b"67890", offset)
    assert refused.value.offset_bytes == 5
    _send(firm, upload, b"67890", 5)
    assert firm.get("f") == b"1234567890"


def test_bytes_too_many_are_refused_and_none_of_them_counts(firm: Firm) -> None:
    upload = _begin(firm, 10)
    _send(firm, upload, b"123")
    with pytest.raises(IncompleteUpload):
        _send(firm, upload, b"45678901")
    assert resumable.find(firm.fs, firm.grant.caller, upload.id).offset_bytes == 3
    _send(firm, upload, b"4567890")
    assert firm.get("f") == b"1234567890"


@pytest.mark.parametrize("size", [10, _LARGE])
@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_under_a_checksum_all_of_a_request_counts_or_nothing(firm: Firm, size: int, algorithm: str) -> None:
    data = os.urandom(size)
    checksum = Checksum(algorithm, hashlib.new(algorithm, data).digest())
    upload = _begin(firm, size)
    with pytest.raises(ChecksumMismatch):
        _send(firm, upload, data[:-1] + bytes([data[-1] ^ 1]), checksum=checksum)
    with pytest.raises(BodyCut):
        resumable.append(firm.fs, upload, _to(firm), 0, _cut_after(data[:-1]), checksum)
    assert resumable.find(firm.fs, firm.grant.caller, upload.id).offset_bytes == 0
    _send(firm, upload, data, checksum=checksum)
    assert firm.get("f") == data
    _require_clean(firm, objects_left=1)


def test_the_hash_of_a_file_that_came_in_one_request_is_kept(firm: Firm) -> None:
    data = os.urandom(_LARGE)
    _send(firm, _begin(firm, _LARGE), data)
    with firm.fs.database.reading() as tx:
        kept = tx.execute(select(objects.c.sha256)).scalar_one()
    assert kept == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("size", [10, _LARGE])
def test_r6_room_is_asked_at_the_beginning_and_at_the_commit(firm: Firm, size: int) -> None:
    firm.capacity_bytes = size - 1
    with pytest.raises(QuotaExceeded):
        _begin(firm, size)
    firm.capacity_bytes = size
    upload = _begin(firm, size)
    firm.put("other", b"1")
    with pytest.raises(QuotaExceeded):
        _send(firm, upload, bytes(size))
    assert (firm.names(), firm.used_bytes()) == (["other"], 1)
    files.delete(firm.fs, firm.grant, at("other"))
    whole = resumable.find(firm.fs, firm.grant.caller, upload.id)
    assert whole.is_whole
    resumable.settle(firm.fs, whole, _to(firm))  # nothing is sent again
    assert firm.get("f") == bytes(size)


def test_a_foreign_lock_refuses_the_commit_and_the_bytes_wait(firm: Firm) -> None:
    upload = _begin(firm, 5)
    firm.put("f", b"old")
    lock = firm.fs.database.write(
        lambda tx: locks.acquire(
            tx.cursor, grant_for(2, root=firm.grant.root), at("f"), infinite_depth=False, exclusive=True,
            owner_xml="", timeout_seconds=600, now_us=firm.clock.us,
        )
    )  # fmt: skip
    with pytest.raises(ResourceLocked):
        _send(firm, upload, b"words")
    assert firm.get("f") == b"old"
    firm.clock.advance(seconds=601)
    assert lock.expires_us <= firm.clock.us
    whole = resumable.find(firm.fs, firm.grant.caller, upload.id)
    assert resumable.settle(firm.fs, whole, _to(firm)).finished_us == firm.clock.us
    assert firm.get("f") == b"words"


def test_a_condition_is_asked_again_at_the_commit(firm: Firm) -> None:
    def free(_cursor: object, found: object, _locks: object) -> None:
        if found.node is not None:  # type: ignore[attr-defined]
            raise AlreadyExists("the name is taken")

    to = _to(firm, conditions=Conditions(check=free))
    upload = resumable.begin(firm.fs, to, 5, "")
    firm.put("f", b"other")
    with pytest.raises(AlreadyExists):
        resumable.append(firm.fs, upload, to, 0, BytesIO(b"words").read)
    assert firm.get("f") == b"other"


@pytest.mark.parametrize("before", ["complete_parts", "metadata"])
def test_an_object_completed_by_a_gateway_that_came_no_further_becomes_the_file(firm: Firm, before: str) -> None:
    data = os.urandom(_LARGE)
    upload = _begin(firm, _LARGE)
    firm.room[1] = _LARGE
    firm.put("other", b"1")
    with pytest.raises(QuotaExceeded):
        _send(firm, upload, data)
    firm.room[1] = _LARGE + 1
    firm.store.requests.clear()
    whole = resumable.find(firm.fs, firm.grant.caller, upload.id)
    resumable.settle(firm.fs, whole, _to(firm))
    assert firm.store.requests[before] == 1
    assert firm.get("f") == data
    resumable.settle(firm.fs, whole, _to(firm))
    assert firm.used_bytes() == _LARGE + 1


def test_r18_into_a_secret_folder_a_file_goes_in_one_go_and_is_sealed(firm: Firm) -> None:
    sealed = Grant(firm.grant.caller, firm.grant.folder, firm.grant.root, True, b"k" * 32)
    with pytest.raises(AccessDenied) as refused:
        resumable.begin(firm.fs, _to(firm, grant=sealed), 5, "")
    assert refused.value.message_id == "upload.secret_folder"
    resumable.store_at_once(firm.fs, _to(firm, grant=sealed), 5, "", BytesIO(b"words").read)
    node = files.stat(firm.fs, sealed, at("f"))
    assert b"".join(map(bytes, files.content(firm.fs, sealed, node, start=0, length=5))) == b"words"
    assert b"words" not in firm.store.inner.read(firm.fs.key(1, str(node.object_id)), size_bytes=21)


def test_an_upload_is_its_logins_and_its_devices_alone(firm: Firm) -> None:
    upload = _begin(firm, 5)
    for stranger in (grant_for(2).caller, grant_for(1, contract_id=2).caller):
        with pytest.raises(NotFound):
            resumable.find(firm.fs, stranger, upload.id)
    other_device = grant_for(1).caller
    object.__setattr__(other_device, "device_id", "another")
    with pytest.raises(NotFound):
        resumable.find(firm.fs, other_device, upload.id)
    assert resumable.find(firm.fs, firm.grant.caller, upload.id) == upload


def test_r16_the_uploads_of_a_device_that_was_closed_have_ended(firm: Firm) -> None:
    upload = _begin(firm, 10)
    _send(firm, upload, b"12345")
    ended = firm.fs.database.write(
        lambda tx: resumable_rows.end_of_device(tx.cursor, 1, firm.grant.caller.device_id or "", now_us=firm.clock.us)
    )
    assert ended == 1
    with pytest.raises(NotFound):
        _send(firm, upload, b"67890")
    assert resumable.expire(firm.fs).freed_bytes == 5
    _require_clean(firm, objects_left=0)


@pytest.mark.parametrize("arrived", [0, 5, SINGLE_PUT_BYTES, SINGLE_PUT_BYTES + 5])
def test_an_upload_nobody_went_on_with_is_ended_and_leaves_nothing(firm: Firm, arrived: int) -> None:
    upload = _begin(firm, _LARGE)
    _send(firm, upload, bytes(arrived))
    firm.clock.advance(hours=47, minutes=59)
    assert (resumable.count_expired(firm.fs), resumable.expire(firm.fs).ended_uploads) == (0, 0)
    firm.clock.advance(minutes=1)
    assert resumable.count_expired(firm.fs) == 1
    done = resumable.expire(firm.fs)
    assert (done.ended_uploads, done.freed_bytes) == (1, arrived)
    with pytest.raises(NotFound):
        resumable.find(firm.fs, firm.grant.caller, upload.id)
    _require_clean(firm, objects_left=0)


def test_a_finished_upload_is_told_of_for_an_hour_and_its_file_stays(firm: Firm) -> None:
    upload = _begin(firm, 5)
    _send(firm, upload, b"words")
    firm.clock.advance(minutes=59)
    assert resumable.find(firm.fs, firm.grant.caller, upload.id).is_whole
    firm.clock.advance(minutes=1)
    assert resumable.expire(firm.fs).ended_uploads == 0
    with firm.fs.database.reading() as tx:
        assert tx.execute(select(upload_rows.c.id)).all() == []
    assert firm.get("f") == b"words"
    _require_clean(firm, objects_left=1)


def test_ending_a_finished_upload_leaves_its_file(firm: Firm) -> None:
    upload = _begin(firm, 5)
    done = _send(firm, upload, b"words")
    assert resumable.end(firm.fs, done) == 0
    assert resumable.end(firm.fs, done) == 0
    assert firm.get("f") == b"words"


def test_an_upload_that_is_ended_while_it_runs_becomes_no_file(firm: Firm) -> None:
    upload = _begin(firm, _LARGE)
    source = BytesIO(bytes(_LARGE))

    def read(limit: int) -> bytes:
        if source.tell() == SINGLE_PUT_BYTES + _MIB:
            resumable.end(firm.fs, resumable.find(firm.fs, firm.grant.caller, upload.id))
        return source.read(limit)

    with pytest.raises((UploadOffsetWrong, NotFound)):
        resumable.append(firm.fs, upload, _to(firm), 0, read)
    assert firm.names() == []
    assert firm.used_bytes() == 0


@pytest.mark.parametrize("failing", ["put_part", "begin_parts", "complete_parts", "put"])
def test_a_store_that_fails_loses_nothing_that_was_told_of(firm: Firm, failing: str) -> None:
    data = os.urandom(_LARGE)
    upload = _begin(firm, _LARGE)
    seen = [0]

    def down(method: str) -> None:
        seen[0] += method == failing
        if method == failing:
            raise StoreUnavailable("down")

    firm.store.before = down
    with pytest.raises((GatewayError, BodyCut)):
        resumable.append(firm.fs, upload, _to(firm), 0, _cut_after(data) if failing == "put" else BytesIO(data).read)
    firm.store.before = lambda _: None
    firm.clock.advance(seconds=11)
    stands = resumable.find(firm.fs, firm.grant.caller, upload.id)
    if stands.is_whole:
        resumable.settle(firm.fs, stands, _to(firm))
    else:
        _send(firm, upload, data[stands.offset_bytes :])
    assert firm.get("f") == data


def test_unfinished_uploads_hold_no_more_than_the_contract_may_the_oldest_go(firm: Firm) -> None:
    firm.capacity_bytes = 100
    first = _begin(firm, 60, "a")
    _send(firm, first, b"x" * 10)
    second = _begin(firm, 40, "b")
    assert resumable.find(firm.fs, firm.grant.caller, first.id).id == first.id
    third = _begin(firm, 1, "c")
    with pytest.raises(NotFound):
        resumable.find(firm.fs, firm.grant.caller, first.id)
    for kept in (second, third):
        assert resumable.find(firm.fs, firm.grant.caller, kept.id) == kept
    assert resumable.expire(firm.fs).freed_bytes == 10
