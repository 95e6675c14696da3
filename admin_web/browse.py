"""Looking at folders and files: listings, one file's page, downloads."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import content, members, places, records, zips
from admin_web.errors import explain, status_of
from admin_web.gate import caller, parts, secret_key
from admin_web.places import Place, locate
from admin_web.words import t
from auth import groups
from auth.access import FolderType, visible_folders
from auth.groups import Membership
from core.errors import GatewayError
from core.names import normalise
from storage import files, listing
from storage.listing import Order
from storage.nodes import Node

blueprint = Blueprint("browse", __name__, url_prefix="/files")

PAGE_ROWS = 200
SEARCH_ROWS = 200
#: A text preview shows this much.
_PREVIEW_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class View:
    """How a listing is looked at, as its address says."""

    order: Order
    descending: bool
    number: int

    def sorted_by(self, order: str) -> dict[str, str]:
        """Return the address's arguments for a click on a column's head: first up, then down."""
        turned = order == self.order and not self.descending
        return {"sort": order, "desc": "1"} if turned else {"sort": order}

    def page(self, number: int) -> dict[str, str]:
        """Return the address's arguments for another page."""
        found = {"sort": self.order.value} if self.order is not Order.NAME else {}
        if self.descending:
            found["desc"] = "1"
        return {**found, "page": str(number)} if number > 1 else found


def place_of(where: str) -> Place:
    """Return the place an address names, for the present caller."""
    return locate(parts().database, caller(), where, secret_key=secret_key)


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """Go to My Folder."""
    return redirect(url_for("browse.show", where=FolderType.MY.value), HTTPStatus.SEE_OTHER)


@blueprint.get("/group/")
def group_list() -> ResponseReturnValue:
    """Show the groups whose folders the caller may open."""
    visible_folders(caller())
    return render_template("files/groups.html", groups=memberships())


def memberships() -> list[Membership]:
    """Return the caller's groups."""
    with parts().database.reading() as tx:
        return groups.memberships(tx.cursor, caller())


@blueprint.get("/<path:where>")
def show(where: str) -> ResponseReturnValue:
    """Show a collection or a file."""
    place = place_of(where)
    node = places.stat(parts().files, place)
    if node.is_collection:
        return listing_page(place, node)
    return file_page(place, node)


def listing_page(place: Place, node: Node, *, refusal: GatewayError | None = None) -> Response:
    """Return a collection's page; with what was refused just now, if anything."""
    fs, view = parts().files, _view()
    records.note_listed(place)
    count = listing.count(fs, place.grant, node)
    rows = members.page(
        fs,
        place,
        node,
        order=view.order,
        descending=view.descending,
        offset=(view.number - 1) * PAGE_ROWS,
        limit=PAGE_ROWS,
        among=count,
    )
    page = render_template(
        "files/listing.html",
        place=place,
        node=node,
        rows=rows,
        view=view,
        count=count,
        pages=max(1, -(-count // PAGE_ROWS)),
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(page, status_of(refusal) if refusal else HTTPStatus.OK)


def _view() -> View:
    given = request.args if request.method in ("GET", "HEAD") else {}
    known = {order.value: order for order in Order}
    number = str(given.get("page", "1"))
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    return View(known.get(given.get("sort", ""), Order.NAME), given.get("desc") == "1", max(1, at))


def file_page(place: Place, node: Node) -> Response:
    """Return a file's page with a preview of what browsers can show."""
    kind = content.kind(node.name)
    text = None
    if kind == "text":
        records.note_read(place)
        length = min(node.size_bytes, _PREVIEW_BYTES)
        blocks = files.content(parts().files, place.grant, node, start=0, length=length)
        text = content.text_of(b"".join(map(bytes, blocks)), cut=length < node.size_bytes)
    page = render_template(
        "files/file.html", place=place, node=node, kind=kind, text=text, cut=node.size_bytes > _PREVIEW_BYTES
    )
    return make_response(page)


@blueprint.get("/search/<path:where>")
def search(where: str) -> ResponseReturnValue:
    """Show what is below a collection and has a text in its name."""
    place, text = place_of(where), request.args.get("q", "").strip()
    node = places.stat(parts().files, place)
    hits = members.search(parts().files, place, node, normalise(text), limit=SEARCH_ROWS) if text else []
    return render_template("files/search.html", place=place, text=text, hits=hits, most=SEARCH_ROWS)


@blueprint.get("/content/<path:where>")
def raw(where: str) -> ResponseReturnValue:
    """Return a file's bytes."""
    place = place_of(where)
    node = places.stat(parts().files, place)
    if node.is_collection:
        return redirect(url_for("browse.show", where=place.path))
    return content.answer(parts().files, place, node)


@blueprint.get("/zip/<path:where>")
def archive(where: str) -> ResponseReturnValue:
    """Return a whole collection as a ZIP archive."""
    place = place_of(where)
    node = places.stat(parts().files, place)
    if not node.is_collection:
        abort(HTTPStatus.NOT_FOUND)
    name = place.name or t(f"web.folder.{place.grant.folder}")
    return zip_of([(place, node._replace(name=name))], name)


def zip_of(tops: list[tuple[Place, Node]], name: str) -> Response:
    """Return nodes as one archive under a name."""
    headers = [
        ("Content-Type", "application/zip"),
        ("Content-Disposition", content.disposition(f"{name}.zip")),
        ("Cache-Control", "no-store"),
    ]
    for place, _ in tops:
        records.note_read(place)
    watched = records.watched(tops[0][0], zips.stream(parts().files, tops))
    return Response(watched, headers=headers)
