"""Groups and their members (R22)."""

from __future__ import annotations

import pytest

from auth import groups
from auth.groups import Group, Membership
from core.errors import AlreadyExists, InvalidName, NotFound
from tests.unit.auth.cast import MOMIJI, SAKURA, Cast

EIGYO = 77


@pytest.fixture
def eigyo(cast: Cast) -> Cast:
    """Return the cast with the group 営業 of sakura: hanako writes, taro reads."""

    cast.database.write(lambda tx: groups.add_group(tx, SAKURA, EIGYO, "営業", now=cast.clock()))
    _member(cast, "hanako", True)
    _member(cast, "taro", False)
    return cast


def _member(cast: Cast, login_id: str, may_write: bool | None) -> None:
    cast.database.write(lambda tx: groups.set_member(tx, SAKURA, EIGYO, login_id, may_write=may_write))


def _membership(cast: Cast, login_id: str, name: str = "営業") -> Membership | None:
    with cast.database.reading() as tx:
        return groups.membership(tx.cursor, cast.caller(login_id), name)


def test_r22_a_member_reads_or_writes_and_a_stranger_is_nobody(eigyo: Cast) -> None:
    assert _membership(eigyo, "hanako") == Membership(EIGYO, "営業", True)
    assert _membership(eigyo, "taro") == Membership(EIGYO, "営業", False)
    assert _membership(eigyo, "sakura-admin") is None
    assert _membership(eigyo, "hanako", "no such group") is None


def test_r22_a_group_of_one_contract_is_not_there_for_another(eigyo: Cast) -> None:
    eigyo.database.write(lambda tx: groups.add_group(tx, MOMIJI, EIGYO, "営業", now=eigyo.clock()))
    assert _membership(eigyo, "jiro") is None
    with pytest.raises(NotFound):
        _member(eigyo, "jiro", True)


def test_r22_a_changed_membership_counts_at_once(eigyo: Cast) -> None:
    _member(eigyo, "taro", True)
    assert _membership(eigyo, "taro") == Membership(EIGYO, "営業", True)
    _member(eigyo, "taro", None)
    assert _membership(eigyo, "taro") is None


def test_membership_and_the_list_of_groups_cost_one_statement_each(eigyo: Cast) -> None:
    eigyo.database.write(lambda tx: groups.add_group(tx, SAKURA, 78, "archive", now=eigyo.clock()))
    eigyo.database.write(lambda tx: groups.set_member(tx, SAKURA, 78, "hanako", may_write=False))
    eigyo.database.probe.reset()
    _membership(eigyo, "hanako")
    with eigyo.database.reading() as tx:
        listed = groups.memberships(tx.cursor, eigyo.caller("hanako"))
    assert len(eigyo.database.probe.own) == 2
    assert [(one.name, one.may_write) for one in listed] == [("archive", False), ("営業", True)]


def test_the_administrator_sees_groups_with_and_without_members(eigyo: Cast) -> None:
    eigyo.database.write(lambda tx: groups.add_group(tx, SAKURA, 78, "empty", now=eigyo.clock()))
    with eigyo.database.reading() as tx:
        assert groups.list_groups(tx, SAKURA) == [
            Group("empty", (), ()),
            Group("営業", ("taro",), ("hanako",)),
        ]


def test_a6_a_group_has_one_name_in_nfc(cast: Cast) -> None:
    decomposed, composed = "か\u3099", "が"
    kept = cast.database.write(lambda tx: groups.add_group(tx, SAKURA, EIGYO, decomposed, now=cast.clock()))
    assert kept == composed
    with pytest.raises(AlreadyExists):
        cast.database.write(lambda tx: groups.add_group(tx, SAKURA, 78, composed, now=cast.clock()))
    with cast.database.reading() as tx:
        assert groups.find(tx, SAKURA, decomposed) == EIGYO


@pytest.mark.parametrize("name", ["", "..", "a/b", "\x01"])
def test_a_group_is_named_like_a_folder(cast: Cast, name: str) -> None:
    with pytest.raises(InvalidName):
        cast.database.write(lambda tx: groups.add_group(tx, SAKURA, EIGYO, name, now=cast.clock()))
