"""What a calendar lets in: one entry a text, small and flat enough, and one customer's zones stay theirs."""

from __future__ import annotations

import pytest

from core.errors import CalendarRefused
from groupware.calendars import ical
from groupware.calendars.bounds import ALWAYS_US, FOREVER_US, OBJECT_BYTES
from tests.unit.groupware.calendars.desk import event, utc, wrapped


def refused(body: bytes) -> str:
    """Return the condition a text is refused with."""
    with pytest.raises(CalendarRefused) as caught:
        ical.read(body)
    return caught.value.condition


_ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Office\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:{0}\r\n"
    "TZOFFSETTO:{0}\r\n{1}END:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def zoned(offset: str, more: str = "") -> bytes:
    """Return an event at ten o'clock in a zone of its own."""
    text = event("a", start="x").decode().replace("DTSTART:x", "DTSTART;TZID=Office:20260406T100000")
    return text.replace("BEGIN:VEVENT", _ZONE.format(offset, more) + "BEGIN:VEVENT", 1).encode()


@pytest.mark.parametrize(
    ("body", "condition"),
    [
        (b"\xff", "valid-calendar-data"),
        (b"", "valid-calendar-data"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "valid-calendar-data"),
        (event("a").replace(b"DTSTART", b"X-START"), "valid-calendar-data"),
        (event("a", start="soon"), "valid-calendar-data"),
        (event("a").replace(b"SUMMARY:", b"SUMMARY:\0"), "valid-calendar-data"),
        (event("a").replace(b"SUMMARY:", b"SUMMARY:\x07"), "valid-calendar-data"),
        (event("a").replace(b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:REQUEST"), "valid-calendar-object-resource"),
        (event(""), "valid-calendar-object-resource"),
        (event("a" * 1001), "valid-calendar-object-resource"),
        (wrapped("VFREEBUSY", "UID:a"), "supported-calendar-component"),
        (zoned("+0900", "RRULE:FREQ=SECONDLY\r\n"), "max-instances"),
    ],
)
def test_what_is_no_entry_is_refused_with_its_reason(body: bytes, condition: str) -> None:
    assert refused(body) == condition


def test_two_entries_in_one_text_are_refused() -> None:
    both = event("a").replace(b"END:VCALENDAR\r\n", b"") + event("b").partition(b"EN\r\n")[2]
    assert refused(both) == "valid-calendar-object-resource"


def test_an_exception_belongs_to_its_entry() -> None:
    exception = event("a", "RECURRENCE-ID:20260407T010000Z").partition(b"EN\r\n")[2]
    both = event("a", "RRULE:FREQ=DAILY").replace(b"END:VCALENDAR\r\n", b"") + exception
    assert len(ical.read(both).parts) == 2


def test_exactly_the_largest_entry_is_let_in_and_one_byte_more_is_not() -> None:
    bare = len(event("a", "DESCRIPTION:"))
    assert ical.read(event("a", "DESCRIPTION:" + "x" * (OBJECT_BYTES - bare))).uid == "a"
    assert refused(event("a", "DESCRIPTION:" + "x" * (OBJECT_BYTES - bare + 1))) == "max-resource-size"


def test_components_in_great_numbers_or_depths_are_refused() -> None:
    alarm = "BEGIN:VALARM\r\nEND:VALARM"
    assert refused(event("a", *[alarm] * 1000)) == "max-instances"
    assert refused(event("a", "BEGIN:X\r\n" * 3 + "END:X\r\n" * 3)) == "max-instances"


def test_one_customers_time_zone_does_not_become_anothers() -> None:
    first, second = (ical.read(zoned(offset)).main["DTSTART"].dt for offset in ("+0900", "-0500"))
    assert ical.instant(first) == utc(2026, 4, 6, 1)
    assert ical.instant(second) == utc(2026, 4, 6, 15)


def test_a_to_do_without_a_date_is_always_there() -> None:
    parsed = ical.read(wrapped("VTODO", "UID:a", "DTSTAMP:20260401T000000Z"))
    assert (parsed.starts_us, parsed.ends_us) == (ALWAYS_US, FOREVER_US)


def test_an_all_day_event_begins_at_midnight_in_tokyo() -> None:
    parsed = ical.read(event("a", start="x").replace(b"DTSTART:x", b"DTSTART;VALUE=DATE:20260406"))
    start = ical.moment(parsed.main, "DTSTART")
    assert start is not None
    assert ical.instant(start) == utc(2026, 4, 5, 15)
