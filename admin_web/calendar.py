"""The scheduler's pages (R28): month, week and day, events with repeats and people, answers, busy times."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import calendar_forms
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.words import language, t
from auth import accesslog
from auth.access import Grant
from auth.callers import Role
from core.clock import TOKYO
from core.errors import AccessDenied, GatewayError, InvalidInput, NotFound
from core.ids import new_object_id
from db.engine import Transaction
from db.statements import Cursor
from groupware.calendars import agenda, drafts, ical, invitations, objects, people, rows, shelf
from groupware.calendars.drafts import Draft
from groupware.calendars.people import Person
from groupware.calendars.shelf import Calendar
from storage.files import Record

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")

VIEWS = ("month", "week", "day")
CUSTOMERS = (Role.ADMINISTRATOR, Role.USER)
_BUSY_PEOPLE = 30


class Opened(NamedTuple):
    """An event that a page is about. `at` names one of its repeats."""

    calendar: Calendar
    entry: rows.Entry
    parsed: Any
    at: date | None

    @property
    def part(self) -> Any:
        """Return the event, or its exception at that time."""
        return self.parsed.main if self.at is None else drafts.instance(self.parsed.calendar, self.at)

    @property
    def repeats(self) -> bool:
        """Return whether there is more than one time of it."""
        return "RRULE" in self.parsed.main or "RDATE" in self.parsed.main


def grant() -> Grant:
    """Return the caller's grant on calendars. Raises as `authorize` does."""
    return shelf.enter(caller())


def calendars() -> list[Calendar]:
    """Return the calendars the caller sees."""
    return shelf.open_home(parts().database, grant(), now=parts().clock())


def title(one: Calendar) -> str:
    """Return what a calendar is called."""
    return one.title or t("calendar.shared" if one.is_shared else "calendar.own")


def known_people() -> list[Person]:
    """Return the contract's logins."""
    with parts().database.reading() as tx:
        return people.of_contract(tx, caller().contract_id)


def record(act: str, *names: str) -> Record:
    """Return what writes an act into the access log, inside its transaction (R21)."""
    found = caller()
    entry = accesslog.entry_of(found, act, "/".join(("calendars", found.login_id, *names)), now=parts().clock())

    def append(cursor: Cursor) -> None:
        accesslog.append(cursor, found.contract_id, [entry])

    return append


def today() -> date:
    """Return the date in Tokyo."""
    return parts().clock().astimezone(TOKYO).date()


def _on(name: str = "on") -> date:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return today()
    return found if 1950 <= found.year <= 2150 else today()


@blueprint.get("/")
@for_roles(*CUSTOMERS)
def show() -> ResponseReturnValue:
    """Show a month, a week or a day."""
    view, on = request.args.get("view", "month"), _on()
    if view not in VIEWS:
        abort(HTTPStatus.BAD_REQUEST)
    first, count = agenda.month_of(on) if view == "month" else (on if view == "day" else agenda.week_of(on), 1)
    count = 7 if view == "week" else count
    shown = calendars()
    with parts().database.reading() as tx:
        found = agenda.items(tx, shown, agenda.window_of(first, count))
        colors = {one.id: shelf.color_of(shelf.properties(tx, one)) for one in shown}
        waiting = invitations.unanswered(tx, grant(), now=parts().clock())
    step = {"day": timedelta(days=1), "week": timedelta(days=7)}.get(view)
    month = on.replace(day=1)
    return render_template(
        "calendar/show.html",
        view=view, views=VIEWS, on=on, today=today(), days=agenda.by_day(found, first, count), calendars=shown,
        title=title, colors=colors, waiting=waiting,
        before=on - step if step else (month - timedelta(days=1)).replace(day=1),
        after=on + step if step else (month + timedelta(days=31)).replace(day=1),
    )  # fmt: skip


def _form(
    draft: Draft,
    *,
    opened: Opened | None = None,
    chosen: str = "",
    scope: str = "all",
    refusal: GatewayError | None = None,
) -> ResponseReturnValue:
    own = [one for one in calendars() if one.may_write(grant()) and ical.EVENT in one.components]
    if not own:
        raise AccessDenied("calendar.read_only")
    personal = [one.name for one in own if not one.is_shared]
    page = render_template(
        "calendar/form.html",
        draft=draft, opened=opened, scope=scope, calendars=own, title=title, frequencies=drafts.FREQUENCIES,
        chosen=chosen or (personal or [own[0].name])[0], weekdays=drafts.WEEKDAYS, reminders=calendar_forms.REMINDERS,
        people=[one for one in known_people() if one.login != caller().login],
        given=request.form, at=None if opened is None else _written(opened.at),
        refusal=_words(refusal) if refusal else None,
    )  # fmt: skip
    return make_response(page, status_of(refusal) if refusal else HTTPStatus.OK)


def _words(refusal: GatewayError) -> str:
    """Return what a refusal says; of a field that cannot be read, which one."""
    if isinstance(refusal, InvalidInput) and refusal.message_id == "input.invalid":
        return t("calendar.field", field=t(f"calendar.field.{refusal.reason}"))
    return explain(refusal)


@blueprint.get("/new")
@for_roles(*CUSTOMERS)
def new_form() -> ResponseReturnValue:
    """Ask for a new event."""
    return _form(calendar_forms.blank(_on(), parts().clock()))


@blueprint.post("/new")
@for_roles(*CUSTOMERS)
def new() -> ResponseReturnValue:
    """Store a new event, and invite who is named."""
    chosen, now = request.form.get("calendar", ""), parts().clock()
    draft = calendar_forms.blank(today(), now)
    try:
        draft = calendar_forms.draft_of(request.form)
        name = f"{new_object_id()}.ics"
        parsed = ical.read(drafts.new_text(invitable(draft), me(), now=now).encode())
        write(chosen, name, parsed, None)
    except GatewayError as error:
        return _form(draft, chosen=chosen, refusal=error)
    flash(t("calendar.saved", title=draft.title), "done")
    return _back(draft.start)


def write(calendar: str, name: str, parsed: ical.Parsed, etag: str | None) -> None:
    """Store an entry that is still as `etag` says (None: that is new). Raises PreconditionFailed, as `objects.put`."""
    logged, now, allowed = record("write", calendar, name), parts().clock(), grant()
    calendars()  # the first use may be a form that was open before

    def operation(tx: Transaction) -> None:
        found = shelf.find(tx, allowed, calendar)
        check = objects.require_same(etag)
        objects.put(tx, allowed, found, name, parsed, record=logged, now=now, check=check)

    parts().database.write(operation)


def me() -> Person:
    """Return the caller as one of the contract's people."""
    found = caller()
    return Person(found.login, found.login_id, None, language())


def invitable(draft: Draft) -> Draft:
    """Return a draft if everybody it invites is a login of the contract. Raises InvalidInput."""
    known = {one.login_id for one in known_people()}
    if not set(draft.attendees) <= known:
        raise InvalidInput("attendee")
    return draft


def _back(on: date) -> ResponseReturnValue:
    day = on.astimezone(TOKYO).date() if isinstance(on, datetime) else on
    return redirect(url_for("calendar.show", view="month", on=day.isoformat()), HTTPStatus.SEE_OTHER)


def _opened(calendar: str, name: str) -> Opened:
    allowed, at = grant(), request.values.get("at")
    with parts().database.reading() as tx:
        found = shelf.find(tx, allowed, calendar)
        entry = rows.get(tx, found, name)
    if entry.component != ical.EVENT:
        raise NotFound(name)
    parsed = ical.read(entry.data.encode())
    return Opened(found, entry, parsed, _read(at) if at else None)


def _written(at: date | None) -> str | None:
    return None if at is None else at.isoformat()


def _read(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise NotFound(text) from None


def _draft(opened: Opened) -> Draft:
    """Return an event as its form shows it; of one that repeats with the times of the repeat that is meant."""
    known = known_people()
    draft = drafts.read(opened.part, known)
    if opened.at is None or "RECURRENCE-ID" in opened.part:
        return draft
    lasting, start = draft.end - draft.start, opened.at
    if not draft.all_day:
        start = ical.instant(start).astimezone(TOKYO)
    return drafts.moved(draft, start, start + lasting)


@blueprint.get("/event/<calendar>/<name>")
@for_roles(*CUSTOMERS)
def event(calendar: str, name: str) -> ResponseReturnValue:
    """Show one event, who comes, and what the caller answered."""
    opened = _opened(calendar, name)
    known = known_people()
    answers = [
        (
            str(one.params.get("CN") or one),
            str(one.params.get("PARTSTAT", "NEEDS-ACTION")),
            people.match(str(one), known),
        )
        for one in invitations.attendees(opened.part)
    ]
    own = [answer for _, answer, person in answers if person is not None and person.login == caller().login]
    return render_template(
        "calendar/event.html",
        opened=opened, draft=_draft(opened), title=title, answers=answers, mine=own[0] if own else None,
        at=_written(opened.at), may_write=opened.calendar.may_write(grant()) and opened.entry.organizer is None,
        is_invitation=opened.entry.organizer is not None, choices=invitations.ANSWERS,
    )  # fmt: skip


@blueprint.get("/event/<calendar>/<name>/edit")
@for_roles(*CUSTOMERS)
def edit_form(calendar: str, name: str) -> ResponseReturnValue:
    """Ask for an event's changes: this time of it alone, or all."""
    opened = _opened(calendar, name)
    scope = "one" if request.args.get("scope") == "one" and opened.at is not None else "all"
    draft = _draft(opened) if scope == "one" else drafts.read(opened.parsed.main, known_people())
    return _form(draft, opened=opened, chosen=calendar, scope=scope)


@blueprint.post("/event/<calendar>/<name>/edit")
@for_roles(*CUSTOMERS)
def edit(calendar: str, name: str) -> ResponseReturnValue:
    """Store an event's changes; one that somebody else changed meanwhile is refused."""
    opened = _opened(calendar, name)
    scope, now = request.form.get("scope", "all"), parts().clock()
    draft = drafts.read(opened.parsed.main, known_people())
    try:
        draft = invitable(calendar_forms.draft_of(request.form, was=draft))
        if scope == "one" and opened.at is not None:
            text = drafts.changed_instance(opened.entry.data, opened.at, draft, me(), now=now)
        else:
            text = drafts.changed_text(opened.entry.data, draft, me(), now=now)
        _require_own(opened)
        write(calendar, name, ical.read(text.encode()), request.form.get("etag"))
    except GatewayError as error:
        return _form(draft, opened=opened, chosen=calendar, scope=scope, refusal=error)
    flash(t("calendar.saved", title=draft.title), "done")
    return _back(draft.start)


def _require_own(opened: Opened) -> None:
    if opened.entry.organizer is not None:
        raise AccessDenied("calendar.invitation_stays")


@blueprint.post("/event/<calendar>/<name>/delete")
@for_roles(*CUSTOMERS)
def delete(calendar: str, name: str) -> ResponseReturnValue:
    """Delete an event, or one time of it."""
    opened, now, allowed = _opened(calendar, name), parts().clock(), grant()
    if request.form.get("scope") == "one" and opened.at is not None:
        _require_own(opened)
        text = drafts.without_instance(opened.entry.data, opened.at)
        write(calendar, name, ical.read(text.encode()), opened.entry.etag)
    else:
        logged = record("delete", calendar, name)

        def operation(tx: Transaction) -> None:
            objects.remove(tx, allowed, shelf.find(tx, allowed, calendar), name, record=logged, now=now)

        parts().database.write(operation)
    flash(t("calendar.deleted", title=str(opened.part.get("SUMMARY", ""))), "done")
    return _back(opened.at or today())


@blueprint.post("/event/<calendar>/<name>/answer")
@for_roles(*CUSTOMERS)
def answer(calendar: str, name: str) -> ResponseReturnValue:
    """Answer an invitation."""
    opened, now, allowed = _opened(calendar, name), parts().clock(), grant()
    given, logged = request.form.get("answer", ""), record("write", calendar, name)

    def operation(tx: Transaction) -> None:
        invitations.answer(tx, allowed, shelf.find(tx, allowed, calendar), name, given, now=now)
        logged(tx.cursor)

    parts().database.write(operation)
    flash(t("calendar.answered", answer=t(f"calendar.answer.{given}")), "done")
    to = url_for("calendar.event", calendar=calendar, name=name, at=_written(opened.at))
    return redirect(to, HTTPStatus.SEE_OTHER)


@blueprint.get("/busy")
@for_roles(*CUSTOMERS)
def busy() -> ResponseReturnValue:
    """Show when people of the contract are busy on a day; what they do is not told."""
    on, asked = _on(), request.args.getlist("login")[:_BUSY_PEOPLE]
    grant()
    known = known_people()
    chosen = [one for one in known if one.login_id in asked]
    with parts().database.reading() as tx:
        window = agenda.window_of(on, 1)
        times = [(one, agenda.busy_times(tx, caller().contract_id, one.login, window)) for one in chosen]
    return render_template("calendar/busy.html", on=on, people=known, chosen=asked, times=times, tokyo=_in_tokyo)


def _in_tokyo(at: datetime) -> str:
    return at.astimezone(TOKYO).strftime("%H:%M")
