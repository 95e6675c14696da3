"""When a share is open, how often files are fetched, what a second file of one name is called."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import LinkClosed, NotShareable
from sharing import rules
from sharing.rules import SAME_FETCH, Terms, next_fetch, numbered, require_open, require_terms
from tests.unit.world import NOON

_TICK = timedelta(microseconds=1)


def test_r24_a_share_lasts_seven_days_unless_said_otherwise() -> None:
    assert Terms().days == 7


@pytest.mark.parametrize(
    "terms",
    [
        Terms(days=1),
        Terms(days=365),
        Terms(download_limit=1),
        Terms(download_limit=1000),
        Terms(password="x" * 8),
        Terms(password="x" * 128),
        Terms(message="x" * 2000),
        Terms(tray_limit_bytes=1),
    ],
)
def test_terms_at_their_bounds_are_accepted(terms: Terms) -> None:
    require_terms(terms)


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        (Terms(days=0), "share.days"),
        (Terms(days=366), "share.days"),
        (Terms(download_limit=0), "share.download_limit"),
        (Terms(download_limit=1001), "share.download_limit"),
        (Terms(password="x" * 7), "share.password_length"),
        (Terms(password="x" * 129), "share.password_length"),
        (Terms(message="x" * 2001), "share.message_long"),
        (Terms(tray_limit_bytes=0), "share.tray_limit"),
    ],
)
def test_terms_beyond_their_bounds_are_refused(terms: Terms, reason: str) -> None:
    with pytest.raises(NotShareable) as refused:
        require_terms(terms)
    assert refused.value.message_id == reason


def test_a_share_is_open_until_the_instant_it_expires() -> None:
    require_open(expires_at=NOON, ended_at=None, revoked_at=None, now=NOON - _TICK)
    with pytest.raises(LinkClosed) as closed:
        require_open(expires_at=NOON, ended_at=None, revoked_at=None, now=NOON)
    assert closed.value.message_id == "link.expired"


@pytest.mark.parametrize(("ended", "revoked"), [(True, False), (False, True), (True, True)])
def test_what_was_taken_back_says_so_whether_or_not_it_expired(ended: bool, revoked: bool) -> None:
    for now in (NOON - _TICK, NOON):
        with pytest.raises(LinkClosed) as closed:
            require_open(
                expires_at=NOON, ended_at=NOON if ended else None, revoked_at=NOON if revoked else None, now=now
            )
        assert closed.value.message_id == "link.revoked"


def test_a_repeat_within_the_hour_is_the_same_fetch() -> None:
    assert next_fetch(0, None, limit=1, now=NOON) == 1
    assert next_fetch(1, NOON, limit=1, now=NOON + SAME_FETCH - _TICK) == 1
    assert next_fetch(1, NOON, limit=2, now=NOON + SAME_FETCH) == 2


def test_the_limit_is_the_number_of_fetches() -> None:
    assert next_fetch(1, NOON - SAME_FETCH, limit=2, now=NOON) == 2
    with pytest.raises(LinkClosed) as closed:
        next_fetch(2, NOON - SAME_FETCH, limit=2, now=NOON)
    assert closed.value.message_id == "share.limit_reached"


def test_without_a_limit_fetches_are_only_counted() -> None:
    assert next_fetch(10_000, NOON - SAME_FETCH, limit=None, now=NOON) == 10_001


@pytest.mark.parametrize(
    ("name", "number", "called"),
    [
        ("plan.txt", 1, "plan.txt"),
        ("plan.txt", 2, "plan (2).txt"),
        ("plan.tar.gz", 3, "plan.tar (3).gz"),
        ("plan", 2, "plan (2)"),
        (".profile", 2, ".profile (2)"),
        ("a. long sentence with dots", 2, "a. long sentence with dots (2)"),
    ],
)
def test_a_taken_name_gets_a_number_before_its_suffix(name: str, number: int, called: str) -> None:
    assert numbered(name, number, max_bytes=255) == called


@pytest.mark.parametrize("name", ["あ" * 85, "あ" * 83 + ".txt", "x" * 255])
def test_a_numbered_name_is_no_longer_than_a_name_may_be(name: str) -> None:
    called = numbered(name, 12, max_bytes=255)
    assert len(called.encode()) <= 255
    assert " (12)" in called


def test_a_message_fits_the_form_that_asks_for_it() -> None:
    assert rules.LONGEST_MESSAGE == 2000
