"""Calendars of a firm with two logins, and shorthand for what tests put into them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import insert

from auth import logins
from auth.access import FolderType, Grant, authorize
from auth.callers import Caller, Role
from db.engine import Database
from db.lanes import Transaction
from db.statements import Cursor
from db.tables import contracts
from groupware.calendars import ical, objects, rows, shelf
from groupware.calendars.objects import Put
from groupware.calendars.shelf import Calendar
from quota.meter import Ledger
from tests.unit.world import FrozenClock


def event(uid: str, *lines: str, start: str = "20260406T010000Z", summary: str = "会議") -> bytes:
    """Return an event of an hour; `lines` are further content lines of it."""
    body = ["UID:" + uid, "DTSTAMP:20260401T000000Z", "DTSTART:" + start, "DURATION:PT1H", "SUMMARY:" + summary, *lines]
    return wrapped("VEVENT", *body)


def wrapped(component: str, *lines: str) -> bytes:
    """Return an entry of some content lines as a whole calendar."""
    inside = "\r\n".join((f"BEGIN:{component}", *lines, f"END:{component}"))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{inside}\r\nEND:VCALENDAR\r\n".encode()


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return an instant in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def no_record(_: Cursor) -> None:
    """Write nothing into the access log."""


@dataclass
class Desk:
    """One login's calendars."""

    database: Database
    clock: FrozenClock
    grant: Grant
    calendars: list[Calendar] = field(default_factory=list)

    @property
    def own(self) -> Calendar:
        """Return the login's first calendar, as it stands."""
        return self._now(1)

    @property
    def shared(self) -> Calendar:
        """Return the contract's calendar, as it stands."""
        return self._now(0)

    def _now(self, at: int) -> Calendar:
        return shelf.open_home(self.database, self.grant, now=self.clock())[at]

    def put(self, name: str, body: bytes, calendar: Calendar | None = None) -> Put:
        """Store an entry."""
        parsed, where, now = ical.read(body), calendar or self.own, self.clock()
        return self.database.write(
            lambda tx: objects.put(tx, self.grant, where, name, parsed, record=no_record, now=now)
        )

    def remove(self, name: str) -> None:
        """Delete an entry."""
        where, now = self.own, self.clock()
        self.database.write(lambda tx: objects.remove(tx, self.grant, where, name, record=no_record, now=now))

    def entries(self) -> dict[str, rows.Entry]:
        """Return the entries of the login's own calendar by name."""
        where = self.own
        with self.database.reading() as tx:
            return objects.named(tx, where, [one.name for one in objects.all_of(tx, where)])


def seat(database: Database, clock: FrozenClock) -> tuple[Desk, Desk]:
    """Insert a firm with two logins and return their desks."""

    def operation(tx: Transaction) -> None:
        tx.execute(insert(contracts).values(id=1, name="firm1", state="active", created_at=clock()))
        ledger = Ledger.create(tx.cursor, 1)
        for login_id in ("hanako", "taro"):
            logins.add_login(tx, 1, ledger.take_ids(), login_id, Role.USER, "none", now=clock())
        ledger.save()

    database.write(operation)
    callers = (Caller(1, number, name, Role.USER, f"device{number}") for number, name in ((1, "hanako"), (2, "taro")))
    first, second = (Desk(database, clock, authorize(caller, FolderType.MY)) for caller in callers)
    return first, second
