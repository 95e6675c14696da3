"""A contract's history as a value: which plan and bonuses were in force when.

What is recorded later counts from its effective instant on; of events at one instant the one recorded last
holds, and what it replaces was in force at no instant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Self

from quota.catalogue import Catalogue

SIGN_UP, PLAN, BONUS_ADD, BONUS_REMOVE, END = "sign-up", "plan", "bonus-add", "bonus-remove", "end"

#: Instants are kept in microseconds: this much before one is the instant just before it.
JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a contract's history. `code` is a plan's or, for bonuses, a service's."""

    kind: str
    code: str
    channel: str
    effective_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """What a contract holds at an instant; no plan before its sign-up and from its end on."""

    plan: str | None = None
    services: frozenset[str] = frozenset()
    ended: bool = False

    def after(self, kind: str, code: str) -> Holding:
        """Return what is held after an event."""
        if self.ended or kind == END:
            return Holding(ended=True)
        if kind == BONUS_ADD:
            return Holding(self.plan, self.services | {code})
        if kind == BONUS_REMOVE:
            return Holding(self.plan, self.services - {code})
        return Holding(code, self.services)

    def capacity_bytes(self, catalogue: Catalogue, at: datetime) -> int:
        """Return the capacity this gives at an instant: the plan's and its bonuses'; none without a plan."""
        return 0 if self.plan is None else catalogue.plan(self.plan).capacity_bytes(self.services, at)


@dataclass(frozen=True)
class History:
    """All events of one contract, in the order in which they take effect."""

    events: tuple[Event, ...]

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """Return the history of events given in the order in which they were recorded."""
        return cls(tuple(sorted(events, key=lambda event: event.effective_at)))

    def with_event(self, event: Event) -> History:
        """Return the history as it would be with one more event, recorded last."""
        return History.of((*self.events, event))

    @cached_property
    def signed_up_at(self) -> datetime | None:
        """Return when the contract begins; None for no contract at all."""
        return next((event.effective_at for event in self.events if event.kind == SIGN_UP), None)

    @cached_property
    def ended_at(self) -> datetime | None:
        """Return the first instant at which the contract is no longer in force, or None."""
        return next((event.effective_at for event in self.events if event.kind == END), None)

    @cached_property
    def holdings(self) -> tuple[tuple[datetime, Holding], ...]:
        """Return what is held from which instant on, the earliest first; each instant once."""
        found: dict[datetime, Holding] = {}
        held = Holding()
        for event in self.events:
            held = held.after(event.kind, event.code)
            found[event.effective_at] = held
        return tuple(found.items())

    def at(self, instant: datetime) -> Holding:
        """Return what is held at an instant."""
        held = Holding()
        for since, holding in self.holdings:
            if since > instant:
                break
            held = holding
        return held

    def capacity_bytes(self, catalogue: Catalogue, at: datetime) -> int:
        """Return the capacity in force at an instant."""
        return self.at(at).capacity_bytes(catalogue, at)

    def highest_capacity_bytes(self, catalogue: Catalogue, first: datetime, last: datetime) -> int:
        """Return the highest capacity in force at any instant from `first` to `last`, both included."""
        changes = [since for since, _ in self.holdings if first < since <= last]
        instants = [first, *changes, *catalogue.changes_between(first, last)]
        return max(self.capacity_bytes(catalogue, instant) for instant in instants)
