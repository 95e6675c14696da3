"""Who may hold a contest, what it may be, and who sees its tally."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from auth.callers import Role
from core.errors import ContestRefused
from groupware.contest_rules import (
    LEAST_PHOTOS,
    LONGEST,
    MOST_PHOTOS,
    MOST_TEXT_CHARACTERS,
    MOST_TITLE_CHARACTERS,
    Period,
    Stage,
    Tally,
    may_host,
    may_see_tally,
    require_terms,
    stage,
)
from tests.unit.groupware.hall import CATALOGUE, terms_at
from tests.unit.world import NOON, FrozenClock

_TERMS = terms_at(FrozenClock())
_US = timedelta(microseconds=1)


@pytest.mark.parametrize("code", CATALOGUE.plans)
def test_r27_administrators_of_paid_and_pro_contracts_hold_contests(code: str) -> None:
    plan = CATALOGUE.plan(code)
    assert may_host(Role.ADMINISTRATOR, plan, NOON) is not code.startswith("free")
    assert not any(may_host(role, plan, NOON) for role in Role if role is not Role.ADMINISTRATOR)


def test_r27_nobody_holds_a_contest_without_a_plan() -> None:
    assert not may_host(Role.ADMINISTRATOR, None, NOON)


def test_a_contest_at_every_bound_can_be_held() -> None:
    at_most = replace(_TERMS, title="題" * MOST_TITLE_CHARACTERS, text="x" * MOST_TEXT_CHARACTERS)
    require_terms(at_most, photos=MOST_PHOTOS, now=NOON)
    require_terms(replace(at_most, title="題", period=Period(NOON, NOON + LONGEST)), photos=LEAST_PHOTOS, now=NOON)


@pytest.mark.parametrize(
    ("changed", "photos", "reason"),
    [
        ({"title": ""}, 2, "contest.title"),
        ({"title": "題" * (MOST_TITLE_CHARACTERS + 1)}, 2, "contest.title"),
        ({"title": "a\nb"}, 2, "contest.title"),
        ({"text": "x" * (MOST_TEXT_CHARACTERS + 1)}, 2, "contest.text"),
        ({}, LEAST_PHOTOS - 1, "contest.photo_count"),
        ({}, MOST_PHOTOS + 1, "contest.photo_count"),
        ({"period": Period(NOON, NOON)}, 2, "contest.period"),
        ({"period": Period(NOON - _US, NOON)}, 2, "contest.period"),
        ({"period": Period(NOON, NOON + LONGEST + _US)}, 2, "contest.too_long"),
        ({"period": Period(NOON + LONGEST + _US, NOON + LONGEST + 2 * _US)}, 2, "contest.too_long"),
    ],
)
def test_a_contest_beyond_a_bound_is_refused(changed: dict[str, object], photos: int, reason: str) -> None:
    with pytest.raises(ContestRefused) as refused:
        require_terms(replace(_TERMS, **changed), photos=photos, now=NOON)  # type: ignore[arg-type]
    assert refused.value.message_id == reason


def test_r27_a_contest_closes_at_its_very_end() -> None:
    period = Period(NOON, NOON + timedelta(hours=1))
    assert stage(period, None, NOON - _US) is Stage.COMING
    assert stage(period, None, NOON) is Stage.RUNNING
    assert stage(period, None, period.ends_at - _US) is Stage.RUNNING
    assert stage(period, None, period.ends_at) is Stage.OVER
    assert stage(period, NOON, NOON) is Stage.WITHDRAWN


@pytest.mark.parametrize("hosting", [False, True])
@pytest.mark.parametrize("published", [False, True])
def test_a_hidden_tally_is_hidden_from_its_host_too(hosting: bool, published: bool) -> None:
    assert may_see_tally(Stage.RUNNING, Tally.LIVE, published=published, hosting=hosting)
    assert not may_see_tally(Stage.RUNNING, Tally.HIDDEN, published=published, hosting=hosting)


def test_r27_a_result_is_its_hosts_until_it_is_published() -> None:
    for tally in Tally:
        assert may_see_tally(Stage.OVER, tally, published=False, hosting=True)
        assert may_see_tally(Stage.OVER, tally, published=True, hosting=False)
        assert not may_see_tally(Stage.OVER, tally, published=False, hosting=False)
        assert not may_see_tally(Stage.WITHDRAWN, tally, published=True, hosting=True)
        assert not may_see_tally(Stage.COMING, tally, published=True, hosting=True)
