"""When the alarms of an entry ring (RFC 5545 §3.6.6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from groupware.calendars import ical
from groupware.calendars.expand import Instance, Window, instances
from groupware.calendars.ical import instant

#: An alarm rings at most this long before or after what it is about.
_REACH = timedelta(days=62)
#: Where the next alarm is looked for: this far ahead, in steps of growing length.
_STEPS = (timedelta(days=62), timedelta(days=400), timedelta(days=366 * 5))
_REPEATS = 20


class Ring(NamedTuple):
    """An alarm of one instance, and when it rings."""

    at: datetime
    alarm: Any
    instance: Instance


def rings(calendar: Any, window: Window) -> bool:
    """Return whether an alarm rings in a window (RFC 4791 §9.9, VALARM)."""
    start = None if window.start is None else window.start - _REACH
    end = None if window.end is None else window.end + _REACH
    return any(window.covers(one.at, one.at) for one in _rings(calendar, Window(start, end)))


def due(calendar: Any, *, after: datetime, until: datetime) -> list[Ring]:
    """Return the alarms that ring after one instant and up to another, in their order."""
    found = [one for one in _rings(calendar, Window(after - _REACH, until + _REACH)) if after < one.at <= until]
    return sorted(found, key=lambda one: one.at)


def next_after(calendar: Any, after: datetime) -> datetime | None:
    """Return when the next alarm rings; None where none will within the next five years."""
    if not any(part.walk("VALARM") for part in ical.entries(calendar)):
        return None
    for step in _STEPS:
        found = due(calendar, after=after, until=after + step)
        if found:
            return found[0].at
    return None


def _rings(calendar: Any, window: Window) -> Iterator[Ring]:
    if not any(part.walk("VALARM") for part in ical.entries(calendar)):
        return
    for instance in instances(calendar, window):
        for alarm in instance.part.walk("VALARM"):
            for at in _times(alarm, instance.start, instance.end):
                yield Ring(at, alarm, instance)


def _times(alarm: Any, start: date, end: date) -> Iterator[datetime]:
    trigger = alarm.get("TRIGGER")
    if trigger is None or not hasattr(trigger, "dt"):
        return
    if isinstance(trigger.dt, timedelta):
        related = str(trigger.params.get("RELATED", "START")).upper()
        first = instant(end if related == "END" else start) + max(-_REACH, min(_REACH, trigger.dt))
    elif isinstance(trigger.dt, datetime):
        first = instant(trigger.dt)
    else:
        return
    yield first
    gap = getattr(alarm.get("DURATION"), "dt", None)
    if isinstance(gap, timedelta) and gap > timedelta(0):
        for again in range(1, min(_REPEATS, int(alarm.get("REPEAT", 0))) + 1):
            yield first + again * gap
