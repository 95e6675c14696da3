"""MOVE and COPY: rows only, in one step, with exact sums (RFC 4918 §9.8, §9.9; R4, R23)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from core.errors import (
    AccessDenied,
    Conflict,
    DatabaseUnavailable,
    InvalidName,
    NotFound,
    ParentMissing,
    PreconditionFailed,
    QuotaExceeded,
)
from core.names import MAX_DEPTH
from storage import files, fsck, moves
from storage.moves import End
from storage.nodes import Node
from tests.unit.world import Firm, ProbedDatabase, at, grant_for, only_sqlite, open_folder

Transfer = Callable[..., bool]


def _move(firm: Firm, source: str, target: str, *, overwrite: bool = True) -> bool:
    return moves.move(firm.fs, End(firm.grant, at(source)), End(firm.grant, at(target)), overwrite=overwrite)


def _copy(firm: Firm, source: str, target: str, *, overwrite: bool = True, deep: bool = True) -> bool:
    ends = End(firm.grant, at(source)), End(firm.grant, at(target))
    return moves.copy(firm.fs, *ends, overwrite=overwrite, depth_infinity=deep)


both = pytest.mark.parametrize("transfer", [_move, _copy])


def _stat(firm: Firm, path: str) -> Node:
    return files.stat(firm.fs, firm.grant, at(path))


def _sound(firm: Firm) -> bool:
    report = fsck.check(firm.fs)
    return not report.is_wrong and report.orphan_objects == 0


@pytest.fixture
def tree(firm: Firm) -> Firm:
    """Return a firm with a small tree: a/ (a/b/ (a/b/f 3 bytes), a/e 0 bytes), z/, g 5 bytes."""
    firm.mkcol("a", "a/b", "z")
    firm.put("a/b/f", b"123")
    firm.put("a/e", b"")
    firm.put("g", b"12345")
    return firm


def test_a_moved_file_keeps_its_identity_and_stored_at(tree: Firm) -> None:
    before = _stat(tree, "g")
    tree.clock.advance(days=1)
    assert _move(tree, "g", "z/h")
    assert _stat(tree, "z/h") == before._replace(name="h", parent_id=_stat(tree, "z").id)
    assert tree.names() == ["a", "z"]
    assert _sound(tree)


def test_r4_a_renamed_collection_keeps_stored_at_of_all_below(tree: Firm) -> None:
    before = _stat(tree, "a/b/f")
    tree.clock.advance(days=1)
    _move(tree, "a", "renamed")
    assert _stat(tree, "renamed/b/f") == before


def test_r4_a_copy_is_a_new_file_stored_now_at_every_level(tree: Firm) -> None:
    before = _stat(tree, "a/b/f")
    tree.clock.advance(days=1)
    _copy(tree, "a", "copy")
    for path in ("copy", "copy/b", "copy/b/f", "copy/e"):
        copied = _stat(tree, path)
        assert (copied.stored_us, copied.created_us) == (tree.clock.us, tree.clock.us)
    assert _stat(tree, "copy/b/f").modified_us == before.modified_us
    assert _stat(tree, "a/b/f") == before


def test_sums_follow_a_moved_tree(tree: Firm) -> None:
    _move(tree, "a", "z/a")
    assert [_stat(tree, path).size_bytes for path in ("", "z", "z/a", "z/a/b")] == [8, 3, 3, 3]
    assert tree.used_bytes() == 8
    assert _sound(tree)


def test_a_copied_tree_counts_in_full_and_costs_no_byte_of_the_store(tree: Firm) -> None:
    tree.store.requests.clear()
    assert _copy(tree, "a", "z/a")
    assert tree.store.requests.total() == 0
    assert tree.used_bytes() == 11
    assert [_stat(tree, path).size_bytes for path in ("", "z", "z/a", "z/a/b", "a")] == [11, 3, 3, 3, 3]
    assert tree.get("z/a/b/f") == b"123"
    assert _sound(tree)


def test_a_copy_and_its_source_part_ways(tree: Firm) -> None:
    _copy(tree, "g", "h")
    tree.put("g", b"changed")
    assert tree.get("h") == b"12345"
    files.delete(tree.fs, tree.grant, at("g"))
    assert tree.get("h") == b"12345"
    assert _sound(tree)


def test_many_copies_of_one_object_in_one_collection_are_all_counted(tree: Firm) -> None:
    for number in range(5):
        _copy(tree, "a/b/f", f"a/b/f{number}")
    _copy(tree, "a", "z/a")
    assert _sound(tree)
    assert len(tree.stored_keys()) == 2


def test_a_copy_without_its_members_is_empty(tree: Firm) -> None:
    _copy(tree, "a", "c", deep=False)
    assert tree.names("c") == []
    assert _stat(tree, "c").size_bytes == 0
    assert tree.used_bytes() == 8
    assert _sound(tree)


def test_dead_properties_are_copied_at_every_level(tree: Firm) -> None:
    for path in ("a", "a/b", "a/b/f"):
        files.set_properties(tree.fs, tree.grant, at(path), {"{x}p": f"<p>{path}</p>", "{x}q": "<q/>"})
    _copy(tree, "a", "z/c")
    for path in ("a", "a/b", "a/b/f"):
        copied = _stat(tree, "z/c" + path[1:])
        assert files.properties_of(tree.fs, tree.grant, copied) == {"{x}p": f"<p>{path}</p>", "{x}q": "<q/>"}
    assert files.properties_of(tree.fs, tree.grant, _stat(tree, "z/c/e")) == {}


@both
def test_a5_a_free_name_is_told_from_a_replaced_one(tree: Firm, transfer: Transfer) -> None:
    tree.put("h", b"x")
    assert transfer(tree, "g", "new")
    tree.put("i", b"y")
    assert not transfer(tree, "i", "h")


@both
def test_a5_a_taken_name_stays_without_overwrite(tree: Firm, transfer: Transfer) -> None:
    with pytest.raises(PreconditionFailed):
        transfer(tree, "g", "a/b/f", overwrite=False)
    assert tree.get("a/b/f") == b"123"
    assert tree.get("g") == b"12345"


@both
@pytest.mark.parametrize(("source", "target"), [("g", "a/b/f"), ("g", "a"), ("a", "g"), ("z", "a"), ("a", "z")])
def test_a5_a_replaced_name_gives_its_bytes_back(tree: Firm, transfer: Transfer, source: str, target: str) -> None:
    moved, kept = _stat(tree, source).size_bytes, _stat(tree, target).size_bytes
    transfer(tree, source, target)
    assert tree.used_bytes() == 8 - kept + (moved if transfer is _copy else 0)
    assert _stat(tree, target).size_bytes == moved
    assert _sound(tree)


def test_o3_a_file_moved_over_another_keeps_what_hangs_on_the_name(tree: Firm) -> None:
    """Office saves as a temporary file and moves it over the original."""
    files.set_properties(tree.fs, tree.grant, at("g"), {"{x}shared": "<s/>", "{x}both": "<old/>"})
    original = _stat(tree, "g")
    tree.clock.advance(hours=1)
    temporary = tree.put("tmp", b"new bytes").node
    files.set_properties(tree.fs, tree.grant, at("tmp"), {"{x}both": "<new/>"})
    _move(tree, "tmp", "g")
    saved = _stat(tree, "g")
    assert saved.id == original.id
    assert (saved.object_id, saved.stored_us) == (temporary.object_id, temporary.stored_us)
    kept = {"{x}shared": "<s/>", "{x}both": "<new/>"}
    assert files.properties_of(tree.fs, tree.grant, saved) == kept
    assert _sound(tree)


def test_a_file_copied_over_another_brings_its_own_properties_alone(tree: Firm) -> None:
    """RFC 4918 §9.8.4: as if the other had been deleted first."""
    tree.put("h", b"x")
    files.set_properties(tree.fs, tree.grant, at("h"), {"{x}old": "<o/>"})
    files.set_properties(tree.fs, tree.grant, at("g"), {"{x}new": "<n/>"})
    _copy(tree, "g", "h")
    assert files.properties_of(tree.fs, tree.grant, _stat(tree, "h")) == {"{x}new": "<n/>"}


def test_moving_a_copy_over_its_own_original_keeps_the_bytes(tree: Firm) -> None:
    _copy(tree, "g", "h")
    _move(tree, "h", "g")
    assert tree.get("g") == b"12345"
    assert _sound(tree)


@both
def test_a_missing_source_or_parent_is_said(tree: Firm, transfer: Transfer) -> None:
    with pytest.raises(NotFound):
        transfer(tree, "missing", "x")
    with pytest.raises(ParentMissing):
        transfer(tree, "g", "missing/x")


@both
def test_nothing_goes_onto_or_into_itself(tree: Firm, transfer: Transfer) -> None:
    with pytest.raises(AccessDenied):
        transfer(tree, "a", "a")
    for source, target in (("a", "a/b/c"), ("a/b", "a"), ("g", "g/x")):
        with pytest.raises(Conflict):
            transfer(tree, source, target)
    assert _sound(tree)


@both
def test_a_folder_itself_is_neither_source_nor_target(tree: Firm, transfer: Transfer) -> None:
    for source, target in (("", "x"), ("a", "")):
        with pytest.raises((AccessDenied, Conflict)):
            transfer(tree, source, target)


def test_r23_a_tree_moves_between_folders_of_one_contract(tree: Firm) -> None:
    other = open_folder(tree, 2)
    moves.move(tree.fs, End(tree.grant, at("a")), End(other, at("a")), overwrite=True)
    assert (_stat(tree, "").size_bytes, files.stat(tree.fs, other, ()).size_bytes) == (5, 3)
    assert files.stat(tree.fs, other, at("a/b/f")).size_bytes == 3
    moves.copy(tree.fs, End(other, at("a")), End(tree.grant, at("a")), overwrite=True)
    assert tree.get("a/b/f") == b"123"
    assert _sound(tree)


def test_the_same_path_in_another_folder_is_another_place(tree: Firm) -> None:
    other = open_folder(tree, 2)
    assert moves.copy(tree.fs, End(tree.grant, at("a")), End(other, at("a")), overwrite=False)


def test_what_may_only_be_read_can_be_copied_from_but_not_moved_or_copied_to(tree: Firm) -> None:
    reader = grant_for(1, may_write=False)
    assert moves.copy(tree.fs, End(reader, at("g")), End(tree.grant, at("h")), overwrite=False)
    with pytest.raises(AccessDenied):
        moves.move(tree.fs, End(reader, at("g")), End(tree.grant, at("i")), overwrite=False)
    with pytest.raises(AccessDenied):
        moves.copy(tree.fs, End(tree.grant, at("g")), End(reader, at("i")), overwrite=False)
    assert tree.names() == ["a", "g", "h", "z"]


@pytest.mark.parametrize(("room", "admitted"), [(11, True), (10, False)])
def test_r6_a_copy_needs_room_for_all_of_it(tree: Firm, room: int, admitted: bool) -> None:
    tree.capacity_bytes = room
    if admitted:
        _copy(tree, "a", "c")
    else:
        with pytest.raises(QuotaExceeded):
            _copy(tree, "a", "c")
    assert tree.names() == (["a", "c", "g", "z"] if admitted else ["a", "g", "z"])
    assert _sound(tree)


def test_r4_over_capacity_a_move_works(tree: Firm) -> None:
    tree.capacity_bytes = 0
    _move(tree, "a", "z/a")
    _move(tree, "g", "z/g")
    assert tree.names("z") == ["a", "g"]


def _nest(firm: Firm, top: str, levels: int) -> None:
    for depth in range(1, levels + 1):
        firm.mkcol("/".join([top, *(f"{i}" for i in range(1, depth))]))


@both
def test_a_tree_may_reach_the_deepest_level_and_no_deeper(firm: Firm, transfer: Transfer) -> None:
    _nest(firm, "deep", 10)  # levels 1 to 10
    _nest(firm, "t", MAX_DEPTH - 9)
    base = "/".join(["t", *(f"{i}" for i in range(1, MAX_DEPTH - 10))])  # level 54
    with pytest.raises(InvalidName):
        transfer(firm, "deep", f"{base}/{MAX_DEPTH - 10}/x")
    assert transfer(firm, "deep", f"{base}/x")
    deepest = f"{base}/x/" + "/".join(str(i) for i in range(1, 10))
    assert len(at(deepest)) == MAX_DEPTH
    assert firm.names(deepest) == []
    assert _sound(firm)


@only_sqlite
@both
@pytest.mark.parametrize(("source", "target"), [("a", "z"), ("g", "a/b/f"), ("a", "new")])
def test_a_database_that_fails_at_any_statement_changes_nothing(
    tree: Firm, database: ProbedDatabase, transfer: Transfer, source: str, target: str
) -> None:
    def state() -> list[object]:
        paths = ("", "a", "a/b", "a/b/f", "g", "z")
        return [tree.used_bytes(), *(files.find(tree.fs, tree.grant, at(path)) for path in paths)]

    before, failing_at = state(), 0
    while True:
        failing_at += 1
        database.probe.reset()
        database.probe.before = _failure(failing_at)
        try:
            transfer(tree, source, target)
            break
        except DatabaseUnavailable:
            database.probe.reset()
        assert state() == before, failing_at
        assert _sound(tree)
    database.probe.reset()
    assert state() != before
    assert failing_at > 8
    assert _sound(tree)


def _failure(number: int) -> Callable[[int], None]:
    def fail(count: int) -> None:
        if count == number:
            raise sqlite3.OperationalError("disk I/O error")

    return fail
