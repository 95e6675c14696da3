"""A firm with two logins behind the WebDAV application, and a client that calls it as a WSGI server would."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote
from wsgiref.validate import validator

import pytest
from lxml import etree
from sqlalchemy import update

from auth import devices, logins
from auth.access import FolderType, Grant
from auth.callers import Caller, Role
from auth.identify import Identifier
from auth.journal import Journal
from auth.line_proof import chain
from auth.lockout import Policy
from core.http import BodyCut
from db.lanes import Transaction
from db.tables import logins as login_rows
from providers.app import DavApp
from providers.folder import FolderProvider, MyFolder
from providers.http import Environ, Limits
from quota.meter import Ledger
from storage import files, nodes, tree
from storage import properties as dead
from storage.files import FileSystem, Names
from storage.nodes import FILE, Node
from storage.objects.memory import MemoryStore
from tests.unit.world import CountingStore, Firm, FrozenClock, ProbedDatabase, found_firm, grant_for, open_folder

DAV = "{DAV:}"
HOST = "drive.example.jp"
SHARED_ROOT = "group/1"


class SharedFolder(FolderProvider):
    """`/dav/group/`: one folder open to every login of the contract, so that two of them can meet."""

    folder = FolderType.GROUP

    def enter(self, caller: Caller, names: Names) -> tuple[Grant, Names]:
        return Grant(caller, self.folder, SHARED_ROOT, may_write=True), names


@dataclass(frozen=True)
class Answer:
    """What came back: header names in lower case, the body whole."""

    status: int
    headers: dict[str, str]
    body: bytes
    blocks: int

    @property
    def xml(self) -> etree._Element:
        return etree.fromstring(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    def hrefs(self) -> list[str]:
        """Return the addresses of a multistatus, decoded."""
        return [unquote(one.findtext(DAV + "href") or "") for one in self.xml.findall(DAV + "response")]

    def properties(self, status: str = "200 OK", response: int = 0) -> dict[str, etree._Element]:
        """Return the properties that one response of a multistatus tells with a status."""
        found = self.xml.findall(DAV + "response")[response].findall(DAV + "propstat")
        return {
            str(prop.tag): prop
            for propstat in found
            if propstat.findtext(DAV + "status") == f"HTTP/1.1 {status}"
            for prop in propstat.iterfind(f"{DAV}prop/*")
        }

    def values(self, response: int = 0) -> dict[str, str]:
        """Return the text of each DAV: property found."""
        found = self.properties(response=response)
        return {tag.removeprefix(DAV): prop.text or "" for tag, prop in found.items()}


class CutBody:
    """A body whose connection breaks after some bytes."""

    def __init__(self, data: bytes, *, raises: bool) -> None:
        self._data, self._raises = BytesIO(data), raises

    def read(self, size: int) -> bytes:
        block = self._data.read(size)
        if not block and self._raises:
            raise BodyCut("connection reset")
        return block

    readline = readlines = __iter__ = None  # the validator wants to see them; nobody may call them


Body = bytes | CutBody


@dataclass(frozen=True)
class Client:
    """One login's device. Paths are given decoded; `scheme` and `address` say over which line it comes."""

    app: Callable[..., Iterable[bytes]]
    user_name: str
    password: str
    scheme: str = "https"
    address: str = "192.0.2.7"

    def __call__(
        self,
        method: str,
        path: str,
        body: Body = b"",
        headers: Mapping[str, str] | None = None,
        *,
        length: str | None = "",
        **more: Any,
    ) -> Answer:
        """Send a request. `length` is the Content-Length, "" for the body's own, None for a chunked body.

        Further keywords are headers: `depth="1"`, `if_match='"x"'`.
        """
        given = dict(headers or {}) | {name.replace("_", "-"): value for name, value in more.items()}
        environ = self._environ(method, path, body, length)
        environ |= {"HTTP_" + name.upper().replace("-", "_"): value for name, value in given.items()}
        return run(self.app, {name: value for name, value in environ.items() if value is not None})

    def _environ(self, method: str, path: str, body: Body, length: str | None) -> Environ:
        token = base64.b64encode(f"{self.user_name}:{self.password}".encode()).decode()
        environ: Environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": "",
            "SERVER_NAME": HOST,
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.address,
            "HTTP_HOST": HOST,
            "HTTP_AUTHORIZATION": f"Basic {token}",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.scheme,
            "wsgi.input": BytesIO(body) if isinstance(body, bytes) else body,
            "wsgi.errors": _Silent(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if length is None:
            environ["HTTP_TRANSFER_ENCODING"] = "chunked"
        elif length or (isinstance(body, bytes) and body):
            environ["CONTENT_LENGTH"] = length or str(len(body))  # type: ignore[arg-type]
        return environ

    def put(self, path: str, data: bytes = b"x", **headers: Any) -> Answer:
        """Store a file and hold the answer to success."""
        answer = self("PUT", path, data, **headers)
        assert answer.status in (201, 204), answer
        return answer

    def mkcol(self, *paths: str) -> None:
        """Create collections."""
        for path in paths:
            assert self("MKCOL", path).status == 201

    def lock(self, path: str, body: bytes = b"", **headers: Any) -> str:
        """Lock a resource exclusively and return the token."""
        answer = self("LOCK", path, body or LOCK_INFO, **headers)
        assert answer.status in (200, 201), answer
        return answer.headers["lock-token"][1:-1]


class _Silent:
    def write(self, _: str) -> None: ...
    def writelines(self, _: list[str]) -> None: ...
    def flush(self) -> None: ...


def run(app: Callable[..., Iterable[bytes]], environ: Environ) -> Answer:
    """Call a WSGI application under the PEP 3333 validator, as a server does, and close its answer."""
    seen: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        return lambda _: None

    # The validator takes no Content-Length that a strict server would refuse; the application must.
    length = environ.get("CONTENT_LENGTH", "0")
    garbage = {} if length.isdigit() else {"CONTENT_LENGTH": environ.pop("CONTENT_LENGTH")}
    blocks = validator(_typed(app, seen, garbage))(environ, start_response)
    try:
        body = list(blocks)
    finally:
        blocks.close()  # type: ignore[attr-defined]
    headers = {name.lower(): value for name, value in seen[0][1]}
    assert len(headers) == len(seen[0][1]), "a header was sent twice"
    if environ["REQUEST_METHOD"] != "HEAD" and "content-length" in headers:
        assert int(headers["content-length"]) == sum(map(len, body))
    return Answer(seen[0][0], headers, b"".join(body), len(body))


def _typed(app: Callable[..., Iterable[bytes]], seen: list[Any], garbage: Environ) -> Callable[..., Iterable[bytes]]:
    """Note the headers as they are, and add the Content-Type that the validator wants even of an empty body."""

    def wrapped(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            seen.append((int(status[:3]), list(headers)))
            typed = status[:3] in ("204", "304") or any(name == "Content-Type" for name, _ in headers)
            return start_response(status, headers if typed else [*headers, ("Content-Type", "text/plain")])

        return app(environ | garbage, start)

    return wrapped


@dataclass
class Office:
    """The firm's rows and bytes, and the application in front of them."""

    firm: Firm
    database: ProbedDatabase
    store: CountingStore
    clock: FrozenClock
    limits: Limits
    passwords: dict[str, str]

    def app(self, *, basic_over_http: bool = False, policy: Policy = Policy(), **limits: Any) -> DavApp:  # noqa: B008
        """Return the application with My Folders and one that two logins share."""
        return self.mounted(MyFolder(), SharedFolder(), basic_over_http=basic_over_http, policy=policy, **limits)

    def mounted(
        self,
        *folders: FolderProvider,
        basic_over_http: bool = False,
        policy: Policy = Policy(),  # noqa: B008
        verifiers: Sequence[str] = (),
        journal: Journal | None = None,
        **limits: Any,
    ) -> DavApp:
        """Return the application with these folder types, as gateway/service.py wires it."""
        identifier = Identifier(
            self.database,
            lambda _, __: True,
            verifiers=chain(verifiers),
            policy=policy,
            journal=journal,
            clock=self.clock,
        )
        bounds = replace(self.limits, **limits)
        return DavApp(self.firm.fs, identifier, folders, bounds, basic_over_http=basic_over_http, journal=journal)

    def client(self, login_id: str, **settings: Any) -> Client:
        """Return a device of a login; settings are the application's."""
        return Client(self.app(**settings), login_id, self.passwords[login_id])

    def fill(self, collection: Names, names: Iterable[str], properties: Mapping[str, str] | None = None) -> None:
        """Put files of ten bytes into a collection of hanako's folder, as rows alone."""

        def operation(tx: Transaction) -> None:
            contract_id, now_us = self.firm.contract_id, self.clock.us
            ledger = Ledger.open(tx.cursor, contract_id)
            place = nodes.resolve(tx.cursor, contract_id, self.firm.grant.root, collection).node
            assert place is not None
            for name in names:
                node = Node(ledger.take_ids(), place.id, name, FILE, 10, "0" * 32, now_us, now_us, now_us)
                tree.add_node(tx.cursor, contract_id, node)
                dead.write(tx.cursor, contract_id, node.id, properties or {})
            ledger.save()

        self.database.write(operation)
        self.database.probe.reset()

    def become(self, login_id: str, role: str) -> None:
        """Give a login another role."""
        change = update(login_rows).where(login_rows.c.login_id == login_id).values(role=role)
        self.database.write(lambda tx: tx.execute(change))

    def sql(self) -> list[str]:
        """Return the statements since the last call."""
        seen = self.database.probe.own
        self.database.probe.reset()
        return seen


LOCK_INFO = (
    b'<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
    b"<D:locktype><D:write/></D:locktype><D:owner><D:href>hanako@example.jp</D:href></D:owner></D:lockinfo>"
)
SHARED_LOCK_INFO = LOCK_INFO.replace(b"exclusive", b"shared")


def asking(*names: str) -> bytes:
    """Return a propfind body for DAV: properties."""
    return (
        f'<D:propfind xmlns:D="DAV:"><D:prop>{"".join(f"<D:{name}/>" for name in names)}</D:prop></D:propfind>'.encode()
    )


def setting(**values: str) -> bytes:
    """Return a propertyupdate body that sets properties of the namespace `urn:x`."""
    return updating("set", "urn:x", values)


def updating(verb: str, namespace: str, values: Mapping[str, str]) -> bytes:
    """Return a propertyupdate body that sets or removes properties."""
    inner = "".join(f"<P:{name}>{value}</P:{name}>" for name, value in values.items())
    return (
        f'<D:propertyupdate xmlns:D="DAV:" xmlns:P="{namespace}"><D:{verb}><D:prop>{inner}</D:prop></D:{verb}>'
        "</D:propertyupdate>"
    ).encode()


class Premises(NamedTuple):
    """An SQLite file with the firm in it, and its people's device passwords."""

    path: Path
    passwords: dict[str, str]


@pytest.fixture(scope="session")
def premises(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Premises:
    """Return a firm of two logins, to be copied for every test."""
    path = tmp_path_factory.mktemp("premises") / "azukari.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    database, clock = ProbedDatabase(f"sqlite:///{path}"), FrozenClock()
    firm = found_firm(database, MemoryStore(), clock)
    passwords = {}

    def people(tx: Transaction) -> None:
        for number, login_id in enumerate(("hanako", "taro"), 1):
            logins.add_login(tx, firm.contract_id, number, login_id, Role.USER, "none", now=clock())
            device = devices.add_device(tx, firm.contract_id, number, "PC", now=clock())
            passwords[login_id] = device.dav_password
        files.ensure_root(tx, firm.contract_id, SHARED_ROOT, now_us=clock.us)

    open_folder(firm, 2)
    database.write(people)
    database.dispose()
    return Premises(path, passwords)


@pytest.fixture
def office(premises: Premises, tmp_path: Path, clock: FrozenClock) -> Iterator[Office]:
    """Yield the firm on a database of its own, with objects in memory."""
    with opened_office(premises, tmp_path, clock) as opened:
        yield opened


@contextmanager
def opened_office(premises: Premises, folder: Path, clock: FrozenClock) -> Iterator[Office]:
    """Yield the firm on a copy of its database in a folder, and close it afterwards."""
    path = folder / "azukari.sqlite3"
    path.write_bytes(premises.path.read_bytes())
    database, store, grant = ProbedDatabase(f"sqlite:///{path}"), CountingStore(MemoryStore()), grant_for(1)
    room = {grant.caller.contract_id: 1 << 40}
    fs = FileSystem(database, store, lambda _, contract_id, __: room[contract_id], clock, "azukari")
    firm = Firm(fs, grant, store, clock, room)
    yield Office(firm, database, store, clock, Limits(), premises.passwords)
    database.dispose()


@pytest.fixture
def hanako(office: Office) -> Client:
    """Return hanako's device."""
    return office.client("hanako")


@pytest.fixture
def taro(office: Office) -> Client:
    """Return taro's device."""
    return office.client("taro")
