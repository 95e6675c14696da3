"""Conditions of a request: If-Match and its kin (RFC 9110 §13), and WebDAV's If (RFC 4918 §10.4)."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from core.errors import GatewayError, InvalidInput, PreconditionFailed
from db.statements import Cursor
from providers.destination import is_own_host
from providers.errors import DavRefusal
from providers.http import DavRequest, decode_url_path
from providers.records import record_of
from storage import locks, nodes
from storage.files import Conditions
from storage.locks import Lock
from storage.nodes import Node, Place

_SECOND = 1_000_000
_TAGS = re.compile(r'\s*(?:\*|(?:W/)?"[^"]*"(?:\s*,\s*(?:W/)?"[^"]*")*)\s*,?\s*')
_TAG = re.compile(r'(W/)?("[^"]*")')
_IF_PART = re.compile(r"\s*(?:<(?P<url>[^>]*)>|\((?P<list>[^()]*)\))")
_IF_ITEM = re.compile(r"\s*(?P<negated>Not\s+|Not(?=[<\[]))?(?:<(?P<token>[^>]*)>|\[(?P<etag>[^\]]*)\])", re.IGNORECASE)

_CONDITIONAL = (
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
)


class NotModified(DavRefusal):
    """The caller has this representation already (304)."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.NOT_MODIFIED, "error")


class _Item(NamedTuple):
    negated: bool
    token: str | None
    etag: str | None


class _Clause(NamedTuple):
    """One tagged or untagged part of an If header: a resource and its lists; one list must hold."""

    url: str | None
    lists: tuple[tuple[_Item, ...], ...]


def of_request(request: DavRequest) -> Conditions:
    """Return what goes with the request's change: what it depends on, and its line in the access log.

    Raises InvalidInput for an If header that cannot be read.
    """
    clauses = _parse_if(request.environ["HTTP_IF"]) if "HTTP_IF" in request.environ else ()
    tokens = frozenset(
        item.token for clause in clauses for items in clause.lists for item in items if item.token and not item.negated
    )
    if not clauses and not any(name in request.environ for name in _CONDITIONAL):
        return Conditions(record=record_of(request))

    def check(cursor: Cursor, place: Place, found: list[Lock]) -> None:
        require(request, place.node)
        if clauses and not any(_clause_holds(request, cursor, clause, place.node, found) for clause in clauses):
            raise PreconditionFailed("If")

    return Conditions(tokens, check, record_of(request))


def require(request: DavRequest, node: Node | None) -> None:
    """Return if the HTTP conditions hold for the present node (None: there is none), in RFC 9110's order.

    Raises PreconditionFailed, and NotModified for GET and HEAD.
    """
    environ = request.environ
    reading = request.method in ("GET", "HEAD")
    etag = node.etag if node is not None and not node.is_collection else None
    if (value := environ.get("HTTP_IF_MATCH")) is not None:
        if not matches(value, etag, exists=node is not None, weak=False):
            raise PreconditionFailed("If-Match")
    elif (value := environ.get("HTTP_IF_UNMODIFIED_SINCE")) is not None:
        since = _date(value)
        if node is not None and since is not None and node.modified_us // _SECOND > since:
            raise PreconditionFailed("If-Unmodified-Since")
    if (value := environ.get("HTTP_IF_NONE_MATCH")) is not None:
        if matches(value, etag, exists=node is not None, weak=True):
            raise NotModified if reading else PreconditionFailed("If-None-Match")
    elif reading and node is not None and (value := environ.get("HTTP_IF_MODIFIED_SINCE")) is not None:
        since = _date(value)
        if since is not None and node.modified_us // _SECOND <= since:
            raise NotModified


def range_still_valid(request: DavRequest, node: Node) -> bool:
    """Return False where If-Range says the caller's part belongs to another version (RFC 9110 §13.1.5)."""
    value = request.header("HTTP_IF_RANGE")
    if value is None:
        return True
    if value.strip().startswith('"'):
        return value.strip() == node.etag
    return _date(value) == node.modified_us // _SECOND


def matches(header: str, etag: str | None, *, exists: bool, weak: bool) -> bool:
    """Return whether an If-Match or If-None-Match header names an entity tag (RFC 9110 §13.1). Raises InvalidInput."""
    if not _TAGS.fullmatch(header):
        raise InvalidInput("an entity tag is a quoted text")
    if header.strip().rstrip(",").strip() == "*":
        return exists
    return any(tag == etag and (weak or not is_weak) for is_weak, tag in _TAG.findall(header))


def _date(text: str) -> int | None:
    """Return the seconds of an HTTP date; None for one that cannot be read, which is then ignored."""
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


def _parse_if(header: str) -> tuple[_Clause, ...]:
    clauses: list[_Clause] = []
    url: str | None = None
    tagged = False
    at = 0
    text = header.rstrip()
    while at < len(text):
        part = _IF_PART.match(text, at)
        if part is None:
            raise InvalidInput("the If header cannot be read")
        at = part.end()
        if part["url"] is not None:
            if clauses and not tagged:
                raise InvalidInput("the If header mixes tagged and untagged lists")
            url, tagged = part["url"], True
            clauses.append(_Clause(url, ()))
            continue
        items = _parse_list(part["list"])
        if clauses and tagged:
            clauses[-1] = _Clause(url, (*clauses[-1].lists, items))
        elif clauses:
            clauses[0] = _Clause(None, (*clauses[0].lists, items))
        else:
            clauses.append(_Clause(None, (items,)))
    if not clauses or any(not clause.lists for clause in clauses):
        raise InvalidInput("the If header has no list")
    return tuple(clauses)


def _parse_list(text: str) -> tuple[_Item, ...]:
    items: list[_Item] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        item = _IF_ITEM.match(text, at)
        if item is None:
            raise InvalidInput("the If header cannot be read")
        items.append(_Item(item["negated"] is not None, item["token"], item["etag"]))
        at = item.end()
    if not items:
        raise InvalidInput("the If header has an empty list")
    return tuple(items)


def _clause_holds(request: DavRequest, cursor: Cursor, clause: _Clause, node: Node | None, found: list[Lock]) -> bool:
    if clause.url is not None:
        elsewhere = _look_up(request, cursor, clause.url)
        if elsewhere is None:
            node, found = None, []
        else:
            node, found = elsewhere
    tokens = {lock.token for lock in found}
    etag = node.etag if node is not None and not node.is_collection else None
    return any(
        all((item.token in tokens if item.token is not None else item.etag == etag) != item.negated for item in items)
        for items in clause.lists
    )


def _look_up(request: DavRequest, cursor: Cursor, url: str) -> tuple[Node | None, list[Lock]] | None:
    """Return the state of another resource named in an If header; None where it is not ours to know."""
    parts = urlsplit(url)
    if parts.netloc and not is_own_host(request.environ, parts.netloc, request.limits):
        return None
    try:
        target = request.locate(decode_url_path(parts.path))
    except GatewayError:
        return None
    contract_id, root = target.grant.caller.contract_id, target.grant.root
    place = nodes.resolve(cursor, contract_id, root, target.names)
    return place.node, locks.covering(cursor, contract_id, root, target.names, now_us=request.fs.now_us())
