"""What a calendar-query asks for (RFC 4791 §9.7), as values, and whether an entry answers to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from groupware.calendars import alarms, ical
from groupware.calendars.expand import Window, takes_place

COLLATIONS = ("i;ascii-casemap", "i;octet", "i;unicode-casemap")


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A text that a value has to hold, or must not."""

    text: str
    collation: str = COLLATIONS[0]
    negate: bool = False

    def holds(self, value: str) -> bool:
        """Return whether a value answers."""
        found = _folded(self.text, self.collation) in _folded(value, self.collation)
        return found != self.negate


@dataclass(frozen=True, slots=True)
class ParamFilter:
    """A parameter that a property has to have, with a text, or must not have."""

    name: str
    absent: bool = False
    text: TextMatch | None = None


@dataclass(frozen=True, slots=True)
class PropFilter:
    """A property that a component has to have, with a time or text, or must not have."""

    name: str
    absent: bool = False
    window: Window | None = None
    text: TextMatch | None = None
    params: tuple[ParamFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class CompFilter:
    """A component that has to be there, in a time and with all that is asked of it, or must not be there."""

    name: str
    absent: bool = False
    window: Window | None = None
    props: tuple[PropFilter, ...] = ()
    comps: tuple[CompFilter, ...] = ()


def matches(asked: CompFilter, calendar: Any) -> bool:
    """Return whether an entry answers to the filter for its VCALENDAR."""
    if calendar.name != asked.name:
        return asked.absent
    if asked.absent:
        return False
    return all(_has_property(one, calendar) for one in asked.props) and all(
        _has_component(one, calendar, calendar) for one in asked.comps
    )


def _has_component(asked: CompFilter, parent: Any, calendar: Any) -> bool:
    found = [one for one in parent.subcomponents if one.name == asked.name]
    if asked.absent:
        return not found
    if asked.window is not None and not _in_window(asked, parent, calendar):
        return False
    return any(_answers(asked, one, calendar) for one in found)


def _answers(asked: CompFilter, part: Any, calendar: Any) -> bool:
    return all(_has_property(one, part) for one in asked.props) and all(
        _has_component(one, part, calendar) for one in asked.comps
    )


def _in_window(asked: CompFilter, parent: Any, calendar: Any) -> bool:
    assert asked.window is not None
    if asked.name == "VALARM":
        return alarms.rings(calendar, asked.window)
    if asked.name not in ical.COMPONENTS or not any(one.name == asked.name for one in parent.subcomponents):
        return False
    return takes_place(calendar, asked.window)


def _has_property(asked: PropFilter, part: Any) -> bool:
    values = part.get(asked.name)
    found = values if isinstance(values, list) else [] if values is None else [values]
    if asked.absent:
        return not found
    return any(_value_answers(asked, one) for one in found)


def _value_answers(asked: PropFilter, value: Any) -> bool:
    if asked.window is not None:
        moment = getattr(value, "dt", None)
        if moment is None or not hasattr(moment, "year"):
            return False
        at: datetime = ical.instant(moment)
        if not asked.window.covers(at, at):
            return False
    if asked.text is not None and not asked.text.holds(text_of(value)):
        return False
    params = getattr(value, "params", {})
    return all(_has_parameter(one, params) for one in asked.params)


def _has_parameter(asked: ParamFilter, params: Any) -> bool:
    value = params.get(asked.name)
    if asked.absent or value is None:
        return asked.absent and value is None
    shown = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return asked.text is None or asked.text.holds(shown)


def text_of(value: Any) -> str:
    """Return a property's value as people read it."""
    if isinstance(value, str):
        return str(value)
    several = getattr(value, "cats", None)
    if several is not None:
        return ",".join(map(str, several))
    raw = value.to_ical()
    return raw.decode() if isinstance(raw, bytes) else str(raw)


def _folded(text: str, collation: str) -> str:
    if collation == "i;octet":
        return text
    if collation == "i;ascii-casemap":
        return "".join(chr(ord(one) + 32) if "A" <= one <= "Z" else one for one in text)
    return text.casefold()
