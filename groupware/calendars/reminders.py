"""Reminders by mail (RFC 5545 §3.6.6): each alarm once, whenever the job runs and however often."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from auth.callers import ACTIVE
from core import messages
from core.clock import from_microseconds, to_microseconds
from core.errors import CalendarRefused
from db.engine import Database, Transaction
from db.tables import calendar_objects, calendar_people, contracts, logins
from groupware.calendars import alarms, ical, rows
from groupware.calendars.alarms import Ring
from sharing.outbox import Mail, enqueue

_BATCH = 100
#: Alarms that missed the end of what they are about by more than this are no longer told.
_LATE = timedelta(hours=1)
_TOLD = ("DISPLAY", "EMAIL")


class _Waiting(NamedTuple):
    contract_id: int
    calendar_id: int
    name: str
    etag: str
    data: str
    writer: int
    alarm_us: int


def remind(database: Database, *, now: datetime) -> int:
    """Write down a mail for every alarm that rang until now and return how many. Raises DatabaseUnavailable.

    The mail goes to who wrote the entry, where they gave an address and may still come in. The next alarm of an entry
    is noted in the same transaction, so that a run that is cut short, late or doubled tells nothing twice and leaves
    nothing out.
    """
    written = 0
    while True:
        waiting = _waiting(database, now)
        for one in waiting:
            written += database.write(lambda tx, one=one: _ring(tx, one, now))  # type: ignore[misc]
        if len(waiting) < _BATCH:
            return written


def count_due(tx: Transaction, *, now: datetime) -> int:
    """Return how many entries have an alarm that rang."""
    due = select(func.count()).where(calendar_objects.c.alarm_us <= to_microseconds(now))
    return int(tx.execute(due).scalar_one())


def _waiting(database: Database, now: datetime) -> list[_Waiting]:
    columns = [calendar_objects.c[name] for name in _Waiting._fields]
    asked = select(*columns).where(calendar_objects.c.alarm_us <= to_microseconds(now))
    with database.reading() as tx:
        listed = tx.execute(asked.order_by(calendar_objects.c.alarm_us).limit(_BATCH)).all()
    return [_Waiting(*row) for row in listed]


def _ring(tx: Transaction, one: _Waiting, now: datetime) -> int:
    calendar = ical.parse(one.data)
    since = from_microseconds(one.alarm_us) - timedelta(microseconds=1)
    try:
        rung, following = alarms.due(calendar, after=since, until=now), alarms.next_after(calendar, now)
    except CalendarRefused:
        rung, following = [], None  # more alarms than anybody reads
    # Whoever changes the entry meanwhile notes its next alarm anew; of two runs one finds it as it was.
    taken = tx.execute(
        update(calendar_objects)
        .where(
            calendar_objects.c.contract_id == one.contract_id,
            calendar_objects.c.calendar_id == one.calendar_id,
            calendar_objects.c.name == one.name,
            calendar_objects.c.etag == one.etag,
            calendar_objects.c.alarm_us == one.alarm_us,
        )
        .values(alarm_us=None if following is None else to_microseconds(following))
    )
    if taken.rowcount != 1:
        return 0
    person = tx.execute(
        select(calendar_people.c.mail_address, calendar_people.c.language)
        .join(
            logins, (logins.c.contract_id == calendar_people.c.contract_id) & (logins.c.id == calendar_people.c.login)
        )
        .join(contracts, contracts.c.id == calendar_people.c.contract_id)
        .where(
            calendar_people.c.contract_id == one.contract_id,
            calendar_people.c.login == one.writer,
            logins.c.enabled,
            contracts.c.state == ACTIVE,
        )
    ).first()
    if person is None:
        return 0
    mails = [_mail(one, ring, person.mail_address, person.language) for ring in rung if _is_worth_a_mail(ring, now)]
    return sum(enqueue(tx, one.contract_id, mail, now=now) for mail in mails)


def _is_worth_a_mail(ring: Ring, now: datetime) -> bool:
    action = str(ring.alarm.get("ACTION", "DISPLAY")).upper()
    cancelled = str(ring.instance.part.get("STATUS", "")).upper() in ("CANCELLED", "COMPLETED")
    end = max(ical.instant(ring.instance.end), ring.at)
    return action in _TOLD and not cancelled and now <= end + _LATE


def _mail(one: _Waiting, ring: Ring, address: str, language: str) -> Mail:
    part: Any = ring.instance.part
    facts = {
        "summary": str(part.get("SUMMARY", "")) or "–",
        "when": ical.when(ring.instance.start),
        "location": str(part.get("LOCATION", "")),
    }
    about = f"{one.calendar_id}/{one.name}/{ring.instance.start.isoformat()}/{ring.at.isoformat()}"
    return Mail(
        f"alarm {rows.etag_of(about)[1:-1]}",
        address,
        " ".join(messages.text("calendar.reminder.subject", language, **facts).split()),
        messages.text("calendar.reminder.body", language, **facts),
    )
