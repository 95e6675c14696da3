"""What pages ask the gateway to do about people and devices, each act written to the access log with who did it.

The same acts stand behind the command line; they need more than one package, so the gateway puts them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from auth.accesslog import Entry
from auth.callers import DeviceState, Role
from auth.devices import IssuedKey
from auth.lines import AddedLine


@dataclass(frozen=True, slots=True)
class Held:
    """What a device holds open, and would lose when it is locked."""

    web_sessions: int
    dav_locks: int
    unlocked_secrets: int


@dataclass(frozen=True, slots=True)
class Who:
    """Who does it, who asked for it (the support desk acts on a call), and why."""

    by: str
    asked_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LockProof:
    """That a lock took hold: who asked and did it when, the last access before, the first refusal after."""

    device_id: str
    login_id: str
    state: DeviceState
    locked_at: datetime | None
    done_by: str
    asked_by: str
    reason: str
    last_access_before: Entry | None
    first_refusal_after: Entry | None


class Acts(Protocol):
    """Every method raises NotFound for what is not there. Whether it is the caller's own, pages have checked."""

    def sign_up(self, name: str, plan: str, administrator: str, *, by: str) -> str:
        """Sign a contract up with its administrator, both or neither, and return the first password.

        Raises NotFound, Conflict, AlreadyExists, InvalidInput.
        """

    def add_user(self, contract: str, login_id: str, role: Role, *, by: str) -> str:
        """Create a login with its My Folder and return its first password. Raises AlreadyExists, InvalidInput."""

    def set_enabled(self, login_id: str, enabled: bool, *, by: str) -> None:
        """Let a login in or keep it out."""

    def reset_password(self, login_id: str, *, by: str) -> str:
        """Give a login a new password and return it; its sessions end."""

    def add_group(self, contract: str, name: str, *, by: str) -> None:
        """Create a group with its folder. Raises AlreadyExists, InvalidName."""

    def set_member(self, contract: str, name: str, login_id: str, may_write: bool | None, *, by: str) -> None:
        """Let a login read, or read and write, a group's folder; None ends its membership."""

    def issue_key(self, login_id: str, *, by: str) -> IssuedKey:
        """Issue a device key (R13)."""

    def withdraw_key(self, contract: str, key_id: str, *, by: str) -> None:
        """Take back a key nobody has used. Raises NotFound where it was used."""

    def add_line(self, contract: str, name: str, networks: Sequence[str], *, by: str) -> AddedLine:
        """Register a line and return it with its tool's secret (R17). Raises AlreadyExists, InvalidInput."""

    def held(self, device_id: str) -> Held:
        """Return what would end if the device were locked now."""

    def change_device(self, device_id: str, state: DeviceState, who: Who) -> None:
        """Lock, unlock or revoke a device; what it holds ends (R16). Raises Conflict for a revoked one."""

    def lock_proof(self, device_id: str) -> LockProof:
        """Return the proof of the device's latest lock or revocation (R16)."""
