"""The only place that asks what time it is; every rule takes `now` as an argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

#: Calendar rules (billing months, deadlines) are counted in this zone; instants are stored in UTC.
TOKYO = ZoneInfo("Asia/Tokyo")

#: Anything that answers the present instant as an aware datetime: the real clock, or a test's frozen one.
Clock = Callable[[], datetime]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


def to_microseconds(instant: datetime) -> int:
    """Return microseconds since 1970-01-01T00:00Z. Raises ValueError for a datetime without zone."""
    if instant.tzinfo is None:
        raise ValueError(f"instant without time zone: {instant.isoformat()}")
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Return the UTC instant `value` microseconds after 1970-01-01T00:00Z."""
    return _EPOCH + timedelta(microseconds=value)


def parse_instant(text: str) -> datetime:
    """Return the instant an ISO 8601 text names; without an offset it is Tokyo time.

    Raises ValueError with a sentence for people.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a time: write for example 2026-04-01T09:00:00+09:00 or 2026-04-01"
        raise ValueError(message) from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=TOKYO)).astimezone(UTC)
