"""From an event's form to a draft, and from a draft to what the form shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from werkzeug.datastructures import MultiDict

from core.clock import TOKYO
from core.errors import InvalidInput
from groupware.calendars.drafts import FREQUENCIES, WEEKDAYS, Draft, Repeat

#: Reminders the form offers, in minutes before the start.
REMINDERS = (0, 10, 30, 60, 1440)
_LONGEST = {"title": 255, "location": 255, "description": 10_000}
_KEPT = "kept"


def draft_of(form: MultiDict[str, str], *, was: Draft | None = None) -> Draft:
    """Return what a form says. Raises InvalidInput with the field that cannot be read."""
    all_day = form.get("all_day") == "1"
    start, end = _day(form, "start_day"), _day(form, "end_day")
    if not all_day:
        start = datetime.combine(start, _time(form, "start_time"), tzinfo=TOKYO)
        end = datetime.combine(end, _time(form, "end_time"), tzinfo=TOKYO)
    if end < start:
        raise InvalidInput("end")
    texts = {name: form.get(name, "").strip().replace("\r\n", "\n") for name in _LONGEST}
    if not texts["title"]:
        raise InvalidInput("title")
    for name, longest in _LONGEST.items():
        if len(texts[name]) > longest:
            raise InvalidInput(name)
    otherwise = form.get("repeat") == _KEPT and was is not None and was.repeats_otherwise
    return Draft(
        start=start,
        end=end,
        repeat=None if otherwise else _repeat(form),
        attendees=tuple(dict.fromkeys(form.getlist("attendee"))),
        reminder_minutes=_reminder(form),
        repeats_otherwise=otherwise,
        **texts,
    )


def _day(form: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError:
        raise InvalidInput(name) from None


def _time(form: Mapping[str, str], name: str) -> time:
    try:
        return time.fromisoformat(form.get(name, "")).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise InvalidInput(name) from None


def _number(form: Mapping[str, str], name: str, *, most: int) -> int:
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and 1 <= len(text) <= 6 and 1 <= int(text) <= most):
        raise InvalidInput(name)
    return int(text)


def _repeat(form: MultiDict[str, str]) -> Repeat | None:
    frequency = form.get("repeat", "")
    if frequency not in FREQUENCIES:
        return None
    ends = form.get("ends", "never")
    return Repeat(
        frequency,
        _number(form, "interval", most=999),
        tuple(one for one in WEEKDAYS if one in form.getlist("weekday")) if frequency == "WEEKLY" else (),
        _day(form, "until") if ends == "until" else None,
        _number(form, "count", most=9999) if ends == "count" else None,
    )


def _reminder(form: Mapping[str, str]) -> int | None:
    text = form.get("reminder", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise InvalidInput("reminder")
    return int(text)


def blank(on: date, now: datetime) -> Draft:
    """Return what a new event's form shows: the next full hour of a day, for an hour."""
    hour = now.astimezone(TOKYO).hour
    start = datetime.combine(on, time(min(hour + 1, 22)), tzinfo=TOKYO)
    return Draft("", start, start + timedelta(hours=1))
