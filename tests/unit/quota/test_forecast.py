"""What people can act on beforehand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.errors import NotFound
from quota.forecast import choice, choices, reminder_of
from quota.retention import Purge
from tests.unit.quota.cast import EXAMPLES, gb, past, tokyo

NOW = tokyo("2026-01-10")
DAYS = (30, 7, 1)
DEADLINE = tokyo("2026-03-01")


def test_a_smaller_plan_shows_its_fees_and_what_it_would_delete() -> None:
    found = choice(past("100"), EXAMPLES, "50", used_bytes=gb(70), now=NOW)
    assert (found.capacity_bytes, found.this_month.fee_yen, found.next_month.fee_yen) == (gb(50), 500, 300)
    assert found.purges == (Purge(DEADLINE, gb(50), gb(20)),)


def test_a_second_change_in_a_month_shows_the_dearest_plan() -> None:
    found = choice(past("25", "100 01-05"), EXAMPLES, "10", used_bytes=0, now=NOW)
    assert (found.this_month.fee_yen, found.next_month.fee_yen, found.purges) == (500, 0, ())


def test_a_choice_counts_the_bonuses_held() -> None:
    assert choice(past("100", "+club 01-05"), EXAMPLES, "50", used_bytes=0, now=NOW).capacity_bytes == gb(55)


def test_every_other_plan_is_a_choice_until_the_contract_ends() -> None:
    assert [one.plan for one in choices(past("100"), EXAMPLES, used_bytes=0, now=NOW)] == ["10", "25", "50"]
    assert choices(past("100", "end 01-05"), EXAMPLES, used_bytes=0, now=NOW) == []


def test_an_unknown_plan_is_refused() -> None:
    with pytest.raises(NotFound):
        choice(past("100"), EXAMPLES, "7", used_bytes=0, now=NOW)


@pytest.mark.parametrize(
    ("before", "days"),
    [
        (timedelta(days=30, microseconds=1), None),
        (timedelta(days=30), 30),
        (timedelta(days=7, microseconds=1), 30),
        (timedelta(days=7), 7),
        (timedelta(days=1), 1),
        (timedelta(microseconds=1), 1),
        (timedelta(0), None),
    ],
)
def test_a_reminder_is_due_so_many_days_before_and_not_earlier(before: timedelta, days: int | None) -> None:
    due = reminder_of(past("100", "50 01-10"), EXAMPLES, used_bytes=gb(70), days_before=DAYS, now=DEADLINE - before)
    assert (due.days if due else None) == days


@pytest.mark.parametrize(("used", "now"), [(gb(50), DEADLINE - timedelta(days=3)), (gb(70), NOW - timedelta(days=1))])
def test_no_reminder_where_nothing_will_go(used: int, now: datetime) -> None:
    assert reminder_of(past("100", "50 01-10"), EXAMPLES, used_bytes=used, days_before=DAYS, now=now) is None


def test_without_days_there_is_silence() -> None:
    history = past("100", "50 01-10")
    assert reminder_of(history, EXAMPLES, used_bytes=gb(70), days_before=(), now=tokyo("2026-02-28")) is None


def test_r9_an_ended_contract_is_reminded_of_the_end_of_its_data() -> None:
    due = reminder_of(past("100", "end 01-10"), EXAMPLES, used_bytes=1, days_before=DAYS, now=tokyo("2026-02-25"))
    assert due is not None
    assert (due.ended, due.days, due.purge) == (True, 7, Purge(DEADLINE, 0, 1))
