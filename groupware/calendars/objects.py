"""Entries of a calendar: stored as they were sent, found by name, UID and time, and what changed when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select, update

from auth.access import Grant
from core.clock import to_microseconds
from core.errors import AccessDenied, CalendarRefused, NotFound, PreconditionFailed
from core.names import normalise
from db.engine import Transaction
from db.tables import calendar_deletions, calendar_objects, calendars
from groupware.calendars import invitations, rows, shelf
from groupware.calendars.expand import Window
from groupware.calendars.ical import Parsed
from groupware.calendars.rows import Entry, Stamp
from groupware.calendars.shelf import Calendar
from storage.files import Record


class Put(NamedTuple):
    """What a write left: the entity tag, and whether the name is new."""

    etag: str
    created: bool


class Change(NamedTuple):
    """A name that changed, and its entity tag; None where it is gone."""

    name: str
    etag: str | None


#: Looks at the present entry (None: there is none) and raises where the caller's condition does not hold.
Check = Callable[[Entry | None], None]


def _unconditional(_: Entry | None) -> None:
    return


def put(
    tx: Transaction,
    grant: Grant,
    calendar: Calendar,
    name: str,
    parsed: Parsed,
    *,
    record: Record,
    now: datetime,
    check: Check = _unconditional,
) -> Put:
    """Store an entry under a name; the contract's people it invites find it in their calendars.

    Raises AccessDenied where the caller only reads, what `check` raises, CalendarRefused for a component this calendar
    does not keep, a UID that another name has, and a calendar that is full.
    """
    _require_write(grant, calendar)
    kept = normalise(name)
    if parsed.component not in calendar.components:
        raise CalendarRefused("supported-calendar-component", parsed.component)
    number = shelf.take_turn(tx, calendar)
    present = rows.find(tx, calendar, kept)
    check(present)
    _require_own_uid(tx, calendar, kept, present, parsed)
    if present is not None and present.organizer is not None:
        invitations.answered_by_text(tx, grant, present, parsed, now=now)
    organizer = None if present is None else present.organizer
    stamp = Stamp(number, grant.caller.login, organizer, now)
    etag = rows.write(tx, calendar, kept, present, parsed, stamp)
    if organizer is None and not calendar.is_shared:  # everybody sees the contract's calendar anyway
        invitations.deliver(tx, grant.caller, calendar, parsed, now=now)
    record(tx.cursor)
    return Put(etag, present is None)


def _require_write(grant: Grant, calendar: Calendar) -> None:
    if not calendar.may_write(grant):
        raise AccessDenied("calendar.read_only")


def _require_own_uid(tx: Transaction, calendar: Calendar, name: str, present: Entry | None, parsed: Parsed) -> None:
    """Return if a UID is free in the calendar, or the name's own (RFC 4791 §5.3.2.1). Raises CalendarRefused."""
    if present is not None and present.uid == parsed.uid:
        return
    holder = tx.execute(
        select(calendar_objects.c.name).where(rows.within(calendar), calendar_objects.c.uid == parsed.uid)
    ).scalar()
    if present is not None or holder is not None:
        raise CalendarRefused("no-uid-conflict", holder or name)


def remove(
    tx: Transaction,
    grant: Grant,
    calendar: Calendar,
    name: str,
    *,
    record: Record,
    now: datetime,
    check: Check = _unconditional,
) -> None:
    """Delete an entry; who was invited to it no longer is, and who was invited to come has declined.

    Raises NotFound, AccessDenied where the caller only reads, and what `check` raises.
    """
    _require_write(grant, calendar)
    number = shelf.take_turn(tx, calendar)
    present = rows.find(tx, calendar, name)
    if present is None:
        raise NotFound(name)
    check(present)
    if present.organizer is not None:
        invitations.declined_by_deletion(tx, grant, present, now=now)
    rows.erase(tx, calendar, present, number=number, now=now)
    if present.organizer is None:
        invitations.withdraw(tx, grant.caller, calendar, present, now=now)
    record(tx.cursor)


def all_of(tx: Transaction, calendar: Calendar) -> list[Entry]:
    """Return every entry of a calendar by name, without its text."""
    columns = [one for one in calendar_objects.c if one.name != "data"]
    listed = tx.execute(select(*columns).where(rows.within(calendar)).order_by(calendar_objects.c.name))
    return [
        Entry(
            row.name, row.uid, row.component, row.etag, "", row.size_bytes, row.modified_at, row.writer, row.organizer
        )
        for row in listed
    ]


def within(tx: Transaction, calendar: Calendar, window: Window, component: str | None = None) -> list[Entry]:
    """Return the entries that may take place in a window, by name: all that do are among them."""
    asked = select(calendar_objects).where(rows.within(calendar)).order_by(calendar_objects.c.name)
    if component is not None:
        asked = asked.where(calendar_objects.c.component == component)
    if window.start is not None:
        asked = asked.where(calendar_objects.c.ends_us >= to_microseconds(window.start))
    if window.end is not None:
        asked = asked.where(calendar_objects.c.starts_us <= to_microseconds(window.end))
    return [rows.entry_of(row) for row in tx.execute(asked)]


def named(tx: Transaction, calendar: Calendar, names: Iterable[str]) -> dict[str, Entry]:
    """Return the entries that have some names."""
    wanted = list(dict.fromkeys(names))
    found: dict[str, Entry] = {}
    for at in range(0, len(wanted), 500):
        listed = tx.execute(
            select(calendar_objects).where(rows.within(calendar), calendar_objects.c.name.in_(wanted[at : at + 500]))
        )
        found |= {row.name: rows.entry_of(row) for row in listed}
    return found


def changes(tx: Transaction, calendar: Calendar, since: int | None) -> tuple[int, list[Change]]:
    """Return the number of the latest change, and what changed after another; None: everything there is (RFC 6578).

    Raises CalendarRefused (valid-sync-token) for a number that was never given out, or is too old.
    """
    # The number first: what is written meanwhile is told now, and told again the next time.
    row = tx.execute(
        select(calendars.c.sync_number, calendars.c.forgotten_number).where(
            calendars.c.contract_id == calendar.contract_id, calendars.c.id == calendar.id
        )
    ).first()
    if row is None:
        raise NotFound(f"calendar {calendar.name}")
    if since is not None and not row.forgotten_number <= since <= row.sync_number:
        raise CalendarRefused("valid-sync-token")
    there = select(calendar_objects.c.name, calendar_objects.c.etag).where(
        rows.within(calendar), calendar_objects.c.change_number > (since or 0)
    )
    found = [Change(one.name, one.etag) for one in tx.execute(there.order_by(calendar_objects.c.name))]
    if since is not None:
        gone = select(calendar_deletions.c.name).where(
            calendar_deletions.c.contract_id == calendar.contract_id,
            calendar_deletions.c.calendar_id == calendar.id,
            calendar_deletions.c.change_number > since,
            calendar_deletions.c.born_number <= since,
        )
        found += [Change(one.name, None) for one in tx.execute(gone.order_by(calendar_deletions.c.name))]
    return int(row.sync_number), found


def require_same(etag: str | None) -> Check:
    """Return a check that an entry is still as somebody saw it (None: that there is none), else PreconditionFailed."""

    def check(present: Entry | None) -> None:
        if (None if present is None else present.etag) != etag:
            raise PreconditionFailed("the entry was changed meanwhile")

    return check


def forget_deletions(tx: Transaction, *, before: datetime) -> int:
    """Forget names that were deleted before an instant and return how many; older sync tokens are no longer good."""
    old = calendar_deletions.c.deleted_at < before
    listed = tx.execute(
        select(calendar_deletions.c.contract_id, calendar_deletions.c.calendar_id, calendar_deletions.c.change_number)
        .where(old)
        .order_by(
            calendar_deletions.c.contract_id, calendar_deletions.c.calendar_id, calendar_deletions.c.change_number
        )
    ).all()
    for (contract_id, calendar_id), number in {(row[0], row[1]): row[2] for row in listed}.items():
        tx.execute(
            update(calendars)
            .where(calendars.c.contract_id == contract_id, calendars.c.id == calendar_id)
            .values(forgotten_number=number)
        )
    tx.execute(delete(calendar_deletions).where(old))
    return len(listed)
