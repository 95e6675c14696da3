"""Retention: R4, R9 and the worked examples of DOMAIN, then random histories against the slow formulation."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import PlanConfig
from quota.catalogue import Catalogue
from quota.fees import fee
from quota.history import JUST_BEFORE, History
from quota.months import BillingMonth
from quota.retention import Purge, kept_bytes, purges, readable_until, to_delete
from tests.unit.quota.cast import EXAMPLES, gb, past, tokyo
from tests.unit.quota.slow import Calendar, Slow, random_steps

LEAP_WINTER = Calendar(2023, 12, 5)
HISTORIES, SHARDS = 200_000, 4
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("history", "used_gb", "expected"),
    [
        (past("10", "100 01-10"), 10, []),
        (past("100", "50 01-10"), 100, [(3, 50)]),
        (past("100", "50 01-31T23:59:59"), 100, [(3, 50)]),
        (past("100", "50 2026-01-31T15:00:00+00:00"), 100, [(4, 50)]),
        (past("10", "100 01-10", "10 01-20"), 100, [(3, 10)]),
        (past("100", "50 01-10", "25 01-20"), 100, [(3, 25)]),
        (past("100", "50 01-10", "100 02-20"), 100, []),
        (past("100", "50 01-10", "100 02-20", "50 02-25"), 100, [(4, 50)]),
        (past("100", "25 01-10", "50 02-20"), 100, [(3, 50)]),
        (past("100", "50 01-10", "25 02-05"), 100, [(3, 50), (4, 25)]),
        (past("50", "+club 2025-07-01", "-club 01-10", "+club 02-27"), 55, []),
        (past("50", "end 04-20", sign_up="2026-04-10"), 50, [(6, 0)]),
        (past("50", "end 04-30", sign_up="2026-04-10"), 50, [(6, 0)]),
        (past("50", "end 05-01T00:00:00", sign_up="2026-04-10"), 50, [(7, 0)]),
    ],
)
def test_r4_r9_worked_examples(history: History, used_gb: int, expected: list[tuple[int, int]]) -> None:
    """Each run at 00:00 on the 1st of a month, as the job does it, and the forecast before them."""
    begun = max(history.events[0].effective_at, tokyo("2026-01-31"))
    left, done = gb(used_gb), []
    for month in range(2, 13):
        at = tokyo(f"2026-{month:02d}-01")
        kept = kept_bytes(history, EXAMPLES, at)
        if begun < at and left > kept:
            left = kept
            done.append((month, kept // gb(1)))
    assert done == expected
    coming = purges(history, EXAMPLES, used_bytes=gb(used_gb), now=history.events[-1].effective_at)
    assert [(one.at, one.to_bytes) for one in coming] == [
        (tokyo(f"2026-{month:02d}-01"), gb(size)) for month, size in expected
    ]


@dataclass(frozen=True)
class Stored:
    """A file as the rule sees it."""

    id: int
    stored_us: int
    size_bytes: int


def going(files: list[Stored], *, used_bytes: int, kept: int) -> list[int]:
    oldest_first = sorted(files, key=lambda one: (one.stored_us, one.id))
    return [one.id for one in to_delete(oldest_first, used_bytes=used_bytes, kept_bytes=kept)]


def test_r4_worked_example_of_the_files_that_go() -> None:
    a, b, c = Stored(1, 100, gb(15)), Stored(2, 200, gb(10)), Stored(3, 300, gb(45))
    assert going([c, b, a], used_bytes=gb(70), kept=gb(50)) == [a.id, b.id]


@pytest.mark.parametrize(("kept", "gone"), [(30, []), (29, [1]), (20, [1]), (19, [1, 2]), (0, [1, 2, 3])])
def test_r4_whole_files_go_until_the_rest_fits_to_the_byte(kept: int, gone: list[int]) -> None:
    files = [Stored(3, 30, 10), Stored(2, 20, 10), Stored(1, 10, 10)]
    assert going(files, used_bytes=30, kept=kept) == gone


def test_r4_of_files_stored_at_one_instant_the_lower_id_goes_first() -> None:
    assert going([Stored(8, 10, 1), Stored(7, 10, 1), Stored(9, 9, 1)], used_bytes=3, kept=1) == [9, 7]


@pytest.mark.parametrize(
    ("changed", "kept_in_february", "kept_in_march", "kept_in_april"),
    [
        ("01-31T23:59:59", 100, 50, 50),
        ("01-31T23:59:59.999999", 100, 50, 50),
        ("02-01T00:00:00", 100, 100, 50),
        ("02-01T00:00:00.000001", 100, 100, 50),
        ("02-01T00:00:01", 100, 100, 50),
    ],
)
def test_r4_within_a_second_of_the_edge(
    changed: str, kept_in_february: int, kept_in_march: int, kept_in_april: int
) -> None:
    history = past("100", f"50 {changed}")
    kept = [kept_bytes(history, EXAMPLES, tokyo(f"2026-0{month}-01")) // gb(1) for month in (2, 3, 4)]
    assert kept == [kept_in_february, kept_in_march, kept_in_april]


def test_r4_nothing_goes_a_microsecond_before_the_deadline() -> None:
    history = past("100", "50 01-10")
    assert kept_bytes(history, EXAMPLES, tokyo("2026-03-01") - JUST_BEFORE) == gb(100)
    assert kept_bytes(history, EXAMPLES, tokyo("2026-03-01")) == gb(50)


def test_r4_a_leap_day_belongs_to_february() -> None:
    assert kept_bytes(past("100", "50 2028-01-31"), EXAMPLES, tokyo("2028-02-29T23:59:59")) == gb(100)
    assert kept_bytes(past("100", "50 2028-01-31"), EXAMPLES, tokyo("2028-03-01")) == gb(50)
    assert kept_bytes(past("100", "50 2028-02-29T23:59:59"), EXAMPLES, tokyo("2028-04-01") - SECOND) == gb(100)
    assert kept_bytes(past("100", "50 2028-02-29T23:59:59"), EXAMPLES, tokyo("2028-04-01")) == gb(50)


def test_r4_a_late_run_keeps_what_a_run_in_time_keeps() -> None:
    history = past("100", "50 01-10")
    assert {kept_bytes(history, EXAMPLES, tokyo(f"2026-03-{day:02d}")) for day in range(1, 32)} == {gb(50)}


def test_r4_a_late_run_takes_nothing_that_grew_in_or_shrank_after_the_deadline() -> None:
    history = past("50", "100 03-01T00:00:00", "50 03-05")
    assert kept_bytes(history, EXAMPLES, tokyo("2026-03-06")) == gb(100)
    assert kept_bytes(history, EXAMPLES, tokyo("2026-05-01") - SECOND) == gb(100)
    assert kept_bytes(history, EXAMPLES, tokyo("2026-05-01")) == gb(50)


def test_r5_r4_a_lost_bonus_shrinks_the_capacity() -> None:
    history = past("50", "+club 2025-07-01", "+support 2025-07-01", "-club 01-10")
    assert [history.capacity_bytes(EXAMPLES, tokyo(day)) // gb(1) for day in ("01-09", "01-10")] == [62, 57]
    assert [kept_bytes(history, EXAMPLES, tokyo(day)) // gb(1) for day in ("02-01", "03-01")] == [62, 57]


def test_r4_a_plan_whose_capacity_is_cut_keeps_the_data_as_a_smaller_plan_does() -> None:
    cut = PlanConfig.model_validate(
        {"price_yen": 1, "capacity_gb": 100, "changes": [{"since": "2026-02", "capacity_gb": 50}]}
    )
    catalogue = Catalogue.from_config({"100": cut})
    kept = [kept_bytes(past("100"), catalogue, tokyo(f"2026-0{month}-01")) // gb(1) for month in (2, 3, 4)]
    assert kept == [100, 100, 50]
    assert [one.at for one in purges(past("100"), catalogue, used_bytes=gb(60), now=tokyo("2026-01-15"))] == [
        tokyo("2026-04-01")
    ]


@pytest.mark.parametrize(
    ("ended", "deadline"),
    [
        ("2026-04-20", "2026-06-01"),
        ("2026-04-30T23:59:59", "2026-06-01"),
        ("2026-05-01T00:00:00", "2026-07-01"),
        ("2027-12-31", "2028-02-01"),
        ("2028-01-31", "2028-03-01"),
    ],
)
def test_r9_data_is_readable_until_the_very_instant_it_is_deleted(ended: str, deadline: str) -> None:
    history = past("50", f"end {ended}")
    assert readable_until(tokyo(ended)) == tokyo(deadline)
    assert kept_bytes(history, EXAMPLES, tokyo(deadline) - JUST_BEFORE) == gb(50)
    assert kept_bytes(history, EXAMPLES, tokyo(deadline)) == 0


def test_r4_the_forecast_names_every_deadline_and_what_goes_at_each() -> None:
    coming = purges(past("100", "50 01-10", "25 02-05"), EXAMPLES, used_bytes=gb(60), now=tokyo("02-06"))
    assert coming == [Purge(tokyo("03-01"), gb(50), gb(10)), Purge(tokyo("04-01"), gb(25), gb(25))]


def test_r4_the_forecast_is_empty_where_everything_fits_to_the_byte() -> None:
    history = past("100", "50 01-10")
    assert purges(history, EXAMPLES, used_bytes=gb(50), now=tokyo("02-06")) == []
    assert purges(history, EXAMPLES, used_bytes=gb(50) + 1, now=tokyo("02-06")) == [Purge(tokyo("03-01"), gb(50), 1)]


def test_r4_a_deletion_the_job_has_not_done_yet_is_shown_with_the_day_it_was_due() -> None:
    coming = purges(past("100", "50 01-10"), EXAMPLES, used_bytes=gb(60), now=tokyo("03-02"))
    assert coming == [Purge(tokyo("03-01"), gb(50), gb(10))]


def test_r4_the_forecast_knows_changes_recorded_for_later() -> None:
    history = past("100", "50 07-10")
    assert purges(history, EXAMPLES, used_bytes=gb(60), now=tokyo("01-01")) == [Purge(tokyo("09-01"), gb(50), gb(10))]


def compare(source: random.Random) -> None:
    """Hold one random history against the slow formulation, month by month."""
    steps = random_steps(source, LEAP_WINTER, events=6)
    slow, history = Slow(LEAP_WINTER, steps), LEAP_WINTER.history(steps)
    for i, month in enumerate(LEAP_WINTER.months):
        assert fee(history, EXAMPLES, month).fee_yen == slow.fee_yen(i), (str(month), steps)
        if i:
            start = LEAP_WINTER.instants[LEAP_WINTER.starts[i]]
            assert kept_bytes(history, EXAMPLES, start) == slow.kept_bytes(i), (str(month), steps)


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False))
def test_r4_any_history_keeps_what_the_slow_formulation_says(source: random.Random) -> None:
    compare(source)


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_r4_a_run_at_any_instant_keeps_all_that_was_in_force_since_the_month_before(source: random.Random) -> None:
    steps = random_steps(source, LEAP_WINTER, events=6)
    slow, history = Slow(LEAP_WINTER, steps), LEAP_WINTER.history(steps)
    tick = source.randrange(LEAP_WINTER.starts[1], LEAP_WINTER.starts[-1])
    i = max(i for i, start in enumerate(LEAP_WINTER.starts) if start <= tick)
    since_first = [gb(size) for size in slow.capacity_gb[LEAP_WINTER.starts[i] : tick + 1]]
    expected = max(slow.kept_bytes(i), *since_first)
    assert kept_bytes(history, EXAMPLES, LEAP_WINTER.instants[tick]) == expected, (tick, steps)


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 130))
def test_r4_the_forecast_foretells_what_the_job_will_do(source: random.Random, used_gb: int) -> None:
    steps = random_steps(source, LEAP_WINTER, events=6)
    history = LEAP_WINTER.history(steps)
    now = LEAP_WINTER.instants[LEAP_WINTER.starts[1]]
    left, done = gb(used_gb), []
    month = BillingMonth.of(now)
    for _ in range(8):
        kept = kept_bytes(history, EXAMPLES, month.start())
        if left > kept:
            done.append(Purge(month.start(), kept, left - kept))
            left = kept
        month = month.next()
    assert purges(history, EXAMPLES, used_bytes=gb(used_gb), now=now) == done, steps


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20)), max_size=12), st.integers(0, 150))
def test_r4_the_files_that_go_are_those_of_taking_the_oldest_again_and_again(
    stored: list[tuple[int, int]], kept: int
) -> None:
    files = [Stored(i, stored_us, size_bytes) for i, (stored_us, size_bytes) in enumerate(stored)]
    used_bytes = sum(one.size_bytes for one in files)
    left, gone = list(files), []
    while sum(one.size_bytes for one in left) > kept:
        oldest = min(left, key=lambda one: (one.stored_us, one.id))
        left.remove(oldest)
        gone.append(oldest.id)
    assert going(files, used_bytes=used_bytes, kept=kept) == gone


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_r2_r3_r4_many_random_histories_month_by_month(shard: int) -> None:
    source = random.Random(20260401 + shard)
    for _ in range(HISTORIES // SHARDS):
        compare(source)
