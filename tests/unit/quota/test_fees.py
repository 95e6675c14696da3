"""Fees: R2, R3 and the worked examples of DOMAIN, then random histories against the slow formulation."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import messages
from core.config import PlanConfig
from quota.catalogue import Catalogue
from quota.fees import fee
from quota.history import History
from quota.months import BillingMonth
from tests.unit.quota.cast import EXAMPLES, past
from tests.unit.quota.slow import Calendar, Slow, random_steps

LEAP_WINTER = Calendar(2023, 12, 5)


def yen(history: History, month: str) -> int:
    return fee(history, EXAMPLES, BillingMonth.parse(month)).fee_yen


@pytest.mark.parametrize(
    ("history", "charges"),
    [
        (past("10", "100 01-10"), {"2026-01": 0, "2026-02": 500}),
        (past("100", "50 01-10"), {"2026-01": 500, "2026-02": 300}),
        (past("100", "50 01-31T23:59:59"), {"2026-01": 500, "2026-02": 300}),
        (past("100", "50 2026-01-31T15:00:00+00:00"), {"2026-01": 500, "2026-02": 500, "2026-03": 300}),
        (past("10", "100 01-10", "10 01-20"), {"2026-01": 500, "2026-02": 0}),
        (past("100", "50 01-10", "25 01-20"), {"2026-01": 500, "2026-02": 200}),
        (past("100", "50 01-10", "100 02-20"), {"2026-01": 500, "2026-02": 300, "2026-03": 500}),
        (past("100", "50 01-10", "100 02-20", "50 02-25"), {"2026-01": 500, "2026-02": 500, "2026-03": 300}),
        (past("100", "25 01-10", "50 02-20"), {"2026-01": 500, "2026-02": 200, "2026-03": 300}),
        (past("100", "50 01-10", "25 02-05"), {"2026-01": 500, "2026-02": 300, "2026-03": 200}),
        (past("50", "+club 2025-07-01", "-club 01-10", "+club 02-27"), {"2026-01": 300, "2026-02": 300}),
        (past("50", "end 04-20", sign_up="2026-04-10"), {"2026-03": 0, "2026-04": 300, "2026-05": 0}),
        (past("50", "end 04-30", sign_up="2026-04-10"), {"2026-04": 300, "2026-05": 0}),
        (past("50", "end 05-01T00:00:00", sign_up="2026-04-10"), {"2026-04": 0, "2026-05": 300, "2026-06": 0}),
    ],
)
def test_r2_r3_worked_examples(history: History, charges: dict[str, int]) -> None:
    assert {month: yen(history, month) for month in charges} == charges


def test_r2_the_sign_up_month_is_free_and_the_next_is_not() -> None:
    history = past("50", sign_up="2026-04-30T23:59:59")
    assert [yen(history, month) for month in ("2026-03", "2026-04", "2026-05")] == [0, 0, 300]


def test_r2_a_sign_up_at_the_first_instant_of_a_month_makes_that_month_free() -> None:
    history = past("50", sign_up="2026-05-01T00:00:00")
    assert [yen(history, month) for month in ("2026-04", "2026-05", "2026-06")] == [0, 0, 300]


@pytest.mark.parametrize(
    ("ended", "april", "may"),
    [("04-30T23:59:59", 300, 0), ("05-01T00:00:00", 300, 300), ("05-01T00:00:01", 300, 300)],
)
def test_r2_the_month_of_the_end_is_charged_in_full(ended: str, april: int, may: int) -> None:
    history = past("50", f"end {ended}")
    assert [yen(history, "2026-04"), yen(history, "2026-05"), yen(history, "2026-06")] == [april, may, 0]


def test_r2_a_month_of_sign_up_and_end_is_charged_by_its_changes() -> None:
    history = past("100", "25 04-12", "end 04-20", sign_up="2026-04-10")
    assert yen(history, "2026-04") == 500


def test_r3_a_change_to_the_same_plan_is_none() -> None:
    assert yen(past("50", "50 01-10", "25 01-20"), "2026-01") == 300
    assert yen(past("25", "100 01-10", "100 01-20"), "2026-01") == 200


def test_r3_two_changes_charge_the_dearest_also_where_it_is_the_plan_in_between() -> None:
    assert yen(past("25", "100 01-10", "50 01-20"), "2026-01") == 500


def test_r3_of_changes_at_one_instant_the_one_recorded_last_holds() -> None:
    history = past("25", "100 01-10", "50 01-10")
    assert [yen(history, "2026-01"), yen(history, "2026-02")] == [200, 300]


def test_r5_a_bonus_is_no_plan_change() -> None:
    assert yen(past("50", "+club 01-05", "-club 01-10", "25 01-20"), "2026-01") == 300


def test_r2_a_change_after_the_29th_of_february_is_one_of_march() -> None:
    history = past("100", "50 2028-02-29T23:59:59", "25 2028-03-01")
    assert [yen(history, f"2028-0{month}") for month in (2, 3, 4)] == [500, 300, 200]


def test_a_price_change_never_rewrites_a_past_month() -> None:
    raised = PlanConfig.model_validate(
        {"price_yen": 300, "capacity_gb": 50, "changes": [{"since": "2026-03", "price_yen": 400}]}
    )
    catalogue = Catalogue.from_config({"50": raised})
    charges = [fee(past("50"), catalogue, BillingMonth(2026, month)).fee_yen for month in (1, 2, 3, 4)]
    assert charges == [300, 300, 400, 400]


def test_the_dearest_plan_is_judged_by_the_prices_of_the_month() -> None:
    plans = {
        "a": PlanConfig.model_validate({"price_yen": 100, "capacity_gb": 1}),
        "b": PlanConfig.model_validate(
            {"price_yen": 50, "capacity_gb": 1, "changes": [{"since": "2026-02", "price_yen": 900}]}
        ),
    }
    history = past("a", "b 01-10", "a 01-11", "b 02-10", "a 02-11")
    charged = [fee(history, Catalogue.from_config(plans), BillingMonth(2026, month)) for month in (1, 2)]
    assert [(one.plan, one.fee_yen) for one in charged] == [("a", 100), ("b", 900)]


@pytest.mark.parametrize(
    ("history", "month", "reason"),
    [
        (past("50"), "2025-05", "had not begun"),
        (past("50"), "2025-06", "The month of sign-up is free"),
        (past("50"), "2025-07", "did not change in this month: 50"),
        (past("50", "25 01-10"), "2026-01", "the plan before the change, 50"),
        (past("50", "25 01-10", "100 01-11"), "2026-01", "the dearest plan held, 100"),
        (past("50", "end 01-10"), "2026-01", "ends is charged in full: 50"),
        (past("50", "end 2025-06-10"), "2025-06", "ended in the month of its sign-up: one month of 50"),
        (past("50", "end 01-10"), "2026-02", "had ended before"),
    ],
)
def test_a_fee_says_its_reason_in_words(history: History, month: str, reason: str) -> None:
    charged = fee(history, EXAMPLES, BillingMonth.parse(month))
    assert reason in messages.text(charged.reason, "en", plan=charged.plan)
    assert messages.text(charged.reason, "ja", plan=charged.plan).endswith("。")


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False))
def test_r2_r3_any_history_costs_what_the_slow_formulation_says(source: random.Random) -> None:
    steps = random_steps(source, LEAP_WINTER, events=7)
    slow, history = Slow(LEAP_WINTER, steps), LEAP_WINTER.history(steps)
    for i, month in enumerate(LEAP_WINTER.months):
        assert fee(history, EXAMPLES, month).fee_yen == slow.fee_yen(i), (str(month), steps)
