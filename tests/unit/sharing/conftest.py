"""The firm whose logins share."""

from __future__ import annotations

import pytest

from tests.unit.sharing.cast import add_login
from tests.unit.world import Firm


@pytest.fixture
def sharer(firm: Firm) -> Firm:
    """Return the firm with a login that has a file, and a collection with another."""
    add_login(firm)
    firm.put("plan.txt", b"the plan")
    firm.mkcol("trip")
    firm.put("trip/photo.jpg", b"a photo")
    return firm
