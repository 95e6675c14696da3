"""From an address such as `group/eigyo/2026/plan.txt` to a grant and the names below the folder it is for."""

from __future__ import annotations

from dataclasses import dataclass

from auth import groups
from auth.access import FolderType, Grant, authorize
from auth.callers import Caller
from core.errors import NotFound
from core.names import split_path
from db.engine import Database
from storage.files import Names


@dataclass(frozen=True, slots=True)
class Place:
    """A path in a folder the caller may open. `prefix` is the group's name, for a Group Folder."""

    grant: Grant
    prefix: Names
    names: Names

    @property
    def path(self) -> str:
        """Return the place as addresses and forms carry it."""
        return "/".join((self.grant.folder.value, *self.prefix, *self.names))

    @property
    def name(self) -> str:
        """Return the last name; of a folder itself the group's, or an empty text."""
        return (self.names or self.prefix or ("",))[-1]

    @property
    def above(self) -> Place:
        """Return the collection that holds this; a folder itself holds itself."""
        return Place(self.grant, self.prefix, self.names[:-1])

    def below(self, *names: str) -> Place:
        """Return the place some names further down."""
        return Place(self.grant, self.prefix, self.names + names)

    def crumbs(self) -> list[Place]:
        """Return the places on the way here, the folder itself first."""
        return [Place(self.grant, self.prefix, self.names[:count]) for count in range(len(self.names) + 1)]


def locate(database: Database, caller: Caller, path: str) -> Place:
    """Return the place a path names.

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
    raise NotFound(path)
