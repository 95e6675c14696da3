"""Public pages at `/p/TOKEN`: for anybody, without a login, a script, or a cookie read or set (R25).

They are not for search engines: whoever publishes tells people the address. X and Facebook, which make a card of it,
do not ask about that.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import content, strangers
from admin_web.gate import parts
from admin_web.places import Place
from admin_web.publications import absolute, telling
from core.errors import GatewayError, NotFound
from groupware import contest_photos
from groupware.contest_photos import PhotoRefused
from sharing import publications
from sharing.publications import SHOWN_MEMBERS, Exhibit, Page
from storage import files, listing
from storage.listing import Order
from storage.nodes import Node

blueprint = Blueprint("public", __name__, url_prefix="/p")

_PREFIX = "/p/"
#: No script at all, nothing from elsewhere, nothing to send.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; frame-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_PREVIEW_BYTES = 16 * 1024 * 1024
_TEXT_BYTES = 64 * 1024
#: Of so many objects the preview is kept in memory; an object never changes.
_KEPT_PREVIEWS = 64
_making_preview = threading.Lock()
_previews: OrderedDict[str, bytes] = OrderedDict()
_WATCH_SECONDS = 2.0

_Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def cookieless(application: _Wsgi) -> _Wsgi:
    """Return an application that reads no cookie where the address is a public page's."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(_PREFIX):
            environ.pop("HTTP_COOKIE", None)
        return application(environ, start_response)

    return answer


blueprint.before_request(strangers.as_nobody)


@blueprint.after_request
def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Vary"] = "Accept-Language"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@blueprint.errorhandler(GatewayError)
def _refused(error: GatewayError) -> ResponseReturnValue:
    return strangers.refused(error, "public/closed.html", unknown="publish.unknown")


def _page(token: str) -> Page:
    """Return the open page of a token. Raises NotFound, LinkClosed, LockedOut."""
    return strangers.look_up(
        lambda tx, client: publications.find(tx, token, client=client), "publication.open", unknown="publish.unknown"
    )


@blueprint.get("/<token>")
def page(token: str) -> ResponseReturnValue:
    """Show a published file, or an album."""
    found = _page(token)
    with parts().database.reading() as tx:
        shown_now = publications.exhibits(tx, found)
    if request.method == "GET":
        parts().database.write(lambda tx: publications.count_view(tx, found))
        parts().journal.note(found.contract_id, found.entry("publication.open", "", now=parts().clock()))
    album = len(shown_now) > 1 or shown_now[0].node.is_collection
    nodes, more = _nodes(shown_now)
    address = absolute(url_for("public.page", token=token))
    return render_template(
        "public/album.html" if album else "public/file.html",
        token=token,
        page=found,
        nodes=nodes,
        node=None if album else nodes[0],
        more=more,
        most=SHOWN_MEMBERS,
        kind=content.kind,
        text=None if album else _text(shown_now[0], found),
        card=_card(token, nodes),
        address=address,
        telling=telling(address, found.title),
    )


def _nodes(exhibits: list[Exhibit]) -> tuple[list[Node], bool]:
    """Return the files of a page, and whether there are more than it shows."""
    first = exhibits[0]
    if not first.node.is_collection:
        return [one.node for one in exhibits], False
    rows = listing.page(
        parts().files, first.linked.grant, first.node, order=Order.NAME, descending=False, offset=0,
        limit=SHOWN_MEMBERS + 1,
    )  # fmt: skip
    inside = [one for one in rows if not one.is_collection]
    return inside[:SHOWN_MEMBERS], len(rows) > SHOWN_MEMBERS


def _card(token: str, nodes: list[Node]) -> str | None:
    """Return the address of the picture on the card that X and Facebook show; None where there is no picture."""
    first = next((one for one in nodes if _has_preview(one)), None)
    return None if first is None else absolute(url_for("public.preview", token=token, node_id=first.id))


def _has_preview(node: Node) -> bool:
    return content.kind(node.name) == "image" and 0 < node.size_bytes <= _PREVIEW_BYTES


def _text(exhibit: Exhibit, found: Page) -> str | None:
    node = exhibit.node
    if content.kind(node.name) != "text":
        return None
    _note_read(found, exhibit)
    length = min(node.size_bytes, _TEXT_BYTES)
    blocks = files.content(parts().files, exhibit.linked.grant, node, start=0, length=length)
    return content.text_of(b"".join(map(bytes, blocks)), cut=length < node.size_bytes)


def _note_read(found: Page, exhibit: Exhibit) -> None:
    parts().journal.note(found.contract_id, found.entry("publication.read", exhibit.path, now=parts().clock()))


def _located(token: str, node_id: int) -> tuple[Page, Exhibit]:
    found = _page(token)
    with parts().database.reading() as tx:
        return found, publications.locate(tx, found, node_id)


@blueprint.get("/<token>/<int:node_id>")
def raw(token: str, node_id: int) -> ResponseReturnValue:
    """Return a published file's bytes, which never run as a page of ours."""
    found, exhibit = _located(token, node_id)
    linked = exhibit.linked
    place = Place(linked.grant, linked.prefix, exhibit.trail.names)

    def note(_: Place) -> None:
        if request.method == "GET":
            _note_read(found, exhibit)

    return content.answer(parts().files, place, exhibit.node, note=note, watch=lambda _: nullcontext(_watch(token)))


def _watch(token: str) -> Callable[[], None]:
    """Return what asks now and then of a long transfer whether the page is still open; it raises LinkClosed."""
    database, due = parts().database, time.monotonic() + _WATCH_SECONDS

    def watch() -> None:
        nonlocal due
        if time.monotonic() > due:
            with database.reading() as tx:
                publications.find(tx, token)
            due = time.monotonic() + _WATCH_SECONDS

    return watch


@blueprint.get("/<token>/<int:node_id>/preview.jpg")
def preview(token: str, node_id: int) -> ResponseReturnValue:
    """Return a small picture of a published photo, without what its camera noted: for albums, and for cards."""
    _, exhibit = _located(token, node_id)
    node = exhibit.node
    if not _has_preview(node) or node.object_id is None:
        raise NotFound(f"preview of {node_id}")
    response = Response(_preview_of(node.object_id, lambda: _read(exhibit)), content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["ETag"] = node.etag
    return response.make_conditional(request)


def _read(exhibit: Exhibit) -> bytes:
    node = exhibit.node
    blocks = files.content(parts().files, exhibit.linked.grant, node, start=0, length=node.size_bytes)
    return b"".join(map(bytes, blocks))


def _preview_of(object_id: str, read: Callable[[], bytes]) -> bytes:
    """Return an object's preview: one is made at a time, so that memory is bounded by one photo."""
    with _making_preview:
        if (kept := _previews.get(object_id)) is not None:
            _previews.move_to_end(object_id)
            return kept
        try:
            made = contest_photos.render(read()).data
        except PhotoRefused as refused:
            raise NotFound(f"preview: {refused.reason}") from None
        _previews[object_id] = made
        if len(_previews) > _KEPT_PREVIEWS:
            _previews.popitem(last=False)
        return made
