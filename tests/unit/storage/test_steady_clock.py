"""A job that deletes does not trust a clock that has jumped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import ClockJumped
from db.engine import Database
from storage.steady_clock import note, require_steady
from tests.unit.quota.cast import tokyo

LAST = tokyo("2026-06-01")
STEP = timedelta(days=7)


def ask(database: Database, after: timedelta) -> None:
    with database.reading() as tx:
        require_steady(tx, "purge", now=LAST + after, max_step=STEP)


@pytest.fixture
def ran(database: Database) -> Database:
    """Return a database where the job ran on 1 June."""
    database.write(lambda tx: note(tx, "purge", now=LAST))
    return database


def test_the_first_run_is_trusted(database: Database) -> None:
    ask(database, timedelta(days=1000))


@pytest.mark.parametrize("after", [timedelta(0), timedelta(days=1), STEP])
def test_a_run_within_the_bound_is_let_through(ran: Database, after: timedelta) -> None:
    ask(ran, after)


@pytest.mark.parametrize(
    ("after", "told"),
    [(timedelta(microseconds=-1), "still to come"), (STEP + timedelta(microseconds=1), "7 days before")],
)
def test_a_clock_before_the_last_run_or_beyond_the_bound_is_refused(ran: Database, after: timedelta, told: str) -> None:
    with pytest.raises(ClockJumped, match=told):
        ask(ran, after)


def test_a_run_that_was_let_through_is_what_the_next_is_compared_with(ran: Database) -> None:
    ran.write(lambda tx: note(tx, "purge", now=LAST + STEP))
    ask(ran, 2 * STEP)
    with pytest.raises(ClockJumped):
        ask(ran, timedelta(days=1))
