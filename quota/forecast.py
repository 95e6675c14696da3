"""What people can act on beforehand: what goes when, and what another plan would mean (R3, R4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from quota.catalogue import Catalogue
from quota.fees import Fee, fee
from quota.history import PLAN, Event, History
from quota.months import BillingMonth
from quota.retention import Purge, purges


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan as a contract could change to it now: its fees, and what the change would delete later."""

    plan: str
    capacity_bytes: int
    this_month: Fee
    next_month: Fee
    purges: tuple[Purge, ...]


@dataclass(frozen=True, slots=True)
class Reminder:
    """A mail that is due before a purge: so many days are left, rounded up."""

    purge: Purge
    days: int
    ended: bool


def choice(history: History, catalogue: Catalogue, code: str, *, used_bytes: int, now: datetime) -> Choice:
    """Return what a change to a plan would mean if it were made now. Raises NotFound for an unknown plan."""
    supposed = history.with_event(Event(PLAN, code, "web", now, now))
    month = BillingMonth.of(now)
    return Choice(
        code,
        catalogue.plan(code).capacity_bytes(history.at(now).services, now),
        fee(supposed, catalogue, month),
        fee(supposed, catalogue, month.next()),
        tuple(purges(supposed, catalogue, used_bytes=used_bytes, now=now)),
    )


def choices(history: History, catalogue: Catalogue, *, used_bytes: int, now: datetime) -> list[Choice]:
    """Return every plan on sale that is not held now, as a contract could change to it; none once it has ended."""
    held = history.at(now).plan
    if held is None:
        return []
    others = (plan.code for plan in catalogue.plans.values() if plan.on_sale and plan.code != held)
    return [choice(history, catalogue, code, used_bytes=used_bytes, now=now) for code in others]


def reminder_of(
    history: History, catalogue: Catalogue, *, used_bytes: int, days_before: tuple[int, ...], now: datetime
) -> Reminder | None:
    """Return the reminder that is due for the next purge, or None.

    The latest of `days_before` that has been reached counts: a job that did not run for a while sends one
    mail, not three. `days` names it; a day is 24 hours.
    """
    coming = [one for one in purges(history, catalogue, used_bytes=used_bytes, now=now) if one.at > now]
    if not coming:
        return None
    reached = [days for days in days_before if coming[0].at - now <= timedelta(days=days)]
    return Reminder(coming[0], min(reached), history.at(now).ended) if reached else None
