"""Uploads: a form with files, and single files a script sends with their progress shown."""

from __future__ import annotations

import contextlib
from http import HTTPStatus
from typing import cast

from flask import Blueprint, flash, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from admin_web import places, records
from admin_web.browse import listing_page, place_of
from admin_web.changes import back_to
from admin_web.gate import parts
from admin_web.multipart import Form
from admin_web.places import Place
from admin_web.security import csrf, require_form_token
from admin_web.words import t
from core.errors import AccessDenied, AlreadyExists, GatewayError, InvalidInput
from core.names import normalise
from db.statements import Cursor
from quota.meter import admit
from storage import files, uploads
from storage.files import UNCONDITIONAL
from storage.locks import Lock
from storage.nodes import Place as Found
from storage.uploads import Announced, Read

blueprint = Blueprint("incoming", __name__, url_prefix="/files")
# The general check would read the whole body first; both views below check for themselves.
csrf.exempt(blueprint)

#: No file is larger than this many digits can say.
_MAX_DIGITS = 15
#: The instants a file may carry: 1970 to 9999, in milliseconds as scripts count them.
_MAX_MILLISECONDS = 253_402_300_799_999


@blueprint.post("/upload/<path:where>")
def upload_form(where: str) -> ResponseReturnValue:
    """Store the files of a form; its token stands before them and is checked first."""
    place = place_of(where)
    stored = []
    token_checked = False
    form = Form(request.content_type or "", _body())
    try:
        for part in form.files():
            if not token_checked:
                require_form_token(part.fields.get("csrf_token"))
                token_checked = True
            name = normalise(part.name.replace("\\", "/").rpartition("/")[2])
            store(place.below(name), part.read, Announced(None), replace="replace" in part.fields)
            stored.append(name)
    except GatewayError as error:
        node = places.stat(parts().files, place)
        return listing_page(place, node, refusal=error)
    if not stored:
        flash(t("web.files.nothing_picked"), "warning")
    else:
        flash(t("web.files.uploaded", count=len(stored)), "done")
    return back_to(place)


@blueprint.put("/upload/<path:where>")
def upload_file(where: str) -> ResponseReturnValue:
    """Store the body as a file, with the collections on its way; what a script of ours sends."""
    require_form_token(request.headers.get("X-CSRFToken"))
    place = place_of(where)
    if request.content_length is None:
        raise InvalidInput("a file is sent with its length")
    _make_way(place)
    announced = Announced(request.content_length, modified_us=_modified_us())
    store(place, _body(), announced, replace="replace" in request.args)
    quota = files.quota(parts().files, place.grant)
    return make_response({"name": place.name, "available_bytes": quota.available_bytes}, HTTPStatus.CREATED)


def settings(place: Place) -> dict[str, object]:
    """Return what the script that uploads must know: addresses, the form's token, and its words."""
    ids = ("waiting", "sending", "done", "all", "failed", "lost", "again", "replace", "stop", "refresh", "drop_here")
    marks = {"percent": "{percent}", "done": "{done}", "total": "{total}", "failed": "{failed}"}
    return {
        "url": url_for("incoming.upload_file", where=place.path),
        "room": url_for("incoming.room", where=place.path),
        "token": generate_csrf(),
        "words": {one: t(f"web.files.up.{one}", **marks) for one in ids},
    }


@blueprint.get("/room/<path:where>")
def room(where: str) -> ResponseReturnValue:
    """Say before a large file is sent whether it would be refused: browsers do not read answers while they send."""
    place, given = place_of(where), request.args.get("size", "")
    if not given.isascii() or not given.isdigit() or len(given) > _MAX_DIGITS:
        raise InvalidInput("a size in bytes is expected")
    node = files.find(parts().files, place.grant, place.names)
    if node is not None and "replace" not in request.args:
        raise AlreadyExists("the name is taken")
    if not place.grant.may_write:
        raise AccessDenied("access.read_only")
    quota = files.quota(parts().files, place.grant)
    more_bytes = int(given) - (node.size_bytes if node else 0)
    admit(more_bytes, used_bytes=quota.used_bytes, capacity_bytes=quota.used_bytes + quota.available_bytes)
    return "", HTTPStatus.NO_CONTENT


def _body() -> Read:
    """Return the reader of the bare body: whole, or an error that ends the request."""
    return cast(Read, request.environ["wsgi.input"].read)


def _modified_us() -> int | None:
    given = request.args.get("modified", "")
    if not given.isascii() or not given.isdigit() or int(given) > _MAX_MILLISECONDS:
        return None
    return int(given) * 1000


def store(place: Place, read: Read, announced: Announced, *, replace: bool) -> None:
    """Store what is read as the file at a place, as long as its device is open (R16).

    Raises AlreadyExists where the name is taken and may not be replaced, and what `uploads.write` raises.
    """
    check = UNCONDITIONAL.check if replace else _require_free
    watch = records.Watch(place)

    def watched(limit: int) -> bytes:
        watch()
        return read(limit)

    try:
        uploads.write(
            parts().files,
            place.grant,
            place.names,
            watched,
            announced,
            records.conditions(place, "write", check=check),
        )
    except GatewayError as error:
        records.note_refused(place, "write", error)
        raise


def _require_free(_cursor: Cursor, found: Found, _locks: list[Lock]) -> None:
    if found.node is not None:
        raise AlreadyExists("the name is taken")


def _make_way(place: Place) -> None:
    fs = parts().files
    if files.find(fs, place.grant, place.above.names) is not None:
        return
    for above in place.crumbs()[1:-1]:
        with contextlib.suppress(AlreadyExists):
            files.make_collection(fs, above.grant, above.names, records.conditions(above, "folder"))
