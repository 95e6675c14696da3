"""A browser, and people who sit before it; every page they open is watched for errors and barriers."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.product import Product

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Where pictures of the main pages go; nowhere unless it is given.
PICTURES = os.environ.get("AZUKARI_PICTURES")
_PHONE = {"width": 360, "height": 740}
_PC = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Yield a product of our own, on cheroot; HTTP itself is held on both servers by tests/http."""
    with Product(tmp_path_factory.mktemp("web") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Yield Debian's Chromium."""
    if not CHROMIUM.exists():
        if os.environ.get("AZUKARI_REQUIRE_ALL"):
            pytest.fail("Chromium is not installed: apt-get install chromium")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@dataclass
class Person:
    """Someone at a browser window. `troubles` gathers what the browser complains of."""

    product: Product
    context: BrowserContext
    page: Page
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open an address of the product."""
        self.page.goto(self.product.base_url + path)

    def sign_in(self, login: str) -> None:
        """Sign in on the login page."""
        self.open("/login")
        self.page.fill("#login_id", login)
        self.page.fill("#password", self.product.logins[login].password)
        self.page.press("#password", "Enter")
        self.page.wait_for_url(re.compile(r"^(?!.*/login$)"))

    def register(self, key: str, name: str) -> str:
        """Enter a device key; return the drive's password as the page shows it."""
        self.open("/login/device")
        self.page.fill("#device_key", key)
        self.page.fill("#device_name", name)
        self.page.press("#device_name", "Enter")
        return self.page.inner_text("#dav-password")

    def issue_key(self, login: str) -> str:
        """As the administrator, issue a key and read it off its slip."""
        self.open("/admin/devices/")
        self.page.select_option("#login_id", login)
        self.page.locator("form:has(#login_id) button").click()
        return self.page.inner_text("#device-key")

    def require_no_barriers(self) -> None:
        """Fail where axe-core finds a violation, or the page is wider than its window."""
        found = Axe().run(self.page).response["violations"]
        told = [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
        assert told == [], self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.page.viewport_size["width"]  # type: ignore[index]

    def picture(self, name: str) -> None:
        """Keep a picture of the page for the documentation, where these are asked for."""
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{name}.png")


Enter = Callable[..., Person]


@pytest.fixture
def enter(chromium: Browser, product: Product) -> Iterator[Enter]:
    """Yield a function that seats a person before a fresh browser; at the end no page may have complained."""
    seated: list[Person] = []

    def seat(*, language: str = "ja-JP", phone: bool = False, script: bool = True) -> Person:
        context = chromium.new_context(
            locale=language,
            viewport=_PHONE if phone else _PC,  # type: ignore[arg-type]
            java_script_enabled=script,
        )
        person = Person(product, context, context.new_page())
        person.page.on("console", lambda said: _note(person, said))
        person.page.on("pageerror", lambda error: person.troubles.append(str(error)))
        seated.append(person)
        return person

    yield seat
    for person in seated:
        person.context.close()
    assert [person.troubles for person in seated if person.troubles] == []


@pytest.fixture
def hanako(enter: Enter, admin: Person) -> Person:
    """Return hanako at a PC that is one of her devices."""
    person = enter()
    person.sign_in("hanako")
    person.register(admin.issue_key("hanako"), "花子のノートPC")
    return person


@pytest.fixture
def admin(enter: Enter) -> Person:
    """Return sakura's administrator, signed in."""
    person = enter()
    person.sign_in("sakura-admin")
    return person


def _note(person: Person, said: ConsoleMessage) -> None:
    # A refusal that a story asks for is told here too; policies broken and script errors are what counts.
    if said.type in ("error", "warning") and "the server responded with a status of" not in said.text:
        person.troubles.append(said.text)
