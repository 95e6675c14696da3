"""Collections, deletes, quota and times, as fronts use them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import AccessDenied, AlreadyExists, NotAllowedHere, NotFound, ParentMissing, PreconditionFailed
from db.statements import Cursor
from storage import files, fsck
from storage.files import Conditions, Quota
from storage.locks import Lock
from storage.nodes import Place
from tests.unit.world import Firm, at, grant_for, open_folder


def test_a_new_folder_is_empty(firm: Firm) -> None:
    assert firm.names() == []
    assert files.stat(firm.fs, firm.grant, ()).size_bytes == 0


def test_a_folders_root_is_made_once(firm: Firm) -> None:
    before = files.stat(firm.fs, firm.grant, ())
    open_folder(firm, 1)
    assert files.stat(firm.fs, firm.grant, ()) == before


def test_a_collection_is_made_where_its_parent_is(firm: Firm) -> None:
    firm.mkcol("a", "a/b")
    assert firm.names("a") == ["b"]
    with pytest.raises(ParentMissing):
        firm.mkcol("x/y")


def test_a_taken_name_is_not_made_again(firm: Firm) -> None:
    firm.mkcol("a")
    firm.put("f")
    for taken in ("a", "f"):
        with pytest.raises(AlreadyExists):
            firm.mkcol(taken)


def test_of_many_who_make_one_name_at_once_exactly_one_succeeds(firm: Firm) -> None:
    def attempt(_: int) -> bool:
        try:
            firm.mkcol("same")
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(8))) == 1
    assert firm.names() == ["same"]


def test_a_folder_itself_cannot_be_made_written_or_deleted(firm: Firm) -> None:
    with pytest.raises(AccessDenied):
        firm.mkcol("")
    with pytest.raises(AccessDenied):
        firm.put("")
    with pytest.raises(AccessDenied):
        files.delete(firm.fs, firm.grant, ())


def test_a_grant_to_read_only_changes_nothing(firm: Firm) -> None:
    firm.put("f", b"old")
    reader = grant_for(1, may_write=False)
    changes = (
        lambda: files.make_collection(firm.fs, reader, at("c")),
        lambda: files.delete(firm.fs, reader, at("f")),
        lambda: firm.put("f", b"new", grant=reader),
        lambda: files.set_properties(firm.fs, reader, at("f"), {"{x}a": "<a/>"}),
    )
    for change in changes:
        with pytest.raises(AccessDenied) as refused:
            change()
        assert refused.value.message_id == "access.read_only"
    assert firm.get("f") == b"old"


def test_a_put_on_a_collection_is_refused(firm: Firm) -> None:
    firm.mkcol("a")
    with pytest.raises(NotAllowedHere):
        firm.put("a")


def test_a_deleted_file_gives_its_bytes_back_at_once(firm: Firm) -> None:
    firm.put("a", b"12345")
    files.delete(firm.fs, firm.grant, at("a"))
    assert firm.used_bytes() == 0
    with pytest.raises(NotFound):
        files.stat(firm.fs, firm.grant, at("a"))


def test_a_deleted_collection_takes_everything_below_with_it(firm: Firm) -> None:
    firm.mkcol("a", "a/b")
    firm.put("a/b/f", b"12345")
    firm.put("g", b"1")
    files.delete(firm.fs, firm.grant, at("a"))
    assert firm.names() == ["g"]
    assert firm.used_bytes() == 1
    assert files.find(firm.fs, firm.grant, at("a/b/f")) is None


def test_a_deleted_name_can_be_used_again(firm: Firm) -> None:
    for _ in range(3):
        firm.mkcol("a")
        firm.put("a/f")
        files.delete(firm.fs, firm.grant, at("a"))
    firm.put("a", b"now a file")
    assert firm.get("a") == b"now a file"


def test_deleting_what_is_not_there_is_not_found(firm: Firm) -> None:
    for path in ("a", "a/b/c"):
        with pytest.raises(NotFound) as refused:
            files.delete(firm.fs, firm.grant, at(path))
        assert not isinstance(refused.value, ParentMissing)


def test_folders_of_one_contract_are_apart_and_share_its_room(firm: Firm) -> None:
    other = open_folder(firm, 2)
    firm.put("f", b"123")
    firm.put("f", b"45", grant=other)
    assert firm.get("f") == b"123"
    assert files.quota(firm.fs, other).used_bytes == 5
    assert files.stat(firm.fs, other, ()).size_bytes == 2


@pytest.mark.parametrize(("capacity", "available"), [(11, 1), (10, 0), (9, 0)])
def test_r7_what_is_used_and_free_is_exact_to_the_byte(firm: Firm, capacity: int, available: int) -> None:
    firm.put("a", b"x" * 10)
    firm.capacity_bytes = capacity
    assert files.quota(firm.fs, firm.grant) == Quota(10, available)


def test_a_condition_is_asked_inside_the_change_and_stops_it(firm: Firm) -> None:
    seen: list[Place] = []

    def never(cursor: Cursor, place: Place, found: list[Lock]) -> None:
        seen.append(place)
        raise PreconditionFailed("If-Match")

    firm.put("f", b"old")
    conditions = Conditions(check=never)
    changes = (
        lambda: files.delete(firm.fs, firm.grant, at("f"), conditions),
        lambda: firm.put("f", b"new", conditions),
        lambda: files.make_collection(firm.fs, firm.grant, at("c"), conditions),
        lambda: files.set_properties(firm.fs, firm.grant, at("f"), {"{x}a": "<a/>"}, conditions),
    )
    for change in changes:
        with pytest.raises(PreconditionFailed):
            change()
    assert len(seen) == 4
    assert firm.get("f") == b"old"
    assert firm.names() == ["f"]


def test_a_file_replaced_between_check_and_commit_is_checked_again(firm: Firm) -> None:
    """The precondition held when the upload began; another writer was faster (CLIENTS A2)."""
    first = firm.put("f", b"first").node

    def unchanged(cursor: Cursor, place: Place, found: list[Lock]) -> None:
        if place.node is None or place.node.etag != first.etag:
            raise PreconditionFailed("If-Match")

    firm.store.before = lambda method: _once(firm, lambda: firm.put("f", b"faster"))
    with pytest.raises(PreconditionFailed):
        firm.put("f", b"slower", Conditions(check=unchanged))
    assert firm.get("f") == b"faster"
    assert len(firm.stored_keys()) == 2  # the first version, freed, and the faster one


def _once(firm: Firm, action: object) -> None:
    firm.store.before = lambda _: None
    action()  # type: ignore[operator]


def test_times_a_client_sets_are_kept(firm: Firm) -> None:
    firm.put("f")
    files.set_properties(firm.fs, firm.grant, at("f"), {}, modified_us=5)
    node = files.stat(firm.fs, firm.grant, at("f"))
    assert (node.modified_us, node.created_us) == (5, firm.clock.us)
    files.set_properties(firm.fs, firm.grant, at("f"), {}, created_us=-7)
    node = files.stat(firm.fs, firm.grant, at("f"))
    assert (node.modified_us, node.created_us) == (5, -7)


@pytest.mark.parametrize("size", [0, 1, files.WHOLE_READ_BYTES, files.WHOLE_READ_BYTES + 1])
def test_any_range_of_a_file_costs_one_request_or_none(firm: Firm, size: int) -> None:
    data = bytes(i % 251 for i in range(size))
    node = firm.put("f", data).node
    ranges = {(0, size), (0, min(1, size)), (size // 2, size - size // 2), (max(0, size - 1), min(1, size))}
    for start, length in ranges:
        firm.store.requests.clear()
        found = b"".join(map(bytes, files.content(firm.fs, firm.grant, node, start=start, length=length)))
        assert found == data[start : start + length]
        assert firm.store.requests.total() == (1 if length else 0)


def test_content_that_is_gone_is_not_found(firm: Firm) -> None:
    node = firm.put("f", b"x").node
    firm.store.inner.delete(list(firm.stored_keys()))
    with pytest.raises(NotFound):
        next(files.content(firm.fs, firm.grant, node, start=0, length=1))


def test_nothing_is_wrong_after_all_this(firm: Firm) -> None:
    firm.mkcol("a", "a/b")
    firm.put("a/b/f", b"123")
    firm.put("a/b/f", b"1")
    firm.put("a/e", b"")
    files.delete(firm.fs, firm.grant, at("a/b"))
    assert not fsck.check(firm.fs).is_wrong
