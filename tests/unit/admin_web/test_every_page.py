"""Every page: looked at by a browser, framed by nobody, asked for with few statements, and its owner's alone.

Pages and addresses are found in the templates and in the URL map, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from auth import devices
from auth.callers import Role
from db.tables import metadata
from gateway import people
from tests.unit.admin_web.cast import PEOPLE, Browser, Site, site_on
from tests.unit.world import FrozenClock, ProbedDatabase
from tests.web import pages

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = ROOT / "admin_web" / "templates"
_PAGE = re.compile(r"\s*({% extends|<!doctype)")

#: What no id hides in: any value is a caller's own choice.
CHOICES = {"act": "lock", "by": "code", "month": "2026-04", "code": "pro-10"}
#: Addresses with ids of features that have tests of their own: the part of the pages, and the file that holds it.
ELSEWHERE = {
    "board": "test_board.py", "calendar": "test_calendar.py", "contests": "test_contests.py",
    "public": "test_public.py", "publications": "test_publications.py", "received": "test_received.py",
    "shares": "test_shares.py", "tokens": "test_tokens.py", "transfers": "test_transfers.py",
    "uploads": "test_uploads.py",
}  # fmt: skip
#: Answers that are no page: bytes, downloads, what a script asks.
NO_PAGES = {"browse.raw", "browse.archive", "incoming.room", "static", "bootstrap.static"}
#: What forms ask for, all in one.
FORM = {"name": "made", "do": "copy", "into": "my", "pick": "own.txt", "plan": "free-5", "asked_by": "x", "size": "0"}
#: A page asks at most so many statements, whatever the contract holds.
MOST_STATEMENTS = 30


def _templates() -> set[str]:
    """Return the templates that are pages, not parts of pages."""
    found = {str(path.relative_to(TEMPLATES)): path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")}
    return {name for name, text in found.items() if name != "layout.html" and _PAGE.match(text)}


def test_every_page_is_looked_at_by_a_browser() -> None:
    own = {
        *pages.OF_STRANGERS, *pages.OF_USERS, *pages.OF_ADMINISTRATORS, *pages.OF_STAFF, *pages.OF_SUPPORT,
        *pages.ON_THE_WAY,
    }  # fmt: skip
    assert _templates() - own - pages.IN_STORIES.keys() == set()
    assert (own | pages.IN_STORIES.keys()) - _templates() == set()


def test_a_story_that_is_said_to_look_at_a_page_does_so() -> None:
    for name in set(pages.IN_STORIES.values()):
        assert "require_no_barriers()" in (ROOT / "tests" / "web" / name).read_text(encoding="utf-8"), name


@pytest.fixture
def ids(site: Site) -> dict[str, str]:
    """Return what sakura has, by the name addresses have for it: files, a device, a key, a login."""
    hanako = site.at_work("hanako")
    hanako.post("/files/upload/group/eigyo", {"files": [(BytesIO(b"ours"), "own.txt")]})
    site.key_for("hanako")
    with site.parts.database.reading() as tx:
        contract_id = site.caller("hanako").contract_id
        device = next(one for one in devices.list_devices(tx, contract_id) if one.login_id == "hanako")
        [key] = devices.list_keys(tx, contract_id)
    return {
        "where": "group/eigyo/own.txt", "device_id": device.device_id, "key_id": key.key_id, "login_id": "hanako",
        "name": "sakura", **CHOICES,
    }  # fmt: skip


def _rules(site: Site) -> list[Rule]:
    """Return the rules of the pages; the API has its own tests."""
    rules = [one for one in site.app.url_map.iter_rules() if not one.rule.startswith("/api/")]
    return [one for one in rules if one.endpoint not in NO_PAGES]


def _address(rule: Rule, ids: dict[str, str]) -> str:
    return re.sub(r"<(?:[^<>:]*:)?(\w+)>", lambda found: ids[found[1]], rule.rule)


def _owner(rule: Rule) -> str | None:
    """Return whose pages a rule is of; None for everybody's."""
    known = {"admin": "sakura-admin", "operator": "operator", "support": "support", "files": "hanako"}
    return known.get(rule.rule.split("/")[1])


def test_every_address_with_an_id_has_a_test(site: Site, ids: dict[str, str]) -> None:
    for rule in _rules(site):
        if rule.arguments - ids.keys():
            part = rule.endpoint.partition(".")[0]
            assert part in ELSEWHERE, f"{rule.rule}: no test asks for another's {rule.arguments - ids.keys()}"
            held = (Path(__file__).parent / ELSEWHERE[part]).read_text(encoding="utf-8")
            assert re.search("momiji|stranger|another|anybody", held), ELSEWHERE[part]


def _everything(site: Site) -> dict[str, list[Any]]:
    """Return every row that a stranger could have changed."""
    passing = ("access_log", "access_log_heads", "failures", "web_sessions", "devices")
    with site.parts.database.reading() as tx:
        return {
            table.name: sorted(map(tuple, tx.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name not in passing
        }


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_nobody_reaches_by_an_id_what_is_anothers(site: Site, ids: dict[str, str], login: str) -> None:
    browser, before = site.at_work(login), _everything(site)
    token = browser.token()
    asked = 0
    for rule in _rules(site):
        hides = rule.arguments - CHOICES.keys()
        members = login == "taro" and "where" in hides  # reads what is hanako's to write
        if not hides or hides - ids.keys() or _owner(rule) in (login, None) or members:
            continue
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = _ask(browser, method, _address(rule, ids), token)
            asked += 1
            assert answer in (303, 403, 404), f"{method} {rule.rule}: {answer}"
    assert asked > 8
    assert _everything(site) == before
    with site.parts.database.reading() as tx:
        assert devices.describe(tx, ids["device_id"]).state == "registered"


def _ask(browser: Browser, method: str, address: str, token: str) -> int:
    if method == "GET":
        answer = browser.get(address)
        # A listing that was moved away leads to the login page or to the device key, never to what was asked for.
        assert answer.status_code != 303 or "/login" in answer.location, address
    else:
        answer = browser.post(address, FORM, token=token)
        assert answer.status_code != 303 or "/login" in answer.location, address
    return answer.status_code


def _readable(site: Site, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the addresses of pages with someone who may read them."""
    for rule in _rules(site):
        if "GET" in (rule.methods or set()) and not rule.arguments - ids.keys():
            yield _address(rule, ids), _owner(rule) or "hanako"


def test_no_page_can_be_framed_or_runs_what_is_not_ours(site: Site, ids: dict[str, str]) -> None:
    browsers = {login: site.at_work(login) for login in ("hanako", "sakura-admin", "operator", "support")}
    looked_at = 0
    for address, login in _readable(site, ids):
        answer = browsers[login].get(address)
        assert answer.status_code in (200, 303, 400, 404), address
        assert answer.headers["X-Frame-Options"] == "DENY", address
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, address
        assert "frame-ancestors 'none'" in policy, address
        assert "unsafe" not in policy, address
        if answer.mimetype == "text/html":
            assert not re.search(r"<script(?![^>]*(?:src=|application/json))", answer.text), address
            assert not re.search(r"<[^>]*\s(?:style|on\w+)=", answer.text), address
            looked_at += 1
    assert looked_at > 40


@pytest.fixture
def probed(cast_template: Path, tmp_path: Path, clock: FrozenClock) -> Iterator[tuple[Site, ProbedDatabase]]:
    """Yield the pages over a database that counts its statements."""
    path = tmp_path / "probed.sqlite3"
    shutil.copyfile(cast_template, path)
    database = ProbedDatabase(f"sqlite:///{path}")
    yield site_on(database, clock), database
    database.dispose()


def _statements(site: Site, database: ProbedDatabase, ids: dict[str, str]) -> dict[str, int]:
    browsers = {login: site.at_work(login) for login in ("hanako", "sakura-admin", "operator", "support")}
    found = {}
    for address, login in _readable(site, ids):
        browsers[login].get(address)  # what is written down once a minute is written now
        database.probe.reset()
        browsers[login].get(address)
        found[address] = len(database.probe.own)
    return found


def test_a_page_asks_no_more_of_a_contract_that_holds_more(probed: tuple[Site, ProbedDatabase]) -> None:
    site, database = probed
    site.put("hanako", "own.txt", b"mine")
    ids = {"where": "my", "login_id": "hanako", "name": "sakura", **CHOICES}
    few = _statements(site, database, ids)
    for number in range(12):
        people.add_user(database, "sakura", f"user-{number}", Role.USER, now=site.clock(), password="x" * 12)
        name = f"group-{number}"
        site.parts.acts.add_group("sakura", name, by="sakura-admin")
        site.parts.acts.set_member("sakura", name, "hanako", may_write=True, by="sakura-admin")
        site.put("hanako", f"{number}.txt")
        site.key_for("hanako")
        site.at_work("hanako")
    many = _statements(site, database, ids)
    assert {address: (few[address], count) for address, count in many.items() if count > few[address]} == {}
    assert {address: count for address, count in many.items() if count > MOST_STATEMENTS} == {}
