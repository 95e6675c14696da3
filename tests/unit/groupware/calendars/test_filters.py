"""Filters of a calendar-query (RFC 4791 §9.7)."""

from __future__ import annotations

import pytest

from groupware.calendars import ical
from groupware.calendars.expand import Window
from groupware.calendars.filters import CompFilter, ParamFilter, PropFilter, TextMatch, matches
from tests.unit.groupware.calendars.desk import event, utc

_BODY = event("a", "LOCATION;LANGUAGE=ja:Tokyo ＴＯＷＥＲ", "CATEGORIES:Work,Home", "RRULE:FREQ=DAILY;COUNT=3",
              "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT10M", "END:VALARM")  # fmt: skip


def answers(*props: PropFilter, body: bytes = _BODY, **more: object) -> bool:
    """Return whether the event answers to a filter for VEVENT."""
    inner = CompFilter("VEVENT", props=props, **more)  # type: ignore[arg-type]
    return matches(CompFilter("VCALENDAR", comps=(inner,)), ical.read(body).calendar)


@pytest.mark.parametrize(
    ("name", "match", "found"),
    [
        ("LOCATION", TextMatch("tokyo"), True),
        ("LOCATION", TextMatch("tokyo", "i;octet"), False),
        ("LOCATION", TextMatch("Tokyo", "i;octet"), True),
        ("LOCATION", TextMatch("ｔｏｗｅｒ"), False),
        ("LOCATION", TextMatch("ｔｏｗｅｒ", "i;unicode-casemap"), True),
        ("LOCATION", TextMatch("tokyo", negate=True), False),
        ("LOCATION", TextMatch("osaka", negate=True), True),
        ("CATEGORIES", TextMatch("home"), True),
        ("DESCRIPTION", TextMatch("x"), False),
    ],
)
def test_texts_are_compared_by_their_collation(name: str, match: TextMatch, found: bool) -> None:
    assert answers(PropFilter(name, text=match)) == found


def test_what_must_be_missing_is_missing() -> None:
    assert answers(PropFilter("DESCRIPTION", absent=True))
    assert not answers(PropFilter("LOCATION", absent=True))
    assert not matches(CompFilter("VCALENDAR", comps=(CompFilter("VEVENT", absent=True),)), ical.read(_BODY).calendar)
    assert matches(CompFilter("VCALENDAR", comps=(CompFilter("VTODO", absent=True),)), ical.read(_BODY).calendar)


def test_parameters_are_asked_too() -> None:
    assert answers(PropFilter("LOCATION", params=(ParamFilter("LANGUAGE", text=TextMatch("JA")),)))
    assert not answers(PropFilter("LOCATION", params=(ParamFilter("LANGUAGE", absent=True),)))
    assert answers(PropFilter("SUMMARY", params=(ParamFilter("LANGUAGE", absent=True),)))


@pytest.mark.parametrize(("day", "found"), [(5, False), (6, True), (8, True), (9, False)])
def test_a_time_range_finds_repeats(day: int, found: bool) -> None:
    assert answers(window=Window(utc(2026, 4, day), utc(2026, 4, day, 23))) == found


@pytest.mark.parametrize(("minute", "found"), [(49, False), (50, True)])
def test_a_time_range_on_alarms_finds_when_they_ring(minute: int, found: bool) -> None:
    window = Window(utc(2026, 4, 6, 0, minute), utc(2026, 4, 6, 0, minute + 1))
    assert answers(comps=(CompFilter("VALARM", window=window),)) == found


def test_a_time_range_on_a_property_finds_its_moment() -> None:
    assert answers(PropFilter("DTSTAMP", window=Window(utc(2026, 4, 1), None)))
    assert not answers(PropFilter("DTSTAMP", window=Window(utc(2026, 4, 1, 0, 1), None)))
    assert not answers(PropFilter("SUMMARY", window=Window(utc(2026, 4, 1), None)))
