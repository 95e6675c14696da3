"""The office of the WebDAV tests, with its calendars."""

from __future__ import annotations

import pytest

from auth.journal import Journal
from providers.app import DavApp
from providers.caldav.front import Front
from tests.unit.providers.conftest import Client, Office

HOME = "/dav/calendars/hanako/"
OWN = HOME + "default/"


@pytest.fixture
def calendars(office: Office) -> DavApp:
    """Return the application with calendars."""
    app = office.app()
    app._calendars = Front(office.database, office.limits, Journal(office.database), office.clock)
    return app


@pytest.fixture
def phone(calendars: DavApp, office: Office) -> Client:
    """Return hanako's device with a calendar program."""
    return Client(calendars, "hanako", office.passwords["hanako"])


@pytest.fixture
def other(calendars: DavApp, office: Office) -> Client:
    """Return taro's device with a calendar program."""
    return Client(calendars, "taro", office.passwords["taro"])
