"""What recipients of a share see, at `/s/TOKEN`: no login, no cookie of ours, nothing that is not shared (R24)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import content, share_keys, strangers, zips
from admin_web.errors import explain, status_of
from admin_web.gate import parts, shown
from admin_web.multipart import Form
from admin_web.places import Place
from admin_web.security import csrf
from admin_web.words import t
from auth import lockout
from auth.links import Linked
from auth.passwords import password_matches
from core.errors import AccessDenied, GatewayError, LinkClosed, LockedOut
from core.names import MAX_NAME_BYTES
from db.statements import Cursor
from sharing import rules, trays, visits
from sharing.scanning import scanner_of
from sharing.trail import Trail
from sharing.trays import Tray
from sharing.visits import EVERYTHING, Visit
from storage import files, listing
from storage.listing import Order
from storage.nodes import Node
from storage.uploads import Read

blueprint = Blueprint("received", __name__, url_prefix="/s")
# A form is sent to an address that holds the token itself; there is no login whose rights another page could use.
csrf.exempt(blueprint)

#: Members of a collection shown at a time; an archive holds them all.
LISTED_ROWS = 500
_PREVIEW_BYTES = 64 * 1024
_WATCH_SECONDS = 2.0
#: No script at all: previews are pictures, players and frames of the browser's own.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; frame-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


blueprint.before_request(strangers.as_nobody)


@blueprint.after_request
def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@blueprint.errorhandler(GatewayError)
def _refused(error: GatewayError) -> ResponseReturnValue:
    return strangers.refused(error, "shares/closed.html", unknown="share.unknown")


def _visit(token: str) -> Visit:
    """Return who comes with a token. Raises NotFound, LinkClosed, LockedOut."""
    now = parts().clock()
    return strangers.look_up(
        lambda tx, client: visits.find(tx.cursor, token, now=now, client=client), "share.open", unknown="share.unknown"
    )


@blueprint.get("/<token>")
def page(token: str) -> ResponseReturnValue:
    """Show what is shared: the one file, or the list of everything."""
    visit = _visit(token)
    if not share_keys.is_open(visit):
        return _ask_password(token, visit)
    now = parts().clock()
    if request.method == "GET":
        parts().database.write(lambda tx: visits.note_seen(tx, visit, now=now))
    return _overview(token, visit)


def _overview(token: str, visit: Visit, *, refusal: str | None = None, received: str | None = None) -> Response:
    with parts().database.reading() as tx:
        items, tray = visits.shown(tx, visit), _tray(tx.cursor, visit)
    page = render_template(
        "shares/guest.html", token=token, visit=visit, items=items, tray=tray, refusal=refusal, received=received
    )
    return make_response(page)


def _tray(cursor: Cursor, visit: Visit) -> Tray | None:
    try:
        return trays.find(cursor, visit)
    except LinkClosed:
        return None


def _ask_password(token: str, visit: Visit, *, error: GatewayError | None = None) -> Response:
    words = explain(error) if error else None
    response = make_response(render_template("shares/password.html", token=token, visit=visit, refusal=words))
    if error is not None:
        response.status_code = status_of(error)
    if isinstance(error, LockedOut):
        response.headers["Retry-After"] = str(error.retry_seconds)
    return response


@blueprint.post("/<token>")
def unlock(token: str) -> ResponseReturnValue:
    """Take the password; guessing it is slowed down by recipient and by address (R19)."""
    visit, given = _visit(token), request.form.get("password", "")[:1024]
    database, now, policy, address = parts().database, parts().clock(), parts().lockout, shown().address
    guessed = f"share {visit.recipient_id}"
    try:
        database.write(lambda tx: lockout.attempt(tx, guessed, address, policy, now=now))
        if visit.password_hash is not None and not password_matches(visit.password_hash, given):
            parts().journal.note(visit.contract_id, visit.entry("share.open", "", now=now, result="password.wrong"))
            raise AccessDenied("share.password_wrong")
    except (AccessDenied, LockedOut) as error:
        return _ask_password(token, visit, error=error)
    database.write(lambda tx: lockout.succeeded(tx, guessed, address, policy))
    response = make_response(redirect(url_for("received.page", token=token), HTTPStatus.SEE_OTHER))
    share_keys.remember(response, token, visit)
    return response


def _opened(token: str) -> Visit:
    """Return who comes, the password given. Raises AccessDenied without it, else as `_visit`."""
    visit = _visit(token)
    if not share_keys.is_open(visit):
        raise AccessDenied("share.password_wrong")
    return visit


def _located(visit: Visit, node_id: int) -> tuple[Place, Node]:
    with parts().database.reading() as tx:
        found = visits.locate(tx, visit, node_id)
    return _place(found.linked, found.trail), found.trail.node


def _place(linked: Linked, trail: Trail) -> Place:
    return Place(linked.grant, linked.prefix, trail.names)


@blueprint.get("/<token>/<int:node_id>")
def view(token: str, node_id: int) -> ResponseReturnValue:
    """Show one file with its preview, or a collection as it is now."""
    visit = _opened(token)
    with parts().database.reading() as tx:
        found = visits.locate(tx, visit, node_id)
    place, node = _place(found.linked, found.trail), found.trail.node
    facts = {"token": token, "visit": visit, "node": node, "above": found.trail.nodes[-len(found.names) : -1]}
    if node.is_collection:
        rows = listing.page(
            parts().files, place.grant, node, order=Order.NAME, descending=False, offset=0, limit=LISTED_ROWS + 1
        )
        return render_template("shares/collection.html", **facts, rows=rows[:LISTED_ROWS], more=len(rows) > LISTED_ROWS)
    kind = "" if visit.download_limit else content.kind(node.name)
    text = _text(visit, place, node) if kind == "text" else None
    return render_template("shares/file.html", **facts, kind=kind, text=text)


def _text(visit: Visit, place: Place, node: Node) -> str:
    _note(visit, place)
    length = min(node.size_bytes, _PREVIEW_BYTES)
    blocks = files.content(parts().files, place.grant, node, start=0, length=length)
    return content.text_of(b"".join(map(bytes, blocks)), cut=length < node.size_bytes)


@blueprint.get("/<token>/<int:node_id>/content")
def raw(token: str, node_id: int) -> ResponseReturnValue:
    """Return a file's bytes, as a download or, where downloads are not counted out, for a preview."""
    visit = _opened(token)
    place, node = _located(visit, node_id)
    if node.is_collection:
        return redirect(url_for("received.view", token=token, node_id=node_id), HTTPStatus.SEE_OTHER)
    counted = visit.download_limit is not None or "download" in request.args

    def note(where: Place) -> None:
        if request.method == "GET":
            _count(visit, node.id, [where.path]) if counted else _note(visit, where)

    return content.answer(parts().files, place, node, note=note, watch=lambda _: nullcontext(_watch(visit)))


def _note(visit: Visit, place: Place) -> None:
    """Note a look at a file, which is no download."""
    parts().journal.note(visit.contract_id, visit.entry("share.read", place.path, now=parts().clock()))


def _count(visit: Visit, node_id: int, paths: list[str]) -> None:
    now = parts().clock()
    parts().database.write(lambda tx: visits.count_fetch(tx, visit, node_id, paths, now=now))


def _watch(visit: Visit) -> Callable[[], None]:
    """Return what asks now and then of a long transfer whether the share is still open."""
    database, clock = parts().database, parts().clock
    due = time.monotonic() + _WATCH_SECONDS

    def watch() -> None:
        nonlocal due
        if time.monotonic() > due:
            with database.reading() as tx:
                visits.require_still_open(tx, visit, now=clock())
            due = time.monotonic() + _WATCH_SECONDS

    return watch


@blueprint.get("/<token>/zip", defaults={"node_id": EVERYTHING})
@blueprint.get("/<token>/<int:node_id>/zip")
def archive(token: str, node_id: int) -> ResponseReturnValue:
    """Return a collection, or everything that is shared, as one archive of what is there now."""
    visit = _opened(token)
    if node_id == EVERYTHING:
        with parts().database.reading() as tx:
            items = visits.shown(tx, visit)
        tops = [(_place(one.linked, one.trail), one.trail.node) for one in items if one.linked and one.trail]
        name = visit.title
    else:
        place, node = _located(visit, node_id)
        tops, name = [(place, node)], node.name
    if not tops:
        raise LinkClosed("link.deleted")
    _count(visit, node_id, [place.path for place, _ in tops])
    headers = [
        ("Content-Type", "application/zip"),
        ("Content-Disposition", content.disposition(f"{name}.zip")),
        ("Cache-Control", "no-store"),
    ]
    return Response(_watched(zips.stream(parts().files, _distinct(tops)), _watch(visit)), headers=headers)


def _distinct(tops: list[tuple[Place, Node]]) -> list[tuple[Place, Node]]:
    """Return the tops under names of their own: since they were shared, two may have moved to one name's namesake."""
    seen: dict[str, int] = {}
    found = []
    for place, node in tops:
        seen[node.name] = number = seen.get(node.name, 0) + 1
        found.append((place, node._replace(name=rules.numbered(node.name, number, max_bytes=MAX_NAME_BYTES))))
    return found


def _watched(blocks: Iterator[bytes], watch: Callable[[], None]) -> Iterator[bytes]:
    for block in blocks:
        watch()
        yield block


@blueprint.post("/<token>/tray")
def put(token: str) -> ResponseReturnValue:
    """Take files of a form into the return tray, each whole or not at all."""
    visit = _opened(token)
    scanner = scanner_of(parts().config.sharing)
    form = Form(request.content_type or "", request.environ["wsgi.input"].read)
    watch, stored = _watch(visit), []
    try:
        for part in form.files():
            name = part.name.replace("\\", "/").rpartition("/")[2]
            stored.append(trays.put(parts().files, visit, name, _guarded(part.read, watch), scanner))
    except GatewayError as error:
        response = _overview(token, visit, refusal=explain(error), received=_names(stored))
        response.status_code = status_of(error)
        return response
    if not stored:
        return _overview(token, visit, refusal=t("web.guest.tray_none"))
    return _overview(token, visit, received=_names(stored))


def _guarded(read: Read, watch: Callable[[], None]) -> Read:
    def guarded(limit: int) -> bytes:
        watch()
        return read(limit)

    return guarded


def _names(stored: list[str]) -> str | None:
    return t("web.guest.tray_done", names=" / ".join(stored)) if stored else None
