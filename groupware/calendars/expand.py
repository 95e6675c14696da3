"""Repeats made into instances, by `recurring_ical_events`, never more than are asked for (RFC 4791 §9.6.5, §9.9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import recurring_ical_events
from icalendar.prop import vDDDTypes

from core.clock import TOKYO
from core.errors import CalendarRefused
from groupware.calendars import ical
from groupware.calendars.bounds import EARLIEST, INSTANCES, LATEST

_DAY = timedelta(days=1)
_REPEATS = ("RRULE", "RDATE", "EXDATE")


class Window(NamedTuple):
    """A stretch of time, its end not included; None: without an end on that side."""

    start: datetime | None
    end: datetime | None

    def covers(self, starts: datetime, ends: datetime) -> bool:
        """Return whether something from `starts` to `ends` lies in it, even in part; a moment counts as such."""
        if ends <= starts:
            return (self.start is None or self.start <= starts) and (self.end is None or starts < self.end)
        return (self.start is None or self.start < ends) and (self.end is None or starts < self.end)


class Instance(NamedTuple):
    """One time that an entry takes place, as the entry would say it if it did not repeat. All-day ones have dates."""

    part: Any
    start: date
    end: date


def repeats(calendar: Any) -> bool:
    """Return whether an entry takes place more than once, or has exceptions."""
    parts = ical.entries(calendar)
    return len(parts) > 1 or any(name in parts[0] for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def instances(calendar: Any, window: Window, *, limit: int = INSTANCES) -> list[Instance]:
    """Return an entry's instances in a window in their order; dates begin at midnight in Tokyo.

    Raises CalendarRefused (number-of-matches-within-limits) where there are more than `limit`.
    """
    found: list[Instance] = []
    for one in _between(calendar, window):
        if len(found) == limit:
            raise CalendarRefused("number-of-matches-within-limits", str(limit))
        found.append(one)
    return sorted(found, key=lambda one: ical.instant(one.start))


def takes_place(calendar: Any, window: Window) -> bool:
    """Return whether an entry has an instance in a window (RFC 4791 §9.9)."""
    if not repeats(calendar):
        return overlaps(ical.entries(calendar)[0], window)
    return next(_between(calendar, window), None) is not None


def _between(calendar: Any, window: Window) -> Iterator[Instance]:
    parts = ical.entries(calendar)
    if not repeats(calendar):
        if overlaps(parts[0], window):
            start, end = ical.span_of(parts[0])
            if start is not None and end is not None:
                yield Instance(parts[0], start, end)
        return
    start = (window.start or EARLIEST).astimezone(TOKYO)
    end = (window.end or LATEST).astimezone(TOKYO)
    if end < start:
        return
    query: Any = recurring_ical_events.of(calendar, components=(parts[0].name,))
    for series in query.series:
        for one in series.between(start, end):
            if window.covers(ical.instant(one.start), ical.instant(one.end)):
                yield Instance(one.as_component(False), one.start, one.end)


def overlaps(part: Any, window: Window) -> bool:
    """Return whether an entry that does not repeat is in a window, by the tables of RFC 4791 §9.9."""
    if part.name == ical.TODO:
        return _todo_overlaps(part, window)
    if part.name == ical.JOURNAL:
        start = ical.moment(part, "DTSTART")
        if start is None:
            return False
        end = start if isinstance(start, datetime) else start + _DAY
        return window.covers(ical.instant(start), ical.instant(end))
    begins, ends = ical.span_of(part)
    return begins is not None and ends is not None and window.covers(ical.instant(begins), ical.instant(ends))


def _todo_overlaps(part: Any, window: Window) -> bool:
    """Apply the table for to-dos: what is known of its times decides, and one without any is always there."""
    start, due = ical.moment(part, "DTSTART"), ical.moment(part, "DUE")
    if start is not None or due is not None:
        begins, ends = ical.span_of(part)
        assert begins is not None
        assert ends is not None
        first, last = ical.instant(begins), ical.instant(ends)
        if start is None:
            last = ical.instant(due) if due is not None else last
            return (window.start is None or window.start < last) and (window.end is None or last <= window.end)
        return window.covers(first, last)
    known = [ical.moment(part, name) for name in ("CREATED", "COMPLETED")]
    created, completed = (None if one is None else ical.instant(one) for one in known)
    if created is not None and completed is not None:
        return (window.start is None or window.start <= completed) and (window.end is None or created <= window.end)
    if completed is not None:
        return window.covers(completed, completed)
    return created is None or window.end is None or window.end > created


def expanded(calendar: Any, window: Window, *, limit: int = INSTANCES) -> tuple[Any, int]:
    """Return a calendar with an entry's instances in place of its rule, times in UTC, and how many there are.

    Raises CalendarRefused (number-of-matches-within-limits).
    """
    made = calendar.copy()
    made.subcomponents = []
    parts = [one.part for one in instances(calendar, window, limit=limit)] if repeats(calendar) else []
    if not repeats(calendar):
        (whole,) = ical.entries(calendar)
        parts = [whole.copy()]
        parts[0].subcomponents = list(whole.subcomponents)
    for part in parts:
        for name in _REPEATS:
            part.pop(name, None)
        for name in ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID"):
            if name in part:
                part[name] = vDDDTypes(_in_utc(part[name].dt))
        made.add_component(part)
    return made, len(parts)


def _in_utc(moment: date) -> date:
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return moment
