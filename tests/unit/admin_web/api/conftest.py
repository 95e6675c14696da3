"""The API, with a program for each of the cast."""

from __future__ import annotations

import pytest

from tests.unit.admin_web.api.callers import Programs
from tests.unit.admin_web.cast import Site


@pytest.fixture
def programs(site: Site) -> Programs:
    """Return the cast's programs."""
    return Programs(site)
