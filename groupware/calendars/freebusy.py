"""When somebody is busy (RFC 4791 §7.10): from events to stretches of time, without saying what they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import icalendar
from icalendar.prop import vPeriod

from core.errors import CalendarRefused
from core.ids import new_object_id
from groupware.calendars import ical
from groupware.calendars.bounds import INSTANCES
from groupware.calendars.expand import Window, instances

BUSY, TENTATIVE = "BUSY", "BUSY-TENTATIVE"


class Stretch(NamedTuple):
    """A time that is taken, and how surely."""

    start: datetime
    end: datetime
    kind: str


def busy(texts: Iterable[str], window: Window) -> list[Stretch]:
    """Return the times of a window that events take, joined where they touch, in their order.

    Raises CalendarRefused (number-of-matches-within-limits).
    """
    assert window.start is not None
    assert window.end is not None
    found: list[Stretch] = []
    for text in texts:
        for one in instances(ical.parse(text), window, limit=INSTANCES - len(found)):
            status = str(one.part.get("STATUS", "")).upper()
            if status == "CANCELLED" or str(one.part.get("TRANSP", "")).upper() == "TRANSPARENT":
                continue
            start, end = max(window.start, ical.instant(one.start)), min(window.end, ical.instant(one.end))
            if start < end:
                found.append(Stretch(start, end, TENTATIVE if status == "TENTATIVE" else BUSY))
        if len(found) >= INSTANCES:
            raise CalendarRefused("number-of-matches-within-limits", str(INSTANCES))
    return [joined for kind in (BUSY, TENTATIVE) for joined in _joined(sorted(s for s in found if s.kind == kind))]


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    made: list[Stretch] = []
    for one in stretches:
        if made and one.start <= made[-1].end:
            made[-1] = made[-1]._replace(end=max(made[-1].end, one.end))
        else:
            made.append(one)
    return made


def text(stretches: Iterable[Stretch], window: Window, *, now: datetime) -> str:
    """Return the answer to a free-busy-query as iCalendar."""
    calendar, part = icalendar.Calendar(), icalendar.FreeBusy()
    calendar.add("PRODID", "-//Azukari//Calendars//EN")
    calendar.add("VERSION", "2.0")
    part.add("UID", new_object_id())
    part.add("DTSTAMP", now.replace(microsecond=0))
    part.add("DTSTART", window.start)
    part.add("DTEND", window.end)
    for one in stretches:
        period = vPeriod((one.start, max(one.end, one.start + timedelta(seconds=1))))
        part.add("FREEBUSY", period, parameters={"FBTYPE": one.kind})
    calendar.add_component(part)
    raw: bytes = calendar.to_ical()
    return raw.decode()
