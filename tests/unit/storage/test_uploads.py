"""PUT: whole or not at all, within the quota, and nothing left behind (CLIENTS A1; R4, R6)."""

from __future__ import annotations

import base64
import hashlib
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from core.clock import from_microseconds
from core.errors import (
    ChecksumMismatch,
    DatabaseUnavailable,
    IncompleteUpload,
    InvalidInput,
    ParentMissing,
    StoreUnavailable,
)
from core.http import BodyCut
from db.tables import objects
from storage import files, fsck, uploads
from storage.objects import SINGLE_PUT_BYTES
from storage.uploads import Announced
from tests.unit.world import Firm, ProbedDatabase, at, grant_for, only_sqlite, sliced

_LARGE = SINGLE_PUT_BYTES + 1


def _write(firm: Firm, path: str, body: bytes | Callable[[int], bytes], announced: Announced) -> uploads.Written:
    read = BytesIO(body).read if isinstance(body, bytes) else body
    return uploads.write(firm.fs, firm.grant, at(path), read, announced)


def _require_nothing(firm: Firm) -> None:
    """Assert that a refused upload left no name, no byte, no row and no object."""
    assert firm.names() == []
    assert firm.used_bytes() == 0
    assert firm.stored_keys() == set()
    with firm.fs.database.reading() as tx:
        assert tx.execute(select(objects.c.id)).all() == []


@pytest.mark.parametrize("size", [0, 1, SINGLE_PUT_BYTES - 1, SINGLE_PUT_BYTES, _LARGE, 2 * SINGLE_PUT_BYTES + 5])
@pytest.mark.parametrize("length_known", [True, False])
def test_a_file_comes_back_byte_for_byte(firm: Firm, size: int, length_known: bool) -> None:
    data = os.urandom(size)
    written = _write(firm, "f", data, Announced(size if length_known else None))
    assert (written.created, written.node.size_bytes) == (True, size)
    assert firm.get("f") == data
    assert firm.used_bytes() == size
    assert not fsck.check(firm.fs).is_wrong


@pytest.mark.parametrize(
    ("size", "requests"),
    [
        (0, {}),
        (1, {"put": 1}),
        (SINGLE_PUT_BYTES, {"put": 1}),
        (_LARGE, {"begin_upload": 1, "complete": 1}),
    ],
)
def test_a_file_costs_one_request_up_to_8_mib_and_none_when_empty(
    firm: Firm, size: int, requests: dict[str, int]
) -> None:
    firm.put("f", bytes(size))
    del firm.store.requests["write"]  # bytes handed over, not requests
    assert firm.store.requests == requests


def test_a_body_in_drops_is_one_whole(firm: Firm) -> None:
    data = os.urandom(5_000)
    _write(firm, "f", sliced(data, [1] * 300), Announced(len(data)))
    assert firm.get("f") == data


def test_the_hash_of_the_bytes_is_kept(firm: Firm) -> None:
    for body in (b"small", bytes(_LARGE)):
        node = firm.put("f", body).node
        with firm.fs.database.reading() as tx:
            kept = tx.execute(select(objects.c.sha256).where(objects.c.id == node.object_id)).scalar_one()
        assert kept == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("size", [10, _LARGE, 2 * SINGLE_PUT_BYTES])
def test_a1_a_body_that_ends_early_leaves_nothing(firm: Firm, size: int) -> None:
    with pytest.raises(IncompleteUpload) as refused:
        _write(firm, "f", bytes(size - 1), Announced(size))
    assert (refused.value.expected_bytes, refused.value.received_bytes) == (size, size - 1)
    _require_nothing(firm)


@pytest.mark.parametrize("size", [0, 10, SINGLE_PUT_BYTES, _LARGE])
def test_a1_a_body_that_runs_on_leaves_nothing(firm: Firm, size: int) -> None:
    with pytest.raises(IncompleteUpload):
        _write(firm, "f", bytes(size + 1), Announced(size))
    _require_nothing(firm)


@pytest.mark.parametrize("arrived", [0, 1, SINGLE_PUT_BYTES, 2 * SINGLE_PUT_BYTES])
@pytest.mark.parametrize("length_known", [True, False])
def test_a1_a_client_that_goes_away_leaves_nothing(firm: Firm, arrived: int, length_known: bool) -> None:
    source = BytesIO(bytes(arrived))

    def read(limit: int) -> bytes:
        block = source.read(limit)
        if not block:
            raise BodyCut("reset")
        return block

    with pytest.raises(BodyCut):
        _write(firm, "f", read, Announced(arrived + 1 if length_known else None))
    _require_nothing(firm)
    assert firm.store.inner.abort_uploads("") == 0


def test_a1_a_cut_overwrite_leaves_the_old_file(firm: Firm) -> None:
    before = firm.put("f", b"old").node
    with pytest.raises(IncompleteUpload):
        _write(firm, "f", b"ne", Announced(3))
    assert files.stat(firm.fs, firm.grant, at("f")) == before
    assert firm.get("f") == b"old"
    assert len(firm.stored_keys()) == 1


@pytest.mark.parametrize("size", [5, _LARGE])
@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_a_checksum_that_differs_leaves_nothing(firm: Firm, algorithm: str, size: int) -> None:
    body = bytes(size)
    digest = hashlib.new(algorithm, body).digest()
    with pytest.raises(ChecksumMismatch):
        _write(firm, "f", b"\1" + body[1:], Announced(size, {algorithm: digest}))
    _require_nothing(firm)
    _write(firm, "f", body, Announced(size, {algorithm: digest}))
    assert firm.used_bytes() == size


def test_a_missing_parent_is_said_before_the_body_is_read(firm: Firm) -> None:
    def read(_: int) -> bytes:
        raise AssertionError("the body was read")

    with pytest.raises(ParentMissing):
        _write(firm, "a/f", read, Announced(1))


def test_r4_an_overwrite_renews_stored_at_and_keeps_the_creation(firm: Firm) -> None:
    first = firm.put("f", b"1").node
    firm.clock.advance(days=3)
    second = firm.put("f", b"1").node
    assert second.stored_us == firm.clock.us
    assert second.created_us == first.created_us == first.stored_us
    assert second.id == first.id


def test_a8_the_clients_time_is_kept_and_plays_no_part_in_stored_at(firm: Firm) -> None:
    node = _write(firm, "f", b"1", Announced(1, modified_us=5)).node
    assert (node.modified_us, node.stored_us) == (5, firm.clock.us)


def test_an_overwrite_keeps_dead_properties(firm: Firm) -> None:
    firm.put("f", b"1")
    files.set_properties(firm.fs, firm.grant, at("f"), {"{x}a": "<a/>"})
    node = firm.put("f", b"2").node
    assert files.properties_of(firm.fs, firm.grant, node) == {"{x}a": "<a/>"}


def test_two_writers_of_one_name_leave_one_whole_result(firm: Firm) -> None:
    bodies = [bytes([number]) * 1_000 for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda body: firm.put("f", body), bodies))
    assert firm.get("f") in bodies
    assert firm.used_bytes() == 1_000
    assert not fsck.check(firm.fs).is_wrong


@pytest.mark.parametrize("size", [1, _LARGE])
def test_the_object_alone_tells_whose_and_which_file_it_is(firm: Firm, size: int) -> None:
    firm.mkcol("見積 書", "見積 書/ a  b ")
    node = firm.put("見積 書/ a  b /100%,#.txt", bytes(size)).node
    kept = firm.store.metadata(firm.fs.key(1, str(node.object_id)))
    assert kept["contract"] == "1"
    assert kept["folder"] == firm.grant.root
    assert [unquote(name) for name in kept["path"].split("/")] == ["見積 書", " a  b ", "100%,#.txt"]
    assert kept["login"] == "login1"
    assert kept["stored-at"] == from_microseconds(node.stored_us).isoformat()
    assert kept["size"] == str(size)
    assert kept.get("sha256") == (hashlib.sha256(b"\0").hexdigest() if size == 1 else None)
    assert " " not in kept["path"]
    assert all(value.isascii() for value in kept.values())


def test_metadata_of_the_longest_path_fits_into_two_kilobytes(firm: Firm) -> None:
    name = "字" * 85  # 255 bytes
    for depth in range(1, 4):
        files.make_collection(firm.fs, firm.grant, (name,) * depth)
    node = firm.put("/".join([name] * 4), b"x").node
    kept = firm.store.metadata(firm.fs.key(1, str(node.object_id)))
    assert sum(len(key) + len(value) for key, value in kept.items()) < 2048
    assert kept["path-cut"] == "1"
    assert unquote(kept["path"].rpartition("/")[2]) == name


@pytest.mark.parametrize("size", [10, _LARGE])
def test_a_store_that_fails_leaves_the_old_file(firm: Firm, size: int) -> None:
    firm.put("f", b"old")

    def down(method: str) -> None:
        if method in ("put", "complete"):
            raise StoreUnavailable("down")

    firm.store.before = down
    with pytest.raises(StoreUnavailable):
        firm.put("f", bytes(size))
    assert firm.get("f") == b"old"
    assert len(firm.stored_keys()) == 1


@only_sqlite
@pytest.mark.parametrize("overwriting", [False, True])
def test_a_database_that_fails_at_any_statement_leaves_the_old_file(
    firm: Firm, database: ProbedDatabase, overwriting: bool
) -> None:
    """The object stays behind for `collect_orphans`: a commit that failed may have taken place all the same."""
    if overwriting:
        firm.put("f", b"old")
    failing_at, failures = 1, 0
    while True:
        database.probe.reset()
        database.probe.before = _fail_at(failing_at)
        try:
            firm.put("f", b"newer")
            break
        except DatabaseUnavailable:
            failures += 1
        database.probe.reset()
        assert firm.names() == (["f"] if overwriting else [])
        assert not overwriting or firm.get("f") == b"old"
        assert firm.used_bytes() == (3 if overwriting else 0)
        assert not fsck.check(firm.fs).is_wrong
        failing_at += 1
    assert failures == len(database.probe.statements) >= 12
    database.probe.reset()
    assert firm.get("f") == b"newer"
    assert not fsck.check(firm.fs).is_wrong


def _fail_at(number: int) -> Callable[[int], None]:
    def fail(count: int) -> None:
        if count == number:
            raise sqlite3.OperationalError("disk I/O error")

    return fail


@only_sqlite
def test_a_commit_whose_answer_was_lost_keeps_its_object(firm: Firm, database: ProbedDatabase) -> None:
    """The worst moment: committed, but the writer is told that the database failed."""

    def lost(sql: str) -> None:
        if sql == "COMMIT":
            raise sqlite3.OperationalError("disk I/O error")

    database.probe.after = lost
    with pytest.raises(DatabaseUnavailable):
        firm.put("f", b"words")
    database.probe.reset()
    assert firm.get("f") == b"words"
    assert not fsck.check(firm.fs).is_wrong


def test_an_upload_that_took_longer_than_orphans_live_is_refused(firm: Firm) -> None:
    def slow(method: str) -> None:
        if method == "put":
            firm.clock.advance(hours=48, microseconds=1)

    firm.store.before = slow
    with pytest.raises(StoreUnavailable, match="too long"):
        firm.put("f", b"x")
    _require_nothing(firm)


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [
        ("MD5", hashlib.md5(b"x").hexdigest()),
        ("md5", base64.b64encode(hashlib.md5(b"x").digest()).decode()),
        ("SHA-256", base64.b64encode(hashlib.sha256(b"x").digest()).decode()),
        ("sha1", hashlib.sha1(b"x").hexdigest().upper()),
        ("sha-512", hashlib.sha512(b"x").hexdigest()),
    ],
)
def test_checksums_are_read_in_hexadecimal_and_base64(algorithm: str, text: str) -> None:
    name, digest = uploads.parse_checksum(algorithm, text)
    assert digest == hashlib.new(name, b"x").digest()


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [("crc32", "00000000"), ("md5", "0" * 31), ("md5", "x" * 32), ("md5", "AAAA"), ("sha256", ""), ("md5", "é" * 32)],
)
def test_a_checksum_that_cannot_be_read_is_refused(algorithm: str, text: str) -> None:
    with pytest.raises(InvalidInput):
        uploads.parse_checksum(algorithm, text)


def test_another_contract_has_its_own_room_and_keys(firm: Firm) -> None:
    firm.put("f", b"x")
    (key,) = firm.stored_keys()
    assert key.startswith("azukari/1/")
    assert files.find(firm.fs, grant_for(1, contract_id=2), at("f")) is None
