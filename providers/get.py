"""GET and HEAD (RFC 9110 §9.3, §14; CLIENTS A9)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from typing_extensions import Buffer

from core.errors import NotFound, StoreUnavailable
from providers import records
from providers.conditions import NotModified, range_still_valid, require
from providers.href import content_type, escape, http_date, quote_name
from providers.http import DavRequest, Headers, Response
from storage import files
from storage.nodes import Node

#: Up to here an answer is handed over at once and is out of our hands; a longer one is a transfer (R16).
_WHOLE_BYTES = 64 * 1024
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)
#: What people store never runs as a page of ours (stored HTML, SVG).
_SANDBOX = [("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "sandbox; default-src 'none'")]


def get(request: DavRequest) -> Response:
    """Answer GET and HEAD: the file or one range of it; a plain listing for a collection."""
    node = request.target.own(files.stat(request.fs, request.grant, request.names))
    if node.is_collection:
        require(request, node)
        return _listing(request, node)
    try:
        require(request, node)
    except NotModified:
        return Response(304, _validators(node))
    return _file(request, node)


def _validators(node: Node) -> Headers:
    return [("ETag", node.etag), ("Last-Modified", http_date(node.modified_us)), ("Accept-Ranges", "bytes")]


def _file(request: DavRequest, node: Node) -> Response:
    size = node.size_bytes
    headers = [*_validators(node), ("Content-Type", content_type(node)), *_SANDBOX]
    span = _range(request, node)
    if span is None:
        return Response(416, [("Content-Range", f"bytes */{size}"), *_validators(node)])
    headers.append(("Content-Length", str(span.length)))
    if span.partial:
        headers.append(("Content-Range", f"bytes {span.start}-{span.start + span.length - 1}/{size}"))
    status = 206 if span.partial else 200
    if request.method == "HEAD":
        return Response(status, headers)
    return Response(status, headers, _content(request, node, span.start, span.length))


class _Span(NamedTuple):
    start: int
    length: int
    partial: bool


def _range(request: DavRequest, node: Node) -> _Span | None:
    """Return what to send; None where the range lies outside the file (416).

    Several ranges, other units and unreadable ones are ignored, as RFC 9110 §14.2 allows; HEAD knows none,
    and of an empty file there is no part to send.
    """
    size = node.size_bytes
    whole = _Span(0, size, partial=False)
    header = request.header("HTTP_RANGE")
    found = _RANGE.fullmatch(header.strip()) if header and request.method == "GET" else None
    if found is None or size == 0 or not range_still_valid(request, node):
        return whole
    first, last = found.groups()
    if first == "":
        if last == "":
            return whole
        length = min(int(last), size)
        return _Span(size - length, length, partial=True) if length else None
    start = int(first)
    if last and int(last) < start:
        return whole
    if start >= size:
        return None
    end = min(int(last), size - 1) if last else size - 1
    return _Span(start, end - start + 1, partial=True)


def _content(request: DavRequest, node: Node, start: int, length: int) -> bytes | Iterator[Buffer]:
    """Return the bytes; the first of them are fetched here, while a failure can still be told in the status."""
    try:
        source = files.content(request.fs, request.grant, node, start=start, length=length)
        first = next(source, b"")
    except NotFound as error:
        # Replaced and reclaimed since its row was read: the caller gets an error it may simply repeat.
        raise StoreUnavailable(f"no object {node.object_id}") from error
    if len(memoryview(first)) == length <= _WHOLE_BYTES:
        return bytes(first)
    return _transfer(request, itertools.chain((first,), source), source)


def _transfer(request: DavRequest, blocks: Iterable[Buffer], source: Iterator[Buffer]) -> Iterator[Buffer]:
    """Yield the bytes while their reader may go on (R16); that it may not is noted in the access log."""
    with request.transfer(sending=True) as transfer:
        try:
            for block in blocks:
                transfer.check()
                yield block
        finally:
            if transfer.closed is not None:
                records.note_ended(request, transfer.closed)
            close = getattr(source, "close", None)
            if close is not None:
                close()


def _listing(request: DavRequest, node: Node) -> Response:
    """Return a page for whoever opens a folder's address in a browser; the real pages are /files/."""
    if request.method == "HEAD":
        return Response(200, [("Content-Type", "text/html; charset=utf-8"), *_SANDBOX])
    first = files.members(request.fs, request.grant, node)
    return Response(200, [("Content-Type", "text/html; charset=utf-8"), *_SANDBOX], _page(request, node, first))


def _page(request: DavRequest, node: Node, members: list[Node]) -> Iterator[bytes]:
    target = request.target
    title, base = escape(target.shown[-1] if target.shown else request.grant.folder), target.href
    yield f'<!doctype html><meta charset="utf-8"><title>{title}</title><h1>{title}</h1><ul>'.encode()
    while members:
        yield "".join(
            f'<li><a href="{base}/{quote_name(one.name)}{"/" if one.is_collection else ""}">{escape(one.name)}</a></li>'
            for one in map(target.show, members)
        ).encode()
        members = files.members(request.fs, request.grant, node, after=members[-1].name)
    yield b"</ul>"
