"""From the XML of a report to what it asks for: filters, windows, and which part of an entry to send (RFC 4791 §9)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from core.errors import CalendarRefused, InvalidInput
from groupware.calendars import expand, filters
from groupware.calendars.bounds import EARLIEST, LATEST
from groupware.calendars.expand import Window
from groupware.calendars.filters import CompFilter, ParamFilter, PropFilter, TextMatch
from providers.caldav.request import CALDAV

_INSTANT = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of an entry's text to send: instances of a window in place of the rule, some components only."""

    expand: Window | None = None
    part: etree._Element | None = None


def window_of(element: etree._Element | None) -> Window | None:
    """Return the window of a time-range, expand or free-busy element. Raises InvalidInput."""
    if element is None:
        return None
    start, end = (_instant(element.get(name)) for name in ("start", "end"))
    if start is None and end is None:
        raise InvalidInput("a time range needs start or end")
    if start is not None and end is not None and end <= start:
        raise InvalidInput("a time range ends after it starts")
    return Window(start, end)


def _instant(text: str | None) -> datetime | None:
    """Return an instant, moved to the years that calendars reach."""
    if text is None:
        return None
    if not _INSTANT.fullmatch(text):
        raise InvalidInput("times of a range are written as 20260401T090000Z")
    try:
        at = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput(f"{text} is no time") from None
    return max(EARLIEST, min(LATEST, at))


def filter_of(root: etree._Element) -> CompFilter:
    """Return the filter of a calendar-query.

    Raises InvalidInput where there is none, CalendarRefused for one that cannot be applied.
    """
    found = root.findall(f"{CALDAV}filter/{CALDAV}comp-filter")
    if len(found) != 1 or _name(found[0]) != "VCALENDAR":
        raise InvalidInput("the filter begins with one comp-filter for VCALENDAR")
    return _comp(found[0], 0)


def _comp(element: etree._Element, depth: int) -> CompFilter:
    if depth > _DEPTH:
        raise CalendarRefused("supported-filter", "depth")
    name, window = _name(element), window_of(element.find(CALDAV + "time-range"))
    if name == "VCALENDAR" and window is not None:
        raise CalendarRefused("supported-filter", "time-range")
    return CompFilter(
        name,
        element.find(CALDAV + "is-not-defined") is not None,
        window,
        tuple(_prop(one) for one in element.findall(CALDAV + "prop-filter")),
        tuple(_comp(one, depth + 1) for one in element.findall(CALDAV + "comp-filter")),
    )


def _prop(element: etree._Element) -> PropFilter:
    return PropFilter(
        _name(element),
        element.find(CALDAV + "is-not-defined") is not None,
        window_of(element.find(CALDAV + "time-range")),
        _text(element.find(CALDAV + "text-match")),
        tuple(
            ParamFilter(
                _name(one), one.find(CALDAV + "is-not-defined") is not None, _text(one.find(CALDAV + "text-match"))
            )
            for one in element.findall(CALDAV + "param-filter")
        ),
    )


def _text(element: etree._Element | None) -> TextMatch | None:
    if element is None:
        return None
    collation = element.get("collation") or filters.COLLATIONS[0]
    if collation == "default":
        collation = filters.COLLATIONS[0]
    if collation not in filters.COLLATIONS:
        raise CalendarRefused("supported-collation", str(collation)[:64])
    return TextMatch(element.text or "", str(collation), element.get("negate-condition") == "yes")


def _name(element: etree._Element) -> str:
    name = element.get("name")
    if not name:
        raise InvalidInput("a filter names what it is about")
    return str(name).upper()


def shown_of(element: etree._Element) -> Shown:
    """Return which part of each entry a calendar-data element asks for. Raises InvalidInput."""
    window = window_of(element.find(CALDAV + "expand"))
    if window is not None and None in window:
        raise InvalidInput("expand has a start and an end")
    return Shown(window, element.find(CALDAV + "comp"))


def text_of(shown: Shown, text: str, calendar: Any, *, room: int) -> tuple[str, int]:
    """Return an entry's text as it was asked for, and how many instances are in it.

    Raises CalendarRefused (number-of-matches-within-limits) beyond `room` instances.
    """
    count = 1
    if shown.expand is not None:
        calendar, count = expand.expanded(calendar, shown.expand, limit=room)
    if shown.part is not None:
        calendar = _chosen(calendar, shown.part)
    if shown.expand is None and shown.part is None:
        return text, count
    raw: bytes = calendar.to_ical()
    return raw.decode(), count


def _chosen(part: Any, asked: etree._Element) -> Any:
    """Return a component with the properties and components asked for; those of the same name keep their order."""
    made = part.copy()
    if asked.find(CALDAV + "allprop") is None:
        wanted = {str(one.get("name", "")).upper() for one in asked.findall(CALDAV + "prop")}
        for name in list(made.keys()):
            if wanted and name.upper() not in wanted:
                made.pop(name)
    comps = {str(one.get("name", "")).upper(): one for one in asked.findall(CALDAV + "comp")}
    made.subcomponents = [
        _chosen(one, comps[one.name]) if one.name in comps else one
        for one in part.subcomponents
        if one.name in comps or one.name == "VTIMEZONE" or asked.find(CALDAV + "allcomp") is not None or not comps
    ]
    return made
