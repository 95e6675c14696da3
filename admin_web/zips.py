"""Several files and collections as one ZIP archive, streamed: no temporary file, no archive in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zipstream import ZIP_STORED, ZipStream

from admin_web.places import Place
from storage import files
from storage.files import FileSystem
from storage.nodes import Node


def stream(fs: FileSystem, tops: Sequence[tuple[Place, Node]]) -> Iterator[bytes]:
    """Yield an archive of files and collections with all that is below them, as it is being read.

    What people store is mostly compressed already, so members are stored as they are. A file that vanishes
    meanwhile raises: the archive ends early, and nobody takes half of it for the whole.
    """
    archive = ZipStream(compress_type=ZIP_STORED)
    for place, node in tops:
        for path, one_place, one in _walk(fs, place, node, node.name):
            if one.is_collection:
                archive.mkdir(path)
            else:
                archive.add(_content(fs, one_place, one), path, size=one.size_bytes)
            yield from archive.all_files()
    yield from archive.finalize()


def _walk(fs: FileSystem, place: Place, node: Node, path: str) -> Iterator[tuple[str, Place, Node]]:
    """Yield a node and all below it, a page of members at a time."""
    yield path, place, node
    members = files.members(fs, place.grant, node) if node.is_collection else []
    while members:
        for one in map(place.opened, members):
            yield from _walk(fs, place.below(one.name), one, f"{path}/{one.name}")
        members = files.members(fs, place.grant, node, after=members[-1].name)


def _content(fs: FileSystem, place: Place, node: Node) -> Iterator[bytes]:
    for block in files.content(fs, place.grant, node, start=0, length=node.size_bytes):
        yield bytes(block)
