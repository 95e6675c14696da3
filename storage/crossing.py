"""Copies into and out of a Secret Folder: what is sealed on one side has to be written anew (R18, R23).

Unlike every other copy this one moves bytes. It is made under a passing name and takes its place in one step,
so that the target is the old thing or the whole new one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from typing_extensions import Buffer

from auth.access import Grant
from core.errors import AccessDenied, GatewayError, NameTaken
from core.ids import new_object_id
from storage import files, moves, uploads
from storage.files import UNCONDITIONAL, Conditions, FileSystem
from storage.moves import End
from storage.nodes import Node
from storage.sealing import NameCipher
from storage.uploads import Announced


def is_needed(source: End, target: End) -> bool:
    """Return whether the two ends keep contents differently, so that rows alone cannot be copied."""
    return source.grant.folder_key != target.grant.folder_key


def copy(
    fs: FileSystem,
    source: End,
    target: End,
    *,
    overwrite: bool,
    depth_infinity: bool = True,
    conditions: Conditions = UNCONDITIONAL,
) -> bool:
    """Copy a file or tree between folders of which one is secret; return True where the target name was free.

    Raises as `storage.moves.copy`, and what reading and writing contents may raise; then nothing has changed.
    """
    if not source.names or not target.names:
        raise AccessDenied("access.fixed_folder")
    with fs.database.reading() as tx:
        moves.require_crossing(tx, source, target, moving=False)
    node = files.stat(fs, source.grant, source.names)
    if not overwrite and files.find(fs, target.grant, target.names) is not None:
        raise NameTaken("Overwrite: F, and the name is taken")
    passing = End(target.grant, (*target.names[:-1], _kept(target.grant, f".azukari-{new_object_id()}")))
    tokens = Conditions(conditions.tokens)
    try:
        _copy_node(fs, source.grant, node, passing, tokens, with_members=depth_infinity)
        return moves.move(fs, passing, target, overwrite=overwrite, conditions=conditions)
    except BaseException:
        with contextlib.suppress(GatewayError):
            files.delete(fs, passing.grant, passing.names, tokens)
        raise


def _copy_node(
    fs: FileSystem, grant: Grant, node: Node, target: End, conditions: Conditions, *, with_members: bool
) -> None:
    if node.is_collection:
        files.make_collection(fs, target.grant, target.names, conditions)
        for member in _members(fs, grant, node) if with_members else ():
            names = (*target.names, _kept(target.grant, _shown(grant, member.name)))
            _copy_node(fs, grant, member, End(target.grant, names), conditions, with_members=True)
    else:
        content = files.content(fs, grant, node, start=0, length=node.size_bytes)
        announced = Announced(node.size_bytes, modified_us=node.modified_us)
        uploads.write(fs, target.grant, target.names, _Reader(content).read, announced, conditions)
    if properties := files.properties_of(fs, grant, node):
        files.set_properties(fs, target.grant, target.names, dict(properties), conditions)


def _members(fs: FileSystem, grant: Grant, collection: Node) -> Iterator[Node]:
    after = ""
    while page := files.members(fs, grant, collection, after=after):
        yield from page
        after = page[-1].name


def _kept(grant: Grant, name: str) -> str:
    return name if grant.folder_key is None else NameCipher(grant.folder_key).seal(name)


def _shown(grant: Grant, name: str) -> str:
    return name if grant.folder_key is None else NameCipher(grant.folder_key).open(name)


class _Reader:
    """Gives the blocks of a content out in the pieces an upload asks for."""

    def __init__(self, blocks: Iterator[Buffer]) -> None:
        self._blocks = blocks
        self._rest = b""

    def read(self, limit: int) -> bytes:
        """Return up to `limit` bytes, b"" at the end."""
        if not self._rest:
            self._rest = bytes(next(self._blocks, b""))
        taken, self._rest = self._rest[:limit], self._rest[limit:]
        return taken
