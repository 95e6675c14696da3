"""Billing months: calendar months in Asia/Tokyo, half-open (DOMAIN: all calendar rules are Asia/Tokyo)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from core.clock import TOKYO
from core.errors import InvalidInput

#: Instants of contracts lie in these years: microseconds since 1970 at one end, what datetime can count at the other.
FIRST_YEAR, LAST_YEAR = 1971, 9997

_TEXT = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True, slots=True)
class BillingMonth:
    """One calendar month in Tokyo. It begins at 00:00 on its 1st; that instant of the next month is not in it."""

    year: int
    month: int

    @classmethod
    def of(cls, instant: datetime) -> Self:
        """Return the month an instant lies in."""
        local = instant.astimezone(TOKYO)
        return cls(local.year, local.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the month of a text such as 2026-04. Raises InvalidInput."""
        found = _TEXT.fullmatch(text)
        if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise InvalidInput(f"{text!r} is not a month: write for example 2026-04")
        return cls(int(found[1]), int(found[2]))

    def start(self) -> datetime:
        """Return its first instant, in UTC."""
        return datetime(self.year, self.month, 1, tzinfo=TOKYO).astimezone(UTC)

    def end(self) -> datetime:
        """Return the first instant after it, in UTC."""
        return self.next().start()

    def next(self) -> Self:
        """Return the month after it."""
        return type(self)(self.year + self.month // 12, self.month % 12 + 1)

    def previous(self) -> Self:
        """Return the month before it."""
        return type(self)(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
