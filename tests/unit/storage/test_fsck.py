"""fsck finds each kind of damage, and repairs what the rows still tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest
from sqlalchemy import delete, update

from core.ids import new_object_id
from db.engine import Transaction
from db.tables import nodes, objects, usage
from storage import files, fsck, moves, reclaim
from storage.fsck import Report
from storage.moves import End
from tests.unit.world import Firm, at


@pytest.fixture
def tree(firm: Firm) -> Firm:
    """Return a firm with a/b/f (3 bytes), a copy of it, an empty file and one freed object."""
    firm.mkcol("a", "a/b")
    firm.put("a/b/f", b"old")
    firm.put("a/b/f", b"123")
    firm.put("empty", b"")
    moves.copy(firm.fs, End(firm.grant, at("a/b/f")), End(firm.grant, at("copy")), overwrite=False)
    return firm


def _found(report: Report) -> dict[str, int]:
    """Return the counts that are not zero, without those of what is in order."""
    return {
        name: value
        for name, value in asdict(report).items()
        if value and name not in ("files", "objects", "object_bytes", "freed_objects")
    }


def test_a_sound_file_system_is_counted_and_nothing_is_wrong(tree: Firm) -> None:
    report = fsck.check(tree.fs)
    assert not report.is_wrong
    assert (report.files, report.objects, report.object_bytes, report.freed_objects) == (3, 2, 6, 1)
    assert _found(report) == {}


def test_an_empty_file_system_is_sound(firm: Firm) -> None:
    assert asdict(fsck.check(firm.fs)) == asdict(Report())


def _damage(firm: Firm, operation: Callable[[Transaction], object]) -> None:
    firm.fs.database.write(operation)


def _key_of(firm: Firm, path: str) -> str:
    return firm.fs.key(1, str(files.stat(firm.fs, firm.grant, at(path)).object_id))


def test_a_missing_object_is_an_alarm(tree: Firm) -> None:
    tree.store.inner.delete([_key_of(tree, "copy")])
    report = fsck.check(tree.fs, repair=True)
    assert report.is_wrong
    assert _found(report) == {"missing_objects": 1}


def test_a_file_whose_object_has_no_row_is_an_alarm(tree: Firm) -> None:
    tree.put("g", b"x")
    object_id = files.stat(tree.fs, tree.grant, at("g")).object_id
    _damage(tree, lambda tx: tx.execute(delete(objects).where(objects.c.id == object_id)))
    report = fsck.check(tree.fs)
    assert (report.missing_objects, report.orphan_objects) == (1, 1)
    assert report.is_wrong


def test_an_object_of_another_size_is_an_alarm(tree: Firm) -> None:
    tree.store.inner.put(_key_of(tree, "copy"), b"1234", metadata={})
    report = fsck.check(tree.fs)
    assert report.is_wrong
    assert _found(report) == {"wrong_size_objects": 1}


def test_an_orphan_is_garbage_and_no_alarm(tree: Firm) -> None:
    tree.store.inner.put(tree.fs.key(1, new_object_id()), b"12345", metadata={})
    report = fsck.check(tree.fs)
    assert not report.is_wrong
    assert _found(report) == {"orphan_objects": 1, "orphan_bytes": 5}


@pytest.mark.parametrize("drift", [1, 1_000])
def test_a_usage_that_drifted_is_found_and_set_right(tree: Firm, drift: int) -> None:
    _damage(tree, lambda tx: tx.execute(update(usage).values(used_bytes=usage.c.used_bytes + drift)))
    assert _found(fsck.check(tree.fs)) == {"usage_drift_bytes": drift}
    assert fsck.check(tree.fs, repair=True).repaired == 1
    assert _found(fsck.check(tree.fs)) == {}
    assert tree.used_bytes() == 6


def test_a_wrong_sum_is_found_and_set_right_up_to_the_root(tree: Firm) -> None:
    wrong = update(nodes).where(nodes.c.name == "b").values(size_bytes=7)
    _damage(tree, lambda tx: tx.execute(wrong))
    assert fsck.check(tree.fs).wrong_sums == 2  # b itself, and a, which adds b up
    fsck.check(tree.fs, repair=True)
    assert _found(fsck.check(tree.fs)) == {}
    assert files.stat(tree.fs, tree.grant, at("a")).size_bytes == 3


@pytest.mark.parametrize("references", [0, 1, 3])
def test_a_wrong_reference_count_is_found_and_set_right(tree: Firm, references: int) -> None:
    object_id = files.stat(tree.fs, tree.grant, at("copy")).object_id
    wrong = update(objects).where(objects.c.id == object_id).values(reference_count=references)
    _damage(tree, lambda tx: tx.execute(wrong))
    assert fsck.check(tree.fs).wrong_references == 1
    fsck.check(tree.fs, repair=True)
    assert _found(fsck.check(tree.fs)) == {}


def test_an_object_queued_by_mistake_is_not_reclaimed_and_leaves_the_queue(tree: Firm) -> None:
    wrong = update(objects).values(freed_at=tree.clock())
    _damage(tree, lambda tx: tx.execute(wrong))
    reclaim.reclaim(tree.fs, freed_before_us=tree.clock.us)
    assert tree.get("copy") == b"123"
    assert fsck.check(tree.fs, repair=True).wrong_references == 1
    assert _found(fsck.check(tree.fs)) == {}


def test_an_object_nothing_refers_to_is_queued_by_repair(tree: Firm) -> None:
    wrong = update(objects).values(freed_at=None)
    _damage(tree, lambda tx: tx.execute(wrong))
    assert fsck.check(tree.fs, repair=True).wrong_references == 1
    assert reclaim.reclaim(tree.fs, freed_before_us=tree.clock.us).deleted_objects == 1


def test_nodes_that_no_path_leads_to_are_found(tree: Firm) -> None:
    _damage(tree, lambda tx: tx.execute(delete(nodes).where(nodes.c.name == "b")))
    report = fsck.check(tree.fs)
    assert report.lost_nodes == 1
    assert report.is_wrong


def test_a_deleted_tree_that_waits_for_its_job_is_sound(tree: Firm) -> None:
    files.delete(tree.fs, tree.grant, at("a"))
    assert not fsck.check(tree.fs).is_wrong


def test_looking_without_repair_changes_nothing(tree: Firm) -> None:
    _damage(tree, lambda tx: tx.execute(update(usage).values(used_bytes=99)))
    for _ in range(2):
        assert fsck.check(tree.fs).usage_drift_bytes == 93


def test_objects_of_contracts_that_do_not_exist_are_not_looked_at(tree: Firm) -> None:
    for key in (f"azukari/77/{new_object_id()}", "azukari/x/y", "azukari/z"):
        tree.store.inner.put(key, b"x", metadata={})
    assert _found(fsck.check(tree.fs)) == {}


def test_many_objects_are_compared_a_page_at_a_time(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fsck, "_PAGE", 2)
    for number in range(5):
        firm.put(f"f{number}")
    firm.store.inner.delete([_key_of(firm, "f0"), _key_of(firm, "f4")])
    report = fsck.check(firm.fs)
    assert (report.objects, report.missing_objects) == (3, 2)
