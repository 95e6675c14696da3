"""Uploads that can be resumed: tus 1.0 with creation, creation-with-upload, expiration, checksum and termination.

https://tus.io/protocols/resumable-upload; sections below are named as there. Who calls is told as everywhere in
the API (`api.who`): by a token, the drive's password, or a page of ours with its form's token.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import NamedTuple

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.http import http_date

from admin_web import incoming, records
from admin_web.api import refusals, who
from admin_web.browse import place_of
from admin_web.gate import caller, parts
from admin_web.places import Place
from admin_web.security import csrf
from auth.tokens import Scope
from core.clock import from_microseconds
from core.errors import ChecksumMismatch, GatewayError, InvalidInput, UploadBusy, UploadOffsetWrong
from core.names import normalise
from storage import resumable, uploads
from storage.files import UNCONDITIONAL
from storage.resumable import MAX_BYTES, Checksum, Destination, Upload
from storage.uploads import Read

blueprint = Blueprint("uploads", __name__, url_prefix="/api/v1/uploads")
csrf.exempt(blueprint)  # `who` checks

VERSION = "1.0.0"
#: By hashlib's names, which are those of the protocol.
ALGORITHMS = ("sha1", "sha256", "md5")
_ABILITIES = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,creation-with-upload,expiration,checksum,termination",
    "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    "Tus-Max-Size": str(MAX_BYTES),
}
_PIECE = "application/offset+octet-stream"
#: No number here has more digits.
_MAX_DIGITS = 15


class _VersionUnknown(InvalidInput):
    """The client speaks another version of the protocol (412)."""


class _NoPiece(InvalidInput):
    """The body is not announced as a piece of a file (415)."""


class _TooLong(InvalidInput):
    """More bytes than fit into a file, or into this one (413)."""


#: Where the protocol, or its clients, want another status than the API says otherwise.
_STATUS: dict[type[GatewayError], int] = {
    _VersionUnknown: HTTPStatus.PRECONDITION_FAILED,
    _NoPiece: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    _TooLong: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UploadBusy: HTTPStatus.LOCKED,
    ChecksumMismatch: 460,
}


class Wish(NamedTuple):
    """What the maker of an upload asks for in Upload-Metadata."""

    place: Place
    overwrite: bool
    modified_us: int | None


@blueprint.before_request
def _admit() -> None:
    if request.method == "OPTIONS":
        return  # §OPTIONS: open to everybody
    refusals.speak()
    if request.headers.get("Tus-Resumable") != VERSION:
        raise _VersionUnknown(f"Tus-Resumable: {VERSION} is expected")
    who.admit(Scope.FILES_WRITE)


@blueprint.after_request
def _tell_version(response: Response) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    return response


@blueprint.errorhandler(GatewayError)
def _refuse(error: GatewayError) -> ResponseReturnValue:
    response = refusals.refuse(error)
    response.status_code = _STATUS.get(type(error), response.status_code)
    if isinstance(error, _VersionUnknown):
        response.headers["Tus-Version"] = VERSION
    return response


@blueprint.route("", methods=["OPTIONS"], provide_automatic_options=False)
@blueprint.route("/<upload_id>", methods=["OPTIONS"], endpoint="abilities_of_one", provide_automatic_options=False)
def abilities(upload_id: str = "") -> ResponseReturnValue:
    """Say what of the protocol is spoken here."""
    return Response(status=HTTPStatus.NO_CONTENT, headers=_ABILITIES)


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Begin an upload (§Creation); a body that comes along is its first piece, or the whole file."""
    length_bytes, label = _number("Upload-Length"), request.headers.get("Upload-Metadata", "")
    if length_bytes > MAX_BYTES:
        raise _TooLong(f"no file is larger than {MAX_BYTES} bytes")
    body_bytes = _piece_bytes(length_bytes)
    fs, wish = parts().files, wish_of(label)
    with _noted(wish.place):
        incoming.make_way(wish.place)
        to = _destination(wish)
        if wish.place.cipher is not None:
            label = ""  # the names in it stay sealed (R18)
        with _body(wish.place) as read:
            if body_bytes == length_bytes:
                upload = resumable.store_at_once(fs, to, length_bytes, label, read)
            else:
                upload = resumable.begin(fs, to, length_bytes, label)
                if body_bytes != 0:
                    upload = resumable.append(fs, upload, to, 0, read, _checksum())
    headers = {**_standing(upload), "Location": f"{blueprint.url_prefix}/{upload.id}"}
    return Response(status=HTTPStatus.CREATED, headers=headers)


@blueprint.route("/<upload_id>", methods=["HEAD"])
def state(upload_id: str) -> ResponseReturnValue:
    """Tell where an upload stands (§HEAD).

    One whose last byte came while its gateway died, or whose commit was refused, becomes its file now.
    """
    upload = resumable.find(parts().files, caller(), upload_id)
    if upload.is_whole and upload.finished_us is None:
        wish = wish_of(upload.label)
        with _noted(wish.place):
            upload = resumable.settle(parts().files, upload, _destination(wish))
    headers = {**_standing(upload), "Upload-Length": str(upload.length_bytes), "Cache-Control": "no-store"}
    if upload.label:
        headers["Upload-Metadata"] = upload.label
    return Response(status=HTTPStatus.OK, headers=headers)


@blueprint.route("/<upload_id>", methods=["PATCH", "DELETE"])
def change(upload_id: str) -> ResponseReturnValue:
    """Go on with an upload (§PATCH), or end it (§Termination)."""
    return _change(upload_id, request.method)


@blueprint.post("/<upload_id>")
def override(upload_id: str) -> ResponseReturnValue:
    """Do what X-HTTP-Method-Override says: for networks that let no PATCH or DELETE through."""
    method = request.headers.get("X-HTTP-Method-Override", "")
    if method not in ("PATCH", "DELETE"):
        raise InvalidInput("X-HTTP-Method-Override is neither PATCH nor DELETE")
    return _change(upload_id, method)


def _change(upload_id: str, method: str) -> ResponseReturnValue:
    fs = parts().files
    upload = resumable.find(fs, caller(), upload_id)
    if method == "DELETE":
        resumable.end(fs, upload)
        return Response(status=HTTPStatus.NO_CONTENT)
    _require_piece()
    offset_bytes = _number("Upload-Offset")
    if offset_bytes != upload.offset_bytes:
        raise UploadOffsetWrong(offset_bytes=upload.offset_bytes)
    _piece_bytes(upload.length_bytes - offset_bytes)
    if upload.finished_us is None:
        wish = wish_of(upload.label)
        with _noted(wish.place), _body(wish.place) as read:
            to = _destination(wish)
            upload = resumable.append(fs, upload, to, offset_bytes, read, _checksum())
    return Response(status=HTTPStatus.NO_CONTENT, headers=_standing(upload))


def _standing(upload: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(upload.offset_bytes),
        "Upload-Expires": http_date(from_microseconds(upload.expires_us)),
    }


def wish_of(label: str) -> Wish:
    """Return what Upload-Metadata asks for.

    `folder` is a place such as `my/photos` whose missing collections are made, `filename` the file's name there;
    with `overwrite` a file of that name is replaced; `modified` is the file's own time in milliseconds since 1970.
    Raises InvalidInput, and what locating the place raises.
    """
    given = _metadata(label)
    if missing := [name for name in ("folder", "filename") if not given.get(name)]:
        raise InvalidInput(f"Upload-Metadata without {', '.join(missing)}")
    place = place_of(given["folder"]).below(normalise(given["filename"]))
    return Wish(
        place, given.get("overwrite", "0") not in ("", "0", "false"), incoming.milliseconds(given.get("modified", ""))
    )


def _metadata(header: str) -> dict[str, str]:
    """Return the pairs of an Upload-Metadata header (§Creation: a key, a space, its value in Base64; commas)."""
    found: dict[str, str] = {}
    for pair in filter(None, (one.strip() for one in header.split(","))):
        key, _, encoded = pair.partition(" ")
        if key in found:
            raise InvalidInput(f"Upload-Metadata names {key} twice")
        try:
            found[key] = base64.b64decode(encoded, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise InvalidInput(f"Upload-Metadata: {key} cannot be read") from None
    return found


def _destination(wish: Wish) -> Destination:
    place = wish.place
    check = UNCONDITIONAL.check if wish.overwrite else incoming.require_free
    return Destination(place.grant, place.names, records.conditions(place, "write", check=check), wish.modified_us)


@contextlib.contextmanager
def _noted(place: Place) -> Iterator[None]:
    try:
        yield
    except GatewayError as error:
        records.note_refused(place, "write", error)
        raise


def _number(header: str) -> int:
    given = request.headers.get(header, "")
    if not (given.isascii() and given.isdigit() and len(given) <= _MAX_DIGITS):
        raise InvalidInput(f"{header} is expected, a number of bytes")
    return int(given)


def _piece_bytes(most_bytes: int) -> int | None:
    """Return how long the body is, None where it does not say. Raises _TooLong for one that does not fit."""
    if "HTTP_TRANSFER_ENCODING" in request.environ:
        _require_piece()
        return None
    body_bytes = request.content_length or 0
    if body_bytes:
        _require_piece()
    if body_bytes > max(0, most_bytes):
        raise _TooLong(f"{body_bytes} bytes come, {max(0, most_bytes)} are missing")
    return body_bytes


def _require_piece() -> None:
    if request.mimetype != _PIECE:
        raise _NoPiece(f"Content-Type: {_PIECE} is expected")


def _body(place: Place) -> AbstractContextManager[Read]:
    return incoming.watched(place, incoming.body())


def _checksum() -> Checksum | None:
    """Return what Upload-Checksum says of this request's body (§Checksum). Raises InvalidInput."""
    given = request.headers.get("Upload-Checksum")
    if given is None:
        return None
    algorithm, _, encoded = given.partition(" ")
    if algorithm not in ALGORITHMS:
        raise InvalidInput(f"Upload-Checksum: {', '.join(ALGORITHMS)} are known")
    return Checksum(*uploads.parse_checksum(algorithm, encoded))
