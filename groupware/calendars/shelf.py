"""The calendars themselves: the contract's, and those of each login (R28).

Calendars are part of online storage: whoever may open My Folder may open them (R12, R16). Everybody of a contract
reads the contract's calendar and, unless the administrator keeps that for administrators, writes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update

from auth.access import FolderType, Grant, authorize
from auth.callers import Caller, Role
from core.errors import AccessDenied, AlreadyExists, CalendarRefused, NotFound
from core.names import normalise
from db.engine import Database, Transaction
from db.tables import (
    calendar_deletions,
    calendar_objects,
    calendar_people,
    calendar_properties,
    calendars,
    contracts,
)
from db.tables.calendars import NO_LOGIN
from groupware.calendars import ical
from groupware.calendars.bounds import CALENDARS
from quota.meter import Ledger
from storage.files import Record

#: Names of the two calendars that make themselves.
SHARED, DEFAULT = "contract", "default"
EVERYONE, ADMINISTRATORS = "everyone", "administrators"
_TITLE_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Calendar:
    """One calendar as its row is. `sync_number` counts its changes."""

    contract_id: int
    id: int
    owner: int
    name: str
    title: str
    components: tuple[str, ...]
    writers: str
    sync_number: int
    forgotten_number: int

    @property
    def is_shared(self) -> bool:
        """Return whether it belongs to the contract."""
        return self.owner == NO_LOGIN

    def may_write(self, grant: Grant) -> bool:
        """Return whether a caller may change what is in it."""
        own = not self.is_shared or self.writers == EVERYONE or grant.caller.role is Role.ADMINISTRATOR
        return grant.may_write and own

    def may_change(self, grant: Grant) -> bool:
        """Return whether a caller may change the calendar itself: its name, its colour, who writes it."""
        return grant.may_write and (not self.is_shared or grant.caller.role is Role.ADMINISTRATOR)


def enter(caller: Caller) -> Grant:
    """Return a caller's grant on calendars: what they may do with online storage. Raises as `authorize` does."""
    return authorize(caller, FolderType.MY)


def of_caller(tx: Transaction, grant: Grant) -> list[Calendar]:
    """Return the calendars a caller sees: the contract's, then their own by age."""
    rows = tx.execute(
        select(calendars)
        .where(
            calendars.c.contract_id == grant.caller.contract_id, calendars.c.owner.in_([NO_LOGIN, grant.caller.login])
        )
        .order_by(calendars.c.owner, calendars.c.id)
    )
    return [_calendar(row) for row in rows]


def open_home(database: Database, grant: Grant, *, now: datetime) -> list[Calendar]:
    """Return the calendars a caller sees, making on first use the contract's and one of their own."""
    with database.reading() as tx:
        found = of_caller(tx, grant)
    owners = {one.owner for one in found}
    if {NO_LOGIN, grant.caller.login} <= owners or not grant.may_write:
        return found

    def operation(tx: Transaction) -> list[Calendar]:
        ledger = Ledger.open(tx.cursor, grant.caller.contract_id)  # of two first uses one makes them
        there = {one.owner for one in of_caller(tx, grant)}
        for owner, name in ((NO_LOGIN, SHARED), (grant.caller.login, DEFAULT)):
            if owner not in there:
                _insert(tx, grant.caller.contract_id, ledger.take_ids(), owner, name, title="", now=now)
        ledger.save()
        return of_caller(tx, grant)

    return database.write(operation)


def find(tx: Transaction, grant: Grant, name: str) -> Calendar:
    """Return a calendar the caller sees by its name. Raises NotFound."""
    for one in of_caller(tx, grant):
        if one.name == name:
            return one
    raise NotFound(f"calendar {name}")


def default_of(tx: Transaction, contract_id: int, login: int) -> Calendar | None:
    """Return the calendar where a login's invitations go: its oldest that takes events."""
    rows = tx.execute(
        select(calendars)
        .where(calendars.c.contract_id == contract_id, calendars.c.owner == login)
        .order_by(calendars.c.id)
    )
    return next((found for row in rows if ical.EVENT in (found := _calendar(row)).components), None)


def ensure_default(tx: Transaction, contract_id: int, login: int, *, now: datetime) -> Calendar:
    """Return the calendar where a login's invitations go, made where there is none yet."""
    if (found := default_of(tx, contract_id, login)) is not None:
        return found
    ledger = Ledger.open(tx.cursor, contract_id)
    number = ledger.take_ids()
    ledger.save()
    taken = tx.execute(
        select(calendars.c.name).where(calendars.c.contract_id == contract_id, calendars.c.owner == login)
    ).scalars()
    name = DEFAULT if DEFAULT not in set(taken) else f"{DEFAULT}-{number}"
    return _insert(tx, contract_id, number, login, name, title="", now=now)


def create(
    tx: Transaction,
    grant: Grant,
    name: str,
    *,
    title: str,
    components: tuple[str, ...] = ical.COMPONENTS,
    record: Record,
    now: datetime,
) -> Calendar:
    """Make a calendar of the caller's own.

    Raises InvalidName, AlreadyExists, CalendarRefused for components no calendar keeps and for one calendar too many,
    AccessDenied where the caller only reads.
    """
    if not grant.may_write:
        raise AccessDenied("calendar.read_only")
    kept = normalise(name)
    if not components or not set(components) <= set(ical.COMPONENTS):
        raise CalendarRefused("supported-calendar-component", ", ".join(components)[:64])
    contract_id, login = grant.caller.contract_id, grant.caller.login
    ledger = Ledger.open(tx.cursor, contract_id)
    there = of_caller(tx, grant)
    if kept == SHARED or any(one.name == kept for one in there):
        raise AlreadyExists(f"calendar {kept}")
    if len(there) > CALENDARS:
        raise CalendarRefused("room", str(CALENDARS))
    made = _insert(tx, contract_id, ledger.take_ids(), login, kept, title=title, components=components, now=now)
    ledger.save()
    record(tx.cursor)
    return made


def _insert(
    tx: Transaction,
    contract_id: int,
    number: int,
    owner: int,
    name: str,
    *,
    title: str,
    components: tuple[str, ...] = ical.COMPONENTS,
    now: datetime,
) -> Calendar:
    kept = [one for one in ical.COMPONENTS if one in components]
    made = Calendar(contract_id, number, owner, name, title[:_TITLE_CHARACTERS], tuple(kept), EVERYONE, 1, 0)
    tx.execute(
        insert(calendars).values(
            contract_id=contract_id, id=number, owner=owner, name=name, title=made.title,
            components=",".join(kept), writers=EVERYONE, sync_number=1, forgotten_number=0, object_count=0,
            size_bytes=0, created_at=now,
        )
    )  # fmt: skip
    return made


def require_change(calendar: Calendar, grant: Grant) -> None:
    """Return if the caller may change the calendar itself. Raises AccessDenied."""
    if not calendar.may_change(grant):
        raise AccessDenied("calendar.read_only")


def remove(tx: Transaction, grant: Grant, calendar: Calendar, *, record: Record) -> None:
    """Delete a calendar with all that is in it. Raises AccessDenied; the contract's own always stays."""
    if calendar.is_shared:
        raise AccessDenied("calendar.shared_stays")
    require_change(calendar, grant)
    take_turn(tx, calendar)
    for table in (calendar_objects, calendar_deletions, calendar_properties):
        tx.execute(delete(table).where(table.c.contract_id == calendar.contract_id, table.c.calendar_id == calendar.id))
    tx.execute(delete(calendars).where(_same(calendar)))
    record(tx.cursor)


def take_turn(tx: Transaction, calendar: Calendar) -> int:
    """Hold a calendar until the end of the transaction and return the number of the change to come.

    Raises NotFound for one that was deleted meanwhile.
    """
    moved = tx.execute(update(calendars).where(_same(calendar)).values(sync_number=calendars.c.sync_number + 1))
    if moved.rowcount != 1:
        raise NotFound(f"calendar {calendar.name}")
    return int(tx.execute(select(calendars.c.sync_number).where(_same(calendar))).scalar_one())


def grow(tx: Transaction, calendar: Calendar, *, objects: int, size_bytes: int) -> tuple[int, int]:
    """Move a calendar's counters, and return what they say now."""
    tx.execute(
        update(calendars)
        .where(_same(calendar))
        .values(object_count=calendars.c.object_count + objects, size_bytes=calendars.c.size_bytes + size_bytes)
    )
    row = tx.execute(select(calendars.c.object_count, calendars.c.size_bytes).where(_same(calendar))).one()
    return int(row.object_count), int(row.size_bytes)


def change(
    tx: Transaction,
    grant: Grant,
    calendar: Calendar,
    values: dict[str, str | None],
    *,
    title: str | None,
    record: Record,
) -> None:
    """Set a calendar's title and properties; None removes a property. Raises AccessDenied and NotFound."""
    require_change(calendar, grant)
    take_turn(tx, calendar)
    if title is not None:
        tx.execute(update(calendars).where(_same(calendar)).values(title=title[:_TITLE_CHARACTERS]))
    set_properties(tx, calendar, values)
    record(tx.cursor)


def set_properties(tx: Transaction, calendar: Calendar, values: Mapping[str, str | None]) -> None:
    """Write properties of a calendar; None removes one."""
    for name, value in values.items():
        same = (
            (calendar_properties.c.contract_id == calendar.contract_id)
            & (calendar_properties.c.calendar_id == calendar.id)
            & (calendar_properties.c.name == name)
        )
        tx.execute(delete(calendar_properties).where(same))
        if value is not None:
            tx.execute(
                insert(calendar_properties).values(
                    contract_id=calendar.contract_id, calendar_id=calendar.id, name=name, value=value
                )
            )


def set_writers(tx: Transaction, grant: Grant, calendar: Calendar, writers: str, *, record: Record) -> None:
    """Say who writes the contract's calendar. Raises AccessDenied for anybody but an administrator."""
    require_change(calendar, grant)
    tx.execute(update(calendars).where(_same(calendar)).values(writers=writers))
    record(tx.cursor)


def properties(tx: Transaction, calendar: Calendar) -> dict[str, str]:
    """Return the properties clients have set on a calendar: name → the whole element as XML."""
    found = tx.execute(
        select(calendar_properties.c.name, calendar_properties.c.value).where(
            calendar_properties.c.contract_id == calendar.contract_id, calendar_properties.c.calendar_id == calendar.id
        )
    )
    return {row.name: row.value for row in found}


_COLOR = re.compile(r">\s*(#[0-9A-Fa-f]{6})")


def color_of(kept: dict[str, str]) -> str | None:
    """Return the colour clients gave a calendar, as `#rrggbb`."""
    found = _COLOR.search(kept.get("{http://apple.com/ns/ical/}calendar-color", ""))
    return found[1].lower() if found else None


def forget_ended(tx: Transaction, *, now: datetime) -> int:
    """Delete the calendars of contracts whose data is gone (R9) and return how many."""
    ended = select(contracts.c.id).where(contracts.c.readable_until_at <= now)
    for table in (calendar_objects, calendar_deletions, calendar_properties, calendar_people):
        tx.execute(delete(table).where(table.c.contract_id.in_(ended)))
    return tx.execute(delete(calendars).where(calendars.c.contract_id.in_(ended))).rowcount


def count(tx: Transaction, calendar: Calendar) -> int:
    """Return how many entries a calendar holds, counted anew."""
    asked = select(func.count()).where(
        calendar_objects.c.contract_id == calendar.contract_id, calendar_objects.c.calendar_id == calendar.id
    )
    return int(tx.execute(asked).scalar_one())


def _same(calendar: Calendar) -> ColumnElement[bool]:
    return (calendars.c.contract_id == calendar.contract_id) & (calendars.c.id == calendar.id)


def _calendar(row: Row[tuple[object, ...]]) -> Calendar:
    kept: dict[str, object] = dict(row._mapping)
    return Calendar(
        row.contract_id, row.id, row.owner, row.name, row.title, tuple(str(kept["components"]).split(",")),
        row.writers, row.sync_number, row.forgotten_number,
    )  # fmt: skip
