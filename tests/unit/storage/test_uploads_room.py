"""PUT and the room a contract has: refused before, during and at the commit, never exceeded (R4, R6)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier

import pytest

from core.errors import QuotaExceeded
from storage import files, fsck, uploads
from storage.objects import SINGLE_PUT_BYTES
from storage.uploads import Announced
from tests.unit.world import Firm, at


def _write(firm: Firm, path: str, body: bytes | Callable[[int], bytes], announced: Announced) -> uploads.Written:
    read = BytesIO(body).read if isinstance(body, bytes) else body
    return uploads.write(firm.fs, firm.grant, at(path), read, announced)


def _require_nothing(firm: Firm) -> None:
    """Assert that a refused upload left no name, no byte and no object."""
    assert firm.names() == []
    assert firm.used_bytes() == 0
    assert firm.stored_keys() == set()


def test_r6_exactly_full_is_admitted(firm: Firm) -> None:
    firm.capacity_bytes = 10
    firm.put("a", b"x" * 10)
    assert files.quota(firm.fs, firm.grant) == files.Quota(10, 0)


def test_r6_one_byte_over_is_refused_before_the_body(firm: Firm) -> None:
    def read(_: int) -> bytes:
        raise AssertionError("the body was read")

    firm.capacity_bytes = 10
    with pytest.raises(QuotaExceeded) as refused:
        _write(firm, "a", read, Announced(11))
    assert (refused.value.needed_bytes, refused.value.free_bytes) == (11, 10)
    _require_nothing(firm)


def test_r6_a_body_of_unknown_length_is_refused_as_soon_as_it_is_too_long(firm: Firm) -> None:
    firm.capacity_bytes = SINGLE_PUT_BYTES + 100
    source = BytesIO(bytes(10 * SINGLE_PUT_BYTES))
    with pytest.raises(QuotaExceeded):
        _write(firm, "a", source.read, Announced(None))
    assert source.tell() <= firm.capacity_bytes + uploads.BLOCK_BYTES
    _require_nothing(firm)
    assert firm.store.inner.abort_uploads("") == 0


def test_r6_a_body_of_unknown_length_may_fill_the_room_exactly(firm: Firm) -> None:
    firm.capacity_bytes = 10
    _write(firm, "a", b"x" * 10, Announced(None))
    with pytest.raises(QuotaExceeded):
        _write(firm, "b", b"x", Announced(None))
    assert firm.names() == ["a"]


def test_r6_a_refused_overwrite_leaves_the_old_file(firm: Firm) -> None:
    firm.capacity_bytes = 10
    firm.put("a", b"12345")
    for length in (11, None):
        with pytest.raises(QuotaExceeded):
            _write(firm, "a", b"x" * 11, Announced(length))
    assert firm.get("a") == b"12345"


def test_r6_room_that_is_taken_meanwhile_is_missed_at_the_commit(firm: Firm) -> None:
    firm.capacity_bytes = 10

    def taken(_: str) -> None:
        firm.store.before = lambda _: None
        firm.put("faster", b"x" * 6)

    firm.store.before = taken
    with pytest.raises(QuotaExceeded):
        firm.put("slower", b"x" * 5)
    assert firm.names() == ["faster"]
    assert len(firm.stored_keys()) == 1


def test_r6_parallel_uploads_never_exceed_the_capacity(firm: Firm) -> None:
    firm.capacity_bytes = 35
    barrier = Barrier(8)

    def attempt(number: int) -> bool:
        def read(limit: int) -> bytes:
            if not body:
                return b""
            barrier.wait(10)  # all were admitted early before one commits
            return body.pop()

        body = [b"x" * 10]
        try:
            _write(firm, f"f{number}", read, Announced(10))
        except QuotaExceeded:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(8))) == 3
    assert firm.used_bytes() == 30
    assert len(firm.stored_keys()) == 3
    assert not fsck.check(firm.fs).is_wrong


@pytest.mark.parametrize(("size", "admitted"), [(0, True), (9, True), (10, True), (11, False)])
def test_r4_over_capacity_only_overwrites_that_do_not_grow_work(firm: Firm, size: int, admitted: bool) -> None:
    firm.put("a", b"x" * 10)
    firm.capacity_bytes = 5
    for length in (size, None):
        if admitted:
            _write(firm, "a", b"y" * size, Announced(length))
        else:
            with pytest.raises(QuotaExceeded):
                _write(firm, "a", b"y" * size, Announced(length))
            assert firm.get("a") == b"x" * 10
        firm.capacity_bytes = 100
        firm.put("a", b"x" * 10)
        firm.capacity_bytes = 5
