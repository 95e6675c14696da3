"""What a caller may do: the one place where that is decided (invariant 7).

Fronts ask `authorize` and get a `Grant`; nothing in storage/ can be called without one. The decision itself is
`decide`, a function of facts alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from auth.callers import NO_LINES, Caller, DeviceState, LineProof, Proof, Role
from auth.groups import Membership
from core.errors import AccessDenied, DeviceRequired, GatewayError, NotAuthenticated, NotFound


class FolderType(StrEnum):
    """The folder types of the service (docs/glossary.md)."""

    MY = "my"
    GROUP = "group"
    SECRET = "secret"  # noqa: S105 - a folder type
    SECURITY = "security"


class Right(StrEnum):
    """What may be done in a folder."""

    READ = "read"
    WRITE = "write"


class Refusal(StrEnum):
    """Why a folder stays closed."""

    ROLE = "role"
    DEVICE_MISSING = "device missing"
    DEVICE_CLOSED = "device closed"
    HIDDEN = "hidden"
    PHONE = "phone"
    NETWORK_MISSING = "network missing"
    EDGE_MISSING = "edge missing"
    TOOL_MISSING = "tool missing"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision depends on. `device` is None for a caller who uses none."""

    folder: FolderType
    role: Role
    device: DeviceState | None
    line: LineProof
    on_phone: bool
    pro: bool
    contract_active: bool
    unlocked: bool
    membership: Right | None


@dataclass(frozen=True, slots=True)
class Grant:
    """Proof that a caller may work in one folder. Only `authorize` makes one.

    `root` names the folder's root among the contract's nodes (for example `my/12`). `folder_key` opens what is
    kept in an unlocked Secret Folder; other folders have none.
    """

    caller: Caller
    folder: FolderType
    root: str
    may_write: bool
    folder_key: bytes | None = field(default=None, repr=False)


_LINE_REFUSALS = {
    Proof.NETWORK: Refusal.NETWORK_MISSING,
    Proof.EDGE: Refusal.EDGE_MISSING,
    Proof.TOOL: Refusal.TOOL_MISSING,
}


def decide(facts: Facts) -> Right | Refusal:
    """Return what a caller may do in a folder, or why they may not enter it.

    R9: of an ended contract the administrator still reads. R12: online storage needs a registered device on PRO,
    the Security Folder the contract's line and no device. R16: a closed device closes every door. R17: no
    phones at the Security Folder. R18: a Secret Folder that is not unlocked is not there. R22: groups by member.
    """
    if facts.role not in (Role.ADMINISTRATOR, Role.USER):
        return Refusal.ROLE
    if not facts.contract_active and facts.role is not Role.ADMINISTRATOR:
        return Refusal.ENDED
    if facts.device not in (None, DeviceState.REGISTERED):
        return Refusal.DEVICE_CLOSED
    right = _security(facts) if facts.folder is FolderType.SECURITY else _online_storage(facts)
    return Right.READ if right is Right.WRITE and not facts.contract_active else right


def _online_storage(facts: Facts) -> Right | Refusal:
    if facts.pro and facts.device is None:
        return Refusal.DEVICE_MISSING
    if facts.folder is FolderType.SECRET:
        return Right.WRITE if facts.unlocked else Refusal.HIDDEN
    if facts.folder is FolderType.GROUP:
        return facts.membership or Refusal.HIDDEN
    return Right.WRITE


def _security(facts: Facts) -> Right | Refusal:
    if facts.line == NO_LINES:
        return Refusal.HIDDEN
    if facts.on_phone:
        return Refusal.PHONE
    if facts.line.missing is not None:
        return _LINE_REFUSALS[facts.line.missing]
    return Right.WRITE if facts.pro else Refusal.HIDDEN  # line identity belongs to PRO (R10)


def folder_root(folder: FolderType, number: int) -> str:
    """Return the root name of a group's folder by the group's number, of any other by its login's (R22)."""
    return f"{folder}/{number}"


def my_folder_root(login: int) -> str:
    """Return the root name of a login's My Folder."""
    return folder_root(FolderType.MY, login)


def authorize(
    caller: Caller, folder: FolderType, *, group: Membership | None = None, folder_key: bytes | None = None
) -> Grant:
    """Return the caller's grant on a folder; a Group Folder is named by what the caller is to its group.

    `folder_key` is the key of the caller's Secret Folder while it is unlocked (`auth.secret_folders`).

    Raises AccessDenied where the caller may not (its message says which proof is missing), DeviceRequired
    where they have to come from a registered device, NotFound where they may not even know of it.
    """
    outcome = decide(_facts(caller, folder, group, folder_key is not None))
    if isinstance(outcome, Refusal):
        raise _error(outcome, folder)
    number = group.group_id if folder is FolderType.GROUP and group is not None else caller.login
    key = folder_key if folder is FolderType.SECRET else None
    return Grant(caller, folder, folder_root(folder, number), outcome is Right.WRITE, key)


def require_crossing(source: FolderType, target: FolderType, *, moving: bool, copy_out: bool) -> None:
    """Return if files may go from one folder into another of a different type, by move or copy (R23).

    They go freely between My and Group Folders and into a Security Folder. Out of Secret and Security Folders
    goes a copy, where the contract allows it (`copy_out`); into a Secret Folder goes a copy, because what is
    sealed there has to be written anew. Raises AccessDenied with what to do instead.
    """
    if source is target:
        return
    if source in (FolderType.SECRET, FolderType.SECURITY) and not copy_out:
        raise AccessDenied("access.no_copy_out")
    if moving and source in (FolderType.SECRET, FolderType.SECURITY):
        raise AccessDenied("access.no_move_out")
    if moving and target is FolderType.SECRET:
        raise AccessDenied("access.no_move_into_secret")


def visible_folders(caller: Caller, *, unlocked: bool = False) -> list[FolderType]:
    """Return the folder types to list for a caller: those they may open now; `group` is one of them without members.

    Raises DeviceRequired where a login password on PRO opens nothing at all (R12).
    """
    outcomes = {folder: decide(_facts(caller, folder, Membership(0, "", False), unlocked)) for folder in FolderType}
    opened = [folder for folder, outcome in outcomes.items() if isinstance(outcome, Right)]
    if not opened and outcomes[FolderType.MY] is Refusal.DEVICE_MISSING:
        raise DeviceRequired
    return opened


def _facts(caller: Caller, folder: FolderType, group: Membership | None, unlocked: bool) -> Facts:
    membership = None if group is None else Right.WRITE if group.may_write else Right.READ
    return Facts(
        folder=folder,
        role=caller.role,
        device=None if caller.device_id is None else DeviceState.REGISTERED,
        line=caller.line,
        on_phone=caller.on_phone,
        pro=caller.pro,
        contract_active=caller.active,
        unlocked=unlocked,
        membership=membership,
    )


def _error(refusal: Refusal, folder: FolderType) -> GatewayError:
    if refusal is Refusal.HIDDEN:
        return NotFound(folder)
    if refusal is Refusal.DEVICE_MISSING:
        return DeviceRequired()
    if refusal is Refusal.DEVICE_CLOSED:
        return NotAuthenticated("device.closed")
    return AccessDenied(_MESSAGES[refusal])


_MESSAGES = {
    Refusal.ROLE: "access.denied",
    Refusal.PHONE: "line.phone",
    Refusal.NETWORK_MISSING: "line.network_missing",
    Refusal.EDGE_MISSING: "line.edge_missing",
    Refusal.TOOL_MISSING: "line.tool_missing",
    Refusal.ENDED: "contract.ended",
}
