"""Who may do what with a transfer between contracts, and until when (R26): facts in, answers out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from auth.callers import Caller, Role
from core.errors import TransferRefused

#: What one transfer may hold: more would keep every other writer waiting for seconds.
MAX_FILES = 100_000
#: What one contract may have on its way at a time.
MAX_OPEN = 100
MAX_MESSAGE_CHARACTERS = 1000
MAX_DAYS = 30


class State(StrEnum):
    """What became of a transfer; SENT alone can still be settled."""

    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer as both sides see it. `addressee` is the login ID the sender named, or empty."""

    id: str
    sender_id: int
    sender: str
    login: int
    login_id: str
    receiver_id: int
    receiver: str
    addressee: str
    message: str
    source: str
    files: int
    size_bytes: int
    state: State
    sent_at: datetime
    expires_at: datetime
    settled_at: datetime | None
    settled_by: str

    def state_at(self, now: datetime) -> State:
        """Return the state, which the job that lets expired ones go may not have written down yet."""
        return State.EXPIRED if self.state is State.SENT and self.expires_at <= now else self.state


def is_sender(caller: Caller, one: Transfer) -> bool:
    """Return whether the caller may withdraw it: who sent it, or an administrator of theirs."""
    if caller.contract_id != one.sender_id:
        return False
    return caller.role is Role.ADMINISTRATOR or caller.login == one.login


def is_receiver(caller: Caller, one: Transfer) -> bool:
    """Return whether the caller may accept or decline it: an administrator there, or the login that was named."""
    if caller.contract_id != one.receiver_id:
        return False
    return caller.role is Role.ADMINISTRATOR or caller.login_id == one.addressee


def require_open(one: Transfer, now: datetime) -> None:
    """Return if it can still be settled. Raises TransferRefused with what became of it."""
    if (state := one.state_at(now)) is not State.SENT:
        raise TransferRefused(f"transfer.closed.{state}")


def require_sendable(*, files: int, size_bytes: int, open_count: int, open_bytes: int, capacity_bytes: int) -> None:
    """Return if a transfer of so much may be sent beside those that are on their way.

    What is on its way is held without counting against the sender; so it may be no more than the sender's capacity.
    Raises TransferRefused.
    """
    if files > MAX_FILES:
        raise TransferRefused("transfer.too_many_files", most=f"{MAX_FILES:,}")
    if open_count >= MAX_OPEN:
        raise TransferRefused("transfer.too_many_open", most=MAX_OPEN)
    if open_bytes + size_bytes > capacity_bytes:
        raise TransferRefused("transfer.too_much_open")
