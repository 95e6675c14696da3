"""Invitations within the contract: an event that names a login as attendee stands in that login's calendar too.

The invited get a copy of the event, without its alarms. Their answer goes into the organizer's event, and when the
organizer changes or deletes the event, the copies follow. A copy never takes the place of an entry of one's own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from auth.access import Grant
from auth.callers import Caller
from core import messages
from core.clock import to_microseconds
from core.errors import CalendarRefused, InvalidInput, NotFound
from db.engine import Transaction
from db.tables import calendar_objects, calendars
from groupware.calendars import ical, people, rows, shelf
from groupware.calendars.ical import Parsed
from groupware.calendars.people import Person
from groupware.calendars.rows import Stamp
from groupware.calendars.shelf import Calendar
from sharing.outbox import Mail, enqueue

ANSWERS = ("ACCEPTED", "TENTATIVE", "DECLINED")
#: More are not asked at once; it is one contract's people.
_ATTENDEES = 500
_SHOWN = 50


def attendees(part: Any) -> list[Any]:
    """Return the ATTENDEE properties of an entry."""
    found = part.get("ATTENDEE")
    return (found if isinstance(found, list) else [] if found is None else [found])[:_ATTENDEES]


def deliver(tx: Transaction, caller: Caller, calendar: Calendar, parsed: Parsed, *, now: datetime) -> None:
    """Put an event into the calendars of the logins it invites, and take it from those no longer invited."""
    if parsed.component != ical.EVENT:
        return
    known = people.of_contract(tx, caller.contract_id)
    invited = {one.login: one for one in _invited(parsed, known) if one.login != caller.login}
    copies = dict(_copies(tx, caller.contract_id, parsed.uid, caller.login))
    for login, (home, entry) in copies.items():
        if login not in invited:
            rows.erase(tx, home, entry, number=shelf.take_turn(tx, home), now=now)
    for person in invited.values():
        _deliver_to(tx, caller, person, parsed, copies.get(person.login), now=now)


def _invited(parsed: Parsed, known: list[Person]) -> Iterator[Person]:
    for part in parsed.parts:
        for address in attendees(part):
            person = people.match(str(address), known)
            if person is not None:
                yield person


def _deliver_to(
    tx: Transaction,
    caller: Caller,
    person: Person,
    parsed: Parsed,
    copy: tuple[Calendar, rows.Entry] | None,
    *,
    now: datetime,
) -> None:
    home = copy[0] if copy else shelf.ensure_default(tx, caller.contract_id, person.login, now=now)
    present = copy[1] if copy else None
    if present is None and rows.by_uid(tx, home, parsed.uid) is not None:
        return  # an entry of their own has this UID
    text = _without_alarms(parsed.text)
    if present is not None and present.data == text:
        return
    name = present.name if present is not None else _free_name(tx, home, parsed.uid)
    made = dataclasses.replace(ical.read(text.encode()), starts_us=parsed.starts_us, ends_us=parsed.ends_us)
    try:
        rows.write(
            tx, home, name, present, made, Stamp(shelf.take_turn(tx, home), person.login, caller.login, now),
        )  # fmt: skip
    except CalendarRefused:
        return  # their calendar is full: the organizer's event stands all the same
    if person.mail_address is not None and present is None:
        _tell(tx, caller, person, parsed, now=now)


def _free_name(tx: Transaction, home: Calendar, uid: str) -> str:
    name = f"{rows.etag_of(uid)[1:-1]}.ics"
    return name if rows.find(tx, home, name) is None else f"invited-{name}"


def _without_alarms(text: str) -> str:
    calendar = ical.parse(text)
    for part in ical.entries(calendar):
        part.subcomponents = [one for one in part.subcomponents if one.name != "VALARM"]
    raw: bytes = calendar.to_ical()
    return raw.decode()


def _tell(tx: Transaction, caller: Caller, person: Person, parsed: Parsed, *, now: datetime) -> None:
    start = ical.moment(parsed.main, "DTSTART")
    assert start is not None
    assert person.mail_address is not None
    facts = {"by": caller.login_id, "summary": str(parsed.main.get("SUMMARY", "")) or "–", "when": ical.when(start)}
    mail = Mail(
        f"invitation {rows.etag_of(parsed.uid)[1:-1]} {person.login}",
        person.mail_address,
        " ".join(messages.text("calendar.invited.subject", person.language, **facts).split()),
        messages.text("calendar.invited.body", person.language, **facts),
    )
    enqueue(tx, caller.contract_id, mail, now=now)


def _copies(
    tx: Transaction, contract_id: int, uid: str, organizer: int
) -> Iterator[tuple[int, tuple[Calendar, rows.Entry]]]:
    """Yield the copies of a login's event by whose they are."""
    listed = tx.execute(
        select(calendar_objects, calendars.c.owner, calendars.c.name.label("calendar_name"))
        .join(
            calendars,
            (calendars.c.contract_id == calendar_objects.c.contract_id)
            & (calendars.c.id == calendar_objects.c.calendar_id),
        )
        .where(
            calendar_objects.c.contract_id == contract_id,
            calendar_objects.c.uid == uid,
            calendar_objects.c.organizer == organizer,
        )
        .order_by(calendar_objects.c.calendar_id)
    ).all()
    for row in listed:
        home = Calendar(contract_id, row.calendar_id, row.owner, row.calendar_name, "", (), shelf.EVERYONE, 0, 0)
        yield row.owner, (home, rows.entry_of(row))


def withdraw(tx: Transaction, caller: Caller, calendar: Calendar, gone: rows.Entry, *, now: datetime) -> None:
    """Take a deleted event from the calendars of those it invited."""
    for _, (home, entry) in list(_copies(tx, calendar.contract_id, gone.uid, caller.login)):
        rows.erase(tx, home, entry, number=shelf.take_turn(tx, home), now=now)


def answer(tx: Transaction, grant: Grant, calendar: Calendar, name: str, partstat: str, *, now: datetime) -> None:
    """Write a login's answer into its copy and into the organizer's event.

    Raises NotFound where there is no invitation by this name, InvalidInput for an answer that is none.
    """
    if partstat not in ANSWERS:
        raise InvalidInput("the answer is accepted, tentative or declined")
    number = shelf.take_turn(tx, calendar)
    present = rows.get(tx, calendar, name)
    if present.organizer is None:
        raise NotFound(f"invitation {name}")
    known = people.of_contract(tx, grant.caller.contract_id)
    changed = _with_answer(present.data, grant.caller.login, partstat, known)
    stamp = Stamp(number, grant.caller.login, present.organizer, now)
    rows.write(tx, calendar, name, present, ical.read(changed.encode()), stamp)
    _tell_organizer(tx, grant, present, partstat, known, now=now)


def answered_by_text(tx: Transaction, grant: Grant, present: rows.Entry, parsed: Parsed, *, now: datetime) -> None:
    """Pass on the answer a calendar program wrote into a login's copy."""
    known = people.of_contract(tx, grant.caller.contract_id)
    for address in attendees(parsed.main):
        person = people.match(str(address), known)
        partstat = str(address.params.get("PARTSTAT", "")).upper()
        if person is not None and person.login == grant.caller.login and partstat in ANSWERS:
            _tell_organizer(tx, grant, present, partstat, known, now=now)


def declined_by_deletion(tx: Transaction, grant: Grant, present: rows.Entry, *, now: datetime) -> None:
    """Pass on that a login threw an invitation away."""
    known = people.of_contract(tx, grant.caller.contract_id)
    _tell_organizer(tx, grant, present, "DECLINED", known, now=now)


def _tell_organizer(
    tx: Transaction, grant: Grant, present: rows.Entry, partstat: str, known: list[Person], *, now: datetime
) -> None:
    listed = tx.execute(
        select(calendar_objects, calendars.c.owner, calendars.c.name.label("calendar_name"))
        .join(
            calendars,
            (calendars.c.contract_id == calendar_objects.c.contract_id)
            & (calendars.c.id == calendar_objects.c.calendar_id),
        )
        .where(
            calendar_objects.c.contract_id == grant.caller.contract_id,
            calendar_objects.c.uid == present.uid,
            calendar_objects.c.organizer.is_(None),
            calendars.c.owner == present.organizer,
        )
    ).all()
    for row in listed:
        entry = rows.entry_of(row)
        changed = _with_answer(entry.data, grant.caller.login, partstat, known)
        if changed == entry.data:
            continue
        home = Calendar(
            grant.caller.contract_id, row.calendar_id, row.owner, row.calendar_name, "", (), shelf.EVERYONE, 0, 0
        )
        stamp = Stamp(shelf.take_turn(tx, home), entry.writer, None, now)
        rows.write(tx, home, entry.name, entry, ical.read(changed.encode()), stamp)


def _with_answer(text: str, login: int, partstat: str, known: list[Person]) -> str:
    """Return a text with one login's answer in it; the same text where the login is not invited, or answered so."""
    calendar, changed = ical.parse(text), False
    for part in ical.entries(calendar):
        for address in attendees(part):
            person = people.match(str(address), known)
            if person is not None and person.login == login and address.params.get("PARTSTAT") != partstat:
                address.params["PARTSTAT"] = partstat
                address.params.pop("RSVP", None)
                changed = True
    raw: bytes = calendar.to_ical()
    return raw.decode() if changed else text


class Invitation(NamedTuple):
    """An invitation that waits for an answer."""

    calendar: str
    name: str
    title: str
    when: str


def unanswered(tx: Transaction, grant: Grant, *, now: datetime) -> list[Invitation]:
    """Return what a login was invited to, has not answered, and is not over."""
    listed = tx.execute(
        select(calendar_objects, calendars.c.name.label("calendar_name"))
        .join(
            calendars,
            (calendars.c.contract_id == calendar_objects.c.contract_id)
            & (calendars.c.id == calendar_objects.c.calendar_id),
        )
        .where(
            calendars.c.contract_id == grant.caller.contract_id,
            calendars.c.owner == grant.caller.login,
            calendar_objects.c.organizer.is_not(None),
            calendar_objects.c.ends_us >= to_microseconds(now),
        )
        .order_by(calendar_objects.c.starts_us)
        .limit(_SHOWN)
    ).all()
    known = people.of_contract(tx, grant.caller.contract_id) if listed else []
    found = []
    for row in listed:
        part = ical.read(row.data.encode()).main
        start = ical.moment(part, "DTSTART")
        asked = [
            one for one in attendees(part) if (who := people.match(str(one), known)) and who.login == grant.caller.login
        ]
        if start is not None and any(
            str(one.params.get("PARTSTAT", "NEEDS-ACTION")) == "NEEDS-ACTION" for one in asked
        ):
            found.append(Invitation(row.calendar_name, row.name, str(part.get("SUMMARY", "")), ical.when(start)))
    return found
