"""The firms of `hall`, on both databases."""

from __future__ import annotations

import pytest

from tests.unit.groupware.hall import Hall, found_hall
from tests.unit.world import FrozenClock, ProbedDatabase


@pytest.fixture
def hall(database: ProbedDatabase, clock: FrozenClock) -> Hall:
    """Return the firms."""
    founded = found_hall(database, clock)
    database.probe.reset()
    return founded
