"""What stands in the caller's calendars on which day, and when people of the contract are busy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select

from core.clock import TOKYO
from core.errors import CalendarRefused
from db.engine import Transaction
from db.tables import calendar_objects, calendars
from groupware.calendars import freebusy, ical, objects, rows
from groupware.calendars.bounds import INSTANCES
from groupware.calendars.expand import Instance, Window, instances
from groupware.calendars.freebusy import Stretch
from groupware.calendars.shelf import Calendar

_DAY = timedelta(days=1)


class Item(NamedTuple):
    """One instance of an event as a page shows it. `at` is the time that names it among its repeats."""

    calendar: Calendar
    entry: rows.Entry
    title: str
    location: str
    start: date
    end: date
    at: date
    repeats: bool

    @property
    def all_day(self) -> bool:
        """Return whether it takes whole days."""
        return not isinstance(self.start, datetime)

    @property
    def starts_at(self) -> datetime:
        """Return when it begins, in Tokyo's time."""
        return ical.instant(self.start).astimezone(TOKYO)

    @property
    def ends_at(self) -> datetime:
        """Return when it ends, in Tokyo's time."""
        return ical.instant(self.end).astimezone(TOKYO)

    def days(self) -> Iterable[date]:
        """Return the days it is on."""
        day, last = self.starts_at.date(), max(self.starts_at, self.ends_at - timedelta(microseconds=1)).date()
        while day <= last:
            yield day
            day += _DAY


def window_of(first: date, days: int) -> Window:
    """Return the time of some days in Tokyo."""
    start = datetime.combine(first, time(), tzinfo=TOKYO)
    return Window(start, start + timedelta(days=days))


def items(tx: Transaction, shown: Iterable[Calendar], window: Window) -> list[Item]:
    """Return the events of some calendars in a window, in their order.

    Raises CalendarRefused (number-of-matches-within-limits).
    """
    found: list[Item] = []
    for calendar in shown:
        for entry in objects.within(tx, calendar, window, ical.EVENT):
            parsed = ical.parse(entry.data)
            several = len(ical.entries(parsed)) > 1 or "RRULE" in ical.entries(parsed)[0]
            for one in instances(parsed, window, limit=INSTANCES - len(found)):
                found.append(_item(calendar, entry, one, several))
    return sorted(found, key=lambda one: (one.starts_at, not one.all_day, one.title))


def _item(calendar: Calendar, entry: rows.Entry, one: Instance, several: bool) -> Item:
    at = one.part["RECURRENCE-ID"].dt if "RECURRENCE-ID" in one.part else one.start
    title, location = (str(one.part.get(name, "")) for name in ("SUMMARY", "LOCATION"))
    return Item(calendar, entry, title, location, one.start, one.end, at, several)


def by_day(found: Iterable[Item], first: date, days: int) -> dict[date, list[Item]]:
    """Return events by the days they are on, every day of the stretch among them."""
    table: dict[date, list[Item]] = {first + timedelta(days=at): [] for at in range(days)}
    for one in found:
        for day in one.days():
            if day in table:
                table[day].append(one)
    return table


def busy_times(tx: Transaction, contract_id: int, login: int, window: Window) -> list[Stretch]:
    """Return when a login of the contract is busy by its own calendars; what it does then is not told.

    Raises CalendarRefused (number-of-matches-within-limits).
    """
    listed = tx.execute(
        select(calendar_objects.c.data)
        .join(
            calendars,
            (calendars.c.contract_id == calendar_objects.c.contract_id)
            & (calendars.c.id == calendar_objects.c.calendar_id),
        )
        .where(
            calendars.c.contract_id == contract_id,
            calendars.c.owner == login,
            calendar_objects.c.component == ical.EVENT,
            calendar_objects.c.ends_us >= _us(window.start),
            calendar_objects.c.starts_us <= _us(window.end),
        )
    ).scalars()
    return sorted(freebusy.busy(listed, window))


def _us(at: datetime | None) -> int:
    if at is None:
        raise CalendarRefused("supported-filter", "time-range")
    return int(at.timestamp() * 1_000_000)


def month_of(on: date) -> tuple[date, int]:
    """Return the first day and the number of days of the weeks that show a month, from Sunday on."""
    first = on.replace(day=1)
    start = first - timedelta(days=first.isoweekday() % 7)
    following = (first + timedelta(days=31)).replace(day=1)
    weeks = -(-(following - start).days // 7)
    return start, weeks * 7


def week_of(on: date) -> date:
    """Return the Sunday a week begins with."""
    return on - timedelta(days=on.isoweekday() % 7)
