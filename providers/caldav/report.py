"""REPORT (RFC 3253 §3.6): calendar-query, calendar-multiget, free-busy-query, sync-collection, expand-property."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from lxml import etree

from core import baton
from core.errors import CalendarRefused, GatewayError, InvalidInput
from db.engine import Transaction
from groupware.calendars import freebusy, ical, objects, rows, shelf
from groupware.calendars.bounds import INSTANCES
from groupware.calendars.expand import Window
from groupware.calendars.filters import CompFilter, matches
from groupware.calendars.shelf import Calendar
from providers.caldav import query
from providers.caldav.front import MOUNT
from providers.caldav.properties import Asked, kept, of_calendar, of_entry_for, of_principal, sync_token, told
from providers.caldav.query import Shown
from providers.caldav.request import CALDAV, CalendarRequest
from providers.errors import DavRefusal
from providers.href import escape
from providers.http import DAV_MOUNT, Response, decode_url_path
from providers.printer import CLOSE, OPEN, response
from providers.xml import DAV, XML_TYPE, element_text, parse, read_body

_DATA = CALDAV + "calendar-data"
_TOKEN = re.compile(r"urn:azukari:sync:([0-9]{1,18})-([0-9]{1,18})")
_HREFS = 5_000


def report(request: CalendarRequest) -> Response:
    """Answer one of the reports. Raises DavRefusal (supported-report) for any other."""
    root = _root(read_body(request.environ, request.limits))
    if len(request.names) == 1 and root.tag == DAV + "expand-property":
        return _expand_property(request, root)
    if len(request.names) < 2 and root.tag == DAV + "principal-property-search":
        return _principal_search(request, root)
    answer = _ANSWERS.get(str(root.tag))
    if answer is None or len(request.names) != 2:
        raise DavRefusal(HTTPStatus.FORBIDDEN, "method.unknown", "<D:supported-report/>", reason="REPORT")
    baton.lay_down()  # reading entries is work for the processor, and may be a lot of it
    return answer(request, root)


def _root(body: bytes) -> etree._Element:
    names = (*_ANSWERS, DAV + "expand-property", DAV + "principal-property-search", *(DAV + name for name in _OTHERS))
    return parse(body, *names)


#: Reports that other servers have: asked for, they are refused by name.
_OTHERS = ("principal-search-property-set", "principal-match", "acl-principal-prop-set")


class _Teller:
    """Writes the responses of one report, counting the instances that go with them."""

    def __init__(self, request: CalendarRequest, calendar: Calendar, root: etree._Element) -> None:
        self._request, self._calendar = request, calendar
        named = [str(one.tag) for one in root.iterfind(f"{DAV}prop/*")]
        if root.find(DAV + "allprop") is not None:
            named += [DAV + name for name in ("getetag", "getcontenttype", "getlastmodified", "resourcetype")]
        self._asked = Asked(tuple(dict.fromkeys(named)))
        data = root.find(f"{DAV}prop/{_DATA}")
        self._shown: Shown | None = None if data is None else query.shown_of(data)
        self._room = INSTANCES
        self.wants_data = data is not None

    def entry(self, entry: rows.Entry, calendar: object | None = None) -> str:
        """Return the response for an entry; its text is parsed where it must be, and was not yet."""
        values = of_entry_for(self._request, entry)
        if self._shown is not None:
            text = self._text(self._shown, entry, calendar)
            values[_DATA] = lambda: text
        return told(self._href(entry.name), self._asked, values)

    def _text(self, shown: Shown, entry: rows.Entry, calendar: object | None) -> str:
        if shown.expand is not None or shown.part is not None:
            calendar = calendar or ical.parse(entry.data)
        text, count = query.text_of(shown, entry.data, calendar, room=self._room)
        self._room -= count if shown.expand is not None else 0
        # A carriage return would be read as a line feed (XML 1.0 §2.11).
        return escape(text).replace("\r", "&#13;")

    def missing(self, name: str) -> str:
        """Return the response for a name that is not there, or no longer."""
        return gone(self._href(name))

    def _href(self, name: str) -> str:
        return self._request.href(self._calendar.name, name)


def gone(href: str) -> str:
    """Return the response for a resource that is not there."""
    return f"<D:response><D:href>{href}</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>"


def _multistatus(parts: Iterable[str], more: str = "") -> Response:
    return Response(207, [XML_TYPE], OPEN + ("".join(parts) + more).encode() + CLOSE)


def _calendar_query(request: CalendarRequest, root: etree._Element) -> Response:
    asked = query.filter_of(root)
    with request.database.reading() as tx:
        calendar = request.calendar(tx)
        candidates = _candidates(tx, calendar, asked)
    teller = _Teller(request, calendar, root)
    found = []
    for entry in candidates:
        parsed = ical.parse(entry.data)
        if matches(asked, parsed):
            found.append(teller.entry(entry, parsed))
    if teller.wants_data:
        request.note_read()
    return _multistatus(found)


def _candidates(tx: Transaction, calendar: Calendar, asked: CompFilter) -> list[rows.Entry]:
    """Return the entries that may answer to a filter: the index of times tells which need not be read at all."""
    if asked.absent:
        return []
    inner = asked.comps[0] if len(asked.comps) == 1 else None
    if inner is None or inner.absent or inner.name not in ical.COMPONENTS:
        return objects.within(tx, calendar, Window(None, None))
    return objects.within(tx, calendar, inner.window or Window(None, None), inner.name)


def _multiget(request: CalendarRequest, root: etree._Element) -> Response:
    hrefs = [(one.text or "").strip() for one in root.findall(DAV + "href")]
    if len(hrefs) > _HREFS:
        raise CalendarRefused("number-of-matches-within-limits", str(_HREFS))
    with request.database.reading() as tx:
        calendar = request.calendar(tx)
        names = {href: _name_below(request, href) for href in hrefs}
        entries = objects.named(tx, calendar, [one for one in names.values() if one is not None])
    teller = _Teller(request, calendar, root)
    found = []
    for href, name in names.items():
        entry = None if name is None else entries.get(name)
        found.append(gone(escape(href)) if entry is None else teller.entry(entry))
    if teller.wants_data:
        request.note_read()
    return _multistatus(found)


def _name_below(request: CalendarRequest, href: str) -> str | None:
    """Return the name of the calendar's own entry that an address means, or None."""
    try:
        names = decode_url_path(urlsplit(href).path)
    except (GatewayError, ValueError):
        return None
    above = (DAV_MOUNT, MOUNT, *request.names)
    return names[-1] if names[:-1] == above else None


def _sync(request: CalendarRequest, root: etree._Element) -> Response:
    token = (root.findtext(DAV + "sync-token") or "").strip()
    if (root.findtext(DAV + "sync-level") or "1").strip() not in ("1", "infinite"):
        raise InvalidInput("sync-level is 1 or infinite")
    with request.database.reading() as tx:
        calendar = request.calendar(tx)
        number, changed = objects.changes(tx, calendar, _number(token, calendar))
        limit = root.findtext(f"{DAV}limit/{DAV}nresults")
        if limit is not None and limit.strip().isdecimal() and len(changed) > int(limit):
            raise CalendarRefused("number-of-matches-within-limits", limit.strip()[:18])
        entries = objects.named(tx, calendar, [one.name for one in changed if one.etag is not None])
    teller = _Teller(request, calendar, root)
    # What was deleted since the changes were read is told the next time.
    found = [
        teller.entry(entries[one.name]) if one.etag is not None else teller.missing(one.name)
        for one in changed
        if one.etag is None or one.name in entries
    ]
    if teller.wants_data:
        request.note_read()
    return _multistatus(found, element_text(DAV + "sync-token", sync_token(calendar, number)))


def _number(token: str, calendar: Calendar) -> int | None:
    """Return the change a token stands for. Raises CalendarRefused for one that is not this calendar's."""
    if not token:
        return None
    found = _TOKEN.fullmatch(token)
    if found is None or int(found[1]) != calendar.id:
        raise CalendarRefused("valid-sync-token")
    return int(found[2])


def _free_busy(request: CalendarRequest, root: etree._Element) -> Response:
    window = query.window_of(root.find(CALDAV + "time-range"))
    if window is None or window.start is None or window.end is None:
        raise InvalidInput("free-busy-query has a time-range with start and end")
    with request.database.reading() as tx:
        calendar = request.calendar(tx)
        entries = objects.within(tx, calendar, window, ical.EVENT)
    text = freebusy.text(freebusy.busy((one.data for one in entries), window), window, now=request.now)
    request.note_read()
    return Response(200, [("Content-Type", "text/calendar; charset=utf-8")], text.encode())


def _expand_property(request: CalendarRequest, root: etree._Element) -> Response:
    """Answer for the caller as principal: properties, and those of the resources they point to (RFC 3253 §3.8)."""
    calendars = shelf.open_home(request.database, request.grant, now=request.now)
    with request.database.reading() as tx:
        found, missing = [], []
        values = of_principal(request, tx)
        for name, element in _properties(root):
            if name not in values:
                missing.append(element_text(name))
                continue
            inner = Asked(tuple(one for one, _ in _properties(element)))
            content = values[name]()
            if inner.names and f"<D:href>{request.home}</D:href>" in content:
                content = told(request.home, inner, values)
                if name == CALDAV + "calendar-home-set":
                    content += "".join(
                        told(request.href(one.name) + "/", inner, of_calendar(request, one), kept(tx, one))
                        for one in calendars
                    )
            found.append(element_text(name, content))
    return _multistatus([response(request.home, "".join(found), "".join(missing))])


def _principal_search(request: CalendarRequest, root: etree._Element) -> Response:
    """Find the caller by name (RFC 3744 §9.4); nobody else's calendars are to be found here."""
    wanted = [
        (one.findtext(DAV + "match") or "").casefold()
        for one in root.findall(DAV + "property-search")
        if one.find(f"{DAV}prop/{DAV}displayname") is not None
    ]
    if any(text not in request.caller.login_id.casefold() for text in wanted):
        return _multistatus([])
    # The caldav library for Python writes the properties it wants beside an empty prop.
    named = [str(one.tag) for one in (*root.iterfind(f"{DAV}prop/*"), *root) if len(one) == 0]
    asked = Asked(tuple(one for one in dict.fromkeys(named) if one != DAV + "prop"))
    with request.database.reading() as tx:
        return _multistatus([told(request.home, asked, of_principal(request, tx))])


def _properties(element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    for one in element.findall(DAV + "property"):
        name = one.get("name")
        if not name:
            raise InvalidInput("a property has a name")
        yield f"{{{one.get('namespace') or 'DAV:'}}}{name}", one


_ANSWERS = {
    CALDAV + "calendar-query": _calendar_query,
    CALDAV + "calendar-multiget": _multiget,
    CALDAV + "free-busy-query": _free_busy,
    DAV + "sync-collection": _sync,
}
