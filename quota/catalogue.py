"""The plan catalogue: what each plan costs, holds and includes (R10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import NotFound

#: R1: one gigabyte, in the one place that says so.
GB_BYTES = 2**30


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan. `pro`: device and line authentication, remote lock, access log."""

    code: str
    price_yen: int
    capacity_bytes: int
    pro: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The plans on offer, by code, in the order people see them."""

    plans: Mapping[str, Plan]

    def plan(self, code: str) -> Plan:
        """Return a plan by its code. Raises NotFound, naming the codes there are."""
        found = self.plans.get(code)
        if found is None:
            raise NotFound(f"plan {code}; there are: {', '.join(self.plans)}")
        return found

    @classmethod
    def from_config(cls, plans: Mapping[str, Any]) -> Catalogue:
        """Return the catalogue of the configuration's `plans:` section (`core.config.PlanConfig` values)."""
        return cls(
            {code: Plan(code, one.price_yen, one.capacity_gb * GB_BYTES, one.pro) for code, one in plans.items()}
        )


def shipped() -> Catalogue:
    """Return the catalogue Azukari comes with."""
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
    return Catalogue(
        {code: Plan(code, price_yen, gigabytes * GB_BYTES, pro) for code, price_yen, gigabytes, pro in sold}
    )
