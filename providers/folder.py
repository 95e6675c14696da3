"""A folder type as a DAV provider: which folder a path means; everything else is common to all types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wsgidav.dav_provider import DAVProvider

from auth.access import FolderType, Grant, authorize
from auth.callers import Caller
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


class FolderProvider(DAVProvider):
    """One folder type mounted in WsgiDAV. Another type states its `folder` and how a path leads into it."""

    folder: FolderType

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # WsgiDAV is untyped

    def enter(self, caller: Caller, names: Names) -> tuple[Grant, Names]:
        """Return the grant for a path below the mount, and the names that lead on from the folder's root.

        Raises what `authorize` raises.
        """
        return authorize(caller, self.folder), names

    def get_resource_inst(self, path: str, environ: dict[str, Any]) -> None:
        """Return nothing: WsgiDAV's own resources are not used, every method is answered from rows."""


class MyFolder(FolderProvider):
    """`/dav/my/`: one folder per login, from any line, with a registered device on PRO (R12, R22)."""

    folder = FolderType.MY
