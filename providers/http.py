"""What a DAV method gets and gives: a request with its grant, and a response."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_to_bytes

from typing_extensions import Buffer

from auth.access import Grant
from auth.accesslog import Entry
from auth.callers import Caller
from auth.journal import Journal
from auth.transfers import Transfer
from core.errors import InvalidInput
from core.names import split_path
from providers.href import quote_names
from storage.files import FileSystem, Names
from storage.nodes import Node
from storage.sealing import NameCipher

#: Where the folders are mounted below the server's root.
DAV_MOUNT = "dav"

Environ = dict[str, Any]
Headers = list[tuple[str, str]]

_COUNT = re.compile(r"[0-9]{1,18}")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
#: From year 1 to year 9999, less a day for time zones: what HTTP and ISO dates can say.
_FIRST_SECOND, _LAST_SECOND = -62_135_510_400, 253_402_214_400


class Response(NamedTuple):
    """A whole answer. `body` is bytes, or an iterable of blocks that is closed when the client goes away."""

    status: int
    headers: Headers = []  # noqa: RUF012 - a NamedTuple default is never changed, only replaced
    body: bytes | Iterable[Buffer] = b""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the WebDAV front, from config.yaml."""

    propfind_entries: int = 10_000
    xml_bytes: int = 1024 * 1024
    hide_quota_from: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()


class Target(NamedTuple):
    """A path under /dav as a provider understands it: the grant, the names below its root, and its address.

    `names` are the names as they are kept, `shown` as people know them; they differ only in a Secret Folder,
    where `cipher` leads from one to the other.
    """

    grant: Grant
    names: Names
    base_href: str
    shown: Names
    cipher: NameCipher | None = None

    @property
    def href(self) -> str:
        """Return the address of the path, without a trailing slash."""
        return quote_names(self.base_href, self.shown)

    def own(self, node: Node) -> Node:
        """Return the path's own node with its name as people know it; a folder's root is called as its address is."""
        title = self.shown[-1] if self.shown else unquote(self.base_href.rpartition("/")[2])
        return node._replace(name=title)

    def show(self, node: Node) -> Node:
        """Return a node with its name as people know it."""
        return node if self.cipher is None else node._replace(name=self.cipher.open(node.name))


@dataclass(slots=True)
class DavRequest:
    """One WebDAV request, its caller known and its folder open to them."""

    environ: Environ
    method: str
    fs: FileSystem
    limits: Limits
    target: Target
    #: Finds another path of the same caller (the Destination header); raises as authorize does.
    locate: Callable[[Names], Target]
    #: Returns while the caller may go on; asked about once a second of a transfer (R16).
    still_open: Callable[[], None] = lambda: None
    journal: Journal | None = None
    #: Where a MOVE or COPY leads, and what a change wrote into the access log.
    destination: Target | None = None
    written: Entry | None = None

    @property
    def grant(self) -> Grant:
        """Return the grant on the folder the request is about."""
        return self.target.grant

    @property
    def names(self) -> Names:
        """Return the names below the folder's root."""
        return self.target.names

    @property
    def caller(self) -> Caller:
        """Return who is calling."""
        return self.target.grant.caller

    def header(self, name: str) -> str | None:
        """Return a request header by its WSGI name (`HTTP_DEPTH`), or None."""
        value: str | None = self.environ.get(name)
        return value

    def transfer(self, *, sending: bool) -> Transfer:
        """Return what holds for as long as the request's body, or its answer's (`sending`), is on its way (R16)."""
        return Transfer(self.still_open, self.environ.get("azukari.cut"), sending=sending)

    def depth(self, default: str, *allowed: str) -> str:
        """Return the Depth header in lower case. Raises InvalidInput for a value not allowed here."""
        return depth_of(self.environ, default, *allowed)


def depth_of(environ: Environ, default: str, *allowed: str) -> str:
    """Return the Depth header in lower case. Raises InvalidInput for a value not allowed here."""
    depth: str = (environ.get("HTTP_DEPTH") or default).strip().lower()
    if depth not in allowed:
        raise InvalidInput(f"Depth is not one of {', '.join(allowed)}")
    return depth


def count(text: str, what: str) -> int:
    """Return a number of bytes or seconds a header states in plain digits. Raises InvalidInput."""
    if not _COUNT.fullmatch(text):
        raise InvalidInput(f"{what} is not a number")
    return int(text)


def instant_us(seconds: float, what: str) -> int:
    """Return seconds since 1970 as microseconds. Raises InvalidInput where no date can say them."""
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        raise InvalidInput(f"{what} is out of range")
    return round(seconds * 1_000_000)


def announced_bytes(environ: Environ) -> int | None:
    """Return how long the request says its body is; None for a chunked one, which does not say.

    Raises InvalidInput for a Content-Length that is no number.
    """
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    return count(environ.get("CONTENT_LENGTH") or "0", "Content-Length")


def decode_path(path_info: str) -> Names:
    """Return the names of a WSGI path: bytes dressed as Latin-1 (PEP 3333) that must be UTF-8.

    Raises InvalidInput where they are not, InvalidName for names that cannot be kept, `..` among them.
    """
    if path_info.isascii():
        return split_path(path_info)
    try:
        return split_path(path_info.encode("latin-1").decode("utf-8"))
    except UnicodeError:
        raise InvalidInput("the path is not UTF-8") from None


def decode_url_path(path: str) -> Names:
    """Return the names of a percent-encoded path, as the Destination and If headers carry it.

    Bytes beyond ASCII may stand in it as they are. Raises InvalidInput for broken encoding, an encoded slash
    or bytes that are not UTF-8.
    """
    if "%2f" in path.lower():
        raise InvalidInput("an encoded slash cannot be part of a name")
    if _BROKEN_ESCAPE.search(path):
        raise InvalidInput("a percent sign without two hexadecimal digits behind it")
    try:
        return split_path(unquote_to_bytes(path.encode("latin-1")).decode("utf-8"))
    except UnicodeError:
        raise InvalidInput("the path is not percent-encoded UTF-8") from None
