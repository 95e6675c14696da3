"""Work behind the scenes: idempotent, interruptible, and never touching what is in use."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.clock import from_microseconds, to_microseconds
from core.errors import StoreUnavailable
from core.ids import new_object_id
from db.tables import DELETED_PARENT, nodes, objects
from storage import files, fsck, moves, reclaim, uploads
from storage.moves import End
from storage.reclaim import Reclaimed
from tests.unit.world import Firm, at

_MIB = 1024 * 1024
_FAR_FUTURE_US = 4_000_000_000_000_000


def _reclaim(firm: Firm) -> Reclaimed:
    return reclaim.reclaim(firm.fs, freed_before_us=firm.clock.us)


def _rows(firm: Firm) -> tuple[int, int]:
    """Return how many nodes (roots left out) and objects have rows."""
    with firm.fs.database.reading() as tx:
        counted = select(func.count()).select_from
        return tx.execute(counted(nodes)).scalar_one() - 1, tx.execute(counted(objects)).scalar_one()


def test_a_deleted_file_leaves_the_store(firm: Firm) -> None:
    firm.put("f", b"12345")
    firm.put("kept", b"1")
    files.delete(firm.fs, firm.grant, at("f"))
    assert len(firm.stored_keys()) == 2
    assert _reclaim(firm) == Reclaimed(0, 1, 5)
    assert len(firm.stored_keys()) == 1
    assert firm.get("kept") == b"1"
    assert _rows(firm) == (1, 1)


def test_a_replaced_version_leaves_the_store(firm: Firm) -> None:
    for body in (b"1", b"22", b"333"):
        firm.put("f", body)
    assert _reclaim(firm) == Reclaimed(0, 2, 3)
    assert firm.get("f") == b"333"


def test_a_deleted_tree_loses_all_its_rows_and_objects(firm: Firm) -> None:
    firm.mkcol("a", "a/b", "a/b/c", "kept")
    for path in ("a/1", "a/b/2", "a/b/c/3", "a/b/c/4"):
        firm.put(path, b"xx")
    firm.put("kept/f", b"y")
    files.delete(firm.fs, firm.grant, at("a"))
    assert _reclaim(firm) == Reclaimed(4, 4, 8)
    assert _rows(firm) == (2, 1)
    assert not fsck.check(firm.fs).is_wrong


def test_a_tree_larger_than_a_batch_is_taken_apart_whole(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclaim, "_BATCH", 3)
    monkeypatch.setattr(reclaim, "_PAGE", 2)
    firm.mkcol("a", "a/b")
    for number in range(7):
        firm.put(f"a/{number}")
        firm.put(f"a/b/{number}")
    files.delete(firm.fs, firm.grant, at("a"))
    assert _reclaim(firm) == Reclaimed(14, 14, 14)
    assert (_rows(firm), firm.stored_keys()) == ((0, 0), set())


@pytest.mark.parametrize(("earlier_us", "deleted"), [(1, 0), (0, 1)])
def test_what_was_freed_only_just_is_left_to_its_readers(firm: Firm, earlier_us: int, deleted: int) -> None:
    firm.put("f")
    files.delete(firm.fs, firm.grant, at("f"))
    before_us = firm.clock.us - earlier_us
    assert reclaim.pending(firm.fs, freed_before_us=before_us).deleted_objects == deleted
    assert reclaim.reclaim(firm.fs, freed_before_us=before_us).deleted_objects == deleted


def test_looking_at_what_is_pending_changes_nothing(firm: Firm) -> None:
    firm.put("f", b"123")
    files.delete(firm.fs, firm.grant, at("f"))
    for _ in range(2):
        assert reclaim.pending(firm.fs, freed_before_us=firm.clock.us) == Reclaimed(0, 1, 3)


def test_an_object_that_a_copy_still_refers_to_stays(firm: Firm) -> None:
    firm.put("f", b"123")
    moves.copy(firm.fs, End(firm.grant, at("f")), End(firm.grant, at("g")), overwrite=False)
    files.delete(firm.fs, firm.grant, at("f"))
    assert _reclaim(firm).deleted_objects == 0
    assert firm.get("g") == b"123"
    files.delete(firm.fs, firm.grant, at("g"))
    assert _reclaim(firm).deleted_objects == 1


def test_a_tree_copied_out_of_one_that_was_deleted_since_keeps_its_bytes(firm: Firm) -> None:
    firm.mkcol("a")
    firm.put("a/f", b"123")
    moves.copy(firm.fs, End(firm.grant, at("a")), End(firm.grant, at("b")), overwrite=False)
    files.delete(firm.fs, firm.grant, at("a"))
    assert _reclaim(firm).deleted_objects == 0
    assert firm.get("b/f") == b"123"
    assert not fsck.check(firm.fs).is_wrong


def test_a_second_run_finds_nothing(firm: Firm) -> None:
    firm.put("f")
    files.delete(firm.fs, firm.grant, at("f"))
    _reclaim(firm)
    assert _reclaim(firm) == Reclaimed()


def test_a_run_cut_short_by_the_store_is_taken_up_again(firm: Firm) -> None:
    firm.mkcol("a")
    firm.put("a/f", b"123")
    files.delete(firm.fs, firm.grant, at("a"))

    def down(_: str) -> None:
        raise StoreUnavailable("down")

    firm.store.before = down
    with pytest.raises(StoreUnavailable):
        _reclaim(firm)
    firm.store.before = lambda _: None
    assert not fsck.check(firm.fs).is_wrong
    assert _reclaim(firm) == Reclaimed(0, 1, 3)
    assert firm.stored_keys() == set()


def test_deleted_objects_whose_rows_were_not_forgotten_are_no_alarm(firm: Firm) -> None:
    """Killed between the store and the rows."""
    firm.put("f")
    files.delete(firm.fs, firm.grant, at("f"))
    firm.store.inner.delete(list(firm.stored_keys()))
    assert not fsck.check(firm.fs).is_wrong
    assert _reclaim(firm).deleted_objects == 1
    assert _rows(firm) == (0, 0)


def _orphan(firm: Firm, data: bytes = b"123") -> tuple[str, int]:
    """Store an object that no row knows; return its key and when it was begun."""
    key = firm.fs.key(firm.contract_id, new_object_id())
    firm.store.inner.put(key, data, metadata={})
    return key, reclaim.begun_us(key)


def test_an_objects_key_tells_when_it_was_begun(firm: Firm) -> None:
    before = from_microseconds(_orphan(firm)[1])
    assert abs(before - from_microseconds(_orphan(firm)[1])) < timedelta(seconds=10)
    assert reclaim.begun_us("azukari/1/018f0000-foreign") == -1
    assert reclaim.begun_us("azukari/1/018cc251f400" + "7" + "0" * 19) == 1_704_067_200_000_000  # 2024-01-01T00:00Z


@pytest.mark.parametrize(("later_us", "collected"), [(0, 0), (1, 1)])
def test_an_orphan_is_collected_once_it_is_old_enough(firm: Firm, later_us: int, collected: int) -> None:
    firm.put("kept", b"1")
    _, begun_us = _orphan(firm)
    done = reclaim.collect_orphans(firm.fs, stored_before_us=begun_us + later_us)
    assert done == Reclaimed(0, collected, 3 * collected)
    assert len(firm.stored_keys()) == 2 - collected
    assert firm.get("kept") == b"1"


def test_objects_with_a_row_are_never_orphans_however_old(firm: Firm) -> None:
    firm.put("f")
    firm.put("f")
    assert reclaim.collect_orphans(firm.fs, stored_before_us=_FAR_FUTURE_US) == Reclaimed()
    assert len(firm.stored_keys()) == 2


def test_a_dry_run_counts_and_deletes_nothing(firm: Firm) -> None:
    _orphan(firm)
    for _ in range(2):
        assert reclaim.collect_orphans(firm.fs, stored_before_us=_FAR_FUTURE_US, dry_run=True) == Reclaimed(0, 1, 3)
    assert len(firm.stored_keys()) == 1


def test_keys_that_are_not_ours_are_left_alone(firm: Firm) -> None:
    for key in ("azukari/readme", "azukari/1/notes.txt", f"azukari/x/{new_object_id()}"):
        firm.store.inner.put(key, b"x", metadata={})
    assert reclaim.collect_orphans(firm.fs, stored_before_us=_FAR_FUTURE_US) == Reclaimed()
    assert len(firm.stored_keys()) == 3


def test_parts_of_an_upload_that_a_crash_left_are_thrown_away(firm: Firm) -> None:
    upload = firm.store.inner.begin_upload("azukari/1/x", metadata={})
    upload.write(os.urandom(_MIB))
    now_us = to_microseconds(from_microseconds(_orphan(firm)[1]))
    assert reclaim.collect_orphans(firm.fs, stored_before_us=now_us - uploads.MAX_UPLOAD_US).aborted_uploads == 0
    assert reclaim.collect_orphans(firm.fs, stored_before_us=now_us + 60_000_000).aborted_uploads == 1
    assert firm.store.inner.abort_uploads("") == 0


def test_nothing_refers_to_a_deleted_collection_but_the_job(firm: Firm) -> None:
    firm.mkcol("a")
    files.delete(firm.fs, firm.grant, at("a"))
    with firm.fs.database.reading() as tx:
        assert tx.execute(select(nodes.c.parent_id).where(nodes.c.name.like("%-%"))).scalars().all() == [DELETED_PARENT]
