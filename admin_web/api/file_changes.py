"""Changing files and folders: made, stored, moved, copied, deleted; by the rules of the pages and the drive."""

from __future__ import annotations

from typing import Annotated, cast

from flask import request
from flask_openapi3.models import RawModel
from pydantic import Field

from admin_web import changes, incoming, records
from admin_web.api import entries
from admin_web.api.entries import Entry, Which, entry_at
from admin_web.api.shapes import InstantGiven, Path, Refusal, Shape
from admin_web.browse import place_of
from admin_web.gate import parts
from auth.tokens import Scope
from core.clock import to_microseconds
from core.errors import GatewayError, InvalidInput
from storage import files
from storage.uploads import Announced, Read

#: The same subject: looking and changing are one.
subject = entries.subject

#: What a change may be refused with beside what everything may be.
_LOCKED = {423: Refusal}
_NO_ROOM = {423: Refusal, 507: Refusal}


class Octets(RawModel):
    """A file's bytes."""

    mimetypes = ["application/octet-stream"]  # noqa: RUF012 - the library's own way


class NewFolder(Shape):
    """The folder to make; the one that holds it is there."""

    path: Path


class Transfer(Shape):
    """From where to where; the target's name is free, and the folder that holds it is there."""

    source: Path
    target: Path


class Upload(Shape):
    """Where the bytes go, and what is known of them."""

    path: Path
    replace: Annotated[bool, Field(description="Whether a file of this name is replaced; else it is refused.")] = False
    modified_at: Annotated[InstantGiven | None, Field(description="The file's own time of change.")] = None


@subject.operation("POST /files/folders", scope=Scope.FILES_WRITE, answer=Entry, status=201, more=_LOCKED)
def make_folder(body: NewFolder) -> Entry:
    """Make a folder."""
    place = place_of(body.path)
    try:
        files.make_collection(parts().files, place.grant, place.names, records.conditions(place, "folder"))
    except GatewayError as error:
        records.note_refused(place, "folder", error)
        raise
    return entry_at(place)


@subject.operation("POST /files/move", scope=Scope.FILES_WRITE, answer=Entry, more=_NO_ROOM)
def move_file(body: Transfer) -> Entry:
    """Move a file or a whole folder to a free name, in one step whatever its size."""
    return _transfer("move", body)


@subject.operation("POST /files/copy", scope=Scope.FILES_WRITE, answer=Entry, status=201, more=_NO_ROOM)
def copy_file(body: Transfer) -> Entry:
    """Copy a file or a whole folder to a free name; no byte passes through the caller."""
    return _transfer("copy", body)


def _transfer(act: str, body: Transfer) -> Entry:
    target = place_of(body.target)
    changes.transfer_one(act, place_of(body.source), target)
    return entry_at(target)


@subject.operation("DELETE /files", scope=Scope.FILES_WRITE, more=_LOCKED)
def delete_file(query: Which) -> None:
    """Delete a file, or a folder with all that is in it."""
    place = place_of(query.path)
    try:
        files.delete(parts().files, place.grant, place.names, records.conditions(place, "delete"))
    except GatewayError as error:
        records.note_refused(place, "delete", error)
        raise


@subject.operation("PUT /files/content", scope=Scope.FILES_WRITE, answer=Entry, status=201, more=_NO_ROOM)
def upload(query: Upload, raw: Octets) -> Entry:
    """Store a file: all of it, or nothing.

    The length is told beforehand (Content-Length). Large files over lines that break are better sent to
    `/api/v1/uploads`, where an upload goes on from where it was cut.
    """
    if raw.content_length is None and "Transfer-Encoding" in raw.headers:
        raise InvalidInput("a file is sent with its Content-Length")
    place = place_of(query.path)
    modified_us = None if query.modified_at is None else to_microseconds(query.modified_at)
    incoming.store(place, _body(), Announced(raw.content_length or 0, modified_us=modified_us), replace=query.replace)
    return entry_at(place)


def _body() -> Read:
    """Return the reader of the bare body: whole, or an error that ends the request."""
    return cast(Read, request.environ["wsgi.input"].read)
