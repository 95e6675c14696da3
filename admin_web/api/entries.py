"""Files and folders as the API shows them, and looking at them."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import Response
from pydantic import Field

from admin_web import content, members, places, records
from admin_web.api.shapes import MAX_OFFSET, MAX_ROWS, Bytes, Instant, Page, Path, Shape, Text
from admin_web.api.subject import Subject, media
from admin_web.browse import memberships, place_of
from admin_web.gate import caller, parts, secret_key
from admin_web.places import Place
from auth.access import FolderType, visible_folders
from auth.tokens import Scope
from core.clock import from_microseconds
from core.errors import NotAllowedHere
from core.names import normalise
from storage import listing
from storage.listing import Order
from storage.nodes import Node

subject = Subject("files", "Files and folders, as the network drive and the pages show them")


class Entry(Shape):
    """A file or folder. A folder's size is that of all files below it; `etag` and `media_type` are a file's."""

    path: str
    name: str
    kind: Literal["file", "folder"]
    size_bytes: Bytes
    media_type: str | None
    etag: str | None
    created_at: Instant
    modified_at: Instant
    stored_at: Instant


class Folder(Shape):
    """A folder the caller may open now, by the path that leads there."""

    path: str
    type: FolderType
    may_write: bool


class Folders(Shape):
    """The folders the caller may open."""

    items: list[Folder]


class Listing(Shape):
    """Part of a folder's members, folders first. `count` is how many it has."""

    items: list[Entry]
    next_offset: int | None
    count: int


class Found(Shape):
    """What a search found; `complete` is false where there is more."""

    items: list[Entry]
    complete: bool


class Which(Shape):
    """A file or folder."""

    path: Path


class WhichPage(Page):
    """A folder, and which part of its members."""

    path: Path
    sort: Literal["name", "size", "modified"] = "name"
    descending: bool = False


class Wanted(Shape):
    """What to search for."""

    path: Annotated[Path, Field(description="Where to search: this folder and all below it.")]
    text: Annotated[Text, Field(min_length=1, description="A part of the name, whatever the case of its letters.")]
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)] = 100


def entry(place: Place, node: Node) -> Entry:
    """Return the node at a place as the API shows it."""
    folder = node.is_collection
    return Entry(
        path=place.path,
        name=place.name or place.grant.folder.value,
        kind="folder" if folder else "file",
        size_bytes=node.size_bytes,
        media_type=None if folder else content.media_type(node.name),
        etag=None if folder else node.etag,
        created_at=from_microseconds(node.created_us),
        modified_at=from_microseconds(node.modified_us),
        stored_at=from_microseconds(node.stored_us),
    )


def entry_at(place: Place) -> Entry:
    """Return what is at a place. Raises NotFound."""
    return entry(place, places.stat(parts().files, place))


def _collection(path: str) -> tuple[Place, Node]:
    place = place_of(path)
    node = places.stat(parts().files, place)
    if not node.is_collection:
        raise NotAllowedHere("this is a file")
    return place, node


@subject.operation("GET /folders", scope=Scope.FILES_READ, answer=Folders)
def list_folders() -> Folders:
    """List the folders the caller may open now.

    The Secret Folder is among them while it is unlocked on the caller's device, the Security Folder where the line is
    proven.
    """
    found, items = caller(), []
    for folder in visible_folders(found, unlocked=secret_key(found) is not None):
        if folder is FolderType.GROUP:
            items += [Folder(path=f"group/{one.name}", type=folder, may_write=one.may_write) for one in memberships()]
        else:
            items.append(Folder(path=folder.value, type=folder, may_write=found.active))
    return Folders(items=items)


@subject.operation("GET /files", scope=Scope.FILES_READ, answer=Listing)
def list_files(query: WhichPage) -> Listing:
    """List the members of a folder."""
    fs, (place, node) = parts().files, _collection(query.path)
    records.note_listed(place)
    count = listing.count(fs, place.grant, node)
    found = members.page(
        fs,
        place,
        node,
        order=Order(query.sort),
        descending=query.descending,
        offset=query.offset,
        limit=query.limit,
    )
    end = query.offset + query.limit
    items = [entry(place.below(one.name), one) for one in found]
    return Listing(items=items, next_offset=end if end < min(count, MAX_OFFSET) else None, count=count)


@subject.operation("GET /files/entry", scope=Scope.FILES_READ, answer=Entry)
def show_file(query: Which) -> Entry:
    """Tell about one file or folder."""
    return entry_at(place_of(query.path))


@subject.operation("GET /files/search", scope=Scope.FILES_READ, answer=Found)
def search_files(query: Wanted) -> Found:
    """Search a folder and all below it for names."""
    place, node = _collection(query.path)
    records.note_listed(place)
    hits = members.search(parts().files, place, node, normalise(query.text), limit=query.limit + 1)
    items = [entry(place.below(*hit.names), hit.node) for hit in hits[: query.limit]]
    return Found(items=items, complete=len(hits) <= query.limit)


_BYTES = {"type": "string", "format": "binary"}


@subject.operation(
    "GET /files/content",
    scope=Scope.FILES_READ,
    answer=media("*/*", "The file's bytes, in the media type its name suggests.", _BYTES),
    more={
        206: media("*/*", "The bytes of the range that was asked for.", _BYTES),
        304: {"description": "The caller's copy, named by If-None-Match, is still good."},
        416: {"description": "The range lies outside the file."},
    },
)
def download(query: Which) -> Response:
    """Download a file, or a range of it.

    Range, If-Range and If-None-Match count as in RFC 9110.
    """
    place = place_of(query.path)
    node = places.stat(parts().files, place)
    if node.is_collection:
        raise NotAllowedHere("this is a folder")
    return content.answer(parts().files, place, node)
