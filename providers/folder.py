"""A folder type as a DAV provider: which folder a path means; everything else is common to all types."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from wsgidav.dav_provider import DAVProvider

from auth import groups, secret_folders
from auth.access import FolderType, Grant, authorize
from auth.callers import Caller
from core.clock import Clock
from core.errors import AccessDenied
from db.engine import Database
from providers import get, lock, move, options, propfind, proppatch, put
from providers.http import DavRequest, Response
from storage.files import Names

Method = Callable[[DavRequest], Response]

METHODS: dict[str, Method] = {
    "OPTIONS": options.options,
    "GET": get.get,
    "HEAD": get.get,
    "PROPFIND": propfind.propfind,
    "PROPPATCH": proppatch.proppatch,
    "PUT": put.put,
    "MKCOL": put.mkcol,
    "DELETE": move.delete,
    "MOVE": move.move,
    "COPY": move.copy,
    "LOCK": lock.lock,
    "UNLOCK": lock.unlock,
}


#: A pure rule, asked with the same caller by every request of a device.
_granted = functools.lru_cache(maxsize=4096)(authorize)


class FolderProvider(DAVProvider):
    """One folder type mounted in WsgiDAV. A type states its `folder` and how a path leads into it."""

    folder: FolderType
    #: Whether the type lists several folders, each entered by its name.
    has_many = False

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # WsgiDAV is untyped

    def enter(self, caller: Caller, names: Names) -> tuple[Grant, Names]:
        """Return the grant for a path below the mount, and the names that lead on from the folder's root.

        Raises what `authorize` raises.
        """
        return _granted(caller, self.folder), names

    def is_listed(self, caller: Caller, visible: Sequence[FolderType]) -> bool:
        """Return whether `/dav/` shows this type to a caller; `visible` are the types that they may see."""
        return self.folder in visible

    def folders_of(self, caller: Caller) -> Sequence[str]:
        """Return the names of the folders this type lists for a caller; only asked where it `has_many`."""
        return ()

    def get_resource_inst(self, path: str, environ: dict[str, Any]) -> None:
        """Return nothing: WsgiDAV's own resources are not used, every method is answered from rows."""


class MyFolder(FolderProvider):
    """`/dav/my/`: one folder per login, from any line, with a registered device on PRO (R12, R22)."""

    folder = FolderType.MY


class SecurityFolder(FolderProvider):
    """`/dav/security/`: a part per login, only from the contract's own line (R12, R17, R22)."""

    folder = FolderType.SECURITY


class GroupFolders(FolderProvider):
    """`/dav/group/NAME/`: the contract's groups, each with members who read, or read and write (R22)."""

    folder = FolderType.GROUP
    has_many = True

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def enter(self, caller: Caller, names: Names) -> tuple[Grant, Names]:
        """Return the grant by what the caller is to the group. Raises NotFound for one that is not theirs."""
        if not names:
            raise AccessDenied("access.fixed_folder")
        with self._database.reading() as tx:
            found = groups.membership(tx.cursor, caller, names[0])
        return authorize(caller, self.folder, group=found), names[1:]

    def folders_of(self, caller: Caller) -> Sequence[str]:
        """Return the groups the caller belongs to."""
        with self._database.reading() as tx:
            return [one.name for one in groups.memberships(tx.cursor, caller)]


class SecretFolder(FolderProvider):
    """`/dav/secret/`: one per login, neither listed nor found until its secret was given on this device (R18)."""

    folder = FolderType.SECRET

    def __init__(self, database: Database, run_key: bytes, *, idle: timedelta, clock: Clock) -> None:
        super().__init__()
        self._database = database
        self._run_key = run_key
        self._idle = idle
        self._clock = clock

    def enter(self, caller: Caller, names: Names) -> tuple[Grant, Names]:
        """Return a grant that opens what is kept here. Raises NotFound while the folder is locked."""
        return authorize(caller, self.folder, folder_key=self._key(caller)), names

    def is_listed(self, caller: Caller, visible: Sequence[FolderType]) -> bool:
        """Return whether the caller's folder is unlocked, where they could use one at all."""
        return FolderType.MY in visible and self._key(caller) is not None

    def _key(self, caller: Caller) -> bytes | None:
        return secret_folders.unlocked_key(self._database, caller, self._run_key, idle=self._idle, now=self._clock())
