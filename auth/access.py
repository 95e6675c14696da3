"""What a caller may do: the one place where that is decided (invariant 7).

Fronts ask `authorize` and get a `Grant`; nothing in storage/ can be called without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auth.callers import Caller, Role
from core.errors import AccessDenied, NotFound


class FolderType(StrEnum):
    """The folder types of the service (docs/glossary.md)."""

    MY = "my"
    GROUP = "group"
    SECRET = "secret"  # noqa: S105 - a folder type
    SECURITY = "security"


@dataclass(frozen=True, slots=True)
class Grant:
    """Proof that a caller may work in one folder. Only `authorize` makes one.

    `root` names the folder's root among the contract's nodes (for example `my/12`).
    """

    caller: Caller
    folder: FolderType
    root: str
    may_write: bool


def my_folder_root(login: int) -> str:
    """Return the root name of a login's My Folder."""
    return f"{FolderType.MY}/{login}"


def group_folder_root(group: int) -> str:
    """Return the root name of a group's folder."""
    return f"{FolderType.GROUP}/{group}"


def authorize(caller: Caller, folder: FolderType) -> Grant:
    """Return the caller's grant on a folder.

    My Folder: any line, a registered device on PRO (R12); the caller was identified by that device.
    Raises AccessDenied where the caller may not, NotFound where they may not even know of it.
    """
    if caller.role not in (Role.ADMINISTRATOR, Role.USER):
        raise AccessDenied("access.denied")
    if folder is FolderType.MY:
        return Grant(caller, folder, my_folder_root(caller.login), may_write=True)
    raise NotFound(folder)
