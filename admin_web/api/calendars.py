"""Calendars of the caller (R28): what is in them when, new events, answers to invitations, free times."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from admin_web import calendar
from admin_web.api.shapes import WHOLE, DayGiven, Flag, Instant, InstantGiven, Key, Page, Rows, Shape, Text, rows
from admin_web.api.subject import Subject
from admin_web.gate import caller, parts
from auth.tokens import Scope
from core.clock import TOKYO
from core.errors import CalendarRefused, Conflict, InvalidInput, NotFound
from core.ids import new_object_id
from db.engine import Transaction
from groupware.calendars import agenda, drafts, ical, invitations, objects, shelf
from groupware.calendars.agenda import Item
from groupware.calendars.bounds import EARLIEST, LATEST
from groupware.calendars.drafts import Draft, Repeat
from groupware.calendars.expand import Window
from groupware.calendars.freebusy import Stretch
from groupware.calendars.shelf import Calendar

subject = Subject("calendars", "The scheduler: events, invitations and free times")

_LONGEST = timedelta(days=366)
#: Many times of one event, and lists within one, stay of a size that people make.
_Few = Annotated[int, Field(strict=True, ge=1, le=999), WHOLE]


def _written(given: object) -> object:
    """Return what was given; pydantic would take a number for a day after 1970."""
    if isinstance(given, str) and _DAY.fullmatch(given):
        return given
    raise ValueError("a day such as 2026-04-01 is expected")


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_Day = Annotated[date, BeforeValidator(_written)]


class CalendarShown(Shape):
    """A calendar the caller sees. `may_write`: whether the caller may change what is in it."""

    name: str
    title: str
    shared: bool
    may_write: bool


class EventWindow(Page):
    """A stretch of time, of which at most 366 days are told."""

    since: InstantGiven
    until: InstantGiven


class EventShown(Shape):
    """One time of an event. The last day of an all-day event ends at the following midnight in Tokyo."""

    calendar: str
    name: str
    title: str
    location: str
    starts_at: Instant
    ends_at: Instant
    all_day: bool
    repeats: bool
    invitation: bool


class RepeatGiven(Shape):
    """How an event repeats; without `count` and `until` for ever."""

    every: Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
    interval: _Few = 1
    weekdays: Annotated[tuple[Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"], ...], Field(max_length=7)] = ()
    count: _Few | None = None
    until: DayGiven | None = None


class EventGiven(Shape):
    """A new event. With `all_day` the Tokyo days of both instants count, the last one included."""

    calendar: Key = shelf.DEFAULT
    title: Annotated[Text, Field(min_length=1)]
    starts_at: InstantGiven
    ends_at: InstantGiven
    all_day: Flag = False
    location: Text = ""
    repeat: RepeatGiven | None = None
    attendees: Annotated[tuple[Text, ...], Field(max_length=500)] = ()
    reminder_minutes: Annotated[int, Field(strict=True, ge=0, le=40_320), WHOLE] | None = None


class EventMade(Shape):
    """Where a new event is."""

    calendar: str
    name: str


class EventPath(Shape):
    """Which event."""

    calendar: Key
    name: Key


class AnswerGiven(Shape):
    """The caller's answer to an invitation."""

    answer: Literal["ACCEPTED", "TENTATIVE", "DECLINED"]


class BusyAsked(EventWindow):
    """Whose times."""

    login_id: Key


class BusyShown(Shape):
    """A time that is taken, and how surely."""

    starts_at: Instant
    ends_at: Instant
    kind: str


@subject.operation("GET /calendars", scope=Scope.GROUPWARE_READ, answer=Rows[CalendarShown])
def list_calendars(query: Page) -> Rows[CalendarShown]:
    """List the calendars the caller sees: the contract's first, then their own."""
    allowed = calendar.grant()

    def shown(one: Calendar) -> CalendarShown:
        title, may_write = calendar.title(one), one.may_write(allowed)
        return CalendarShown(name=one.name, title=title, shared=one.is_shared, may_write=may_write)

    return rows(query, calendar.calendars(), shown)


@subject.operation("GET /events", scope=Scope.GROUPWARE_READ, answer=Rows[EventShown])
def list_events(query: EventWindow) -> Rows[EventShown]:
    """List events of the caller's calendars in a stretch of time, each of their times by itself."""
    shown = calendar.calendars()
    with parts().database.reading() as tx:
        found = agenda.items(tx, shown, _window(query))
    return rows(query, found, _event)


def _event(one: Item) -> EventShown:
    return EventShown(
        calendar=one.calendar.name, name=one.entry.name, title=one.title, location=one.location,
        starts_at=one.starts_at, ends_at=one.ends_at, all_day=one.all_day, repeats=one.repeats,
        invitation=one.entry.organizer is not None,
    )  # fmt: skip


def _window(query: EventWindow) -> Window:
    """Return the window of a question, cut to 366 days and to the years that calendars reach."""
    since = max(EARLIEST, min(LATEST - _LONGEST, query.since))
    return Window(since, max(since, min(since + _LONGEST, query.until)))


def _known(at: datetime) -> datetime:
    """Return an instant of the years that calendars reach. Raises CalendarRefused."""
    if not EARLIEST.year < at.year < LATEST.year - 1:
        raise CalendarRefused("max-date-time", str(LATEST.year - 1))
    return at


@subject.operation("POST /events", scope=Scope.GROUPWARE_WRITE, answer=EventMade, status=201)
def add_event(body: EventGiven) -> EventMade:
    """Store a new event, and invite who is named."""
    me, now, name = calendar.me(), parts().clock(), f"{new_object_id()}.ics"
    try:
        draft = calendar.invitable(_draft(body))
        parsed = ical.read(drafts.new_text(draft, me, now=now).encode())
    except InvalidInput as error:  # each part of it can be read, but together they are no event
        raise Conflict(error.reason) from None
    calendar.write(body.calendar, name, parsed, None)
    return EventMade(calendar=body.calendar, name=name)


def _draft(body: EventGiven) -> Draft:
    start: date = _known(body.starts_at).astimezone(TOKYO)
    end: date = _known(body.ends_at).astimezone(TOKYO)
    if body.all_day:
        start, end = _known(body.starts_at).astimezone(TOKYO).date(), _known(body.ends_at).astimezone(TOKYO).date()
    given = body.repeat
    repeat = None
    if given is not None:
        if given.until is not None and not EARLIEST.year < given.until.year < LATEST.year - 1:
            raise CalendarRefused("max-date-time", str(LATEST.year - 1))
        repeat = Repeat(given.every, given.interval, tuple(dict.fromkeys(given.weekdays)), given.until, given.count)
    return Draft(
        title=body.title, start=start, end=end, location=body.location, repeat=repeat,
        attendees=tuple(dict.fromkeys(body.attendees)), reminder_minutes=body.reminder_minutes,
    )  # fmt: skip


@subject.operation("DELETE /events/<calendar>/<name>", scope=Scope.GROUPWARE_WRITE)
def delete_event(path: EventPath) -> None:
    """Delete an event with all its times; an invitation is declined by it."""
    allowed, now, logged = calendar.grant(), parts().clock(), calendar.record("delete", path.calendar, path.name)

    def operation(tx: Transaction) -> None:
        found = shelf.find(tx, allowed, path.calendar)
        objects.remove(tx, allowed, found, path.name, record=logged, now=now)

    parts().database.write(operation)


@subject.operation("PUT /events/<calendar>/<name>/answer", scope=Scope.GROUPWARE_WRITE)
def answer_invitation(path: EventPath, body: AnswerGiven) -> None:
    """Answer an invitation; the organizer sees it."""
    allowed, now, logged = calendar.grant(), parts().clock(), calendar.record("write", path.calendar, path.name)

    def operation(tx: Transaction) -> None:
        found = shelf.find(tx, allowed, path.calendar)
        invitations.answer(tx, allowed, found, path.name, body.answer, now=now)
        logged(tx.cursor)

    parts().database.write(operation)


@subject.operation("GET /busy", scope=Scope.GROUPWARE_READ, answer=Rows[BusyShown])
def list_busy_times(query: BusyAsked) -> Rows[BusyShown]:
    """List when a login of the contract is busy, not with what."""
    calendar.grant()
    person = next((one for one in calendar.known_people() if one.login_id == query.login_id), None)
    if person is None:
        raise NotFound(f"login {query.login_id}")
    with parts().database.reading() as tx:
        found = agenda.busy_times(tx, caller().contract_id, person.login, _window(query))
    return rows(query, found, _busy)


def _busy(one: Stretch) -> BusyShown:
    return BusyShown(starts_at=one.start, ends_at=one.end, kind=one.kind)
