"""Fixtures of the tests of auth."""

from __future__ import annotations

import pytest

from tests.unit.auth.cast import Cast, gather
from tests.unit.world import FrozenClock, ProbedDatabase


@pytest.fixture
def cast(database: ProbedDatabase, clock: FrozenClock) -> Cast:
    """Return two contracts with their logins."""
    return gather(database, clock)
