"""How long data over capacity is kept, and which files go then (R4, R9).

The capacity of a contract that has ended is 0, so that one rule covers a smaller plan, a lost bonus and the
end of a contract: data is kept to the end of the month after the one in which the capacity shrank.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from quota.catalogue import Catalogue
from quota.history import JUST_BEFORE, History
from quota.months import BillingMonth


class StoredFile(Protocol):
    """What the rule must know of a file."""

    @property
    def size_bytes(self) -> int:
        """Its size."""

    @property
    def stored_us(self) -> int:
        """When its bytes were stored (stored-at)."""

    @property
    def id(self) -> int:
        """Its id, which decides between files stored at one instant."""


F = TypeVar("F", bound=StoredFile)


@dataclass(frozen=True, slots=True)
class Purge:
    """A coming deletion: at `at`, the oldest files go until no more than `to_bytes` are used."""

    at: datetime
    to_bytes: int
    excess_bytes: int


def kept_bytes(history: History, catalogue: Catalogue, at: datetime, *, now: datetime | None = None) -> int:
    """Return how many bytes a contract may keep when the purge runs for an instant (R4).

    At 00:00 on the 1st of month X this is max(capacity now, highest capacity in force at any instant of
    month X-1, the instant just before it included). A later run also counts every capacity in force since
    then: what shrank within month X is still being kept. So does one that is run `now` for an earlier instant.
    """
    since = BillingMonth.of(at).previous().start() - JUST_BEFORE
    return history.highest_capacity_bytes(catalogue, since, at if now is None else max(at, now))


def readable_until(ended_at: datetime) -> datetime:
    """Return when the data of a contract that ended is deleted; until then its administrator may read (R9).

    An end at the very start of a month lies in that month, as a plan change does.
    """
    return BillingMonth.of(ended_at).next().end()


def purges(history: History, catalogue: Catalogue, *, used_bytes: int, now: datetime) -> list[Purge]:
    """Return the deletions to come while nothing else happens, the next first.

    One that is due already, because the job has not run yet, stands first with the instant it was due.
    """
    month = BillingMonth.of(now)
    found: list[Purge] = []
    for at, judged_at in _deadlines(history, catalogue, month, now):
        to_bytes = kept_bytes(history, catalogue, judged_at)
        if used_bytes > to_bytes:
            found.append(Purge(at, to_bytes, used_bytes - to_bytes))
            used_bytes = to_bytes
    return found


def _deadlines(
    history: History, catalogue: Catalogue, month: BillingMonth, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield each instant a purge may be due, with the instant whose capacities decide."""
    yield month.start(), now
    known = [since for since, _ in history.holdings]
    known += catalogue.changes_between(now, BillingMonth(9997, 1).start())
    settled = BillingMonth.of(max([now, *known])).next().next()
    while month < settled:
        month = month.next()
        yield month.start(), month.start()


def to_delete(oldest_first: Iterable[F], *, used_bytes: int, kept_bytes: int) -> Iterator[F]:
    """Yield the files that go, of files in the order (stored-at, id): whole files, until what is left fits."""
    for file in oldest_first:
        if used_bytes <= kept_bytes:
            return
        used_bytes -= file.size_bytes
        yield file
