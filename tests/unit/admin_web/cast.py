"""A small service for page tests: two PRO firms and one without, four roles, and browsers to look with."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin_web import app
from admin_web.gate import EXTENSION
from admin_web.parts import Parts
from auth import devices, sessions
from auth.access import FolderType, authorize
from auth.callers import Caller, Role
from auth.devices import Proofs
from auth.identify import Identifier
from auth.journal import Journal
from core.config import Config
from core.ids import secret_hash
from db.engine import Database, Transaction
from db.statements import Cursor
from db.tables import logins
from gateway import people
from gateway.health import Health
from gateway.web import GatewayActs
from quota import contracts
from quota.catalogue import shipped
from storage import uploads
from storage.files import FileSystem
from storage.objects.memory import MemoryStore
from storage.uploads import Announced
from tests.unit.world import FrozenClock, at

#: Every login of the cast has this password: hashing is slow on purpose.
PASSWORD = "correct horse battery"
PLANS = {"sakura": "pro-50", "momiji": "pro-10", "kaede": "free-10"}
PEOPLE = {
    "sakura-admin": ("sakura", Role.ADMINISTRATOR),
    "hanako": ("sakura", Role.USER),
    "taro": ("sakura", Role.USER),
    "momiji-admin": ("momiji", Role.ADMINISTRATOR),
    "jiro": ("momiji", Role.USER),
    "kaede-admin": ("kaede", Role.ADMINISTRATOR),
    "operator": (contracts.SERVICE_NAME, Role.OPERATOR),
    "support": (contracts.SERVICE_NAME, Role.SUPPORT),
}
#: What signs forms, what seals unlocked Secret Folders, and how long these stay open unused.
_KEYS = (b"k" * 32, b"r" * 32, timedelta(minutes=10))
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Browser:
    """One browser: keeps its cookies, and sends forms with the token their page carries."""

    client: FlaskClient
    base_url: str = "http://localhost/"
    headers: dict[str, str] = field(default_factory=lambda: {"Accept-Language": "en"})

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=self.base_url, headers={**self.headers, **headers})

    def token(self, page: str = "/help/") -> str:
        """Return the form token a page carries."""
        found = _TOKEN.search(self.get(page).text)
        assert found is not None
        return unescape(found[1])

    def post(self, path: str, data: Mapping[str, object] | None = None, *, token: str | None = None) -> TestResponse:
        """Send a form."""
        form = {"csrf_token": self.token() if token is None else token, **(data or {})}
        return self.client.post(
            path, base_url=self.base_url, data=form, headers={**self.headers, "Referer": self.base_url}
        )

    def sign_in(self, login: str, password: str = PASSWORD, **more: object) -> TestResponse:
        """Sign in."""
        return self.post("/login", {"login_id": login, "password": password, **more})

    def register(self, key: str, name: str = "PC") -> TestResponse:
        """Make this browser a device."""
        return self.post("/login/device", {"device_key": key, "device_name": name, "drive": "1"})


@dataclass
class Site:
    """The pages over a database and objects in memory, with the cast of people above.

    `capacity_bytes` stands in the place of every contract's own, where it is set.
    """

    app: Flask
    parts: Parts
    clock: FrozenClock
    capacity_bytes: int | None = None

    def browser(self, **headers: str) -> Browser:
        """Return a fresh browser."""
        browser = Browser(self.app.test_client())
        browser.headers.update(headers)
        return browser

    def key_for(self, login: str) -> str:
        """Issue a device key."""
        valid_for = timedelta(days=30)
        issued = self.parts.database.write(
            lambda tx: devices.issue_key(tx, login, now=self.clock(), valid_for=valid_for)
        )
        return issued.device_key

    def at_work(self, login: str) -> Browser:
        """Return a browser signed in, and registered as a device where the login's contract asks for one."""
        browser, caller, now = self.browser(), self.caller(login), self.clock()
        cookie = sessions.new_secret()

        def operation(tx: Transaction) -> str:
            device_id = None
            if caller.device_id is not None:
                proofs = Proofs(cookie_hash=secret_hash(cookie))
                added = devices.add_device(
                    tx, caller.contract_id, caller.login, f"{login}'s PC", now=now, proofs=proofs
                )
                device_id = added.device_id
            known = dataclasses.replace(caller, device_id=device_id)
            return sessions.open_session(tx, known, now=now, policy=self.parts.sessions)

        browser.client.set_cookie("azukari-session", self.parts.database.write(operation), domain="localhost")
        browser.client.set_cookie("azukari-device", cookie, domain="localhost")
        return browser

    def caller(self, login: str) -> Caller:
        """Return a login as it stands once it is let in, on PRO with a device of no importance."""
        contract, role = PEOPLE[login]
        wanted = select(logins.c.contract_id, logins.c.id).where(logins.c.login_id == login)
        with self.parts.database.reading() as tx:
            row = tx.execute(wanted).one()
        pro = PLANS.get(contract, "").startswith("pro")
        return Caller(row.contract_id, row.id, login, role, "dev-test" if pro else None, pro=pro)

    def put(self, login: str, path: str, data: bytes = b"x") -> None:
        """Store a file in a login's My Folder."""
        grant = authorize(self.caller(login), FolderType.MY)
        uploads.write(self.parts.files, grant, at(path), BytesIO(data).read, Announced(len(data)))


def found(database: Database, clock: FrozenClock) -> None:
    """Insert the cast."""
    for name, plan in PLANS.items():
        database.write(
            lambda tx, name=name, plan=plan: contracts.sign_up(tx, name, plan, shipped(), at=clock(), now=clock())  # type: ignore[misc]
        )
    for login, (contract, role) in PEOPLE.items():
        people.add_user(database, contract, login, role, now=clock(), password=PASSWORD)
    database.write(lambda tx: people.add_group(tx, "sakura", "eigyo", read=["taro"], write=["hanako"], now=clock()))


def site_on(database: Database, clock: FrozenClock) -> Site:
    """Return the pages over a database that holds the cast."""
    catalogue, journal = shipped(), Journal(database)

    def capacity(cursor: Cursor, contract_id: int, now_us: int) -> int:
        if site.capacity_bytes is not None:
            return site.capacity_bytes
        return contracts.capacity_bytes(cursor, contract_id, catalogue, now_us=now_us)

    def is_pro(cursor: Cursor, contract_id: int) -> bool:
        return contracts.is_pro(cursor, contract_id, catalogue, now_us=clock.us)

    identifier = Identifier(database, is_pro, journal=journal, clock=clock)
    files = FileSystem(database, MemoryStore(), capacity, clock, "azukari")
    acts = GatewayActs(database, catalogue, clock, timedelta(days=30))
    parts = Parts(
        Config(),
        catalogue,
        database,
        files,
        identifier,
        journal,
        acts,
        Health(Config(), database, clock),
        clock,
        b"k" * 32,
        b"r" * 32,
        timedelta(minutes=10),
    )
    pages = _pages()
    pages.extensions[EXTENSION] = parts
    site = Site(pages, parts, clock)
    return site


@functools.cache
def _pages() -> Flask:
    """Return one application for all tests, whose templates are read once; each test gives it its own parts."""
    unused: Any = None
    return app.create(
        Parts(
            Config(),
            shipped(),
            unused,
            unused,
            unused,
            unused,
            unused,
            unused,
            unused,
            b"k" * 32,
            b"r" * 32,
            timedelta(minutes=10),
        )
    )
