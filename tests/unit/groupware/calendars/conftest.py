"""A firm with two logins and their calendars, on each database."""

from __future__ import annotations

import pytest

from tests.unit.groupware.calendars.desk import Desk, seat
from tests.unit.world import FrozenClock, ProbedDatabase


@pytest.fixture
def desks(database: ProbedDatabase, clock: FrozenClock) -> tuple[Desk, Desk]:
    """Return the desks of hanako and taro."""
    return seat(database, clock)


@pytest.fixture
def hanako(desks: tuple[Desk, Desk]) -> Desk:
    """Return hanako's desk."""
    return desks[0]


@pytest.fixture
def taro(desks: tuple[Desk, Desk]) -> Desk:
    """Return taro's desk."""
    return desks[1]
