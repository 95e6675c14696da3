"""Guessing is slowed down, by login and by address (R19)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from auth import lockout
from auth.lockout import Kind, Policy, delay
from core.errors import LockedOut, NotFound
from tests.unit.auth.cast import OFFICE, SAKURA, Cast
from tests.unit.conftest import Opener

POLICY = Policy()


def _attempt(cast: Cast, login_id: str = "hanako", address: str = OFFICE) -> int:
    """Attempt, and return for how many seconds the door is closed, 0 where the attempt was let through."""
    try:
        cast.database.write(lambda tx: lockout.attempt(tx, login_id, address, POLICY, now=cast.clock()))
    except LockedOut as refused:
        return refused.retry_seconds
    return 0


def _succeed(cast: Cast, login_id: str = "hanako", address: str = OFFICE) -> None:
    cast.database.write(lambda tx: lockout.succeeded(tx, login_id, address, POLICY))


@pytest.mark.parametrize(
    ("count", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (11, 1920), (12, 3600), (10_000, 3600)]
)
def test_r19_the_delay_begins_at_the_fifth_failure_and_doubles_up_to_an_hour(count: int, seconds: int) -> None:
    assert delay(Kind.LOGIN, count, POLICY) == timedelta(seconds=seconds)


def test_r19_an_address_is_given_more_attempts_because_an_office_shares_it() -> None:
    assert delay(Kind.ADDRESS, 29, POLICY) == timedelta()
    assert delay(Kind.ADDRESS, 30, POLICY) == timedelta(seconds=30)


def test_r19_five_failures_lock_the_login_out_to_the_second(cast: Cast) -> None:
    assert [_attempt(cast) for _ in range(6)] == [0, 0, 0, 0, 0, 30]
    cast.clock.advance(seconds=29, microseconds=999_999)
    assert _attempt(cast) == 1
    cast.clock.advance(microseconds=1)
    assert _attempt(cast) == 0
    assert _attempt(cast) == 60


def test_r19_attempts_while_locked_out_do_not_make_it_longer(cast: Cast) -> None:
    for _ in range(5):
        _attempt(cast)
    assert [_attempt(cast) for _ in range(3)] == [30, 30, 30]


def test_r19_success_lets_the_login_begin_anew(cast: Cast) -> None:
    for _ in range(4):
        _attempt(cast)
    _succeed(cast)
    assert [_attempt(cast) for _ in range(5)] == [0] * 5


def test_r19_an_unknown_login_is_locked_out_like_any_other(cast: Cast) -> None:
    assert [_attempt(cast, "nobody") for _ in range(6)] == [0, 0, 0, 0, 0, 30]


def test_r19_one_address_that_tries_many_logins_is_locked_out(cast: Cast) -> None:
    assert [_attempt(cast, f"login{at}") for at in range(31)] == [0] * 30 + [30]
    assert _attempt(cast, "login99", "203.0.113.1") == 0


def test_r19_a_success_takes_back_only_its_own_attempt_of_the_address(cast: Cast) -> None:
    for at in range(29):
        _attempt(cast, f"login{at}")
    _attempt(cast, "hanako")
    _succeed(cast, "hanako")
    assert [_attempt(cast, "taro"), _attempt(cast, "jiro")] == [0, 30]


def test_r19_the_addresses_of_one_ipv6_line_count_together(cast: Cast) -> None:
    assert [_attempt(cast, f"login{at}", f"2001:db8::{at:x}") for at in range(31)] == [0] * 30 + [30]
    assert _attempt(cast, "login99", "2001:db8:0:1::1") == 0


def test_r19_a_day_without_failure_is_forgotten(cast: Cast) -> None:
    for _ in range(4):
        _attempt(cast)
    cast.clock.advance(hours=24)
    assert [_attempt(cast) for _ in range(5)] == [0] * 5


def test_r19_lockouts_are_visible_by_contract_and_released(cast: Cast) -> None:
    for login_id in ("hanako", "jiro"):
        for _ in range(5):
            _attempt(cast, login_id)
    with cast.database.reading() as tx:
        everyone = lockout.list_lockouts(tx, now=cast.clock())
        (own,) = lockout.list_lockouts(tx, now=cast.clock(), contract_id=SAKURA)
    assert [one.subject for one in everyone] == ["hanako", "jiro"]
    assert (own.kind, own.subject, own.attempts) == (Kind.LOGIN, "hanako", 5)
    assert own.free_at == cast.clock() + timedelta(seconds=30)
    cast.database.write(lambda tx: lockout.release(tx, Kind.LOGIN, "hanako"))
    assert _attempt(cast) == 0
    with pytest.raises(NotFound):
        cast.database.write(lambda tx: lockout.release(tx, Kind.LOGIN, "nobody"))


@pytest.mark.parametrize("guessed", ["hanako code", "hanako line", "hanako secret"])
def test_r19_guesses_at_a_logins_codes_and_secret_are_listed_with_its_contract_and_released(
    cast: Cast, guessed: str
) -> None:
    for _ in range(5):
        _attempt(cast, guessed)
    with cast.database.reading() as tx:
        (own,) = lockout.list_lockouts(tx, now=cast.clock(), contract_id=SAKURA)
    assert own.subject == guessed
    cast.database.write(lambda tx: lockout.release(tx, Kind.LOGIN, guessed))
    with cast.database.reading() as tx:
        assert lockout.list_lockouts(tx, now=cast.clock(), contract_id=SAKURA) == []


def test_r19_half_of_what_it_takes_to_come_in_takes_back_its_own_attempt_alone(cast: Cast) -> None:
    for _ in range(4):
        assert _attempt(cast) == 0
    cast.database.write(lambda tx: lockout.taken_back(tx, "hanako", OFFICE, POLICY))
    assert _attempt(cast) == 0
    assert _attempt(cast) == 0
    assert _attempt(cast) == 30
    cast.database.write(lambda tx: lockout.cleared(tx, "hanako"))
    assert _attempt(cast) == 0


def test_what_cannot_count_any_more_is_removed(cast: Cast) -> None:
    _attempt(cast, "hanako")
    cast.clock.advance(hours=23)
    _attempt(cast, "taro", "203.0.113.1")
    cast.clock.advance(hours=1)
    assert cast.database.write(lambda tx: lockout.forget(tx, POLICY, now=cast.clock())) == 2


def test_r19_a_hundred_guesses_at_once_get_no_further_than_one_after_the_other(
    cast: Cast, open_database: Opener
) -> None:
    contestants = [open_database() for _ in range(4)]
    barrier = threading.Barrier(4)

    def guess(at: int) -> int:
        barrier.wait()
        through = 0
        for _ in range(25):
            try:
                contestants[at].write(lambda tx: lockout.attempt(tx, "hanako", OFFICE, POLICY, now=cast.clock()))
            except LockedOut:
                continue
            through += 1
        return through

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(guess, range(4))) == 5


def test_r19_guessing_tokens_is_counted_by_address_and_closes_it(cast: Cast) -> None:
    def guess() -> None:
        cast.database.write(lambda tx: lockout.guessed(tx, OFFICE, POLICY, now=cast.clock()))

    def come() -> None:
        with cast.database.reading() as tx:
            lockout.require_free(tx, OFFICE, now=cast.clock())

    for _ in range(POLICY.address_attempts):
        come()
        guess()
    with pytest.raises(LockedOut) as refused:
        come()
    assert refused.value.retry_seconds == 30
    with pytest.raises(LockedOut):
        guess()
    assert _attempt(cast, "taro") == 30
    cast.clock.advance(seconds=30)
    come()


def test_r19_where_nobody_guessed_nobody_waits(cast: Cast) -> None:
    with cast.database.reading() as tx:
        for address in (OFFICE, "", "2001:db8::1"):
            lockout.require_free(tx, address, now=cast.clock())
