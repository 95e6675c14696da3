"""The access matrix at the door: place × device × line × client × role × method, each cell's answer stated here.

`tests/unit/auth/test_access.py` holds the decision alone; this one holds that every method of every folder type
asks for it, and what the caller hears.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import delete, update

from auth import devices, groups, lines, logins, secret_folders
from auth.access import FolderType, folder_root
from auth.callers import Caller, Role
from auth.passwords import hash_password
from auth.presented import LINE_SESSION_HEADER, Presented
from core import messages
from db import tables
from db.lanes import Transaction
from providers.app import DavApp
from providers.folder import GroupFolders, MyFolder, SecretFolder, SecurityFolder
from storage import files
from tests.unit.providers.conftest import LOCK_INFO, Answer, Client, Office, Premises, opened_office, setting
from tests.unit.world import FrozenClock

#: The first row that fits a cell decides; `*` is every value, `|` either.
RULES = """
device         role           place                  line        client  outcome
locked|revoked *              *                      *           *       not.authenticated
*              operator       *                      *           *       access.denied
*              support        *                      *           *       access.denied
*              *              security               no-line     *       not.found
*              *              security               *           phone   line.phone
*              *              security               no-tool     pc      line.tool_missing
*              *              security               no-network  pc      line.network_missing
*              *              security               no-edge     pc      line.edge_missing
*              *              security               proven      pc      write
none           *              *                      *           *       device.required
registered     *              my                     *           *       write
registered     *              group/writes           *           *       write
registered     *              group/reads            *           *       read
registered     *              group/strangers        *           *       not.found
registered     *              secret-open            *           *       write
registered     *              secret-shut            *           *       not.found
"""
_RULES = [line.split() for line in RULES.strip().splitlines()[1:]]

DEVICES = ("none", "registered", "locked", "revoked")
ROLES = ("administrator", "user", "operator", "support")
PLACES = ("my", "group/writes", "group/reads", "group/strangers", "security", "secret-open", "secret-shut")
LINES = ("no-line", "proven", "no-tool", "no-network", "no-edge")
CLIENTS = {"pc": "rclone/v1.75", "phone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148"}

REFUSED = {
    "not.authenticated": 401,
    "device.required": 401,
    "access.denied": 403,
    "not.found": 404,
    **{f"line.{why}": 403 for why in ("phone", "tool_missing", "network_missing", "edge_missing")},
}
#: Every method once or more, in an order in which each finds what it needs; `kept` is there from the beginning.
#: Then: what a writer hears and what a reader hears, who has no lock to release.
METHODS = """
GET        kept   200  200
HEAD       kept   200  200
PROPFIND   kept   207  207
MKCOL      d      201  403
PUT        d/f    201  403
PROPPATCH  kept   207  403
LOCK       kept   200  403
UNLOCK     kept   204  409
COPY       kept   201  403
MOVE       kept   201  403
PUT        kept   201  403
DELETE     c      204  403
DELETE     m      204  403
DELETE     d      204  403
"""
_METHODS = [line.split() for line in METHODS.strip().splitlines()]
_DESTINATIONS = {"COPY": "c", "MOVE": "m"}
_BODIES = {"PUT": b"1", "PROPPATCH": setting(colour="blue"), "LOCK": LOCK_INFO}

PASSWORD = "correct horse battery staple"
SECRET = "open sesame"
RUN_KEY = bytes(32)
ON_LINE, ELSEWHERE = "192.0.2.7", "198.51.100.1"
HOUR = timedelta(hours=1)


def outcome_of(cell: tuple[str, ...]) -> str:
    """Return what the rules say of a cell (device, role, place, line, client)."""
    return next(row[-1] for row in _RULES if _fits(row, cell))


def _fits(row: list[str], cell: tuple[str, ...]) -> bool:
    return all(word == "*" or value in word.split("|") for word, value in zip(row, cell, strict=False))


def test_every_cell_has_its_rule_and_every_rule_its_cell() -> None:
    used = set()
    for cell in itertools.product(DEVICES, ROLES, PLACES, LINES, CLIENTS):
        used.add(next(at for at, row in enumerate(_RULES) if _fits(row, cell)))
    assert used == set(range(len(_RULES)))


@dataclass
class Door:
    """A firm with every place a path can lead to, each with its file `kept`; hanako stands before it."""

    office: Office
    caller: Caller
    device: str
    line: str
    token: str = ""

    @property
    def _number(self) -> int:
        return self.office.firm.contract_id

    def equip(self) -> None:
        """Make the places and what is in them, by a device and a line that are in order."""
        database, now = self.office.database, self.office.clock()

        def people(tx: Transaction) -> None:
            logins.set_password(tx, self._number, 1, hash_password(PASSWORD))
            for number, name in enumerate(("writes", "reads", "strangers"), 70):
                groups.add_group(tx, self._number, number, name, now=now)
                groups.set_member(tx, self._number, number, "hanako", may_write=True)
                files.ensure_root(tx, self._number, folder_root(FolderType.GROUP, number), now_us=self.office.clock.us)
            for folder in (FolderType.SECRET, FolderType.SECURITY):
                files.ensure_root(tx, self._number, folder_root(folder, 1), now_us=self.office.clock.us)

        database.write(people)
        secret_folders.create(database, self.caller, SECRET, now=now)
        secret_folders.unlock(database, self.caller, SECRET, RUN_KEY, now=now)
        self.prove("proven")
        client = Client(self.app("network"), "hanako", self.office.passwords["hanako"], address=ON_LINE)
        for place in PLACES[:-1]:
            client.put(f"/dav/{path_of(place)}/kept", b"kept", headers=self.shown("pc"))

    def prove(self, line: str) -> None:
        """Give the contract its line, or none, and open a session where the state has one."""
        database, now = self.office.database, self.office.clock.advance(minutes=1)

        def operation(tx: Transaction) -> str:
            for table in (tables.line_sessions, tables.line_networks, tables.lines):
                tx.execute(delete(table))
            if line == "no-line":
                return ""
            networks = [] if line == "no-edge" else ["192.0.2.0/24"]
            added = lines.add_line(tx, self._number, "office", networks, now=now)
            if line == "no-tool":
                return ""
            code, shown = pyotp.TOTP(added.tool_secret).at(now), Presented(address=address_at(line))
            opened = lines.open_session(tx, self.caller, added.line_id, code, shown, None, now=now, valid_for=HOUR)
            return opened.token

        self.token = database.write(operation)

    def app(self, verifier: str) -> DavApp:
        """Return the application with every folder type."""
        database = self.office.database
        secret = SecretFolder(database, RUN_KEY, idle=HOUR, clock=self.office.clock)
        return self.office.mounted(
            MyFolder(), GroupFolders(database), secret, SecurityFolder(), verifiers=[verifier]
        )  # fmt: skip

    def settle(self) -> None:
        """Bring device, memberships and line into the state asked about."""

        def operation(tx: Transaction) -> None:
            groups.set_member(tx, self._number, 71, "hanako", may_write=False)
            groups.set_member(tx, self._number, 72, "hanako", may_write=None)
            state = "registered" if self.device == "none" else self.device
            tx.execute(update(tables.devices).values(state=state))
            tx.execute(update(tables.unlocked_folders).values(used_at=self.office.clock()))

        self.office.database.write(operation)
        self.prove(self.line)

    def leave_the_secret_alone(self) -> None:
        """Let the Secret Folder close by itself."""
        long_ago = self.office.clock() - 2 * HOUR
        self.office.database.write(lambda tx: tx.execute(update(tables.unlocked_folders).values(used_at=long_ago)))

    def shown(self, client: str) -> dict[str, str]:
        """Return the headers a client of this kind sends."""
        agent = {"User-Agent": CLIENTS[client]}
        return agent | {LINE_SESSION_HEADER: self.token} if self.token else agent

    def ask(self, cell: tuple[str, ...], app: DavApp) -> Iterator[tuple[str, int, Answer]]:
        """Send every method in one cell; yield it with the status of a writer or reader, and the answer."""
        device, _, place, line, client = cell
        password = PASSWORD if device == "none" else self.office.passwords["hanako"]
        send = Client(app, "hanako", password, address=address_at(line))
        base, token = f"/dav/{path_of(place)}", "urn:uuid:none"
        for method, name, as_writer, as_reader in _METHODS:
            headers = self.shown(client) | {"Accept-Language": "en"}
            if method in _DESTINATIONS:
                headers["Destination"] = f"{base}/{_DESTINATIONS[method]}"
            if method == "PROPFIND":
                headers["Depth"] = "0"
            if method == "UNLOCK":
                headers["Lock-Token"] = f"<{token}>"
            answer = send(method, f"{base}/{name}", _BODIES.get(method, b""), headers)
            token = answer.headers.get("lock-token", f"<{token}>")[1:-1]
            yield method, int(as_writer if outcome_of(cell) == "write" else as_reader), answer


def path_of(place: str) -> str:
    """Return where a place is below `/dav/`."""
    return place.partition("-")[0]


def address_at(line: str) -> str:
    """Return the address a caller in this line state comes from."""
    return ELSEWHERE if line == "no-network" else ON_LINE


@pytest.fixture(scope="module")
def equipped(premises: Premises, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Yield the firm with everything in it."""
    with opened_office(premises, tmp_path_factory.mktemp("matrix"), FrozenClock()) as office:
        with office.database.reading() as tx:
            found = {one.login_id: one.device_id for one in devices.list_devices(tx, office.firm.contract_id)}
        caller = Caller(office.firm.contract_id, 1, "hanako", Role.USER, found["hanako"], pro=True)
        made = Door(office, caller, "registered", "proven")
        made.equip()
        yield made


@pytest.fixture
def door(equipped: Door, device: str, line: str) -> Door:
    """Return the firm with its device and line in one of their states."""
    made = replace(equipped, device=device, line=line)
    made.settle()
    return made


def wrong_answers(cell: tuple[str, ...], answers: Iterator[tuple[str, int, Answer]]) -> list[tuple[object, ...]]:
    """Return the answers of a cell that are not what the rules say."""
    outcome = outcome_of(cell)
    found: list[tuple[object, ...]] = []
    for method, status, answer in answers:
        expected = REFUSED.get(outcome, status)
        said = outcome if outcome in REFUSED else "access.read_only"
        silent = expected < 300 or expected == 409 or method == "HEAD"
        if answer.status != expected or not (silent or is_told(said, answer)):
            found.append((*cell, method, expected, answer.status, answer.text[-120:]))
    return found


def is_told(message_id: str, answer: Answer) -> bool:
    """Return whether a person reads the text that belongs to the refusal."""
    return messages.text(message_id, "en") in answer.text


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("device", DEVICES)
def test_r12_r16_r17_r18_r22_every_cell_is_answered_as_stated(door: Door, device: str, line: str) -> None:
    app = door.app("edge" if line == "no-edge" else "network")
    wrong = []
    for place, role in itertools.product(PLACES, ROLES):
        door.office.become("hanako", role)
        if place == "secret-shut":
            door.leave_the_secret_alone()
        for client in CLIENTS:
            cell = (device, role, place, line, client)
            wrong += wrong_answers(cell, door.ask(cell, app))
    assert not wrong, "\n".join(map(str, wrong[:20]))
