"""LOCK and UNLOCK (RFC 4918 §9.10, §9.11; CLIENTS W2, W3, D1, D2, O2, O5)."""

from __future__ import annotations

import re
from http import HTTPStatus

from lxml import etree

from core.errors import AccessDenied, InvalidInput, NotFound, PreconditionFailed, ResourceLocked
from db.engine import Transaction
from providers import conditions
from providers.errors import DavRefusal, error_response
from providers.href import escape
from providers.http import DavRequest, Response
from providers.live import Scene, active_locks, lock_root
from providers.xml import DAV, XML_HEAD, XML_TYPE, parse, read_body
from quota.meter import Ledger
from storage import files, locks, nodes
from storage.locks import MAX_TIMEOUT_SECONDS, MIN_TIMEOUT_SECONDS, Lock
from storage.nodes import FILE

_SECONDS = re.compile(r"Second-(\d{1,10})", re.IGNORECASE)
_MAX_OWNER_BYTES = 4096


def lock(request: DavRequest) -> Response:
    """Take a lock, or refresh one named in If: 200, or 201 where a new empty file was made for it."""
    infinite = request.depth("infinity", "infinity", "0") == "infinity"
    body = read_body(request.environ, request.limits)
    try:
        return _acquire(request, body, infinite=infinite) if body else _refresh(request)
    except ResourceLocked as error:
        return _conflict(request, error)


def _acquire(request: DavRequest, body: bytes, *, infinite: bool) -> Response:
    exclusive, owner_xml = _lock_info(body)
    timeout_seconds = _timeout(request)
    wanted = conditions.of_request(request)
    if not request.grant.may_write:
        raise AccessDenied("access.read_only")

    def operation(tx: Transaction) -> tuple[Lock, bool]:
        fs, grant, names = request.fs, request.grant, request.names
        Ledger.open(tx.cursor, grant.caller.contract_id)  # of two locks at once the second sees the first
        site = files.look(tx, grant, names, wanted, now_us=fs.now_us())
        created = site.place.node is None
        if created:  # RFC 4918 §7.3: locking a free name makes an empty resource
            files.create(tx, fs, grant, names, wanted, kind=FILE)
        taken = locks.acquire(
            tx.cursor,
            grant,
            names,
            infinite_depth=infinite,
            exclusive=exclusive,
            owner_xml=owner_xml,
            timeout_seconds=timeout_seconds,
            now_us=fs.now_us(),
        )
        return taken, created

    taken, created = request.fs.database.write(operation)
    answer = _described(request, taken, 201 if created else 200)
    return answer._replace(headers=[*answer.headers, ("Lock-Token", f"<{taken.token}>")])


def _lock_info(body: bytes) -> tuple[bool, str]:
    root = parse(body, "lockinfo")
    scope = [child.tag for found in root.findall(DAV + "lockscope") for child in found]
    kind = [child.tag for found in root.findall(DAV + "locktype") for child in found]
    if kind != [DAV + "write"] or scope not in ([DAV + "exclusive"], [DAV + "shared"]):
        raise InvalidInput("lockinfo asks for a lock that is not exclusive or shared, or not write")
    owner = root.find(DAV + "owner")
    owner_xml = "" if owner is None else _inner_xml(owner)
    if len(owner_xml.encode()) > _MAX_OWNER_BYTES:
        raise InvalidInput(f"the lock owner is longer than {_MAX_OWNER_BYTES} bytes")
    return scope == [DAV + "exclusive"], owner_xml


def _inner_xml(element: etree._Element) -> str:
    children = "".join(etree.tostring(child, encoding="unicode") for child in element)
    return escape(element.text or "") + children


def _timeout(request: DavRequest) -> int:
    """Return the first lease asked for, cut to what is granted; `Infinite` becomes the maximum."""
    for wish in (request.header("HTTP_TIMEOUT") or "").split(","):
        if wish.strip().lower() == "infinite":
            return MAX_TIMEOUT_SECONDS
        if found := _SECONDS.fullmatch(wish.strip()):
            return max(MIN_TIMEOUT_SECONDS, min(int(found[1]), MAX_TIMEOUT_SECONDS))
    return MAX_TIMEOUT_SECONDS


def _refresh(request: DavRequest) -> Response:
    tokens = conditions.of_request(request).tokens
    if not tokens:
        raise InvalidInput("a LOCK without body refreshes the lock that its If header names")
    timeout_seconds = _timeout(request)

    def operation(tx: Transaction) -> Lock:
        now_us = request.fs.now_us()
        contract_id = request.caller.contract_id
        covering = locks.covering(tx.cursor, contract_id, request.grant.root, request.names, now_us=now_us)
        own = [one for one in covering if one.token in tokens and one.login == request.caller.login]
        if not own:
            raise PreconditionFailed("the If header names no lock of yours on this resource")
        return locks.refresh(tx.cursor, contract_id, own[0], timeout_seconds=timeout_seconds, now_us=now_us)

    return _described(request, request.fs.database.write(operation), 200)


def _scene(request: DavRequest) -> Scene:
    return Scene(None, (), len(request.grant.root), request.target)


def _described(request: DavRequest, taken: Lock, status: int) -> Response:
    described = f'<D:prop xmlns:D="DAV:">{_discovery(request, [taken])}</D:prop>'
    return Response(status, [XML_TYPE], XML_HEAD + described.encode())


def _discovery(request: DavRequest, found: list[Lock]) -> str:
    return f"<D:lockdiscovery>{active_locks(found, _scene(request))}</D:lockdiscovery>"


def _conflict(request: DavRequest, error: ResourceLocked) -> Response:
    """Answer 423 and say who holds the lock, so that Office can tell its user (CLIENTS O2)."""
    contract_id, root = request.caller.contract_id, request.grant.root
    with request.fs.database.reading() as tx:
        now_us = request.fs.now_us()
        found = locks.covering(tx.cursor, contract_id, root, request.names, now_us=now_us)
        found += locks.below(tx.cursor, contract_id, root, request.names, now_us=now_us)
    hrefs = "".join(f"<D:href>{lock_root(one.path, _scene(request))}</D:href>" for one in found)
    condition = (
        f"<D:no-conflicting-lock>{hrefs}</D:no-conflicting-lock><D:prop>{_discovery(request, found)}</D:prop>"
        f"<A:owner>{escape(error.owner_login)}</A:owner>"
    )
    return error_response(error, request.environ, condition)


def refusal(request: DavRequest, error: ResourceLocked) -> Response:
    """Answer 423 to a change that a lock forbids, naming the resource the lock stands on (RFC 4918 §16)."""
    href = request.target.href
    if error.path == request.grant.root or error.path.startswith(request.grant.root + "/"):
        href = lock_root(error.path, _scene(request))
    condition = f"<D:lock-token-submitted><D:href>{href}</D:href></D:lock-token-submitted>"
    return error_response(error, request.environ, condition)


def unlock(request: DavRequest) -> Response:
    """Give a lock back: 204; 409 where the token does not lock this resource, 403 for another login's lock."""
    token = (request.header("HTTP_LOCK_TOKEN") or "").strip()
    if not token:
        raise InvalidInput("the Lock-Token header is missing")
    token = token.removeprefix("<").removesuffix(">")

    def operation(tx: Transaction) -> None:
        now_us = request.fs.now_us()
        contract_id, root = request.caller.contract_id, request.grant.root
        if nodes.resolve(tx.cursor, contract_id, root, request.names).node is None:
            raise NotFound("/".join(request.names))
        covering = locks.covering(tx.cursor, contract_id, root, request.names, now_us=now_us)
        found = next((one for one in covering if one.token == token), None)
        if found is None:
            condition = "<D:lock-token-matches-request-uri/>"
            raise DavRefusal(HTTPStatus.CONFLICT, "lock.unknown_token", condition)
        if found.login != request.caller.login:
            raise AccessDenied("access.foreign_lock")
        locks.release(tx.cursor, contract_id, token)

    request.fs.database.write(operation)
    return Response(204)
