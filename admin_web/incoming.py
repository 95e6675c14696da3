"""Uploads by a form, and what the script that uploads has to know; it sends to `admin_web.uploads`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import cast

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from admin_web import places, records
from admin_web.browse import listing_page, place_of
from admin_web.changes import back_to
from admin_web.gate import caller, parts
from admin_web.multipart import Form
from admin_web.places import Place
from admin_web.security import csrf, require_form_token
from admin_web.words import t
from core.errors import AccessDenied, AlreadyExists, GatewayError, InvalidInput
from core.http import BodyCut
from core.names import normalise
from db.statements import Cursor
from quota.meter import admit
from storage import files, uploads
from storage.files import UNCONDITIONAL
from storage.locks import Lock
from storage.nodes import Place as Found
from storage.uploads import Announced, Read

blueprint = Blueprint("incoming", __name__, url_prefix="/files")
# The general check would read the whole body first; the view below checks for itself.
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
    form = Form(request.content_type or "", body())
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


#: Of the script's words, those with marks that it fills in.
_MARKS = {one: f"{{{one}}}" for one in ("percent", "done", "total", "failed", "name")}
_WORDS = (
    "waiting", "sending", "done", "all", "failed", "lost", "again", "replace", "pause", "resume", "paused", "stop",
    "stopped", "pause_all", "resume_all", "refresh", "unfinished", "forget", "full", "locked", "busy", "signed_out",
)  # fmt: skip


def settings(place: Place) -> dict[str, object]:
    """Return what the script that uploads must know: addresses, the form's token, and its words.

    `whole`: into a Secret Folder a file goes in one go (`storage.resumable`), after a question whether it is welcome.
    """
    return {
        "endpoint": url_for("uploads.create"),
        "folder": place.path,
        "login": caller().login_id,
        "whole": place.cipher is not None,
        "room": url_for("incoming.room", where=place.path),
        "token": generate_csrf(),
        "words": {one: t(f"web.files.up.{one}", **_MARKS) for one in _WORDS},
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


def body() -> Read:
    """Return the reader of the bare body: whole, or an error that ends the request."""
    return cast(Read, request.environ["wsgi.input"].read)


@contextlib.contextmanager
def watched(place: Place, read: Read) -> Iterator[Read]:
    """Give a reader that goes on only as long as the caller's device is open (R16)."""
    with records.receiving(place) as check:

        def guarded(limit: int) -> bytes:
            check()
            try:
                return read(limit)
            except BodyCut:
                check()  # it was us who cut it
                raise

        yield guarded


def milliseconds(given: str) -> int | None:
    """Return an instant that a script counts in milliseconds as microseconds; None for none, or one no date can say."""
    if not (given.isascii() and given.isdigit() and len(given) <= _MAX_DIGITS and int(given) <= _MAX_MILLISECONDS):
        return None
    return int(given) * 1000


def store(place: Place, read: Read, announced: Announced, *, replace: bool) -> None:
    """Store what is read as the file at a place, as long as its device is open (R16).

    Raises AlreadyExists where the name is taken and may not be replaced, and what `uploads.write` raises.
    """
    check = UNCONDITIONAL.check if replace else require_free
    try:
        with watched(place, read) as reader:
            conditions = records.conditions(place, "write", check=check)
            uploads.write(parts().files, place.grant, place.names, reader, announced, conditions)
    except GatewayError as error:
        records.note_refused(place, "write", error)
        raise


def require_free(_cursor: Cursor, found: Found, _locks: list[Lock]) -> None:
    """Return where nothing has the name. Raises AlreadyExists."""
    if found.node is not None:
        raise AlreadyExists("the name is taken")


def make_way(place: Place) -> None:
    """Make the collections on the way to a place that are not there yet. Raises as `files.make_collection`."""
    fs = parts().files
    if files.find(fs, place.grant, place.above.names) is not None:
        return
    for above in place.crumbs()[1:-1]:
        with contextlib.suppress(AlreadyExists):
            files.make_collection(fs, above.grant, above.names, records.conditions(above, "folder"))
