"""Histories as tests write them, and the catalogue of DOMAIN's worked examples."""

from __future__ import annotations

from datetime import UTC, datetime

from core.clock import TOKYO, parse_instant
from core.config import PlanConfig
from quota.catalogue import GB_BYTES, Catalogue
from quota.history import BONUS_ADD, BONUS_REMOVE, END, PLAN, SIGN_UP, Event, History

#: Fees of the worked examples: free10 = 0, 25 = 200, 50 = 300, 100 = 500.
PRICES = {"10": 0, "25": 200, "50": 300, "100": 500}
BONUS_GB = {"club": 5, "support": 7}

EXAMPLES = Catalogue.from_config(
    {
        code: PlanConfig(price_yen=price_yen, capacity_gb=int(code), bonus_gb=BONUS_GB)
        for code, price_yen in PRICES.items()
    }
)


def tokyo(text: str) -> datetime:
    """Return the instant a text names, Tokyo time without an offset; 2026 where it names no year."""
    return parse_instant(text if text[:4].isdecimal() else f"2026-{text}")


def gb(count: int) -> int:
    """Return gigabytes in bytes."""
    return count * GB_BYTES


def event(kind: str, code: str, at: datetime) -> Event:
    """Return an event recorded when it takes effect."""
    return Event(kind, code, "web", at, at)


def past(*steps: str, sign_up: str = "2025-06-01") -> History:
    """Return the history of a text a step: `50` signs up first, then `25 01-10`, `+club 01-10`, `-club …`, `end …`.

    The first step names the plan of the sign-up alone.
    """
    events = [event(SIGN_UP, steps[0], tokyo(sign_up))]
    for step in steps[1:]:
        what, at = step.split(" ", 1)
        if what == "end":
            events.append(event(END, "", tokyo(at)))
        elif what[0] in "+-":
            events.append(event(BONUS_ADD if what[0] == "+" else BONUS_REMOVE, what[1:], tokyo(at)))
        else:
            events.append(event(PLAN, what, tokyo(at)))
    return History.of(events)


def midnight(year: int, month: int, day: int) -> datetime:
    """Return 00:00 in Tokyo."""
    return datetime(year, month, day, tzinfo=TOKYO).astimezone(UTC)
