"""Folders and files at the gateway, as a backup needs them: list, make, put (RFC 4918)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from lxml import etree

from agent.answers import refusal, words
from agent.upstream import Answer, Gateway, Headers, Target
from core.errors import ToolFailed
from core.signing import canonical_path

Names = tuple[str, ...]
#: Name → size in bytes and modification time in seconds since 1970.
Listing = dict[str, tuple[int, int]]

_DAV = "{DAV:}"
_ASK = (
    b'<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop>'
    b"<D:resourcetype/><D:getcontentlength/><D:getlastmodified/></D:prop></D:propfind>"
)
#: What no other file would fare better with: closed device, closed folder, full contract.
_FATAL = frozenset((401, 403, 429, 507))
_TRIES = 3
_LONGEST_WAIT_SECONDS = 30.0


class Remote:
    """The gateway's folders for one run."""

    def __init__(self, gateway: Gateway, language: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._gateway = gateway
        self._language = language.encode()
        self._sleep = sleep

    def make_parents(self, names: Names) -> None:
        """Make the folders that lead to a target. Raises ToolFailed where the folder type is closed."""
        answer, body = self._ask(Target("PROPFIND", _path(names[:1])), [(b"Depth", b"0")])
        if answer.status != 207:
            message = words(body, self._language.decode())
            raise ToolFailed("agent.target_closed", path="/".join(names), status=answer.status, message=message)
        for depth in range(2, len(names) + 1):
            self._make(names[:depth])

    def open_folder(self, names: Names) -> Listing:
        """Return the files of a folder by name; it is made where it was missing. Raises ToolFailed."""
        path = _path(names)
        with self._gateway.send(
            Target("PROPFIND", path),
            [*self._common(), (b"Depth", b"1"), (b"Content-Length", str(len(_ASK)).encode())],
            [_ASK],
        ) as answer:
            if answer.status == 207:
                return _listing(answer.blocks)
            refused, body = answer, answer.body()
        if refused.status != 404:
            raise self._refusal(refused, body)
        self._make(names)
        return {}

    def put(self, names: Names, blocks: Callable[[], Iterable[bytes]], size_bytes: int, mtime_seconds: int) -> None:
        """Store a file with its modification time; `blocks` gives its bytes, anew where it has to be tried again.

        Raises ToolFailed, and what `blocks` raises.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                answer, body = self._put(names, blocks(), size_bytes, mtime_seconds)
            except ToolFailed as error:
                if attempt == _TRIES or error.message_id != "agent.unreachable":
                    raise
                self._sleep(float(attempt))
                continue
            if answer.status in (200, 201, 204):
                return
            if answer.status != 503 or attempt == _TRIES:
                raise self._refusal(answer, body)
            self._sleep(_wait_seconds(answer))

    def _put(self, names: Names, blocks: Iterable[bytes], size_bytes: int, mtime_seconds: int) -> tuple[Answer, bytes]:
        headers = [
            *self._common(),
            (b"Content-Length", str(size_bytes).encode()),
            (b"X-OC-Mtime", str(mtime_seconds).encode()),
        ]
        with self._gateway.send(Target("PUT", _path(names)), headers, blocks if size_bytes else None) as answer:
            return answer, answer.body()

    def is_fatal(self, failure: ToolFailed) -> bool:
        """Return whether going on with other files makes no sense."""
        facts = failure.facts()
        return failure.message_id in ("agent.unreachable", "agent.refused_device") or facts.get("status") in _FATAL

    def _make(self, names: Names) -> None:
        answer, body = self._ask(Target("MKCOL", _path(names)), [])
        if answer.status not in (201, 405):
            raise self._refusal(answer, body)
        if answer.status == 405 and not self._is_folder(names):
            raise self._refusal(answer, body)

    def _is_folder(self, names: Names) -> bool:
        answer, _ = self._ask(Target("HEAD", _path(names) + "/"), [])
        return answer.status == 200

    def _ask(self, target: Target, headers: Headers) -> tuple[Answer, bytes]:
        """Return an answer; one that says "later" is waited for."""
        for attempt in range(1, _TRIES + 1):
            answer, body = self._gateway.ask(target, [*self._common(), *headers])
            if answer.status != 503 or attempt == _TRIES:
                break
            self._sleep(_wait_seconds(answer))
        return answer, body

    def _common(self) -> Headers:
        return [(b"Accept-Language", self._language), (b"User-Agent", b"azukari-agent")]

    def _refusal(self, answer: Answer, body: bytes) -> ToolFailed:
        return refusal(answer, body, self._language.decode())


def _wait_seconds(answer: Answer) -> float:
    later = answer.header("Retry-After") or ""
    return min(float(later) if later.isdigit() else 1.0, _LONGEST_WAIT_SECONDS)


def _path(names: Names) -> str:
    return canonical_path("/".join(("/dav", *names)).encode())


def _listing(blocks: Iterable[bytes]) -> Listing:
    """Return the files of a multistatus answer; read as it comes, since a folder may have a million."""
    parser = etree.XMLPullParser(("end",), tag=f"{_DAV}response", resolve_entities=False, no_network=True)
    listing: Listing = {}
    try:
        for block in blocks:
            parser.feed(block)
            for _, response in parser.read_events():
                if isinstance(response, etree._Element):
                    listing.update(_file(response))
                    response.clear()
        parser.close()
    except etree.XMLSyntaxError:
        raise ToolFailed("agent.refused", status=207, message="XML") from None
    return listing


def _file(response: etree._Element) -> Iterator[tuple[str, tuple[int, int]]]:
    size, modified = response.findtext(f".//{_DAV}getcontentlength"), response.findtext(f".//{_DAV}getlastmodified")
    if response.find(f".//{_DAV}collection") is not None or size is None or modified is None:
        return
    path = unquote(urlsplit(response.findtext(f"{_DAV}href") or "").path)
    yield path.rpartition("/")[2], (int(size), int(parsedate_to_datetime(modified).timestamp()))
