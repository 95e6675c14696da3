"""What a collection holds, as pages show it: in order, a page at a time, and by a text in a name.

The database orders and searches names itself, but for a Secret Folder's: these are sealed, so they are opened
first and looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from admin_web.places import Place
from storage import files, listing
from storage.files import FileSystem
from storage.listing import Hit, Order
from storage.nodes import Node


def page(
    fs: FileSystem,
    place: Place,
    collection: Node,
    *,
    order: Order,
    descending: bool,
    offset: int,
    limit: int,
    among: int | None = None,
) -> list[Node]:
    """Return `limit` of `among` members from the one at `offset` on, under their names as people read them.

    Collections come first.
    """
    if place.cipher is not None and order is Order.NAME:
        found = sorted(every(fs, place, collection), key=lambda one: one.name, reverse=descending)
        found.sort(key=lambda one: one.kind)
        return found[offset : offset + limit]
    rows = listing.page(
        fs, place.grant, collection, order=order, descending=descending, offset=offset, limit=limit, among=among
    )
    return [place.opened(row) for row in rows]


def every(fs: FileSystem, place: Place, collection: Node) -> Iterator[Node]:
    """Yield all members of a collection in the order storage keeps them, under their names as people read them."""
    after = ""
    while rows := files.members(fs, place.grant, collection, after=after):
        yield from map(place.opened, rows)
        after = rows[-1].name


def search(fs: FileSystem, place: Place, collection: Node, text: str, *, limit: int) -> list[Hit]:
    """Return what is below a collection and has a text in its name, whatever the case of its letters."""
    if place.cipher is None:
        return listing.search(fs, place.grant, collection, text, limit=limit)
    wanted = text.casefold()
    hits = (hit for hit in _below(fs, place, collection, ()) if wanted in hit.node.name.casefold())
    return sorted(islice(hits, limit), key=lambda hit: hit.node.name)


def _below(fs: FileSystem, place: Place, collection: Node, names: tuple[str, ...]) -> Iterator[Hit]:
    for one in every(fs, place, collection):
        yield Hit((*names, one.name), one)
        if one.is_collection:
            yield from _below(fs, place, one, (*names, one.name))
