"""Reading iCalendar text (RFC 5545): what a calendar lets in, and what it keeps beside the text.

Parsing is `icalendar`'s. Here stands what must hold before and after: bounds, one entry a text (RFC 4791 §4.1), and
nothing that costs more than it may.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
from icalendar.timezone import tzp

from core.clock import TOKYO, to_microseconds
from core.errors import CalendarRefused
from groupware.calendars.bounds import (
    ALWAYS_US,
    FOREVER_US,
    OBJECT_BYTES,
    OBJECT_COMPONENTS,
    OBJECT_LINES,
    UID_CHARACTERS,
)
from groupware.calendars.rules import last_start, naive, require_bounded

EVENT, TODO, JOURNAL = "VEVENT", "VTODO", "VJOURNAL"
COMPONENTS = (EVENT, TODO, JOURNAL)
_DAY = timedelta(days=1)
#: What neither iCalendar (RFC 5545 §3.1, CONTROL) nor an XML answer can carry.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_FOLD = re.compile(r"\r?\n[ \t]")
#: A time zone of one's own changes its clocks by the year; anything finer would only cost.
_FINE_ZONE = re.compile(r"FREQ=(?!YEARLY)", re.IGNORECASE)
_DEPTH = 4
#: icalendar remembers zones by name for the whole process: one customer's must not become another's.
_zones = threading.Lock()


@dataclass(frozen=True, slots=True)
class Parsed:
    """An entry as it was sent, and what is kept beside it. Instants enclose all its instances."""

    text: str
    calendar: Any
    uid: str
    component: str
    starts_us: int
    ends_us: int

    @property
    def parts(self) -> list[Any]:
        """Return the entry and its exceptions."""
        return entries(self.calendar)

    @property
    def main(self) -> Any:
        """Return the entry itself; where only exceptions are there, the first of them."""
        return next((one for one in self.parts if "RECURRENCE-ID" not in one), self.parts[0])


def read(body: bytes) -> Parsed:
    """Return an entry that a calendar may keep.

    Raises CalendarRefused with the precondition of RFC 4791 §5.3.2.1 that does not hold.
    """
    if len(body) > OBJECT_BYTES:
        raise CalendarRefused("max-resource-size", str(OBJECT_BYTES))
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CalendarRefused("valid-calendar-data", "the text is not UTF-8") from None
    calendar = parse(text)
    uid, component = _identity(calendar)
    try:
        starts_us, ends_us = _span(calendar)
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
        raise CalendarRefused("valid-calendar-data", str(error)[:200]) from None
    return Parsed(text, calendar, uid, component, starts_us, ends_us)


def parse(text: str) -> Any:
    """Return the calendar of a text. Raises CalendarRefused where it is not one, or too complicated."""
    _require_plain(text)
    with _zones:
        try:
            calendar = icalendar.Calendar.from_ical(text)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
            raise CalendarRefused("valid-calendar-data", str(error)[:200]) from None
        finally:
            tzp.use_zoneinfo()
    if calendar.name != "VCALENDAR":
        raise CalendarRefused("valid-calendar-data", "the text is no VCALENDAR")
    return calendar


def _require_plain(text: str) -> None:
    """Return if a text is small and flat enough to be parsed. Raises CalendarRefused."""
    if found := _UNSPEAKABLE.search(text):
        raise CalendarRefused("valid-calendar-data", f"the character U+{ord(found.group()):04X}")
    lines = _FOLD.sub("", text).splitlines()
    if len(lines) > OBJECT_LINES:
        raise CalendarRefused("max-resource-size", f"{OBJECT_LINES} lines")
    open_parts: list[str] = []
    components = 0
    for line in lines:
        name, _, value = line.partition(":")
        if name.upper() == "BEGIN":
            open_parts.append(value.strip().upper())
            components += 1
        elif name.upper() == "END" and open_parts:
            open_parts.pop()
        elif line[:5].upper() == "RRULE" and "VTIMEZONE" in open_parts and _FINE_ZONE.search(line):
            raise CalendarRefused("max-instances", "VTIMEZONE")
        if len(open_parts) > _DEPTH or components > OBJECT_COMPONENTS:
            raise CalendarRefused("max-instances", f"{OBJECT_COMPONENTS} components")


def entries(calendar: Any) -> list[Any]:
    """Return the entry and its exceptions; time zones are none."""
    return [one for one in calendar.subcomponents if one.name != "VTIMEZONE"]


def _identity(calendar: Any) -> tuple[str, str]:
    """Return UID and component of the one entry a text may hold (RFC 4791 §4.1)."""
    found = entries(calendar)
    if not found:
        raise CalendarRefused("valid-calendar-data", "there is no entry in it")
    uids, names = {str(one.get("UID", "")) for one in found}, {one.name for one in found}
    if len(uids) > 1 or len(names) > 1:
        raise CalendarRefused("valid-calendar-object-resource", "it holds more than one entry")
    if "METHOD" in calendar:
        raise CalendarRefused("valid-calendar-object-resource", "METHOD")
    uid, component = uids.pop(), names.pop()
    if component not in COMPONENTS:
        raise CalendarRefused("supported-calendar-component", component[:32])
    if not uid or len(uid) > UID_CHARACTERS:
        raise CalendarRefused("valid-calendar-object-resource", "UID")
    return uid, component


def _span(calendar: Any) -> tuple[int, int]:
    """Return microseconds that enclose every instance of an entry."""
    spans = [_span_of(one) for one in entries(calendar)]
    return min(starts for starts, _ in spans), max(ends for _, ends in spans)


def _span_of(part: Any) -> tuple[int, int]:
    start, end = span_of(part)
    if start is None or end is None:
        if "RRULE" in part and part.name == EVENT:
            raise ValueError("DTSTART is missing")
        return ALWAYS_US, FOREVER_US
    lasting = max(timedelta(0), naive(end) - naive(start)) + _DAY  # zones differ from each other by up to a day
    earliest, latest = naive(start) - _DAY, naive(start)
    for rule in _listed(part.get("RRULE")):
        require_bounded(rule, start)
        last = last_start(rule, start)
        if last is None:
            return _us(earliest), FOREVER_US
        latest = max(latest, last)
    for when in dates_of(part, "RDATE"):
        earliest, latest = min(earliest, naive(when) - _DAY), max(latest, naive(when))
    return _us(earliest), _us(latest + lasting + _DAY)


def span_of(part: Any) -> tuple[date | None, date | None]:
    """Return when an entry begins and ends as it says; of a to-do also where it only has a due time.

    An event without DTSTART raises ValueError.
    """
    start, end = moment(part, "DTSTART"), moment(part, "DTEND") or moment(part, "DUE")
    length = part.get("DURATION")
    if part.name == EVENT and start is None:
        raise ValueError("DTSTART is missing")
    if end is None and length is not None and start is not None:
        end = _later(start, length.dt)
    if start is None:
        known = [one for one in (end, moment(part, "COMPLETED"), moment(part, "CREATED")) if one is not None]
        if end is None:
            return (None, None)
        start = min(known, key=naive)
    if end is None:
        end = start if isinstance(start, datetime) else start + _DAY
    return start, end


def _later(start: date, length: timedelta) -> date:
    if not isinstance(start, datetime) and length % _DAY:
        return naive(start) + length
    return start + length


def moment(part: Any, name: str) -> date | None:
    """Return the date or time of a property, or None. Raises ValueError for one that cannot be read."""
    value = part.get(name)
    if value is None:
        return None
    found = getattr(value, "dt", None)
    if not isinstance(found, date):
        raise ValueError(f"{name} is no date or time")
    return found


def dates_of(part: Any, name: str) -> list[date]:
    """Return the dates and times of RDATE or EXDATE; of periods when they begin."""
    found = [one.dt for listed in _listed(part.get(name)) for one in listed.dts]
    return [one[0] if isinstance(one, tuple) else one for one in found]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _us(wall_clock: datetime) -> int:
    return to_microseconds(wall_clock.replace(tzinfo=UTC))


def instant(moment_: date, zone: Any = TOKYO) -> datetime:
    """Return an instant: dates begin at midnight in a zone, and times without a zone are of it (RFC 4791 §9.9)."""
    if isinstance(moment_, datetime):
        return (moment_ if moment_.tzinfo else moment_.replace(tzinfo=zone)).astimezone(UTC)
    return datetime(moment_.year, moment_.month, moment_.day, tzinfo=zone).astimezone(UTC)


def when(start: date) -> str:
    """Return when something starts as people in Tokyo read it: all-day entries have a date alone."""
    if isinstance(start, datetime):
        return instant(start).astimezone(TOKYO).strftime("%Y-%m-%d %H:%M")
    return start.strftime("%Y-%m-%d")
