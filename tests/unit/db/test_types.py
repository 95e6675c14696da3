"""Column types mean the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import StatementError

from db.engine import Database
from db.types import UtcDateTime, exact_string, exact_text

_things = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("name", exact_string(64), primary_key=True),
    sa.Column("text", exact_text()),
    sa.Column("happened_at", UtcDateTime),
)


@pytest.fixture
def things(database: Database) -> Iterator[Database]:
    """Yield a database with one more table."""
    database.write(lambda tx: _things.create(tx.connection))
    yield database
    database.write(lambda tx: _things.drop(tx.connection))


def _keep(database: Database, **values: object) -> None:
    database.write(lambda tx: tx.execute(sa.insert(_things).values(name="x", **values)))


def _kept(database: Database) -> datetime | None:
    with database.reading() as tx:
        kept: datetime | None = tx.execute(sa.select(_things.c.happened_at)).scalar_one()
        return kept


@pytest.mark.parametrize(
    "instant",
    [
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 2, 28, 15, 0, 0, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_an_instant_comes_back_to_the_microsecond(things: Database, instant: datetime) -> None:
    _keep(things, happened_at=instant)
    kept = _kept(things)
    assert kept == instant
    assert kept is not None
    assert kept.tzinfo is UTC


def test_an_instant_of_another_zone_is_kept_in_utc(things: Database) -> None:
    tokyo = timezone(timedelta(hours=9))
    _keep(things, happened_at=datetime(2026, 4, 1, 0, 0, tzinfo=tokyo))
    assert str(_kept(things)) == "2026-03-31 15:00:00+00:00"


def test_no_instant_stays_none(things: Database) -> None:
    _keep(things, happened_at=None)
    assert _kept(things) is None


def test_an_instant_without_zone_is_a_mistake(things: Database) -> None:
    with pytest.raises(StatementError, match="without time zone"):
        _keep(things, happened_at=datetime(2026, 4, 1))  # noqa: DTZ001


def test_instants_are_compared_as_instants(things: Database) -> None:
    instant = datetime(2026, 4, 1, tzinfo=UTC)
    _keep(things, happened_at=instant)
    microsecond = timedelta(microseconds=1)
    with things.reading() as tx:
        for limit, expected in ((instant, 0), (instant + microsecond, 1)):
            found = sa.select(sa.func.count()).where(_things.c.happened_at < limit)
            assert tx.execute(found).scalar_one() == expected


def test_exact_strings_sort_by_code_point(things: Database) -> None:
    names = ["Z", "a", "b B", "b-b", "bb", "É", "é", "が", "ﾊ", "😀", "_", "0", "10", "9"]
    things.write(lambda tx: tx.execute(sa.insert(_things), [{"name": one, "text": one} for one in names]))
    with things.reading() as tx:
        for column in (_things.c.name, _things.c.text):
            assert list(tx.execute(sa.select(column).order_by(column)).scalars()) == sorted(names)


def test_exact_strings_tell_case_and_accents_apart(things: Database) -> None:
    things.write(lambda tx: tx.execute(sa.insert(_things), [{"name": one} for one in ("a", "A", "á", "a\u0301")]))
    with things.reading() as tx:
        for name in ("a", "A", "á", "a\u0301"):
            found = sa.select(_things.c.name).where(_things.c.name == name)
            assert list(tx.execute(found).scalars()) == [name]
