"""The rows of a calendar's entries: one is read, written or erased; who may is decided before."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from core.clock import to_microseconds
from core.errors import CalendarRefused, NotFound
from db.engine import Transaction
from db.tables import calendar_deletions, calendar_objects
from groupware.calendars import alarms, shelf
from groupware.calendars.bounds import CALENDAR_BYTES, CALENDAR_OBJECTS
from groupware.calendars.ical import Parsed
from groupware.calendars.shelf import Calendar


class Entry(NamedTuple):
    """An entry as its row is. `organizer`: the login whose event it is the invitation to."""

    name: str
    uid: str
    component: str
    etag: str
    data: str
    size_bytes: int
    modified_at: datetime
    writer: int
    organizer: int | None


class Stamp(NamedTuple):
    """What goes with a write: the turn it was given, who writes, whose event it is the invitation to, and when."""

    number: int
    writer: int
    organizer: int | None
    now: datetime


def etag_of(text: str) -> str:
    """Return the strong, quoted entity tag of a text."""
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def write(
    tx: Transaction,
    calendar: Calendar,
    name: str,
    present: Entry | None,
    parsed: Parsed,
    stamp: Stamp,
) -> str:
    """Write the row of an entry and return its entity tag. Raises CalendarRefused (room) where the calendar is full."""
    size_bytes = len(parsed.text.encode())
    was_bytes = 0 if present is None else present.size_bytes
    objects, total_bytes = shelf.grow(tx, calendar, objects=int(present is None), size_bytes=size_bytes - was_bytes)
    if (objects > CALENDAR_OBJECTS and present is None) or (total_bytes > CALENDAR_BYTES and size_bytes > was_bytes):
        raise CalendarRefused("room", str(CALENDAR_OBJECTS))
    etag = etag_of(parsed.text)
    ring = alarms.next_after(parsed.calendar, stamp.now)
    values = {
        "uid": parsed.uid, "component": parsed.component, "etag": etag, "data": parsed.text, "size_bytes": size_bytes,
        "starts_us": parsed.starts_us, "ends_us": parsed.ends_us, "writer": stamp.writer,
        "organizer": stamp.organizer,
        "alarm_us": None if ring is None else to_microseconds(ring), "change_number": stamp.number,
        "modified_at": stamp.now,
    }  # fmt: skip
    if present is not None:
        tx.execute(update(calendar_objects).where(named(calendar, name)).values(values))
        return etag
    born = _forget_deletion(tx, calendar, name)
    tx.execute(
        insert(calendar_objects).values(
            contract_id=calendar.contract_id, calendar_id=calendar.id, name=name,
            born_number=stamp.number if born is None else born, **values,
        )
    )  # fmt: skip
    return etag


def _forget_deletion(tx: Transaction, calendar: Calendar, name: str) -> int | None:
    """Return when a name that comes back was born: a client that knew it then must hear of its next end too."""
    gone = (
        (calendar_deletions.c.contract_id == calendar.contract_id)
        & (calendar_deletions.c.calendar_id == calendar.id)
        & (calendar_deletions.c.name == name)
    )
    born = tx.execute(select(calendar_deletions.c.born_number).where(gone)).scalar()
    if born is not None:
        tx.execute(delete(calendar_deletions).where(gone))
    return born


def erase(tx: Transaction, calendar: Calendar, present: Entry, *, number: int, now: datetime) -> None:
    """Remove the row of an entry under a turn that was taken, and remember its name."""
    born = tx.execute(select(calendar_objects.c.born_number).where(named(calendar, present.name))).scalar_one()
    tx.execute(delete(calendar_objects).where(named(calendar, present.name)))
    tx.execute(
        insert(calendar_deletions).values(
            contract_id=calendar.contract_id, calendar_id=calendar.id, name=present.name, born_number=born,
            change_number=number, deleted_at=now,
        )
    )  # fmt: skip
    shelf.grow(tx, calendar, objects=-1, size_bytes=-present.size_bytes)


def find(tx: Transaction, calendar: Calendar, name: str) -> Entry | None:
    """Return an entry by its name, or None."""
    row = tx.execute(select(calendar_objects).where(named(calendar, name))).first()
    return None if row is None else entry_of(row)


def get(tx: Transaction, calendar: Calendar, name: str) -> Entry:
    """Return an entry by its name. Raises NotFound."""
    found = find(tx, calendar, name)
    if found is None:
        raise NotFound(name)
    return found


def by_uid(tx: Transaction, calendar: Calendar, uid: str) -> Entry | None:
    """Return an entry by its UID, or None."""
    row = tx.execute(select(calendar_objects).where(within(calendar), calendar_objects.c.uid == uid)).first()
    return None if row is None else entry_of(row)


def entry_of(row: Row[tuple[object, ...]]) -> Entry:
    """Return an entry of a row with all its columns."""
    return Entry(
        row.name, row.uid, row.component, row.etag, row.data, row.size_bytes, row.modified_at, row.writer,
        row.organizer,
    )  # fmt: skip


def within(calendar: Calendar) -> ColumnElement[bool]:
    """Return the condition for the entries of a calendar."""
    return (calendar_objects.c.contract_id == calendar.contract_id) & (calendar_objects.c.calendar_id == calendar.id)


def named(calendar: Calendar, name: str) -> ColumnElement[bool]:
    """Return the condition for the entry of a name."""
    return within(calendar) & (calendar_objects.c.name == name)
