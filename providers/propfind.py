"""PROPFIND (RFC 4918 §9.1): text built from rows, a page at a time, without a statement per entry."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from core.errors import NotFound
from providers.conditions import require
from providers.errors import DavRefusal
from providers.href import quote_name, quote_names
from providers.http import DavRequest, Response
from providers.live import QUOTA, Scene
from providers.printer import CLOSE, OPEN, Printer
from providers.wanted import Wanted, leaner, of_request
from providers.xml import DAV, XML_TYPE
from storage import files, locks
from storage.nodes import PAGE_ROWS, Node, Place

#: The longest listing Explorer takes, unless its registry says otherwise (CLIENTS W5).
_REDIRECTOR_BYTES = 1_000_000


def propfind(request: DavRequest) -> Response:
    """Answer PROPFIND with 207; 404 for a missing path, 403 propfind-finite-depth beyond the entry limit."""
    depth = request.depth("infinity", "0", "1", "infinity")
    wanted = of_request(request.environ, request.limits)
    place = files.find_place(request.fs, request.grant, request.names)
    if (node := place.node) is None:
        raise NotFound("/".join(request.names))
    require(request, node)
    if not node.is_collection:
        depth = "0"
    listing = _Listing(request, wanted, _look_around(request, wanted, depth, place), described=place.described)
    if depth == "0":
        return Response(207, [XML_TYPE], OPEN + listing.own(node).encode() + CLOSE)
    if depth == "infinity":
        return Response(207, [XML_TYPE], _everything(request, listing, node))
    if wanted.redirector:
        return Response(207, [XML_TYPE], _short_enough(listing, node, wanted))
    return Response(207, [XML_TYPE], _members(listing, node))


def _look_around(request: DavRequest, wanted: Wanted, depth: str, place: Place) -> Scene:
    fs, grant, quota = request.fs, request.grant, None
    found: list[locks.Lock] = []
    if not wanted.names_only:
        if any(name in wanted.live for name in QUOTA):
            quota = files.quota(fs, grant)
        if DAV + "lockdiscovery" in wanted.live and (place.guarded or depth != "0"):
            now_us, contract_id = fs.now_us(), grant.caller.contract_id
            with fs.database.reading() as tx:
                found = locks.covering(tx.cursor, contract_id, grant.root, request.names, now_us=now_us)
                if depth != "0":
                    found += locks.below(tx.cursor, contract_id, grant.root, request.names, now_us=now_us)
    return Scene(quota, tuple(found), len(grant.root), request.target)


def _members(listing: _Listing, node: Node) -> bytes | Iterator[bytes]:
    """Return the collection and its members; more than a page of them is streamed."""
    first = listing.page(node, "")
    if len(first) < PAGE_ROWS:
        return OPEN + (listing.own(node) + listing.entries(first)).encode() + CLOSE
    return _streamed(listing, node, first)


def _streamed(listing: _Listing, node: Node, page: list[Node]) -> Iterator[bytes]:
    yield OPEN + listing.own(node).encode()
    while page:
        yield listing.entries(page).encode()
        page = listing.next_page(node, page)
    yield CLOSE


def _short_enough(listing: _Listing, node: Node, wanted: Wanted) -> bytes | Iterator[bytes]:
    """Return a listing Explorer can take: where it grows too long, less is said of each entry (CLIENTS W5)."""
    for less in (wanted, *leaner(wanted)):
        listing = listing.saying(less)
        parts, size_bytes, page = [OPEN, listing.own(node).encode()], 0, listing.page(node, "")
        while page and size_bytes < _REDIRECTOR_BYTES:
            parts.append(listing.entries(page).encode())
            size_bytes = sum(map(len, parts)) + len(CLOSE)
            page = listing.next_page(node, page)
        if size_bytes < _REDIRECTOR_BYTES:
            return b"".join((*parts, CLOSE))
    return _members(listing, node)


def _everything(request: DavRequest, listing: _Listing, node: Node) -> bytes:
    """Return the whole tree; it is built before the answer begins, since it may turn out too large."""
    parts, count = [OPEN, listing.own(node).encode()], 1
    pending: list[tuple[Node, tuple[Node, ...]]] = [(node, ())]
    while pending:
        collection, below = pending.pop()
        page = listing.page(collection, "")
        while page:
            count += len(page)
            if count > request.limits.propfind_entries:
                raise DavRefusal(HTTPStatus.FORBIDDEN, "propfind.finite_depth", "<D:propfind-finite-depth/>")
            parts.append(listing.entries(page, below).encode())
            pending.extend((one, (*below, one)) for one in page if one.is_collection)
            page = listing.next_page(collection, page)
    parts.append(CLOSE)
    return b"".join(parts)


class _Listing:
    """A resource and its members as one request wants them printed."""

    def __init__(self, request: DavRequest, wanted: Wanted, scene: Scene, *, described: bool) -> None:
        self._request, self._scene, self._described = request, scene, described
        self._fs, self._grant = request.fs, request.grant
        self._print = Printer(wanted, scene).response
        self._reads_dead = wanted.all_dead or bool(wanted.dead)
        self._href, self._show = request.target.href, request.target.show
        self._plain = request.target.cipher is None
        self._lock_path = locks.lock_path(request.grant.root, request.names)

    def saying(self, wanted: Wanted) -> _Listing:
        """Return the listing with other properties."""
        return _Listing(self._request, wanted, self._scene, described=self._described)

    def page(self, collection: Node, after: str) -> list[Node]:
        """Return the members of a collection behind a name, a page of them."""
        return files.members(self._fs, self._grant, collection, after=after)

    def next_page(self, collection: Node, page: list[Node]) -> list[Node]:
        """Return the members behind those of a page."""
        return self.page(collection, page[-1].name) if len(page) == PAGE_ROWS else []

    def own(self, node: Node) -> str:
        """Return the response for the resource the request is about."""
        dead = files.properties_of(self._fs, self._grant, node) if self._reads_dead and self._described else {}
        node = self._request.target.own(node)
        return self._print(node, self._href + ("/" if node.is_collection else ""), self._lock_path, dead)

    def entries(self, page: list[Node], below: tuple[Node, ...] = ()) -> str:
        """Return the responses for a page of members of a collection that lies `below` the request's resource."""
        show = self._show
        dead = files.properties_of_members(self._fs, self._grant, page) if self._reads_dead else {}
        href = quote_names(self._href, tuple(show(one).name for one in below)) + "/"
        lock_path = "/".join((self._lock_path, *(one.name for one in below))) + "/"
        write, nothing = self._print, dict[str, str]()
        return "".join(
            [
                write(
                    node,
                    href + quote_name(node.name) + ("/" if node.kind == 0 else ""),
                    lock_path + kept.name,
                    dead.get(node.id, nothing),
                )
                for kept, node in zip(page, page if self._plain else map(show, page), strict=True)
            ]
        )
