"""Calendars: what is in them as iCalendar text, what changed when, and where reminders go (R28)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.tables.base import metadata
from db.types import UtcDateTime, exact_string

#: Owner of the calendar that belongs to the whole contract; the numbers of logins begin at 1.
NO_LOGIN = 0

# `sync_number` counts the changes of a calendar; whoever moves it holds the row until the commit, so that numbers
# become visible in their order and a client that asks for what came after one misses nothing (RFC 6578).
calendars = Table(
    "calendars",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner", BigInteger, nullable=False),
    Column("name", exact_string(255), nullable=False),
    Column("title", String(255), nullable=False),
    Column("components", String(64), nullable=False),
    Column("writers", String(16), nullable=False),
    Column("sync_number", BigInteger, nullable=False),
    # Deletions up to this change are no longer known: older sync tokens are refused.
    Column("forgotten_number", BigInteger, nullable=False),
    Column("object_count", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("contract_id", "owner", "name"),
    ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
    CheckConstraint("writers IN ('everyone', 'administrators')", name="writers"),
)

# Properties clients set on a calendar: its colour, its order, and whatever else they keep there.
calendar_properties = Table(
    "calendar_properties",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("calendar_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", exact_string(512), primary_key=True),
    Column("value", Text, nullable=False),
    ForeignKeyConstraint(["contract_id", "calendar_id"], ["calendars.contract_id", "calendars.id"]),
)

# One event, to-do or journal entry with all its repeats and exceptions. `starts_us` and `ends_us` enclose every
# instance; what has no date, or no end, reaches to the bounds of the type.
calendar_objects = Table(
    "calendar_objects",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("calendar_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", exact_string(255), primary_key=True),
    Column("uid", exact_string(1000), nullable=False),
    Column("component", String(16), nullable=False),
    Column("etag", String(64), nullable=False),
    Column("data", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("starts_us", BigInteger, nullable=False),
    Column("ends_us", BigInteger, nullable=False),
    # When the next reminder is due.
    Column("alarm_us", BigInteger),
    # Who wrote it last, and gets its reminders.
    Column("writer", BigInteger, nullable=False),
    # Whose event this is the invitation to; none where it is its owner's own.
    Column("organizer", BigInteger),
    Column("born_number", BigInteger, nullable=False),
    Column("change_number", BigInteger, nullable=False),
    Column("modified_at", UtcDateTime, nullable=False),
    UniqueConstraint("contract_id", "calendar_id", "uid"),
    ForeignKeyConstraint(["contract_id", "calendar_id"], ["calendars.contract_id", "calendars.id"]),
)
Index(
    "ix_calendar_objects_change",
    calendar_objects.c.contract_id,
    calendar_objects.c.calendar_id,
    calendar_objects.c.change_number,
)
Index(
    "ix_calendar_objects_ends",
    calendar_objects.c.contract_id,
    calendar_objects.c.calendar_id,
    calendar_objects.c.ends_us,
)
Index("ix_calendar_objects_uid", calendar_objects.c.contract_id, calendar_objects.c.uid)
Index(
    "ix_calendar_objects_alarm",
    calendar_objects.c.alarm_us,
    sqlite_where=text("alarm_us IS NOT NULL"),
    postgresql_where=text("alarm_us IS NOT NULL"),
)

# Names that are gone, for clients that ask what changed since they last looked.
calendar_deletions = Table(
    "calendar_deletions",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("calendar_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", exact_string(255), primary_key=True),
    Column("born_number", BigInteger, nullable=False),
    Column("change_number", BigInteger, nullable=False),
    Column("deleted_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["contract_id", "calendar_id"], ["calendars.contract_id", "calendars.id"]),
)

# Where a login gets its reminders and invitations by mail; without a row, nowhere.
calendar_people = Table(
    "calendar_people",
    metadata,
    Column("contract_id", Integer, primary_key=True, autoincrement=False),
    Column("login", BigInteger, primary_key=True, autoincrement=False),
    Column("mail_address", String(254), nullable=False),
    Column("language", String(2), nullable=False),
    ForeignKeyConstraint(["contract_id", "login"], ["logins.contract_id", "logins.id"]),
)
