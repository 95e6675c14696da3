"""Pages of a collection: collections first, every order, no member twice."""

from __future__ import annotations

import pytest

from storage import files, listing
from storage.listing import Order
from tests.unit.world import Firm, at


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


def test_members_are_counted_and_what_is_below_them_is_not(stocked: Firm) -> None:
    assert listing.count(stocked.fs, stocked.grant, files.stat(stocked.fs, stocked.grant, at(""))) == 5
