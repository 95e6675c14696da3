"""What calendars may hold at most, so that no entry costs more than people's own do."""

from __future__ import annotations

from datetime import UTC, datetime

#: One entry with all its exceptions (CALDAV:max-resource-size).
OBJECT_BYTES = 1024 * 1024
#: Content lines, components and exceptions of one entry.
OBJECT_LINES = 20_000
OBJECT_COMPONENTS = 1_000
UID_CHARACTERS = 1_000
#: One calendar, and how many of them a login may have.
CALENDAR_OBJECTS = 20_000
CALENDAR_BYTES = 64 * 1024 * 1024
CALENDARS = 50
#: How many steps a rule of repetition may take in its whole life: one a day for a hundred years, or two.
RULE_STEPS = 100_000
#: Instances that one question may bring (DAV:number-of-matches-within-limits).
INSTANCES = 10_000
#: Nothing is expanded outside these years (CALDAV:min-date-time, CALDAV:max-date-time).
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
#: What encloses entries without a date, and repeats without an end.
ALWAYS_US, FOREVER_US = -(2**62), 2**62
