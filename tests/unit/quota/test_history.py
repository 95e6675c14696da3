"""A contract's history as a value."""

from __future__ import annotations

import pytest

from quota.history import END, JUST_BEFORE, PLAN, Holding
from tests.unit.quota.cast import EXAMPLES, event, gb, past, tokyo


def test_a_change_holds_from_its_instant_on() -> None:
    history = past("50", "25 01-10T12:00:00")
    noon = tokyo("01-10T12:00:00")
    assert [history.at(noon - JUST_BEFORE).plan, history.at(noon).plan] == ["50", "25"]


def test_nothing_is_held_before_the_sign_up() -> None:
    history = past("50", sign_up="2026-04-10")
    assert history.at(tokyo("2026-04-10") - JUST_BEFORE) == Holding()
    assert history.capacity_bytes(EXAMPLES, tokyo("2026-04-10") - JUST_BEFORE) == 0
    assert history.capacity_bytes(EXAMPLES, tokyo("2026-04-10")) == gb(50)


def test_nothing_is_held_from_the_end_on_whatever_comes_later() -> None:
    history = past("50", "+club 01-01", "end 01-10", "100 01-20")
    assert history.at(tokyo("01-10") - JUST_BEFORE) == Holding("50", frozenset({"club"}))
    assert history.at(tokyo("01-10")) == history.at(tokyo("01-20")) == Holding(ended=True)


def test_what_is_recorded_later_may_take_effect_earlier() -> None:
    assert past("50", "25 02-10", "100 01-10").at(tokyo("01-20")).plan == "100"


def test_of_events_at_one_instant_the_one_recorded_last_holds() -> None:
    history = past("50", "25 01-10", "100 01-10")
    assert history.at(tokyo("01-10")).plan == "100"
    assert history.highest_capacity_bytes(EXAMPLES, tokyo("01-10"), tokyo("01-20")) == gb(100)
    assert len(history.holdings) == 2


def test_services_outlive_a_plan_change() -> None:
    history = past("50", "+club 01-05", "100 01-10", "-club 01-20")
    assert [history.capacity_bytes(EXAMPLES, tokyo(day)) for day in ("01-09", "01-10", "01-20")] == [
        gb(55),
        gb(105),
        gb(100),
    ]


@pytest.mark.parametrize(
    ("first", "last", "highest"),
    [("01-01", "01-09", 50), ("01-01", "01-10", 100), ("01-10", "01-20", 100), ("01-20", "01-31", 25)],
)
def test_the_highest_capacity_counts_both_ends_of_the_stretch(first: str, last: str, highest: int) -> None:
    history = past("50", "100 01-10", "25 01-20")
    assert history.highest_capacity_bytes(EXAMPLES, tokyo(first), tokyo(last)) == gb(highest)


def test_a_supposed_event_leaves_the_history_as_it_was() -> None:
    history = past("50")
    supposed = history.with_event(event(PLAN, "25", tokyo("01-10")))
    assert supposed.at(tokyo("01-10")).plan == "25"
    assert history.at(tokyo("01-10")).plan == "50"
    assert history.with_event(event(END, "", tokyo("01-10"))).ended_at == tokyo("01-10")
