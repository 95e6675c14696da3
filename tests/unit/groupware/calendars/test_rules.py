"""Rules of repetition that would cost more than people's own do are not let in."""

from __future__ import annotations

import time

import pytest

from core.errors import CalendarRefused
from groupware.calendars import ical
from groupware.calendars.bounds import FOREVER_US
from tests.unit.groupware.calendars.desk import event

_CONDITIONS = {
    "FREQ=SECONDLY": "max-instances",
    "FREQ=MINUTELY": "max-instances",
    "FREQ=HOURLY": "max-instances",
    "FREQ=SECONDLY;COUNT=100001": "max-instances",
    "FREQ=HOURLY;COUNT=3;BYDAY=MO": "max-instances",
    "FREQ=SECONDLY;UNTIL=20260406T020000Z;BYHOUR=5;BYMONTH=2;BYMONTHDAY=30": "max-instances",
    "FREQ=DAILY;BYHOUR=0,1,2,3": "max-instances",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30": "valid-calendar-data",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30": "valid-calendar-data",
    "FREQ=DAILY;INTERVAL=0": "valid-calendar-data",
    "COUNT=3": "valid-calendar-data",
}


@pytest.mark.parametrize("rule", _CONDITIONS)
def test_a_rule_that_costs_too_much_or_means_nothing_is_refused_at_once(rule: str) -> None:
    began = time.process_time()
    with pytest.raises(CalendarRefused) as refused:
        ical.read(event("a", f"RRULE:{rule}"))
    assert refused.value.condition == _CONDITIONS[rule]
    assert time.process_time() - began < 5  # each of them would take minutes, hours or for ever


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;BYHOUR=9,15",
        "FREQ=SECONDLY;COUNT=100000",
        "FREQ=MINUTELY;INTERVAL=15;UNTIL=20260407T010000Z",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR;WKST=SU",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    ],
)
def test_rules_people_use_are_let_in(rule: str) -> None:
    assert ical.read(event("a", f"RRULE:{rule}")).uid == "a"


@pytest.mark.parametrize(("rule", "endless"), [("FREQ=DAILY", True), ("FREQ=DAILY;COUNT=2", False)])
def test_a_rule_without_an_end_reaches_for_ever(rule: str, endless: bool) -> None:
    assert (ical.read(event("a", f"RRULE:{rule}")).ends_us == FOREVER_US) == endless


@pytest.mark.parametrize(
    ("start", "condition"), [("18991231T000000Z", "min-date-time"), ("22010101T000000Z", "max-date-time")]
)
def test_years_beyond_those_of_calendars_are_refused(start: str, condition: str) -> None:
    with pytest.raises(CalendarRefused) as refused:
        ical.read(event("a", start=start))
    assert refused.value.condition == condition
