"""Calendars as collections: PROPFIND, PROPPATCH, MKCALENDAR and MKCOL (RFC 4791 §5.3.1, RFC 5689), DELETE."""

from __future__ import annotations

from http import HTTPStatus

from lxml import etree

from core.errors import AccessDenied, AlreadyExists, InvalidInput, NotFound, ParentMissing
from db.engine import Transaction
from groupware.calendars import ical, objects, rows, shelf
from providers.caldav.properties import (
    SETTABLE,
    asked_of,
    components_of,
    is_protected,
    kept,
    of_calendar,
    of_entry_for,
    of_principal,
    of_root,
    told,
)
from providers.caldav.request import CALDAV, CalendarRequest
from providers.errors import DavRefusal
from providers.http import Response, depth_of
from providers.printer import CLOSE, OPEN, propstat
from providers.xml import DAV, XML_TYPE, element_text, parse, read_body

_COMPONENT_SET = CALDAV + "supported-calendar-component-set"
_MAX_NAME_CHARACTERS = 512
_MAX_VALUE_BYTES = 65_536


def propfind(request: CalendarRequest) -> Response:
    """Answer PROPFIND with 207; below the caller's calendars there is nothing deeper than an entry."""
    depth = depth_of(request.environ, "infinity", "0", "1", "infinity")
    if depth == "infinity":
        raise DavRefusal(HTTPStatus.FORBIDDEN, "propfind.finite_depth", "<D:propfind-finite-depth/>")
    asked = asked_of(request)
    names = request.names
    if len(names) in (0, 1):
        calendars = shelf.open_home(request.database, request.grant, now=request.now)
    with request.database.reading() as tx:
        if not names:
            found = [told("/dav/calendars/", asked, of_root(request))]
            if depth == "1":
                found.append(told(request.home, asked, of_principal(request, tx)))
        elif len(names) == 1:
            found = [told(request.home, asked, of_principal(request, tx))]
            for one in calendars if depth == "1" else ():
                found.append(told(request.href(one.name) + "/", asked, of_calendar(request, one), kept(tx, one)))
        elif len(names) == 2:
            calendar = request.calendar(tx)
            href = request.href(calendar.name)
            found = [told(href + "/", asked, of_calendar(request, calendar), kept(tx, calendar))]
            for entry in objects.all_of(tx, calendar) if depth == "1" else ():
                found.append(told(request.href(calendar.name, entry.name), asked, of_entry_for(request, entry)))
        else:
            entry = rows.get(tx, request.calendar(tx), names[2])
            found = [told(request.href(*names[1:]), asked, of_entry_for(request, entry))]
    return Response(207, [XML_TYPE], OPEN + "".join(found).encode() + CLOSE)


def proppatch(request: CalendarRequest) -> Response:
    """Set and remove properties of a calendar, all or none (RFC 4918 §9.2)."""
    with request.database.reading() as tx:
        calendar = request.calendar(tx)
        if len(request.names) > 2:
            raise AccessDenied("access.denied")
    values = _instructions(parse(read_body(request.environ, request.limits), "propertyupdate"))
    protected = [name for name in values if is_protected(request, calendar, name)]
    href = request.href(calendar.name) + "/"
    if protected:
        error = "<D:error><D:cannot-modify-protected-property/></D:error>"
        others = "".join(element_text(name) for name in values if name not in protected)
        told_ = propstat("".join(map(element_text, protected)), "403 Forbidden", error)
        told_ += propstat(others, "424 Failed Dependency") if others else ""
        return _multistatus(href, told_)
    title = _title(values)
    dead = {name: value for name, value in values.items() if name != SETTABLE}
    record = request.record("properties")
    request.database.write(lambda tx: shelf.change(tx, request.grant, calendar, dead, title=title, record=record))
    request.note_written("properties")
    return _multistatus(href, propstat("".join(map(element_text, values)), "200 OK"))


def _multistatus(href: str, propstats: str) -> Response:
    body = f"<D:response><D:href>{href}</D:href>{propstats}</D:response>"
    return Response(207, [XML_TYPE], OPEN + body.encode() + CLOSE)


def make(request: CalendarRequest) -> Response:
    """Make a calendar; with MKCOL the body has to say that it is one. 201."""
    names = request.names
    if len(names) < 2:
        raise AlreadyExists("/".join(names))
    if len(names) > 2:
        with request.database.reading() as tx:
            request.calendar(tx)
        raise DavRefusal(
            HTTPStatus.FORBIDDEN, "access.fixed_folder",
            '<C:calendar-collection-location-ok xmlns:C="urn:ietf:params:xml:ns:caldav"/>',
        )  # fmt: skip
    values, components = _birth(request)
    title, record = _title(values) or "", request.record("folder")
    dead = {name: value for name, value in values.items() if name not in (SETTABLE, _COMPONENT_SET) and value}

    def operation(tx: Transaction) -> None:
        made = shelf.create(
            tx, request.grant, names[1], title=title, components=components, record=record, now=request.now
        )
        shelf.set_properties(tx, made, dead)

    request.database.write(operation)
    request.note_written("folder")
    return Response(201, [("Cache-Control", "no-cache")])


def _birth(request: CalendarRequest) -> tuple[dict[str, str | None], tuple[str, ...]]:
    """Return the properties and components a request wants a new calendar to have."""
    body = read_body(request.environ, request.limits)
    if not body:
        if request.method == "MKCOL":
            raise DavRefusal(HTTPStatus.FORBIDDEN, "access.fixed_folder", "<D:valid-resourcetype/>")
        return {}, ical.COMPONENTS
    root = parse(body, "mkcol" if request.method == "MKCOL" else CALDAV + "mkcalendar")
    kinds = {str(one.tag) for one in root.iterfind(f"{DAV}set/{DAV}prop/{DAV}resourcetype/*")}
    if request.method == "MKCOL" and kinds != {DAV + "collection", CALDAV + "calendar"}:
        raise DavRefusal(HTTPStatus.FORBIDDEN, "access.fixed_folder", "<D:valid-resourcetype/>")
    named = root.find(f"{DAV}set/{DAV}prop/{_COMPONENT_SET}")
    components: tuple[str, ...] = ical.COMPONENTS
    if named is not None:
        components = components_of(str(one.get("name", "")) for one in named.iterfind(CALDAV + "comp"))
    values = _instructions(root, may_be_empty=True)
    values.pop(DAV + "resourcetype", None)
    return values, components


def _instructions(root: etree._Element, *, may_be_empty: bool = False) -> dict[str, str | None]:
    """Return what a body sets (an element as XML) and removes (None), by property. Raises InvalidInput."""
    values: dict[str, str | None] = {}
    for instruction in root:
        if instruction.tag not in (DAV + "set", DAV + "remove"):
            continue
        for element in instruction.iterfind(f"{DAV}prop/*"):
            name = str(element.tag)
            text = etree.tostring(element, encoding="unicode", with_tail=False)
            if len(name) > _MAX_NAME_CHARACTERS or len(text.encode()) > _MAX_VALUE_BYTES:
                raise InvalidInput("a property's name or value is too long")
            values[name] = text if instruction.tag == DAV + "set" else None
    if not values and not may_be_empty:
        raise InvalidInput("propertyupdate names no property")
    return values


def _title(values: dict[str, str | None]) -> str | None:
    """Return the title a body sets; an empty one where it removes it, None where it says nothing of it."""
    if SETTABLE not in values:
        return None
    value = values[SETTABLE]
    return "" if value is None else "".join(str(one) for one in etree.fromstring(value).itertext()).strip()


def delete(request: CalendarRequest) -> Response:
    """Delete a calendar with all its entries. 204."""
    if len(request.names) < 2:
        raise AccessDenied("access.fixed_folder")
    record = request.record("delete")
    request.database.write(lambda tx: shelf.remove(tx, request.grant, request.calendar(tx), record=record))
    request.note_written("delete")
    return Response(204)


def require_parent(request: CalendarRequest) -> None:
    """Return if the calendar an entry is to be put into is there. Raises ParentMissing (409)."""
    with request.database.reading() as tx:
        try:
            request.calendar(tx)
        except NotFound as error:
            raise ParentMissing(str(error)) from None
