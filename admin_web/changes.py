"""Changing folders: new collections, other names and places, copies, deletion. Every form works without script."""

from __future__ import annotations

import contextlib
from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import members, places, records
from admin_web.browse import listing_page, memberships, place_of, zip_of
from admin_web.errors import explain, status_of
from admin_web.gate import caller, parts, secret_key
from admin_web.places import Place
from admin_web.words import t
from auth import settings
from auth.access import FolderType, require_crossing, visible_folders
from core.errors import AccessDenied, AlreadyExists, GatewayError, InvalidInput, PreconditionFailed
from core.names import normalise
from storage import crossing, files, moves
from storage.listing import Order
from storage.moves import End
from storage.nodes import Node

blueprint = Blueprint("changes", __name__, url_prefix="/files")

_MAX_PICKED = 1000
#: Collections offered as targets at a time.
_TARGET_ROWS = 500


def back_to(place: Place) -> ResponseReturnValue:
    """Return to a collection's page after a change (the form is not sent again on reload)."""
    return redirect(url_for("browse.show", where=place.path), HTTPStatus.SEE_OTHER)


def _listing_with(place: Place, refusal: GatewayError) -> ResponseReturnValue:
    return listing_page(place, places.stat(parts().files, place), refusal=refusal)


@blueprint.post("/new-folder/<path:where>")
def new_folder(where: str) -> ResponseReturnValue:
    """Create a collection in a collection."""
    place = place_of(where)
    try:
        name = normalise(request.form.get("name", "").strip())
        made = place.below(name)
        files.make_collection(parts().files, place.grant, made.names, records.conditions(made, "folder"))
    except GatewayError as error:
        records.note_refused(place, "folder", error)
        return _listing_with(place, error)
    flash(t("web.files.created", name=name), "done")
    return back_to(place)


@blueprint.get("/rename/<path:where>")
def rename_form(where: str) -> ResponseReturnValue:
    """Ask for another name."""
    place = place_of(where)
    node = places.stat(parts().files, place)
    return render_template("files/rename.html", place=place, node=node, name=node.name, refusal=None)


@blueprint.post("/rename/<path:where>")
def rename(where: str) -> ResponseReturnValue:
    """Give a file or collection another name."""
    place = place_of(where)
    node = places.stat(parts().files, place)
    name = request.form.get("name", "").strip()
    try:
        name = normalise(name)
        if name != node.name:
            transfer_one("move", place, place.above.below(name))
    except GatewayError as error:
        page = render_template("files/rename.html", place=place, node=node, name=name, refusal=explain(error))
        return make_response(page, status_of(error))
    flash(t("web.files.renamed", old=node.name, name=name), "done")
    return back_to(place.above)


def transfer_one(act: str, source: Place, target: Place) -> None:
    """Move or copy to a free name. Raises AlreadyExists, and what the operation raises."""
    ends = End(source.grant, source.names), End(target.grant, target.names)
    operation = moves.move if act == "move" else crossing.copy if crossing.is_needed(*ends) else moves.copy
    conditions = records.conditions(source, act, into=target)
    try:
        operation(parts().files, *ends, overwrite=False, conditions=conditions)
    except PreconditionFailed:
        raise AlreadyExists("the name is taken") from None
    except GatewayError as error:
        records.note_refused(source, act, error)
        raise


@blueprint.post("/select/<path:where>")
def select(where: str) -> ResponseReturnValue:
    """Go on with what was picked in a listing: an archive of it, or the page that asks what is needed."""
    place, picked = place_of(where), _picked()
    if not picked:
        flash(t("web.files.nothing_picked"), "warning")
        return back_to(place)
    act, chosen = request.form.get("do"), _nodes(place, picked)
    if act == "zip":
        name = place.name or t(f"web.folder.{place.grant.folder}")
        return zip_of(chosen, picked[0] if len(picked) == 1 else name)
    if act == "delete":
        return render_template("files/delete.html", place=place, nodes=[node for _, node in chosen])
    if act not in ("move", "copy"):
        abort(HTTPStatus.BAD_REQUEST)
    return _choose_target(place, picked, act, place)


def _picked() -> list[str]:
    picked = list(dict.fromkeys(normalise(name) for name in request.form.getlist("pick")))
    if len(picked) > _MAX_PICKED:
        raise InvalidInput(f"at most {_MAX_PICKED} at a time")
    return picked


def _nodes(place: Place, picked: list[str]) -> list[tuple[Place, Node]]:
    """Return the picked nodes; those that are gone meanwhile raise NotFound."""
    fs = parts().files
    return [(place.below(name), places.stat(fs, place.below(name))) for name in picked]


@blueprint.post("/delete/<path:where>")
def delete(where: str) -> ResponseReturnValue:
    """Delete what was picked, after the page that asked."""
    place, picked = place_of(where), _picked()
    for name in picked:
        gone = place.below(name)
        try:
            files.delete(parts().files, place.grant, gone.names, records.conditions(gone, "delete"))
        except GatewayError as error:
            records.note_refused(gone, "delete", error)
            return _listing_with(place, error)
    flash(t("web.files.deleted", count=len(picked)), "done")
    return back_to(place)


@blueprint.post("/transfer/<path:where>")
def transfer(where: str) -> ResponseReturnValue:
    """Move or copy what was picked, or look at another target first."""
    place, picked = place_of(where), _picked()
    act, into = request.form.get("do", ""), place_of(request.form.get("into", where))
    if act not in ("move", "copy"):
        abort(HTTPStatus.BAD_REQUEST)
    if (look := request.form.get("look")) is not None:
        return _choose_target(place, picked, act, place_of(look))
    for done, name in enumerate(picked):
        try:
            transfer_one(act, place.below(name), into.below(name))
        except GatewayError as error:
            return _choose_target(
                place, picked[done:], act, into, refusal=f"{name}: {explain(error)}", status=status_of(error)
            )
    flash(t("web.files.moved" if act == "move" else "web.files.copied", count=len(picked)), "done")
    return back_to(into)


def _choose_target(
    place: Place,
    picked: list[str],
    act: str,
    target: Place,
    *,
    refusal: str | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> ResponseReturnValue:
    """Show the collections of a target, with everything picked carried along in the form."""
    fs = parts().files
    node = places.stat(fs, target)
    rows = members.page(fs, target, node, order=Order.NAME, descending=False, offset=0, limit=_TARGET_ROWS)
    page = render_template(
        "files/target.html",
        place=place,
        picked=picked,
        act=act,
        target=target,
        collections=[one for one in rows if one.is_collection],
        elsewhere=_elsewhere(place.grant.folder, moving=act == "move"),
        refusal=refusal,
    )
    return make_response(page, status)


def _elsewhere(source: FolderType, *, moving: bool) -> list[tuple[str, str]]:
    """Return the folders to which files may go from one of a type: address and words of each (R23)."""
    with parts().database.reading() as tx:
        copy_out = settings.read(tx, caller().contract_id).copy_out
    found = []
    for folder in visible_folders(caller(), unlocked=secret_key(caller()) is not None):
        with contextlib.suppress(AccessDenied):
            require_crossing(source, folder, moving=moving, copy_out=copy_out)
            if folder is FolderType.GROUP:
                found += [(f"group/{one.name}", one.name) for one in memberships() if one.may_write]
            else:
                found.append((folder.value, t(f"web.folder.{folder}")))
    return found
