"""Rules of repetition (RFC 5545 §3.3.10): which are let in, and when the last instance ends.

`dateutil` steps from the beginning to the window that is asked for. So a rule is let in only where all its steps
together are few, and where it ever has an instance: one that has none would be looked for until the year 9999.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from dateutil.rrule import rrule, rrulestr

from core.errors import CalendarRefused
from groupware.calendars.bounds import EARLIEST, LATEST, RULE_STEPS

_DAYS_A_YEAR = 366
#: Steps a year of a rule that advances by less than a day.
_FINE = {"HOURLY": _DAYS_A_YEAR * 24, "MINUTELY": _DAYS_A_YEAR * 1440, "SECONDLY": _DAYS_A_YEAR * 86_400}
_COARSE = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
#: Lists that make several instances of one day.
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
#: A rule's life where nothing else ends it.
_LIFE_YEARS = 100
#: The years in which a rule must have an instance: 29 February falls on any weekday within them.
_SEARCHED_YEARS, _LAST_YEAR = 41, 9999
_DAY = timedelta(days=1)


def require_bounded(rule: Any, start: date) -> None:
    """Return if a rule may be kept. `rule` is icalendar's mapping of its parts, `start` the entry's DTSTART.

    Raises CalendarRefused: max-instances for one of too many steps, valid-calendar-data for one without any instance
    or that cannot be read.
    """
    frequency = str(_first(rule, "FREQ")).upper()
    if frequency not in _FINE and frequency not in _COARSE:
        raise CalendarRefused("valid-calendar-data", "RRULE has no FREQ")
    if int(_first(rule, "INTERVAL") or 1) < 1 or _first(rule, "INTERVAL") == 0:
        raise CalendarRefused("valid-calendar-data", "INTERVAL")
    # A rule by the hour or less that also chooses would take hours to find that there is nothing to choose.
    chooses = any(name.upper().startswith("BY") for name in rule)
    if _steps(rule, frequency, start) > RULE_STEPS or (frequency in _FINE and chooses):
        raise CalendarRefused("max-instances", str(RULE_STEPS))
    # Where there is nothing to find dateutil looks until the year 9999, so it is asked near that year's end: the
    # Gregorian calendar repeats itself every 400 years, weekdays too.
    beginning = naive(start)
    late = beginning.replace(year=beginning.year + (_LAST_YEAR - _SEARCHED_YEARS - beginning.year) // 400 * 400)
    if _bare(rule, late, ends=False).after(late - _DAY, inc=True) is None:
        raise CalendarRefused("valid-calendar-data", "RRULE has no instance")


def _steps(rule: Any, frequency: str, start: date) -> float:
    """Return how many steps a rule takes at most, from its start to its end or through its life."""
    interval = max(1, int(_first(rule, "INTERVAL") or 1))
    each = 1
    for name in _TIMES:
        each *= max(1, len(rule.get(name, ())))
    # A coarse rule looks at every day of the periods it does not skip, whatever it then chooses.
    a_year = _FINE[frequency] / interval if frequency in _FINE else _DAYS_A_YEAR
    years: float = _LIFE_YEARS
    if (until := _first(rule, "UNTIL")) is not None:
        years = min(years, max(0.0, (naive(until) - naive(start)) / (_DAY * _DAYS_A_YEAR)) + 1 / _DAYS_A_YEAR)
    steps = a_year * each * years
    count = _first(rule, "COUNT")
    if count is not None and not any(name.startswith("BY") for name in rule):
        steps = min(steps, int(count))
    return steps


def last_start(rule: Any, start: date) -> datetime | None:
    """Return the wall-clock time at or after which a rule's last instance begins; None for a rule without an end."""
    if (until := _first(rule, "UNTIL")) is not None:
        return naive(until) + _DAY  # UNTIL may be told in another zone than the start
    if _first(rule, "COUNT") is None:
        return None
    beginning = naive(start)
    last = beginning
    for one in _bare(rule, beginning):
        if one > LATEST.replace(tzinfo=None):
            break
        last = one
    return last


def _bare(rule: Any, beginning: datetime, *, ends: bool = True) -> rrule:
    """Return dateutil's rule in wall-clock time, without UNTIL. Raises CalendarRefused where it cannot be read."""
    left_out = ("UNTIL=",) if ends else ("UNTIL=", "COUNT=")
    parts = [part for part in rule.to_ical().decode().split(";") if not part.upper().startswith(left_out)]
    try:
        found = rrulestr(";".join(parts), dtstart=beginning)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise CalendarRefused("valid-calendar-data", f"RRULE: {error}") from None
    assert isinstance(found, rrule)
    return found


def naive(instant: date) -> datetime:
    """Return a date or time as wall-clock time; those of another zone keep their clock's hands.

    Raises CalendarRefused outside the years that calendars reach.
    """
    if isinstance(instant, datetime):
        found = instant.replace(tzinfo=None)
    else:
        found = datetime(instant.year, instant.month, instant.day)  # noqa: DTZ001
    if not EARLIEST <= found.replace(tzinfo=UTC) <= LATEST:
        condition = "min-date-time" if found.year < EARLIEST.year else "max-date-time"
        raise CalendarRefused(condition, str(EARLIEST.year if condition == "min-date-time" else LATEST.year))
    return found


def _first(rule: Any, name: str) -> Any:
    values = rule.get(name)
    return values[0] if isinstance(values, list) and values else values or None
