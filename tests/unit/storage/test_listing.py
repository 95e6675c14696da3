"""Pages of a collection: collections first, every order, no member twice."""

from __future__ import annotations

import pytest

from storage import files, listing
from storage.listing import Order
from tests.unit.world import Firm, at, open_folder


@pytest.fixture
def stocked(firm: Firm) -> Firm:
    """Return a firm with two collections and three files of different size and age."""
    firm.mkcol("b", "a")
    for name, size in (("small", 1), ("large", 30), ("medium", 20)):
        firm.put(name, b"x" * size)
        firm.clock.advance(seconds=1)
    firm.put("a/inside", b"x" * 5)
    return firm


def _names(firm: Firm, order: Order, *, descending: bool = False, offset: int = 0, limit: int = 100) -> list[str]:
    root = files.stat(firm.fs, firm.grant, at(""))
    shown = listing.page(firm.fs, firm.grant, root, order=order, descending=descending, offset=offset, limit=limit)
    return [node.name for node in shown]


@pytest.mark.parametrize(
    ("order", "descending", "expected"),
    [
        (Order.NAME, False, ["a", "b", "large", "medium", "small"]),
        (Order.NAME, True, ["b", "a", "small", "medium", "large"]),
        (Order.SIZE, False, ["b", "a", "small", "medium", "large"]),
        (Order.SIZE, True, ["a", "b", "large", "medium", "small"]),
        (Order.MODIFIED, False, ["a", "b", "small", "large", "medium"]),
        (Order.MODIFIED, True, ["a", "b", "medium", "large", "small"]),
    ],
)
def test_collections_come_first_and_all_is_in_order(
    stocked: Firm, order: Order, descending: bool, expected: list[str]
) -> None:
    assert _names(stocked, order, descending=descending) == expected


def test_pages_show_every_member_once(stocked: Firm) -> None:
    pages = [_names(stocked, Order.NAME, offset=offset, limit=2) for offset in (0, 2, 4, 6)]
    assert pages == [["a", "b"], ["large", "medium"], ["small"], []]


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_page_counted_from_the_end_is_the_same_page(
    stocked: Firm, order: Order, descending: bool, limit: int
) -> None:
    stocked.put("as large", b"x" * 30)
    root = files.stat(stocked.fs, stocked.grant, at(""))
    for offset in range(8):
        wanted = _names(stocked, order, descending=descending, offset=offset, limit=limit)
        shown = listing.page(
            stocked.fs, stocked.grant, root, order=order, descending=descending, offset=offset, limit=limit, among=6
        )
        assert [node.name for node in shown] == wanted, offset


def test_members_are_counted_and_what_is_below_them_is_not(stocked: Firm) -> None:
    assert listing.count(stocked.fs, stocked.grant, files.stat(stocked.fs, stocked.grant, at(""))) == 5


def _found(firm: Firm, text: str, path: str = "", limit: int = 100) -> list[str]:
    start = files.stat(firm.fs, firm.grant, at(path))
    return ["/".join(hit.names) for hit in listing.search(firm.fs, firm.grant, start, text, limit=limit)]


def test_a_search_finds_names_at_every_depth_whatever_the_case(firm: Firm) -> None:
    firm.mkcol("Plan", "Plan/2026", "other")
    for path in ("plan.txt", "Plan/2026/my PLAN.txt", "other/見積 plan.txt", "other/none.txt"):
        firm.put(path)
    assert _found(firm, "plan") == ["Plan", "Plan/2026/my PLAN.txt", "plan.txt", "other/見積 plan.txt"]
    assert _found(firm, "見積") == ["other/見積 plan.txt"]
    assert _found(firm, "plan", "other") == ["見積 plan.txt"]
    assert _found(firm, "plan", limit=2) == ["Plan", "Plan/2026/my PLAN.txt"]


def test_a_search_takes_its_text_as_it_is(firm: Firm) -> None:
    for path in ("100%", "100x", "a_b", "aXb", "a/b".replace("/", "\\")):
        firm.put(path)
    assert _found(firm, "100%") == ["100%"]
    assert _found(firm, "a_") == ["a_b"]
    assert _found(firm, "\\") == ["a\\b"]


def test_a_search_finds_nodes_as_they_are_and_nothing_of_another_login(firm: Firm) -> None:
    firm.put("mine", b"123")
    root = files.stat(firm.fs, firm.grant, at(""))
    hit = listing.search(firm.fs, firm.grant, root, "mine", limit=1)[0]
    assert hit.node == files.stat(firm.fs, firm.grant, at("mine"))
    other = open_folder(firm, 2)
    firm.put("mine too", grant=other)
    assert _found(firm, "mine") == ["mine"]
