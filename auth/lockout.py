"""Guessing is slowed down: by login, as typed, and by where it comes from (R19).

An attempt is counted before the password is checked and taken back when it was right, so that a hundred
guesses at once get no further than one after the other. Device passwords of 160 bits are not guessed; a
registered device is let in whatever happens around its login.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from auth.addresses import origin
from core.errors import LockedOut, NotFound
from db.engine import Transaction
from db.tables import failures, logins


class Kind(StrEnum):
    """What guesses are counted by."""

    LOGIN = "login"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Policy:
    """How much guessing is borne: free attempts by kind, the first delay, the longest, and when all is forgotten."""

    login_attempts: int = 5
    address_attempts: int = 30
    first_delay: timedelta = timedelta(seconds=30)
    longest_delay: timedelta = timedelta(hours=1)
    forget_after: timedelta = timedelta(hours=24)

    def free(self, kind: Kind) -> int:
        """Return how many attempts may fail before the first delay. An office shares one address."""
        return self.login_attempts if kind is Kind.LOGIN else self.address_attempts


@dataclass(frozen=True, slots=True)
class Lockout:
    """A login or address that has to wait, as the administrator sees it."""

    kind: Kind
    subject: str
    attempts: int
    failed_at: datetime
    free_at: datetime


def delay(kind: Kind, count: int, policy: Policy) -> timedelta:
    """Return how long the next attempt has to wait after `count` failed ones: none at first, then doubling."""
    beyond = count - policy.free(kind)
    if beyond < 0:
        return timedelta()
    doublings = min(beyond, 32)  # a bound on the power of two, far above the longest delay
    grown: timedelta = policy.first_delay * 2**doublings
    return min(grown, policy.longest_delay)


def attempt(tx: Transaction, login_id: str, address: str, policy: Policy, *, now: datetime) -> None:
    """Count an attempt as failed, in a transaction of its own, before the password is looked at.

    Raises LockedOut where the login or the address has to wait; such an attempt does not count.
    """
    _count(tx, _subjects(login_id, address), policy, now)


def guessed(tx: Transaction, address: str, policy: Policy, *, now: datetime) -> None:
    """Count a token that there never was, by the address alone. Raises LockedOut as `attempt`."""
    if place := origin(address):
        _count(tx, [(Kind.ADDRESS, place)], policy, now)


def require_free(tx: Transaction, address: str, *, now: datetime) -> None:
    """Return where an address does not have to wait; nothing is counted. Raises LockedOut."""
    free_at = tx.execute(select(failures.c.free_at).where(*_is(Kind.ADDRESS, origin(address)))).scalar()
    if free_at is not None and free_at > now:
        raise LockedOut(retry_seconds=_whole_seconds(free_at - now))


def _count(tx: Transaction, subjects: list[tuple[Kind, str]], policy: Policy, now: datetime) -> None:
    for kind, subject in subjects:
        _create(tx, kind, subject, now)
    # The order of kinds is the order of row locks, the same for everybody.
    rows = {
        kind: tx.execute(select(failures).where(*_is(kind, subject)).with_for_update()).one()
        for kind, subject in subjects
    }
    waiting = [row.free_at - now for row in rows.values() if row.free_at > now]
    if waiting:
        raise LockedOut(retry_seconds=_whole_seconds(max(waiting)))
    for kind, subject in subjects:
        stale = rows[kind].failed_at + policy.forget_after <= now
        count = 1 if stale else rows[kind].attempts + 1
        _set(tx, kind, subject, attempts=count, failed_at=now, free_at=now + delay(kind, count, policy))


def succeeded(tx: Transaction, login_id: str, address: str, policy: Policy) -> None:
    """Take the attempt back: the login begins anew, the address loses the one that was counted for it."""
    taken_back(tx, login_id, address, policy)
    cleared(tx, login_id)


def cleared(tx: Transaction, login_id: str) -> None:
    """Let a login begin anew: all it takes to come in was right."""
    ((kind, subject),) = _subjects(login_id, "")
    tx.execute(delete(failures).where(*_is(kind, subject)))


def taken_back(tx: Transaction, login_id: str, address: str, policy: Policy) -> None:
    """Take back this attempt alone, of login and address: it was right, and a second step is still to come."""
    for kind, subject in _subjects(login_id, address):
        row = tx.execute(_held(kind, subject)).first()
        if row is not None:
            count = max(0, row.attempts - 1)
            free_at = row.failed_at + delay(kind, count, policy)
            _set(tx, kind, subject, attempts=count, failed_at=row.failed_at, free_at=free_at)


def list_lockouts(tx: Transaction, *, now: datetime, contract_id: int | None = None) -> list[Lockout]:
    """Return who has to wait, the longest first; of one contract: its logins alone, as addresses are no one's.

    Guesses at a login's codes are counted as its ID, a space and what was guessed.
    """
    wanted = select(failures).where(failures.c.free_at > now).order_by(failures.c.free_at.desc(), failures.c.subject)
    if contract_id is not None:
        subjects = [logins.c.login_id + guessed for guessed in ("", " code", " line", " secret")]
        own = [failures.c.subject.in_(select(one).where(logins.c.contract_id == contract_id)) for one in subjects]
        wanted = wanted.where(failures.c.kind == Kind.LOGIN.value, or_(*own))
    return [
        Lockout(Kind(row.kind), row.subject, row.attempts, row.failed_at, row.free_at) for row in tx.execute(wanted)
    ]


def release(tx: Transaction, kind: Kind, subject: str) -> None:
    """Let a login or address try again at once. Raises NotFound where nothing is counted for it."""
    given = origin(subject) if kind is Kind.ADDRESS else subject
    if tx.execute(delete(failures).where(*_is(kind, given))).rowcount != 1:
        raise NotFound(f"{kind} {subject}")


def forget(tx: Transaction, policy: Policy, *, now: datetime) -> int:
    """Remove what is too old to count; return how many."""
    old = failures.c.failed_at <= now - policy.forget_after
    return int(tx.execute(delete(failures).where(old, failures.c.free_at <= now)).rowcount)


def _subjects(login_id: str, address: str) -> list[tuple[Kind, str]]:
    typed = "".join(one if one.isprintable() else "?" for one in login_id)
    found = [(Kind.LOGIN, typed[:64])]
    if place := origin(address):
        found.append((Kind.ADDRESS, place))
    return found


def _is(kind: Kind, subject: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return failures.c.kind == kind.value, failures.c.subject == subject


def _held(kind: Kind, subject: str) -> Select[Any]:
    return select(failures).where(*_is(kind, subject)).with_for_update()


def _create(tx: Transaction, kind: Kind, subject: str, now: datetime) -> None:
    make = sqlite.insert if tx.connection.dialect.name == "sqlite" else postgresql.insert
    values = {"kind": kind.value, "subject": subject, "attempts": 0, "failed_at": now, "free_at": now}
    tx.execute(make(failures).values(values).on_conflict_do_nothing())


def _set(tx: Transaction, kind: Kind, subject: str, *, attempts: int, failed_at: datetime, free_at: datetime) -> None:
    tx.execute(
        update(failures).where(*_is(kind, subject)).values(attempts=attempts, failed_at=failed_at, free_at=free_at)
    )


def _whole_seconds(wait: timedelta) -> int:
    """Round up: whoever comes back at that second is let in."""
    return -(-wait // timedelta(seconds=1))
