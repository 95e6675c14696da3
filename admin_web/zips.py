"""Several files and collections as one ZIP archive, streamed: no temporary file, no archive in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zipfile import ZipFile, ZipInfo

from admin_web.places import Place
from core.clock import TOKYO, from_microseconds
from storage import files
from storage.files import FileSystem
from storage.nodes import Node

#: What ZIP can say of a time (APPNOTE 4.4.6): local, from 1980 to 2107.
_FIRST, _LAST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)
#: The rights files and folders get where they are unpacked on Unix, and DOS' mark of a folder.
_FILE, _FOLDER = 0o100644 << 16, (0o040755 << 16) | 0x10


class _Outlet:
    """What the archive is written to: it cannot seek, and holds what was not sent on yet."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take bytes."""
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: everything is sent on in its turn."""

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._held = b"".join(self._held), []
        return taken


def stream(fs: FileSystem, tops: Sequence[tuple[Place, Node]]) -> Iterator[bytes]:
    """Yield an archive of files and collections with all that is below them, as it is being read.

    What people store is mostly compressed already, so members are stored as they are, with their modification time in
    Tokyo. A file that vanishes meanwhile raises: the archive ends early, and nobody takes half of it for the whole.
    """
    outlet = _Outlet()
    with ZipFile(outlet, "w") as archive:  # type: ignore[call-overload]  # typeshed wants seek where zipfile does not
        for place, node in tops:
            for path, one_place, one in _walk(fs, place, node, node.name):
                info = _described(path, one)
                if one.is_collection:
                    archive.writestr(info, b"")
                else:
                    with archive.open(info, "w") as member:
                        for block in files.content(fs, one_place.grant, one, start=0, length=one.size_bytes):
                            member.write(block)
                            yield outlet.take()
                yield outlet.take()
    yield outlet.take()


def _described(path: str, node: Node) -> ZipInfo:
    local = from_microseconds(node.modified_us).astimezone(TOKYO).timetuple()[:6]
    info = ZipInfo(f"{path}/" if node.is_collection else path, min(max(_FIRST, local), _LAST))
    info.external_attr = _FOLDER if node.is_collection else _FILE
    info.file_size = 0 if node.is_collection else node.size_bytes  # so that a large one gets the fields it needs
    return info


def _walk(fs: FileSystem, place: Place, node: Node, path: str) -> Iterator[tuple[str, Place, Node]]:
    """Yield a node and all below it, a page of members at a time."""
    yield path, place, node
    members = files.members(fs, place.grant, node) if node.is_collection else []
    while members:
        for one in map(place.opened, members):
            yield from _walk(fs, place.below(one.name), one, f"{path}/{one.name}")
        members = files.members(fs, place.grant, node, after=members[-1].name)
