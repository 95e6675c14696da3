"""From a path to a node: any depth, also where one statement cannot hold all its names."""

from __future__ import annotations

import unicodedata

import pytest

from core.errors import ParentMissing
from core.names import MAX_DEPTH
from storage import files, nodes
from storage.nodes import Node, Place
from tests.unit.world import Firm, ProbedDatabase


def _deep(depth: int) -> tuple[str, ...]:
    return tuple(f"d{i}" for i in range(depth))


def _place(firm: Firm, *names: str) -> Place:
    with firm.fs.database.reading() as tx:
        return nodes.resolve(tx.cursor, firm.contract_id, firm.grant.root, names)


@pytest.fixture
def deep(firm: Firm, database: ProbedDatabase) -> Firm:
    """Return a firm with collections nested 63 deep and a file at the 64th level."""
    for depth in range(1, MAX_DEPTH):
        files.make_collection(firm.fs, firm.grant, _deep(depth))
    firm.put("/".join(_deep(MAX_DEPTH)), b"deep")
    database.probe.reset()
    return firm


def test_a_folder_itself_is_its_root(firm: Firm) -> None:
    place = _place(firm)
    assert place.node is not None
    assert place.node.is_collection
    assert (place.parents, place.parent_found) == ((), True)


def test_every_depth_is_found_also_beyond_what_one_statement_holds(deep: Firm) -> None:
    """31, 32 and 33 names are where the second statement begins, with the root as one name more."""
    for depth in range(1, MAX_DEPTH + 1):
        place = _place(deep, *_deep(depth))
        assert place.node is not None, depth
        assert place.node.name == f"d{depth - 1}"
        assert len(place.parents) == depth
        assert place.node.parent_id == place.parents[-1]


def test_a_free_name_at_every_depth_has_its_parent(deep: Firm) -> None:
    for depth in range(1, MAX_DEPTH + 1):
        place = _place(deep, *_deep(depth - 1), "free")
        assert place.node is None, depth
        assert place.parent_found
        assert len(place.parents) == depth


def test_below_a_missing_name_no_parent_is_found_at_any_depth(deep: Firm) -> None:
    for depth in range(1, MAX_DEPTH):
        place = _place(deep, *_deep(depth - 1), "missing", "free")
        assert (place.node, place.parent_found) == (None, False), depth


@pytest.mark.parametrize("depth", [1, 30, 31, 32, 62, 63])
def test_below_a_file_no_parent_is_found(firm: Firm, depth: int) -> None:
    for level in range(1, depth):
        files.make_collection(firm.fs, firm.grant, _deep(level))
    firm.put("/".join(_deep(depth)))
    place = _place(firm, *_deep(depth), "below")
    assert (place.node, place.parent_found) == (None, False)
    with pytest.raises(ParentMissing):
        firm.put("/".join((*_deep(depth), "below")))


@pytest.mark.parametrize(("names", "statements"), [(0, 1), (1, 1), (31, 1), (32, 2), (63, 2), (64, 3)])
def test_a_path_costs_one_statement_for_each_32_names(
    deep: Firm, database: ProbedDatabase, names: int, statements: int
) -> None:
    _place(deep, *_deep(names))
    assert len(database.probe.own) == statements


def test_a_folder_that_is_not_there_is_not_found(firm: Firm) -> None:
    with firm.fs.database.reading() as tx:
        assert nodes.resolve(tx.cursor, firm.contract_id, "my/99", ()) == Place((), parent_found=True, node=None)
        assert nodes.resolve(tx.cursor, firm.contract_id, "my/99", ("a",)) == Place((), parent_found=False, node=None)
        assert nodes.resolve(tx.cursor, 2, firm.grant.root, ()).node is None


def test_a_listing_is_in_byte_order_a_page_at_a_time(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["10", "9", "B", "a", "a b", "é", "が", "😀"]
    for name in reversed(names):
        firm.put(unicodedata.normalize("NFC", name))
    monkeypatch.setattr(nodes, "PAGE_ROWS", 3)
    collection = files.stat(firm.fs, firm.grant, ())
    listed: list[Node] = []
    while page := files.members(firm.fs, firm.grant, collection, after=listed[-1].name if listed else ""):
        assert len(page) <= 3
        listed += page
    assert [node.name for node in listed] == names


def test_members_are_counted(firm: Firm) -> None:
    root = files.stat(firm.fs, firm.grant, ())
    for expected in range(3):
        with firm.fs.database.reading() as tx:
            assert nodes.member_count(tx.cursor, firm.contract_id, root.id) == expected
        firm.put(f"f{expected}")


def test_etags_are_quoted_and_name_the_bytes(firm: Firm) -> None:
    first, second = firm.put("a", b"1").node, firm.put("a", b"1").node
    assert first.etag != second.etag
    assert first.etag.startswith('"')
    assert first.etag.endswith('"')
    assert firm.put("b", b"").node.etag == firm.put("c", b"").node.etag == '"empty"'
