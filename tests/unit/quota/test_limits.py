"""Limits of logins and groups within a contract: exact to the byte, asked at every way in (R6, R22)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest

from auth.access import FolderType, Grant, folder_root
from core import messages
from core.errors import InvalidInput, LimitExceeded, NotFound, QuotaExceeded
from quota import limits
from quota.limits import Owner, OwnerKind, Room, parse_size
from storage import files, fsck, uploads
from storage.files import Quota
from storage.moves import End, copy, move
from storage.uploads import Announced
from tests.unit.world import Firm, at, grant_for, open_folder

LOGIN, GROUP = Owner(OwnerKind.LOGIN, 1), Owner(OwnerKind.GROUP, 7)


def limit(firm: Firm, limit_bytes: int | None, owner: Owner = LOGIN) -> None:
    """Set a limit."""
    firm.fs.database.write(lambda tx: limits.set_limit(tx, firm.contract_id, owner, limit_bytes))


def folder(firm: Firm, kind: FolderType, number: int) -> Grant:
    """Open a folder of some type and return login 1's grant on it."""
    root = folder_root(kind, number)
    firm.fs.database.write(lambda tx: files.ensure_root(tx, firm.contract_id, root, now_us=firm.clock.us))
    return grant_for(1, root=root)


def intact(firm: Firm) -> bool:
    return not fsck.check(firm.fs).is_wrong


@pytest.mark.parametrize("length", [10, None])
def test_r6_a_login_may_fill_its_limit_and_not_a_byte_more(firm: Firm, length: int | None) -> None:
    limit(firm, 10)
    uploads.write(firm.fs, firm.grant, at("a"), BytesIO(b"x" * 10).read, Announced(length))
    with pytest.raises(LimitExceeded) as refused:
        uploads.write(firm.fs, firm.grant, at("b"), BytesIO(b"x").read, Announced(length and 1))
    assert (refused.value.limit_bytes, refused.value.needed_bytes, refused.value.free_bytes) == (10, 1, 0)
    assert firm.names() == ["a"]
    assert len(firm.stored_keys()) == 1
    assert intact(firm)


def test_r6_one_byte_over_a_limit_is_refused_before_the_body(firm: Firm) -> None:
    def read(_: int) -> bytes:
        raise AssertionError("the body was read")

    limit(firm, 10)
    with pytest.raises(LimitExceeded):
        uploads.write(firm.fs, firm.grant, at("a"), read, Announced(11))


def test_r6_a_limit_set_while_the_body_comes_is_asked_at_the_commit(firm: Firm) -> None:
    def set_meanwhile(_: str) -> None:
        firm.store.before = lambda _: None
        limit(firm, 4)

    firm.store.before = set_meanwhile
    with pytest.raises(LimitExceeded):
        firm.put("a", b"12345")
    assert firm.names() == []
    assert firm.stored_keys() == set()


@pytest.mark.parametrize("kind", [FolderType.MY, FolderType.SECRET, FolderType.SECURITY])
def test_r22_the_three_folders_of_a_login_count_together(firm: Firm, kind: FolderType) -> None:
    limit(firm, 10)
    firm.put("a", b"x" * 6)
    grant = folder(firm, kind, 1)
    firm.put("b", b"x" * 4, grant=grant)
    with pytest.raises(LimitExceeded):
        firm.put("c", b"x", grant=grant)
    firm.put("a", b"x" * 5)
    firm.put("c", b"x", grant=grant)


def test_r22_a_login_with_a_limit_takes_nothing_from_others(firm: Firm) -> None:
    limit(firm, 0)
    firm.put("a", b"x" * 50, grant=open_folder(firm, 2))
    firm.put("a", b"x" * 50, grant=folder(firm, FolderType.GROUP, 1))  # a group of the same number
    with pytest.raises(LimitExceeded):
        firm.put("a", b"x")
    firm.put("empty", b"")


def test_r22_a_group_has_a_limit_of_its_own(firm: Firm) -> None:
    limit(firm, 10, GROUP)
    grant = folder(firm, FolderType.GROUP, 7)
    firm.put("a", b"x" * 10, grant=grant)
    with pytest.raises(LimitExceeded) as refused:
        firm.put("b", b"x", grant=grant)
    firm.put("b", b"x" * 20)
    assert "This Group Folder may hold 10 bytes" in messages.explain(refused.value, "en")
    assert "上限は 10 バイト" in messages.explain(refused.value, "ja")


@pytest.mark.parametrize(
    ("capacity_bytes", "limit_bytes", "available_bytes"),
    [(100, 60, 40), (100, 90, 70), (100, 91, 70), (25, 60, 0), (100, 20, 0), (100, 19, 0), (100, None, 70)],
)
def test_r7_what_is_available_is_the_smaller_of_capacity_and_limit(
    firm: Firm, capacity_bytes: int, limit_bytes: int | None, available_bytes: int
) -> None:
    firm.put("a", b"x" * 20)
    firm.put("a", b"x" * 10, grant=open_folder(firm, 2))
    firm.capacity_bytes = capacity_bytes
    limit(firm, limit_bytes)
    assert files.quota(firm.fs, firm.grant) == Quota(30, available_bytes)


def test_the_capacity_holds_within_a_wide_limit(firm: Firm) -> None:
    limit(firm, 100)
    firm.capacity_bytes = 10
    with pytest.raises(QuotaExceeded) as refused:
        firm.put("a", b"x" * 11)
    assert not isinstance(refused.value, LimitExceeded)


@pytest.mark.parametrize(("limit_bytes", "admitted"), [(10, True), (9, False)])
@pytest.mark.parametrize("change", [move, copy])
def test_what_comes_from_another_folder_is_held_to_the_limit(
    firm: Firm, change: Callable[..., bool], limit_bytes: int, admitted: bool
) -> None:
    firm.mkcol("tree")
    firm.put("tree/f", b"x" * 10)
    group = folder(firm, FolderType.GROUP, 7)
    limit(firm, limit_bytes, GROUP)
    ends = End(firm.grant, at("tree")), End(group, at("tree"))
    if admitted:
        assert change(firm.fs, *ends, overwrite=False)
    else:
        with pytest.raises(LimitExceeded):
            change(firm.fs, *ends, overwrite=False)
        assert firm.get("tree/f") == b"x" * 10
        assert files.find(firm.fs, group, at("tree")) is None
    assert intact(firm)


@pytest.mark.parametrize(("size_bytes", "admitted"), [(10, True), (11, False)])
def test_what_is_replaced_makes_room_for_what_comes(firm: Firm, size_bytes: int, admitted: bool) -> None:
    group = folder(firm, FolderType.GROUP, 7)
    firm.put("f", b"x" * 10, grant=group)
    firm.put("f", b"y" * size_bytes)
    limit(firm, 10, GROUP)
    ends = End(firm.grant, at("f")), End(group, at("f"))
    if admitted:
        assert not move(firm.fs, *ends, overwrite=True)
    else:
        with pytest.raises(LimitExceeded):
            move(firm.fs, *ends, overwrite=True)
    assert intact(firm)


def test_over_a_limit_reading_renaming_and_shrinking_go_on(firm: Firm) -> None:
    firm.mkcol("sub")
    firm.put("a", b"x" * 20)
    limit(firm, 5)
    assert firm.get("a") == b"x" * 20
    move(firm.fs, End(firm.grant, at("a")), End(firm.grant, at("sub/b")), overwrite=False)
    move(
        firm.fs, End(firm.grant, at("sub/b")), End(folder(firm, FolderType.SECURITY, 1), at("b")), overwrite=False
    )  # the same owner
    firm.put("b", b"x" * 19, grant=folder(firm, FolderType.SECURITY, 1))
    files.delete(firm.fs, folder(firm, FolderType.SECURITY, 1), at("b"))
    firm.put("a", b"x" * 5)


def test_the_last_limit_set_counts_until_it_is_taken_away(firm: Firm) -> None:
    limit(firm, 1)
    limit(firm, 5)
    firm.put("a", b"x" * 5)
    limit(firm, None)
    firm.put("a", b"x" * 50)
    with firm.fs.database.reading() as tx:
        assert limits.list_limits(tx, firm.contract_id) == []
        assert limits.room(tx.cursor, firm.contract_id, "my/1") == Room(50, OwnerKind.LOGIN, None, 0)


def test_a_contract_that_is_not_there_has_no_limits(firm: Firm) -> None:
    with pytest.raises(NotFound):
        firm.fs.database.write(lambda tx: limits.set_limit(tx, 99, LOGIN, 5))


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("0", 0),
        ("500", 500),
        ("1KB", 1024),
        ("3 mb", 3 << 20),
        ("5GB", 5 << 30),
        ("2TB", 2 << 40),
        ("8388607TB", 8388607 << 40),
    ],
)
def test_a_size_is_bytes_or_a_number_with_a_unit(text: str, size_bytes: int) -> None:
    assert parse_size(text) == size_bytes


@pytest.mark.parametrize("text", ["", "-1", "1.5GB", "GB", "5PB", "none", "8388608TB", "5 G B"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_size(text)
