"""Statements: compiled once, run on the bare driver, with the same outcome on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import BigInteger, Integer, String, bindparam

from db.statements import Statement
from db.types import UtcDateTime
from tests.unit.world import ProbedDatabase

_things = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(16)),
    sa.Column("created_at", UtcDateTime),
    sa.Column("size_bytes", sa.BigInteger),
)

_insert = Statement(sa.insert(_things))
_by_name = Statement(sa.select(_things.c.id, _things.c.created_at).where(_things.c.name == bindparam("given")))
_all = Statement(sa.select(_things.c.id).order_by(_things.c.id))
_rename = Statement(
    sa.update(_things).where(_things.c.id > bindparam("above", type_=Integer)).values(name=bindparam("new_name"))
)
_among = Statement(
    sa.select(_things.c.id)
    .where(_things.c.id.in_([bindparam("a", type_=Integer), bindparam("b", type_=Integer)]))
    .order_by(_things.c.id)
)


@pytest.fixture
def things(database: ProbedDatabase) -> Iterator[ProbedDatabase]:
    """Yield a database with one more table."""
    database.write(lambda tx: _things.create(tx.connection))
    yield database
    database.write(lambda tx: _things.drop(tx.connection))


def _found(database: ProbedDatabase, *ids: int) -> None:
    rows = [{"id": one, "name": f"c{one}", "created_at": 1_000_000 + one, "size_bytes": 2**62} for one in ids]
    database.write(lambda tx: _insert.run_many(tx.cursor, rows))


def test_first_returns_a_plain_row_with_instants_as_microseconds(things: ProbedDatabase) -> None:
    _found(things, 7)
    with things.reading() as tx:
        assert _by_name.first(tx.cursor, given="c7") == (7, 1_000_007)


def test_first_returns_none_where_nothing_is_found(things: ProbedDatabase) -> None:
    with things.reading() as tx:
        assert _by_name.first(tx.cursor, given="nobody") is None


def test_all_returns_rows_in_order(things: ProbedDatabase) -> None:
    _found(things, 3, 1, 2)
    with things.reading() as tx:
        assert [tuple(row) for row in _all.all(tx.cursor)] == [(1,), (2,), (3,)]


def test_run_returns_how_many_rows_it_touched(things: ProbedDatabase) -> None:
    _found(things, 1)
    assert things.write(lambda tx: _rename.run(tx.cursor, above=0, new_name="other")) == 1
    assert things.write(lambda tx: _rename.run(tx.cursor, above=1, new_name="third")) == 0


def test_one_parameter_may_stand_in_several_places(things: ProbedDatabase) -> None:
    _found(things, 5)
    twice = Statement(
        sa.select(_things.c.id).where(
            (_things.c.id == bindparam("given", type_=Integer)) & (_things.c.id >= bindparam("given"))
        )
    )
    with things.reading() as tx:
        assert twice.first(tx.cursor, given=5) == (5,)


def test_a_list_of_parameters_is_given_by_name(things: ProbedDatabase) -> None:
    _found(things, 1, 2, 3)
    with things.reading() as tx:
        assert [row[0] for row in _among.all(tx.cursor, a=3, b=1)] == [1, 3]


def test_constants_of_a_statement_need_not_be_given(things: ProbedDatabase) -> None:
    _found(things, 1)
    named = Statement(sa.select(_things.c.id).where(_things.c.name == "c1", _things.c.id == bindparam("given")))
    with things.reading() as tx:
        assert named.first(tx.cursor, given=1) == (1,)


def test_a_statement_is_compiled_once_for_each_dialect(things: ProbedDatabase) -> None:
    statement = Statement(sa.select(_things.c.id).where(_things.c.name == bindparam("given", type_=String)))
    things.probe.reset()
    with things.reading() as tx:
        statement.first(tx.cursor, given="a")
        statement.first(tx.cursor, given="b")
    first, second = things.probe.statements
    assert first is second


def test_rows_are_locked_for_update_where_the_database_has_row_locks(things: ProbedDatabase) -> None:
    statement = Statement(sa.select(_things.c.id).with_for_update())
    with things.reading() as tx:
        statement.first(tx.cursor)
    asked = things.probe.statements[-1]
    assert ("FOR UPDATE" in asked) is not things.is_sqlite


def test_numbers_beyond_32_bits_are_given_and_returned(things: ProbedDatabase) -> None:
    _found(things, 1)
    read = Statement(
        sa.select(_things.c.size_bytes).where(_things.c.size_bytes >= bindparam("least", type_=BigInteger))
    )
    with things.reading() as tx:
        assert read.first(tx.cursor, least=2**62) == (2**62,)
        assert read.first(tx.cursor, least=2**62 + 1) is None
