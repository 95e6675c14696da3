"""From an address such as `group/eigyo/2026/plan.txt` to a grant and the names below the folder it is for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from auth import groups
from auth.access import FolderType, Grant, authorize
from auth.callers import Caller
from core.errors import NotFound
from core.names import split_path
from db.engine import Database
from storage import files
from storage.files import FileSystem, Names
from storage.nodes import Node
from storage.sealing import NameCipher

#: Answers the key of a caller's Secret Folder while it is unlocked on their device, else None (R18).
SecretKey = Callable[[Caller], bytes | None]


def _locked(_caller: Caller) -> bytes | None:
    return None


@dataclass(frozen=True, slots=True)
class Place:
    """A path in a folder the caller may open. `prefix` is the group's name, for a Group Folder.

    `shown` are the names as people read them and as addresses and forms carry them; in a Secret Folder storage
    keeps them sealed by `cipher`.
    """

    grant: Grant
    prefix: Names
    shown: Names
    cipher: NameCipher | None = None

    @property
    def names(self) -> Names:
        """Return the names as storage keeps them."""
        return self.shown if self.cipher is None else tuple(map(self.cipher.seal, self.shown))

    @property
    def path(self) -> str:
        """Return the place as addresses and forms carry it."""
        return "/".join((self.grant.folder.value, *self.prefix, *self.shown))

    @property
    def logged(self) -> str:
        """Return the place as the access log keeps it: in a Secret Folder the names stay sealed (R18)."""
        return "/".join((self.grant.folder.value, *self.prefix, *self.names))

    @property
    def name(self) -> str:
        """Return the last name; of a folder itself the group's, or an empty text."""
        return (self.shown or self.prefix or ("",))[-1]

    @property
    def above(self) -> Place:
        """Return the collection that holds this; a folder itself holds itself."""
        return dataclasses.replace(self, shown=self.shown[:-1])

    def below(self, *names: str) -> Place:
        """Return the place some names further down."""
        return dataclasses.replace(self, shown=self.shown + names)

    def crumbs(self) -> list[Place]:
        """Return the places on the way here, the folder itself first."""
        return [dataclasses.replace(self, shown=self.shown[:count]) for count in range(len(self.shown) + 1)]

    def opened(self, node: Node) -> Node:
        """Return a node that lies in this folder with its name as people read it."""
        return node if self.cipher is None else node._replace(name=self.cipher.open(node.name))


def locate(database: Database, caller: Caller, path: str, *, secret_key: SecretKey = _locked) -> Place:
    """Return the place a path names. Without `secret_key` no Secret Folder is there.

    Raises NotFound outside the folders, InvalidName, and what `authorize` raises.
    """
    first, *rest = split_path(path) or ("",)
    if first in (FolderType.MY, FolderType.SECURITY):
        return Place(authorize(caller, FolderType(first)), (), tuple(rest))
    if first == FolderType.GROUP and rest:
        with database.reading() as tx:
            membership = groups.membership(tx.cursor, caller, rest[0])
        grant = authorize(caller, FolderType.GROUP, group=membership)
        return Place(grant, (rest[0],), tuple(rest[1:]))
    if first == FolderType.SECRET:
        grant = authorize(caller, FolderType.SECRET, folder_key=secret_key(caller))
        return Place(grant, (), tuple(rest), NameCipher(grant.folder_key) if grant.folder_key else None)
    raise NotFound(path)


def stat(fs: FileSystem, place: Place) -> Node:
    """Return the node at a place, under its name as people read it. Raises NotFound."""
    node = files.stat(fs, place.grant, place.names)
    return node._replace(name=place.shown[-1]) if place.shown else node
