"""Lanes: bounded, lent to one thread at a time, given back to whoever waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import DatabaseUnavailable
from db.lanes import Lanes, Transaction


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """Return an engine on an empty file."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}", connect_args={"check_same_thread": False})
    yield engine
    engine.dispose()


def _lanes(engine: sa.Engine, *, limit: int, wait_seconds: float = 0) -> Lanes:
    return Lanes(lambda: Transaction(engine.connect()), limit=limit, wait_seconds=wait_seconds)


def test_the_lane_used_last_is_lent_first(engine: sa.Engine) -> None:
    lanes = _lanes(engine, limit=2)
    first, second = lanes.take(), lanes.take()
    lanes.give(second)
    lanes.give(first)
    assert lanes.take() is first


def test_the_limit_holds_and_one_more_is_refused(engine: sa.Engine) -> None:
    lanes = _lanes(engine, limit=2)
    lanes.take()
    lanes.take()
    with pytest.raises(DatabaseUnavailable, match="busy"):
        lanes.take()


def test_whoever_waits_gets_the_lane_that_comes_back(engine: sa.Engine) -> None:
    lanes = _lanes(engine, limit=1, wait_seconds=10)
    lane = lanes.take()
    got: list[Transaction] = []
    waiting = threading.Thread(target=lambda: got.append(lanes.take()))
    waiting.start()
    lanes.give(lane)
    waiting.join(10)
    assert got == [lane]


def test_a_dropped_lane_makes_room_for_a_new_one(engine: sa.Engine) -> None:
    lanes = _lanes(engine, limit=1)
    lane = lanes.take()
    lanes.drop(lane)
    assert lane.connection.closed
    assert lanes.take() is not lane


def test_a_lane_that_could_not_be_opened_takes_no_room() -> None:
    def refuse() -> Transaction:
        raise DatabaseUnavailable("down")

    lanes = Lanes(refuse, limit=1, wait_seconds=0)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match="down"):
            lanes.take()


def test_closing_the_idle_leaves_the_lent_alone(engine: sa.Engine) -> None:
    lanes = _lanes(engine, limit=2)
    lent, idle = lanes.take(), lanes.take()
    lanes.give(idle)
    lanes.close_idle()
    assert idle.connection.closed
    assert not lent.connection.closed
