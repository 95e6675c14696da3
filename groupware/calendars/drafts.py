"""An event as a form on a page knows it, made into iCalendar and read back. Times are Tokyo's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import icalendar
from icalendar.prop import vCalAddress, vRecur

from core.clock import TOKYO
from core.errors import CalendarRefused, NotFound
from core.ids import new_object_id
from groupware.calendars import ical, people
from groupware.calendars.people import Person
from groupware.calendars.rules import naive

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = timedelta(days=1)
#: What the form changes; everything else of an event stays as a calendar program wrote it.
_OWN = ("SUMMARY", "LOCATION", "DESCRIPTION", "DTSTART", "DTEND", "DURATION", "ATTENDEE", "ORGANIZER")


@dataclass(frozen=True, slots=True)
class Repeat:
    """How an event repeats: until a day (that day included), so many times, or for ever."""

    frequency: str
    interval: int = 1
    weekdays: tuple[str, ...] = ()
    until: date | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What people say of an event. All-day events have dates, `end` the last day; others have Tokyo's times.

    `repeats_otherwise`: by a rule that the form cannot say, which then stays.
    """

    title: str
    start: date
    end: date
    location: str = ""
    description: str = ""
    repeat: Repeat | None = None
    attendees: tuple[str, ...] = ()
    reminder_minutes: int | None = None
    repeats_otherwise: bool = False

    @property
    def all_day(self) -> bool:
        """Return whether it takes whole days."""
        return not isinstance(self.start, datetime)


def read(part: Any, known: Sequence[Person]) -> Draft:
    """Return an event as the form shows it."""
    start, end = ical.span_of(part)
    assert start is not None
    assert end is not None
    if isinstance(start, datetime):
        start, end = (ical.instant(one).astimezone(TOKYO) for one in (start, end))
    else:
        end = max(start, end - _DAY)
    rule = part.get("RRULE")
    repeat = None if rule is None or isinstance(rule, list) else _repeat_of(rule)
    asked = part.get("ATTENDEE")
    addresses = asked if isinstance(asked, list) else [] if asked is None else [asked]
    found = [people.match(str(one), list(known)) for one in addresses]
    return Draft(
        title=str(part.get("SUMMARY", "")),
        start=start,
        end=end,
        location=str(part.get("LOCATION", "")),
        description=str(part.get("DESCRIPTION", "")),
        repeat=repeat,
        attendees=tuple(dict.fromkeys(one.login_id for one in found if one is not None)),
        reminder_minutes=_reminder_of(part),
        repeats_otherwise=repeat is None and (rule is not None or "RDATE" in part),
    )


def _repeat_of(rule: Any) -> Repeat | None:
    """Return a rule as the form says it, or None where it cannot."""
    names = {str(name).upper() for name in rule}
    frequency = str(rule["FREQ"][0]).upper()
    weekdays = tuple(str(one).upper() for one in rule.get("BYDAY", ()))
    known = {"FREQ", "INTERVAL", "UNTIL", "COUNT", "WKST"} | ({"BYDAY"} if frequency == "WEEKLY" else set())
    if not names <= known or frequency not in FREQUENCIES or not set(weekdays) <= set(WEEKDAYS):
        return None
    until = rule.get("UNTIL", [None])[0]
    if isinstance(until, datetime):
        until = ical.instant(until).astimezone(TOKYO).date()
    count = rule.get("COUNT", [None])[0]
    return Repeat(frequency, int(rule.get("INTERVAL", [1])[0]), weekdays, until, None if count is None else int(count))


def _reminder_of(part: Any) -> int | None:
    for alarm in part.walk("VALARM"):
        trigger = alarm.get("TRIGGER")
        if trigger is not None and isinstance(trigger.dt, timedelta) and trigger.dt <= timedelta(0):
            return int(-trigger.dt.total_seconds() // 60)
    return None


def new_text(draft: Draft, organizer: Person, *, now: datetime) -> str:
    """Return a new event as iCalendar. Raises CalendarRefused where it ends before it starts."""
    calendar, part = icalendar.Calendar(), icalendar.Event()
    calendar.add("PRODID", "-//Azukari//Calendars//EN")
    calendar.add("VERSION", "2.0")
    part.add("UID", new_object_id())
    part.add("SEQUENCE", 0)
    _fill(part, draft, organizer, now=now)
    _set_rule(part, draft)
    calendar.add_component(part)
    return _text(calendar)


def changed_text(text: str, draft: Draft, organizer: Person, *, now: datetime) -> str:
    """Return an event changed as a whole; exceptions stay while the times do, and go with them."""
    calendar = ical.parse(text)
    part = _whole(calendar)
    before = (part["DTSTART"].dt, str(part.get("RRULE")))
    _fill(part, draft, organizer, now=now)
    if not draft.repeats_otherwise:
        _set_rule(part, draft)
    part["SEQUENCE"] = int(part.get("SEQUENCE", 0)) + 1
    if before != (part["DTSTART"].dt, str(part.get("RRULE"))):
        part.pop("EXDATE", None)
        calendar.subcomponents = [
            one for one in calendar.subcomponents if one.name != ical.EVENT or "RECURRENCE-ID" not in one
        ]
    return _text(calendar)


def changed_instance(text: str, at: date, draft: Draft, organizer: Person, *, now: datetime) -> str:
    """Return an event with one of its instances changed. Raises NotFound where it has none at that time."""
    calendar = ical.parse(text)
    whole = _whole(calendar)
    part = _exception(calendar, at)
    if part is None:
        part = whole.copy()
        part.subcomponents = list(whole.subcomponents)
        for name in ("RRULE", "RDATE", "EXDATE"):
            part.pop(name, None)
        part.add("RECURRENCE-ID", _like(whole, at))
        calendar.add_component(part)
    _fill(part, draft, organizer, now=now)
    part["SEQUENCE"] = int(part.get("SEQUENCE", 0)) + 1
    return _text(calendar)


def without_instance(text: str, at: date) -> str:
    """Return an event without one of its instances."""
    calendar = ical.parse(text)
    whole, gone = _whole(calendar), _exception(calendar, at)
    if gone is not None:
        calendar.subcomponents.remove(gone)
    whole.add("EXDATE", [_like(whole, at)])
    whole["SEQUENCE"] = int(whole.get("SEQUENCE", 0)) + 1
    return _text(calendar)


def instance(calendar: Any, at: date) -> Any:
    """Return the exception at a time, or else the event as a whole. Raises NotFound where there is no whole one."""
    return _exception(calendar, at) or _whole(calendar)


def _whole(calendar: Any) -> Any:
    for one in ical.entries(calendar):
        if "RECURRENCE-ID" not in one:
            return one
    raise NotFound("the event as a whole")


def _exception(calendar: Any, at: date) -> Any | None:
    for one in ical.entries(calendar):
        if "RECURRENCE-ID" in one and ical.instant(one["RECURRENCE-ID"].dt) == ical.instant(at):
            return one
    return None


def _like(whole: Any, at: date) -> date:
    """Return a time in the words of the event's DTSTART (RFC 5545 §3.8.4.4): a date, its zone, or none."""
    start = whole["DTSTART"].dt
    if not isinstance(start, datetime):
        return at.astimezone(TOKYO).date() if isinstance(at, datetime) else at
    moved = ical.instant(at)
    return moved.astimezone(start.tzinfo) if start.tzinfo else moved.astimezone(TOKYO).replace(tzinfo=None)


def _fill(part: Any, draft: Draft, organizer: Person, *, now: datetime) -> None:
    answers = {str(one): one for one in _listed(part.get("ATTENDEE"))}
    for name in _OWN:
        part.pop(name, None)
    part.pop("DTSTAMP", None)
    part.add("DTSTAMP", now.astimezone(UTC).replace(microsecond=0))
    part.add("SUMMARY", draft.title)
    for name, text in (("LOCATION", draft.location), ("DESCRIPTION", draft.description)):
        if text:
            part.add(name, text)
    if draft.end < draft.start:
        raise CalendarRefused("valid-calendar-data", "DTEND")
    part.add("DTSTART", draft.start)
    part.add("DTEND", draft.end + _DAY if draft.all_day else draft.end)
    if draft.attendees:
        part.add("ORGANIZER", _address(organizer.login_id))
    for login_id in draft.attendees:
        known = answers.get(people.address_of(login_id))
        part.add("ATTENDEE", known if known is not None else _invited(login_id))
    _set_reminder(part, draft)


def _address(login_id: str) -> Any:
    address = vCalAddress(people.address_of(login_id))
    address.params["CN"] = login_id
    return address


def _invited(login_id: str) -> Any:
    address = _address(login_id)
    address.params["PARTSTAT"] = "NEEDS-ACTION"
    address.params["RSVP"] = "TRUE"
    return address


def _set_rule(part: Any, draft: Draft) -> None:
    part.pop("RRULE", None)
    if draft.repeat is None:
        return
    rule: dict[str, Any] = {"FREQ": [draft.repeat.frequency]}
    if draft.repeat.interval != 1:
        rule["INTERVAL"] = [draft.repeat.interval]
    if draft.repeat.frequency == "WEEKLY" and draft.repeat.weekdays:
        rule["BYDAY"] = list(draft.repeat.weekdays)
    if draft.repeat.count is not None:
        rule["COUNT"] = [draft.repeat.count]
    elif draft.repeat.until is not None:
        rule["UNTIL"] = [_end_of(draft.repeat.until, all_day=draft.all_day)]
    part.add("RRULE", vRecur(rule))


def _end_of(day: date, *, all_day: bool) -> date:
    """Return UNTIL for a last day: of the same kind as DTSTART (RFC 5545 §3.3.10)."""
    return day if all_day else datetime.combine(day, time(23, 59, 59), tzinfo=TOKYO).astimezone(UTC)


def _set_reminder(part: Any, draft: Draft) -> None:
    """Put the form's reminder in the place of the one it showed; alarms of other kinds stay."""
    shown = _reminder_of(part)
    if shown == draft.reminder_minutes:
        return
    part.subcomponents = [one for one in part.subcomponents if one.name != "VALARM"]
    if draft.reminder_minutes is not None:
        alarm = icalendar.Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", draft.title)
        alarm.add("TRIGGER", -timedelta(minutes=draft.reminder_minutes))
        part.add_component(alarm)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(calendar: Any) -> str:
    for one in ical.entries(calendar):
        naive(one["DTSTART"].dt)
    calendar.add_missing_timezones()
    raw: bytes = calendar.to_ical()
    return raw.decode()


def moved(draft: Draft, start: date, end: date) -> Draft:
    """Return the same event at another time."""
    return replace(draft, start=start, end=end)
