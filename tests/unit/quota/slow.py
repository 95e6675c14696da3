"""The rules once more, slow and obvious: time in ticks, every tick looked at.

Each day in Tokyo has two ticks: its 00:00, and the last microsecond before the next day. Everything happens
at a tick, so that what holds at all ticks of a month is what holds at any instant of it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from quota.history import BONUS_ADD, BONUS_REMOVE, END, JUST_BEFORE, PLAN, SIGN_UP, History
from quota.months import BillingMonth
from tests.unit.quota.cast import BONUS_GB, PRICES, event, gb, midnight

#: (kind, code, tick), in the order in which they were recorded.
Steps = list[tuple[str, str, int]]


@dataclass
class Calendar:
    """Some whole months in a row, and their ticks."""

    year: int
    month: int
    count: int
    instants: list[datetime] = field(default_factory=list)
    months: list[BillingMonth] = field(default_factory=list)
    #: The first tick of each month, and one past the last.
    starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        day = date(self.year, self.month, 1)
        while len(self.months) <= self.count:
            if day.day == 1:
                self.starts.append(len(self.instants))
                self.months.append(BillingMonth(day.year, day.month))
            first = midnight(day.year, day.month, day.day)
            self.instants += [first, first + timedelta(days=1) - JUST_BEFORE]
            day += timedelta(days=1)
        del self.instants[self.starts[-1] :], self.months[-1]

    def history(self, steps: Steps) -> History:
        """Return the steps as the history the rules take."""
        return History.of(event(kind, code, self.instants[tick]) for kind, code, tick in steps)


class Slow:
    """What a history means, tick by tick."""

    def __init__(self, calendar: Calendar, steps: Steps) -> None:
        self.calendar = calendar
        ticks = len(calendar.instants)
        self.plan: list[str | None] = [None] * ticks
        bonus_gb = {service: [0] * ticks for service in BONUS_GB}
        for kind, code, tick in sorted(steps, key=lambda step: step[2]):
            rest = ticks - tick
            if kind in (SIGN_UP, PLAN):
                self.plan[tick:] = [code] * rest
            elif kind == END:
                self.plan[tick:] = [None] * rest
                break
            else:
                bonus_gb[code][tick:] = [BONUS_GB[code] if kind == BONUS_ADD else 0] * rest
        self.capacity_gb = [
            0 if plan is None else int(plan) + sum(bonuses)
            for plan, bonuses in zip(self.plan, zip(*bonus_gb.values(), strict=True), strict=True)
        ]
        self.sign_up = next(tick for kind, _, tick in steps if kind == SIGN_UP)
        self.end = next((tick for kind, _, tick in steps if kind == END), None)

    def _month_of(self, tick: int) -> int:
        return max(i for i, start in enumerate(self.calendar.starts) if start <= tick)

    def fee_yen(self, i: int) -> int:
        """Return the fee of the i-th month (R2, R3)."""
        start, end = self.calendar.starts[i : i + 2]
        signed, ended = self._month_of(self.sign_up), None if self.end is None else self._month_of(self.end)
        if i < signed or (ended is not None and i > ended) or (i == signed and i != ended):
            return 0
        held: list[str] = []
        for plan in self.plan[max(start - 1, 0) : end]:
            if plan is not None and (not held or held[-1] != plan):
                held.append(plan)
        changes = len(held) - 1
        return PRICES[held[0]] if changes <= 1 else max(PRICES[plan] for plan in held)

    def kept_bytes(self, i: int) -> int:
        """Return what the purge at 00:00 on the 1st of the i-th month leaves, by R4 word by word; i > 0."""
        start, now = self.calendar.starts[i - 1], self.calendar.starts[i]
        highest = max(self.capacity_gb[max(start - 1, 0) : now])
        return gb(max(self.capacity_gb[now], highest))


def random_steps(source: random.Random, calendar: Calendar, *, events: int) -> Steps:
    """Return a random history: changes lie anywhere, but often at the edge of a month and on each other."""
    ticks = len(calendar.instants)
    edges = [edge + shift for edge in calendar.starts[1:-1] for shift in (-1, 0, 1)]

    def tick(first: int) -> int:
        near = [edge for edge in edges if edge >= first]
        return source.choice(near) if near and source.random() < 0.4 else source.randrange(first, ticks)

    begun = source.choice([0, tick(0)]) if source.random() < 0.7 else source.randrange(ticks // 2)
    steps: Steps = [(SIGN_UP, source.choice(list(PRICES)), begun)]
    for _ in range(source.randrange(events + 1)):
        kind = source.choice((PLAN, PLAN, PLAN, BONUS_ADD, BONUS_REMOVE))
        code = source.choice(list(PRICES if kind == PLAN else BONUS_GB))
        steps.append((kind, code, tick(begun)))
    if source.random() < 0.3 and begun + 1 < ticks:
        steps.append((END, "", tick(begun + 1)))
    return steps
