"""Instances: those of `recurring_ical_events`, in every window, and the index encloses them all."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import TOKYO, to_microseconds
from core.errors import CalendarRefused
from groupware.calendars import expand, ical
from groupware.calendars.expand import Window
from tests.unit.groupware.calendars.desk import event, utc, wrapped

_RULES = st.builds(
    lambda frequency, interval, end: f"RRULE:FREQ={frequency};INTERVAL={interval}{end}",
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "WEEKLY;BYDAY=MO,TH", "MONTHLY;BYDAY=2TU"]),
    st.integers(1, 5),
    st.sampled_from(["", ";COUNT=7", ";UNTIL=20270101T000000Z"]),
)
_STARTS = st.sampled_from(
    [
        "DTSTART:20260406T010000Z",
        "DTSTART;TZID=Asia/Tokyo:20260406T230000",
        "DTSTART;TZID=America/New_York:20260306T013000",
        "DTSTART;VALUE=DATE:20260406",
        "DTSTART:20260406T093000",
    ]
)
_HOURS = st.integers(-24 * 60, 24 * 500)


def repeating(start: str, rule: str) -> ical.Parsed:
    """Return an event that repeats."""
    return ical.read(
        event("a", rule, start="x").replace(b"DTSTART:x", start.encode()).replace(b"DURATION:PT1H\r\n", b"")
    )


@settings(max_examples=150, deadline=None)
@given(_STARTS, _RULES, _HOURS, st.integers(1, 24 * 90))
def test_a_window_has_exactly_the_instances_the_library_finds(start: str, rule: str, at: int, hours: int) -> None:
    parsed = repeating(start, rule)
    begins = datetime(2026, 4, 1, tzinfo=TOKYO) + timedelta(hours=at)
    ends = begins + timedelta(hours=hours)
    found = [one.start for one in expand.instances(parsed.calendar, Window(begins, ends))]
    wanted = [one["DTSTART"].dt for one in recurring_ical_events.of(parsed.calendar).between(begins, ends)]
    assert sorted(map(ical.instant, found)) == sorted(map(ical.instant, wanted))
    for one in found:  # what the index leaves out is never missed
        assert parsed.starts_us <= to_microseconds(ical.instant(one)) <= parsed.ends_us
    assert expand.takes_place(parsed.calendar, Window(begins, ends)) == bool(wanted)


def test_a_window_ends_before_what_begins_at_its_end() -> None:
    parsed = ical.read(event("a", "RRULE:FREQ=DAILY"))
    window = Window(utc(2026, 4, 6, 2), utc(2026, 4, 7, 1))
    assert expand.instances(parsed.calendar, window) == []
    assert len(expand.instances(parsed.calendar, Window(utc(2026, 4, 6, 1), utc(2026, 4, 7, 1, 1)))) == 2


def test_as_many_instances_as_the_limit_are_told_and_one_more_is_refused() -> None:
    parsed = ical.read(event("a", "RRULE:FREQ=DAILY"))
    window = Window(utc(2026, 4, 6), utc(2026, 4, 16))
    assert len(expand.instances(parsed.calendar, window, limit=10)) == 10
    with pytest.raises(CalendarRefused) as refused:
        expand.instances(parsed.calendar, window, limit=9)
    assert refused.value.condition == "number-of-matches-within-limits"


def test_an_exception_takes_the_place_of_its_instance() -> None:
    exception = event("a", "RECURRENCE-ID:20260407T010000Z", start="20260407T050000Z").partition(b"EN\r\n")[2]
    both = event("a", "RRULE:FREQ=DAILY;COUNT=3").replace(b"END:VCALENDAR\r\n", b"") + exception
    found = expand.instances(ical.read(both).calendar, Window(None, None))
    assert [ical.instant(one.start).hour for one in found] == [1, 5, 1]


def test_expanded_entries_are_in_utc_without_a_rule() -> None:
    parsed = repeating("DTSTART;TZID=Asia/Tokyo:20260406T230000", "RRULE:FREQ=DAILY;COUNT=2")
    made, count = expand.expanded(parsed.calendar, Window(utc(2026, 4, 1), utc(2026, 5, 1)))
    text = made.to_ical().decode()
    assert count == 2
    assert "RRULE" not in text
    assert "DTSTART:20260406T140000Z" in text
    assert "RECURRENCE-ID:20260407T140000Z" in text


_DAY = Window(utc(2026, 4, 6), utc(2026, 4, 7))


@pytest.mark.parametrize(
    ("lines", "there"),
    [
        ((), True),
        (("DTSTART:20260406T010000Z",), True),
        (("DTSTART:20260405T010000Z", "DUE:20260406T000000Z"), False),
        (("DTSTART:20260405T010000Z", "DUE:20260406T000001Z"), True),
        (("DTSTART:20260405T010000Z", "DURATION:P2D"), True),
        (("DUE:20260406T000000Z",), False),
        (("DUE:20260407T000000Z",), True),
        (("DUE:20260407T000001Z",), False),
        (("COMPLETED:20260406T010000Z", "CREATED:20260401T010000Z"), True),
        (("COMPLETED:20260408T010000Z",), False),
        (("COMPLETED:20260406T010000Z",), True),
        (("CREATED:20260407T000000Z",), False),
        (("CREATED:20260406T010000Z",), True),
    ],
)
def test_to_dos_are_there_by_the_table_of_rfc_4791(lines: tuple[str, ...], there: bool) -> None:
    parsed = ical.read(wrapped("VTODO", "UID:a", "DTSTAMP:20260401T000000Z", *lines))
    assert expand.takes_place(parsed.calendar, _DAY) == there


@pytest.mark.parametrize(("start", "there"), [("20260406T000000Z", True), ("20260407T000000Z", False)])
def test_a_journal_entry_is_at_its_moment(start: str, there: bool) -> None:
    parsed = ical.read(wrapped("VJOURNAL", "UID:a", "DTSTAMP:20260401T000000Z", f"DTSTART:{start}"))
    assert expand.takes_place(parsed.calendar, _DAY) == there
    assert not expand.takes_place(ical.read(wrapped("VJOURNAL", "UID:a")).calendar, _DAY)
