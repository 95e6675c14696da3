"""The plan catalogue: what each plan costs, holds and includes (R10), with its history.

Terms change only where a billing month begins, so that every month has one price and a price change never
rewrites a past month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.config import PlanConfig
from core.errors import NotFound
from quota.months import BillingMonth

#: R1: one gigabyte, in the one place that says so.
GB_BYTES = 2**30
#: R1: what one gigabyte holds in everyday units (photos of 10 megapixel, songs of 128 kbps).
PHOTOS_PER_GB, SONGS_PER_GB = 300, 200

#: The first terms of a plan hold from the beginning.
_EVER = BillingMonth(1970, 1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan costs and holds from the start of a billing month on; bonuses by service (R5)."""

    since: BillingMonth
    price_yen: int
    capacity_bytes: int
    bonus_bytes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan. `pro`: device and line authentication, remote lock, access log. `terms`: the oldest first.

    A plan no longer `on_sale` stays with those who hold it.
    """

    code: str
    pro: bool
    on_sale: bool
    terms: tuple[Terms, ...]

    def terms_in(self, month: BillingMonth) -> Terms:
        """Return the terms of a billing month."""
        found = self.terms[0]
        for later in self.terms[1:]:
            if later.since <= month:
                found = later
        return found

    def terms_at(self, instant: datetime) -> Terms:
        """Return the terms in force at an instant."""
        return self.terms[0] if len(self.terms) == 1 else self.terms_in(BillingMonth.of(instant))

    def capacity_bytes(self, services: Iterable[str], at: datetime) -> int:
        """Return the plan's capacity at an instant for a customer who holds some services; bonuses add up (R5)."""
        terms = self.terms_at(at)
        return terms.capacity_bytes + sum(terms.bonus_bytes.get(service, 0) for service in services)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The plans there are, by code, in the order people see them."""

    plans: Mapping[str, Plan]

    def plan(self, code: str) -> Plan:
        """Return a plan by its code. Raises NotFound, naming the codes there are."""
        found = self.plans.get(code)
        if found is None:
            raise NotFound(f"plan {code}; there are: {', '.join(self.plans)}")
        return found

    def require_service(self, service: str) -> None:
        """Return for a service that gives a bonus on some plan. Raises NotFound, naming the services there are."""
        if service not in self.services():
            raise NotFound(f"service {service}; there are: {', '.join(self.services()) or 'none'}")

    def services(self) -> list[str]:
        """Return the other services that give bonus capacity on some plan, in the order plans name them."""
        every = (service for plan in self.plans.values() for terms in plan.terms for service in terms.bonus_bytes)
        return list(dict.fromkeys(every))

    def changes_between(self, after: datetime, until: datetime) -> list[datetime]:
        """Return the instants in (after, until] at which terms of some plan change."""
        starts = {terms.since.start() for plan in self.plans.values() for terms in plan.terms[1:]}
        return sorted(start for start in starts if after < start <= until)

    @classmethod
    def from_config(cls, plans: Mapping[str, PlanConfig]) -> Catalogue:
        """Return the catalogue of the configuration's `plans:` section."""
        return cls({code: _plan_from_config(code, one) for code, one in plans.items()})


def _plan_from_config(code: str, one: PlanConfig) -> Plan:
    terms = [Terms(_EVER, one.price_yen, one.capacity_gb * GB_BYTES, _in_bytes(one.bonus_gb))]
    for change in one.changes:
        last = terms[-1]
        terms.append(
            Terms(
                BillingMonth.parse(change.since),
                last.price_yen if change.price_yen is None else change.price_yen,
                last.capacity_bytes if change.capacity_gb is None else change.capacity_gb * GB_BYTES,
                last.bonus_bytes if change.bonus_gb is None else _in_bytes(change.bonus_gb),
            )
        )
    return Plan(code, one.pro, one.on_sale, tuple(terms))


def _in_bytes(gigabytes: Mapping[str, int]) -> dict[str, int]:
    return {service: size * GB_BYTES for service, size in gigabytes.items()}


def shipped() -> Catalogue:
    """Return the catalogue Azukari comes with."""
    bonus_gb = {"members-club": 5, "remote-support": 5, "office-it-support": 10}
    sold = (
        ("free-5", 0, 5, False),
        ("free-10", 0, 10, False),
        ("paid-25", 200, 25, False),
        ("paid-50", 300, 50, False),
        ("paid-100", 500, 100, False),
        ("pro-10", 0, 10, True),
        ("pro-25", 200, 25, True),
        ("pro-50", 300, 50, True),
        ("pro-100", 500, 100, True),
    )
    return Catalogue.from_config(
        {
            code: PlanConfig(price_yen=price_yen, capacity_gb=gigabytes, pro=pro, bonus_gb=bonus_gb)
            for code, price_yen, gigabytes, pro in sold
        }
    )


def photos(size_bytes: int) -> int:
    """Return how many photos of 10 megapixel fit (R1)."""
    return size_bytes * PHOTOS_PER_GB // GB_BYTES


def songs(size_bytes: int) -> int:
    """Return how many songs of 128 kbps fit (R1)."""
    return size_bytes * SONGS_PER_GB // GB_BYTES
