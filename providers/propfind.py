"""PROPFIND (RFC 4918 §9.1): text built from rows, a page at a time, without a statement per entry."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple

from core.errors import InvalidInput
from providers.conditions import require
from providers.errors import DavRefusal
from providers.href import escape, quote_name, quote_names
from providers.http import DavRequest, Response
from providers.live import ALLPROP, BRIEF_ALLPROP, LIVE, QUOTA, Render, Scene
from providers.xml import DAV, XML_HEAD, XML_TYPE, element_text, parse, read_body
from storage import files, locks
from storage.nodes import PAGE_ROWS, Node

_OPEN = XML_HEAD + b'<D:multistatus xmlns:D="DAV:">'
_CLOSE = b"</D:multistatus>"
_FOUND = "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
_MISSING = "</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"
_REDIRECTOR = "Microsoft-WebDAV-MiniRedir"


class Wanted(NamedTuple):
    """Which properties a request asks for. `brief`: what is missing need not be said."""

    live: tuple[str, ...]
    dead: tuple[str, ...]
    all_dead: bool
    names_only: bool
    brief: bool


def propfind(request: DavRequest) -> Response:
    """Answer PROPFIND with 207; 404 for a missing path, 403 propfind-finite-depth beyond the entry limit."""
    depth = request.depth("infinity", "0", "1", "infinity")
    wanted = _wanted(request)
    node = files.stat(request.fs, request.grant, request.names)
    require(request, node)
    printer = Printer(request, wanted, depth)
    if depth == "0":
        return Response(207, [XML_TYPE], b"".join((_OPEN, printer.own(node).encode(), _CLOSE)))
    if not node.is_collection:
        return Response(207, [XML_TYPE], b"".join((_OPEN, printer.own(node).encode(), _CLOSE)))
    if depth == "1":
        return _children(printer, node)
    return Response(207, [XML_TYPE], _everything(request, printer, node))


def _children(printer: Printer, node: Node) -> Response:
    first = printer.page(node, "")
    if len(first) < PAGE_ROWS:
        body = _OPEN + (printer.own(node) + printer.entries(node, first, ())).encode() + _CLOSE
        return Response(207, [XML_TYPE], body)
    return Response(207, [XML_TYPE], _streamed(printer, node, first))


def _streamed(printer: Printer, node: Node, page: list[Node]) -> Iterator[bytes]:
    yield _OPEN + printer.own(node).encode()
    while page:
        yield printer.entries(node, page, ()).encode()
        page = printer.page(node, page[-1].name) if len(page) == PAGE_ROWS else []
    yield _CLOSE


def _everything(request: DavRequest, printer: Printer, node: Node) -> bytes:
    """Return the whole tree; it is built before the answer begins, since it may turn out too large."""
    parts, count = [_OPEN, printer.own(node).encode()], 1
    pending: list[tuple[Node, tuple[str, ...]]] = [(node, ())]
    while pending:
        collection, below = pending.pop()
        after, page = "", [collection]
        while page:
            page = printer.page(collection, after)
            count += len(page)
            if count > request.limits.propfind_entries:
                raise DavRefusal(HTTPStatus.FORBIDDEN, "propfind.finite_depth", "<D:propfind-finite-depth/>")
            parts.append(printer.entries(collection, page, below).encode())
            pending.extend((one, (*below, one.name)) for one in page if one.is_collection)
            after = page[-1].name if page else ""
    parts.append(_CLOSE)
    return b"".join(parts)


class Printer:
    """Writes `<D:response>` elements for one request; what does not depend on the entry is prepared once."""

    def __init__(self, request: DavRequest, wanted: Wanted, depth: str) -> None:
        self._fs, self._grant, self._wanted = request.fs, request.grant, wanted
        self._names = request.names
        self._base = quote_names(request.target.base_href, request.names)
        self._lock_base = locks.lock_path(request.grant.root, request.names)
        self._title = request.names[-1] if request.names else request.target.base_href.rpartition("/")[2]
        self._scene = self._look_around(request, depth)
        self._renders: list[Render] = [LIVE[name] for name in wanted.live]
        self._reads_dead = wanted.all_dead or bool(wanted.dead)
        self._missing_dead = "".join(element_text(name) for name in wanted.dead)

    def _look_around(self, request: DavRequest, depth: str) -> Scene:
        fs, grant, wanted = request.fs, request.grant, self._wanted.live
        quota = files.quota(fs, grant) if any(name in wanted for name in QUOTA) else None
        found: list[locks.Lock] = []
        if DAV + "lockdiscovery" in wanted and not self._wanted.names_only:
            now_us, contract_id = fs.now_us(), grant.caller.contract_id
            with fs.database.reading() as tx:
                found = locks.covering(tx.cursor, contract_id, grant.root, request.names, now_us=now_us)
                if depth != "0":
                    found += locks.below(tx.cursor, contract_id, grant.root, request.names, now_us=now_us)
        return Scene(quota, tuple(found), self._lock_base, len(grant.root), request.target.base_href)

    def page(self, collection: Node, after: str) -> list[Node]:
        """Return the next members of a collection."""
        return files.members(self._fs, self._grant, collection, after=after)

    def own(self, node: Node) -> str:
        """Return the response for the resource the request is about."""
        dead = files.properties_of(self._fs, self._grant, node) if self._reads_dead else {}
        node = node._replace(name=self._title)
        return self._response(node, self._base + ("/" if node.is_collection else ""), self._lock_base, dead)

    def entries(self, collection: Node, page: list[Node], below: tuple[str, ...]) -> str:
        """Return the responses for some members of a collection that lies `below` the request's resource."""
        dead = files.properties_of_members(self._fs, self._grant, collection) if self._reads_dead and page else {}
        base = quote_names(self._base, below) + "/"
        lock_base = "/".join((self._lock_base, *below)) + "/"
        response, nothing = self._response, dict[str, str]()
        return "".join(
            [
                response(
                    node,
                    base + quote_name(node.name) + ("/" if node.kind == 0 else ""),
                    lock_base + node.name,
                    dead.get(node.id, nothing),
                )
                for node in page
            ]
        )

    def _response(self, node: Node, href: str, lock_path: str, dead: dict[str, str]) -> str:
        wanted = self._wanted
        if wanted.names_only:
            return self._names_response(node, href, lock_path, dead)
        scene = self._scene
        rendered = [render(node, lock_path, scene) for render in self._renders]
        missing = ""
        if None in rendered:
            if not wanted.brief and not wanted.all_dead:
                missing = "".join(
                    [element_text(name) for name, text in zip(wanted.live, rendered, strict=True) if text is None]
                )
            rendered = [text for text in rendered if text is not None]
        if wanted.all_dead:
            rendered.extend(dead.values())
        elif dead:
            rendered.extend([dead[name] for name in wanted.dead if name in dead])
            missing += "".join([element_text(name) for name in wanted.dead if name not in dead])
        else:
            missing += self._missing_dead
        found = "".join(rendered)  # type: ignore[arg-type]  # None was filtered out above
        text = f"<D:response><D:href>{escape(href)}</D:href>"
        if found or not missing or wanted.brief:
            text += f"<D:propstat><D:prop>{found}{_FOUND}"
        if missing and not wanted.brief:
            text += f"<D:propstat><D:prop>{missing}{_MISSING}"
        return text + "</D:response>"

    def _names_response(self, node: Node, href: str, lock_path: str, dead: dict[str, str]) -> str:
        own = [name for name in LIVE if LIVE[name](node, lock_path, self._scene) is not None]
        names = "".join(element_text(name) for name in (*own, *dead))
        return f"<D:response><D:href>{escape(href)}</D:href><D:propstat><D:prop>{names}{_FOUND}</D:response>"


def _wanted(request: DavRequest) -> Wanted:
    redirector = _REDIRECTOR in (request.header("HTTP_USER_AGENT") or "")
    brief = (
        redirector
        or (request.header("HTTP_BRIEF") or "").lower() == "t"
        or "return=minimal" in (request.header("HTTP_PREFER") or "").replace(" ", "").lower()
    )
    everything = BRIEF_ALLPROP if redirector else ALLPROP
    body = read_body(request)
    if not body:
        return Wanted(everything, (), all_dead=True, names_only=False, brief=brief)
    root = parse(body, "propfind")
    kinds = [child.tag for child in root if child.tag in (DAV + "allprop", DAV + "propname", DAV + "prop")]
    if len(kinds) != 1:
        raise InvalidInput("propfind holds exactly one of allprop, propname and prop")
    asked = [str(one.tag) for child in root if child.tag in (DAV + "prop", DAV + "include") for one in child]
    hidden = _hides_quota(request)
    live = tuple(dict.fromkeys(name for name in asked if name in LIVE and not (hidden and name in QUOTA)))
    if kinds[0] == DAV + "allprop":
        return Wanted(tuple(dict.fromkeys((*everything, *live))), (), all_dead=True, names_only=False, brief=brief)
    if kinds[0] == DAV + "propname":
        return Wanted((), (), all_dead=True, names_only=True, brief=brief)
    dead = tuple(dict.fromkeys(name for name in asked if name not in live))
    return Wanted(live, dead, all_dead=False, names_only=False, brief=brief)


def _hides_quota(request: DavRequest) -> bool:
    """Some macOS releases mount slowly when a server tells its quota (CLIENTS F4)."""
    agent = request.header("HTTP_USER_AGENT") or ""
    return any(part in agent for part in request.limits.hide_quota_from)
