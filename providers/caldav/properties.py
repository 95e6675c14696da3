"""The properties of principals, calendars and entries (RFC 4791 §5.2, §6.2; RFC 3744; RFC 5397; RFC 6578)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from core.clock import to_microseconds
from core.errors import InvalidInput
from db.engine import Transaction
from groupware.calendars import ical, people, rows, shelf
from groupware.calendars.bounds import EARLIEST, LATEST, OBJECT_BYTES, RULE_STEPS
from groupware.calendars.filters import COLLATIONS
from groupware.calendars.shelf import Calendar
from providers.caldav.request import CALDAV, CalendarRequest
from providers.href import escape, http_date
from providers.printer import response
from providers.xml import DAV, element_text, parse, read_body

SERVER = "{http://calendarserver.org/ns/}"
_C = 'xmlns:C="urn:ietf:params:xml:ns:caldav"'
#: A property's content, made when it is asked for.
Value = Callable[[], str]
Values = dict[str, Value]

_REPORTS_ON_CALENDARS = (
    f"<C:calendar-query {_C}/>", f"<C:calendar-multiget {_C}/>", f"<C:free-busy-query {_C}/>", "<D:sync-collection/>",
)  # fmt: skip
_ANYTIME = "%Y%m%dT%H%M%SZ"


class Asked(NamedTuple):
    """Which properties a request names. `everything`: allprop; `names_only`: propname."""

    names: tuple[str, ...]
    everything: bool = False
    names_only: bool = False


def asked_of(request: CalendarRequest) -> Asked:
    """Return what a PROPFIND asks for; without a body that is allprop. Raises InvalidInput."""
    body = read_body(request.environ, request.limits)
    if not body:
        return Asked((), everything=True)
    root = parse(body, "propfind")
    named = tuple(
        dict.fromkeys(str(one.tag) for part in ("prop", "include") for one in root.iterfind(f"{DAV}{part}/*"))
    )
    if root.find(DAV + "propname") is not None:
        return Asked((), names_only=True)
    if root.find(DAV + "allprop") is not None:
        return Asked(named, everything=True)
    if root.find(DAV + "prop") is None:
        raise InvalidInput("propfind holds one of allprop, propname and prop")
    return Asked(named)


def told(href: str, asked: Asked, values: Values, kept: dict[str, str] | None = None) -> str:
    """Return the response element for one resource: live properties by `values`, those clients keep as XML."""
    kept = kept or {}
    if asked.names_only:
        return response(href, "".join(map(element_text, (*values, *kept))), "")
    names: Iterable[str] = asked.names
    if asked.everything:
        names = dict.fromkeys((*(name for name in values if name in _ALLPROP), *kept, *asked.names))
    found, missing = [], []
    for name in names:
        if name in kept:
            found.append(kept[name])
        elif name in values:
            found.append(element_text(name, values[name]()))
        else:
            missing.append(element_text(name))
    return response(href, "".join(found), "".join(missing))


_ALLPROP = tuple(
    DAV + name
    for name in ("resourcetype", "displayname", "getetag", "getcontenttype", "getcontentlength", "getlastmodified")
)


def _common(request: CalendarRequest) -> Values:
    return {
        DAV + "current-user-principal": lambda: f"<D:href>{request.home}</D:href>",
        DAV + "principal-collection-set": lambda: "<D:href>/dav/calendars/</D:href>",
        DAV + "owner": lambda: f"<D:href>{request.home}</D:href>",
    }


def of_root(request: CalendarRequest) -> Values:
    """Return the properties of /dav/calendars/ itself."""
    return {
        DAV + "resourcetype": lambda: "<D:collection/>",
        DAV + "displayname": lambda: "calendars",
        DAV + "supported-report-set": lambda: _reports("<D:principal-property-search/>"),
        CALDAV + "calendar-home-set": lambda: f"<D:href>{request.home}</D:href>",
        **_common(request),
    }


def of_principal(request: CalendarRequest, tx: Transaction) -> Values:
    """Return the properties of the caller as a principal, where their calendars are too."""
    login_id = request.caller.login_id

    def addresses() -> str:
        known = [one for one in people.of_contract(tx, request.caller.contract_id) if one.login_id == login_id]
        found = [people.address_of(login_id), request.home]
        found += [f"mailto:{one.mail_address}" for one in known if one.mail_address]
        return "".join(f"<D:href>{escape(one)}</D:href>" for one in reversed(found))

    return {
        DAV + "resourcetype": lambda: "<D:collection/><D:principal/>",
        DAV + "displayname": lambda: escape(login_id),
        DAV + "principal-URL": lambda: f"<D:href>{request.home}</D:href>",
        DAV + "group-membership": lambda: "",
        DAV + "current-user-privilege-set": lambda: _privileges(request.grant.may_write, request.grant.may_write),
        DAV + "supported-report-set": lambda: _reports("<D:expand-property/>", "<D:principal-property-search/>"),
        CALDAV + "calendar-home-set": lambda: f"<D:href>{request.home}</D:href>",
        CALDAV + "calendar-user-address-set": addresses,
        CALDAV + "calendar-user-type": lambda: "INDIVIDUAL",
        **_common(request),
    }


def sync_token(calendar: Calendar, number: int) -> str:
    """Return the token for a change of a calendar (RFC 6578 §3.8)."""
    return f"urn:azukari:sync:{calendar.id}-{number}"


def of_calendar(request: CalendarRequest, calendar: Calendar) -> Values:
    """Return the live properties of a calendar."""
    token = sync_token(calendar, calendar.sync_number)
    write, change = calendar.may_write(request.grant), calendar.may_change(request.grant)
    return {
        DAV + "resourcetype": lambda: f"<D:collection/><C:calendar {_C}/>",
        DAV + "displayname": lambda: escape(request.title(calendar)),
        DAV + "sync-token": lambda: token,
        SERVER + "getctag": lambda: token,
        DAV + "current-user-privilege-set": lambda: _privileges(write, change),
        DAV + "supported-report-set": lambda: _reports(*_REPORTS_ON_CALENDARS),
        CALDAV + "supported-calendar-component-set": lambda: "".join(
            f'<C:comp {_C} name="{one}"/>' for one in calendar.components
        ),
        CALDAV + "supported-calendar-data": lambda: (
            f'<C:calendar-data {_C} content-type="text/calendar" version="2.0"/>'
        ),
        CALDAV + "supported-collation-set": lambda: "".join(
            f"<C:supported-collation {_C}>{one}</C:supported-collation>" for one in COLLATIONS
        ),
        CALDAV + "max-resource-size": lambda: str(OBJECT_BYTES),
        CALDAV + "max-instances": lambda: str(RULE_STEPS),
        CALDAV + "min-date-time": lambda: EARLIEST.strftime(_ANYTIME),
        CALDAV + "max-date-time": lambda: LATEST.strftime(_ANYTIME),
        **_common(request),
    }


#: What a client may set on a calendar of those, and what it may only say when it makes one.
SETTABLE = DAV + "displayname"
_AT_BIRTH = CALDAV + "supported-calendar-component-set"


def is_protected(request: CalendarRequest, calendar: Calendar, name: str) -> bool:
    """Return whether a property of a calendar is the server's to set."""
    return name != SETTABLE and (name == DAV + "getetag" or name in of_calendar(request, calendar))


def of_entry(entry: rows.Entry) -> Values:
    """Return the properties of an entry."""
    return {
        DAV + "resourcetype": lambda: "",
        DAV + "getetag": lambda: entry.etag,
        DAV + "getcontenttype": lambda: f"{CONTENT_TYPE}; component={entry.component.lower()}",
        DAV + "getcontentlength": lambda: str(entry.size_bytes),
        DAV + "getlastmodified": lambda: http_date(to_microseconds(entry.modified_at)),
    }


def of_entry_for(request: CalendarRequest, entry: rows.Entry) -> Values:
    """Return the properties of an entry with those that depend on who asks."""
    return {**of_entry(entry), **_common(request)}


CONTENT_TYPE = "text/calendar; charset=utf-8"


def kept(tx: Transaction, calendar: Calendar) -> dict[str, str]:
    """Return the properties clients keep on a calendar."""
    return shelf.properties(tx, calendar)


def _privileges(write: bool, change: bool) -> str:
    names = ["<D:read/>", "<D:read-current-user-privilege-set/>", f"<C:read-free-busy {_C}/>"]
    if write:
        names += ["<D:write/>", "<D:write-content/>", "<D:bind/>", "<D:unbind/>"]
    if change:
        names += ["<D:write-properties/>"]
    return "".join(f"<D:privilege>{one}</D:privilege>" for one in names)


def _reports(*names: str) -> str:
    return "".join(f"<D:supported-report><D:report>{one}</D:report></D:supported-report>" for one in names)


def components_of(text: Iterable[str]) -> tuple[str, ...]:
    """Return the components a client names for a new calendar, in our order; unknown ones are left as they are."""
    named = [one.upper() for one in text]
    return tuple(
        [one for one in ical.COMPONENTS if one in named] + [one for one in named if one not in ical.COMPONENTS]
    )
