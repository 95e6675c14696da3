"""Instants: exact, aware, and read as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import TOKYO, from_microseconds, now, parse_instant, to_microseconds


@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_there_and_back(instant: datetime) -> None:
    assert from_microseconds(to_microseconds(instant)) == instant


@pytest.mark.parametrize(
    ("instant", "microseconds"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(1970, 1, 1, 9, 0, 1, tzinfo=TOKYO), 1_000_000),
    ],
)
def test_microseconds_are_counted_in_utc(instant: datetime, microseconds: int) -> None:
    assert to_microseconds(instant) == microseconds


def test_an_instant_without_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="without time zone"):
        to_microseconds(datetime(2026, 4, 1))  # noqa: DTZ001


def test_the_clock_tells_utc() -> None:
    assert now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-04-01T09:00:00+09:00", "2026-04-01T00:00:00+00:00"),
        ("2026-04-01T00:00:00Z", "2026-04-01T00:00:00+00:00"),
        ("2026-04-01", "2026-03-31T15:00:00+00:00"),
        ("2026-04-01T08:59", "2026-03-31T23:59:00+00:00"),
    ],
)
def test_a_time_without_offset_is_tokyos(text: str, utc: str) -> None:
    assert parse_instant(text).isoformat() == utc


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "2026-02-30"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write for example"):
        parse_instant(text)
