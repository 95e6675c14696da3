"""GET, PUT and DELETE of one entry, with its entity tag (RFC 4791 §5.3.2)."""

from __future__ import annotations

from dataclasses import replace

from core.clock import to_microseconds
from core.errors import CalendarRefused, NotAllowedHere
from db.engine import Transaction
from groupware.calendars import ical, objects, rows
from groupware.calendars.bounds import OBJECT_BYTES
from groupware.calendars.objects import Put
from providers.caldav import collections
from providers.caldav.properties import CONTENT_TYPE
from providers.caldav.request import CalendarRequest
from providers.conditions import NotModified
from providers.href import http_date, quote_name
from providers.http import Response, announced_bytes
from providers.xml import read_body


def get(request: CalendarRequest) -> Response:
    """Return an entry as it was stored; of a collection the addresses of what is in it."""
    names = request.names
    with request.database.reading() as tx:
        if len(names) < 3:
            listed = [request.caller.login_id]
            if len(names) == 2:
                listed = [one.name for one in objects.all_of(tx, request.calendar(tx))]
            text = "".join(f"{quote_name(one)}\n" for one in listed)
            return Response(200, [("Content-Type", "text/plain; charset=utf-8")], text.encode())
        entry = rows.get(tx, request.calendar(tx), names[2])
    try:
        request.check(entry)
    except NotModified:
        return Response(304, [("ETag", entry.etag)])
    request.note_read()
    headers = [
        ("Content-Type", f"{CONTENT_TYPE}; component={entry.component.lower()}"),
        ("ETag", entry.etag),
        ("Last-Modified", http_date(to_microseconds(entry.modified_at))),
    ]
    return Response(200, headers, entry.data.encode())


def put(request: CalendarRequest) -> Response:
    """Store an entry: 201 for a new name, 204 for a replaced one; whole or not at all.

    Raises CalendarRefused with the precondition that does not hold.
    """
    if len(request.names) < 3:
        raise NotAllowedHere("a collection")
    collections.require_parent(request)
    kind = str(request.environ.get("CONTENT_TYPE") or "").partition(";")[0].strip().lower()
    if kind not in ("", "text/calendar", "application/octet-stream"):
        raise CalendarRefused("supported-calendar-data", kind[:64])
    if (announced_bytes(request.environ) or 0) > OBJECT_BYTES:
        raise CalendarRefused("max-resource-size", str(OBJECT_BYTES))
    body = read_body(request.environ, replace(request.limits, xml_bytes=OBJECT_BYTES))
    parsed, record = ical.read(body), request.record("write")

    def operation(tx: Transaction) -> Put:
        calendar = request.calendar(tx)
        return objects.put(
            tx, request.grant, calendar, request.names[2], parsed, record=record, now=request.now,
            check=request.checked,
        )  # fmt: skip

    done = request.database.write(operation)
    request.note_written("write")
    return Response(201 if done.created else 204, [("ETag", done.etag)])


def delete(request: CalendarRequest) -> Response:
    """Delete an entry, or a calendar with all of them. 204."""
    if len(request.names) < 3:
        return collections.delete(request)
    record = request.record("delete")

    def operation(tx: Transaction) -> None:
        calendar = request.calendar(tx)
        objects.remove(
            tx, request.grant, calendar, request.names[2], record=record, now=request.now, check=request.checked
        )

    request.database.write(operation)
    request.note_written("delete")
    return Response(204)
