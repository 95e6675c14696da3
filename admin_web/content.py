"""The bytes of files for browsers: whole or a range, never as a page of ours (RFC 9110 §14)."""

from __future__ import annotations

import codecs
import contextlib
import functools
import mimetypes
from collections.abc import Callable, Iterator
from urllib.parse import quote

from flask import Response, request
from typing_extensions import Buffer
from werkzeug.datastructures import ContentRange
from werkzeug.http import dump_options_header, http_date, quote_etag, unquote_etag
from werkzeug.utils import secure_filename

from admin_web import records
from admin_web.places import Place
from admin_web.records import Watching
from admin_web.security import PDF_POLICY, SANDBOX
from core.clock import from_microseconds
from core.errors import NotFound, StoreUnavailable
from storage import files
from storage.files import FileSystem
from storage.nodes import Node

#: What a browser may show itself; all else is only ever downloaded. SVG is a picture in <img>, and sandboxed alone.
_SHOWN = ("image/", "audio/", "video/", "text/plain", "application/pdf")


@functools.lru_cache(maxsize=4096)
def _guess(suffix: str) -> tuple[str | None, str | None]:
    return mimetypes.guess_type("x" + suffix, strict=False)


def media_type(name: str) -> str:
    """Return the media type a name suggests; every kind of text is plain text."""
    # Two suffixes tell all there is to know: the type's, and that of a compression.
    guessed, encoding = _guess("".join(f".{one}" for one in name.lower().split(".")[1:][-2:]))
    if guessed is None or encoding is not None:
        return "application/octet-stream"
    if guessed.startswith("text/") or guessed in ("application/json", "application/xml", "application/x-sh"):
        return "text/plain"
    return guessed


def kind(name: str) -> str:
    """Return how a name's content can be previewed: image, audio, video, text, pdf, or an empty text."""
    guessed = media_type(name)
    if guessed == "application/pdf":
        return "pdf"
    main = guessed.partition("/")[0]
    return main if main in ("image", "audio", "video", "text") else ""


def text_of(data: bytes, *, cut: bool) -> str:
    """Return a text file's words: UTF-8, else the Shift_JIS of Japanese Windows; `cut` where the end is missing."""
    for encoding in ("utf-8-sig", "cp932"):
        with contextlib.suppress(UnicodeDecodeError):
            return codecs.getincrementaldecoder(encoding)().decode(data, final=not cut)
    return data.decode("utf-8", "replace")


def icon(name: str) -> str:
    """Return the picture that stands before a file's name."""
    return kind(name) or "file"


def answer(
    fs: FileSystem,
    place: Place,
    node: Node,
    *,
    note: Callable[[Place], None] = records.note_read,
    watch: Callable[[Place], Watching] = records.sending,
) -> Response:
    """Return a file, or the range of it that was asked for.

    `note` writes down that it is read and may refuse that; what `watch` gives is called between blocks, and
    raises where the transfer may not go on.
    """
    etag = unquote_etag(node.etag)[0]
    if etag in request.if_none_match:
        return Response(status=304, headers=_validators(node))
    size, span = node.size_bytes, _span(node)
    if span is None:
        return Response(status=416, headers=[*_validators(node), ("Content-Range", f"bytes */{size}")])
    note(place)
    start, length = span
    response = Response(
        _blocks(fs, place, node, start, length, watch), headers=[*_validators(node), *_description(node)]
    )
    response.content_length = length
    if length != size:
        response.status_code = 206
        response.content_range = ContentRange("bytes", start, start + length, size)
    return response


def _validators(node: Node) -> list[tuple[str, str]]:
    return [
        ("ETag", node.etag),
        ("Last-Modified", http_date(from_microseconds(node.modified_us))),
        ("Accept-Ranges", "bytes"),
        # Kept by this browser alone, and asked for again each time: a lock bites at the next request (R16).
        ("Cache-Control", "private, no-cache"),
    ]


def _description(node: Node) -> list[tuple[str, str]]:
    shown = media_type(node.name)
    inline = shown.startswith(_SHOWN) and "download" not in request.args
    policy = PDF_POLICY if shown == "application/pdf" else SANDBOX
    return [
        ("Content-Type", f"{shown}; charset=utf-8" if shown == "text/plain" else shown),
        ("Content-Disposition", disposition(node.name, inline=inline)),
        ("Content-Security-Policy", policy),
        ("X-Frame-Options", "SAMEORIGIN"),
    ]


def disposition(name: str, *, inline: bool = False) -> str:
    """Return a Content-Disposition that keeps a name in any script (RFC 6266 §4.3)."""
    safe = secure_filename(name) == name
    given = {"filename": name} if safe else {"filename*": f"UTF-8''{quote(name, safe='')}"}
    return dump_options_header("inline" if inline else "attachment", given)


def _span(node: Node) -> tuple[int, int] | None:
    """Return offset and length to send; None where the range lies outside the file."""
    size, asked = node.size_bytes, request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or size == 0 or not _still_valid(node):
        return 0, size
    found = asked.range_for_length(size)
    return None if found is None else (found[0], found[1] - found[0])


def _still_valid(node: Node) -> bool:
    condition = request.if_range
    if condition.etag is not None:
        return quote_etag(condition.etag) == node.etag
    return condition.date is None or condition.date == from_microseconds(node.modified_us).replace(microsecond=0)


def _blocks(
    fs: FileSystem, place: Place, node: Node, start: int, length: int, watch: Callable[[Place], Watching]
) -> Iterator[bytes]:
    if request.method == "HEAD":
        return iter(())
    source = files.content(fs, place.grant, node, start=start, length=length)
    try:
        # A failure of the store can still be told in the status.
        first = next(source, b"")
    except NotFound:
        raise StoreUnavailable("the file was replaced just now") from None
    return _chain(first, source, watch(place))


def _chain(first: Buffer, source: Iterator[Buffer], watching: Watching) -> Iterator[bytes]:
    try:
        with watching as check:
            yield bytes(first)
            for block in source:
                check()
                yield bytes(block)
    finally:
        close = getattr(source, "close", None)
        if close is not None:
            close()
