"""Statements: compiled once, run on the bare driver, with the same outcome on both databases."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Integer, String, bindparam

from db.statements import Statement
from db.tables import contracts, usage
from tests.unit.world import ProbedDatabase

_insert = Statement(sa.insert(contracts))
_by_name = Statement(sa.select(contracts.c.id, contracts.c.created_at).where(contracts.c.name == bindparam("given")))
_all = Statement(sa.select(contracts.c.id).order_by(contracts.c.id))
_rename = Statement(
    sa.update(contracts).where(contracts.c.id > bindparam("above", type_=Integer)).values(name=bindparam("new_name"))
)
_among = Statement(
    sa.select(contracts.c.id)
    .where(contracts.c.id.in_([bindparam("a", type_=Integer), bindparam("b", type_=Integer)]))
    .order_by(contracts.c.id)
)


def _found(database: ProbedDatabase, *ids: int) -> None:
    rows = [{"id": one, "name": f"c{one}", "state": "active", "created_at": 1_000_000 + one} for one in ids]
    database.write(lambda tx: _insert.run_many(tx.cursor, rows))


def test_first_returns_a_plain_row_with_instants_as_microseconds(database: ProbedDatabase) -> None:
    _found(database, 7)
    with database.reading() as tx:
        assert _by_name.first(tx.cursor, given="c7") == (7, 1_000_007)


def test_first_returns_none_where_nothing_is_found(database: ProbedDatabase) -> None:
    with database.reading() as tx:
        assert _by_name.first(tx.cursor, given="nobody") is None


def test_all_returns_rows_in_order(database: ProbedDatabase) -> None:
    _found(database, 3, 1, 2)
    with database.reading() as tx:
        assert [tuple(row) for row in _all.all(tx.cursor)] == [(1,), (2,), (3,)]


def test_run_returns_how_many_rows_it_touched(database: ProbedDatabase) -> None:
    _found(database, 1)
    assert database.write(lambda tx: _rename.run(tx.cursor, above=0, new_name="other")) == 1
    assert database.write(lambda tx: _rename.run(tx.cursor, above=1, new_name="third")) == 0


def test_one_parameter_may_stand_in_several_places(database: ProbedDatabase) -> None:
    _found(database, 5)
    twice = Statement(
        sa.select(contracts.c.id).where(
            (contracts.c.id == bindparam("given", type_=Integer)) & (contracts.c.id >= bindparam("given"))
        )
    )
    with database.reading() as tx:
        assert twice.first(tx.cursor, given=5) == (5,)


def test_a_list_of_parameters_is_given_by_name(database: ProbedDatabase) -> None:
    _found(database, 1, 2, 3)
    with database.reading() as tx:
        assert [row[0] for row in _among.all(tx.cursor, a=3, b=1)] == [1, 3]


def test_constants_of_a_statement_need_not_be_given(database: ProbedDatabase) -> None:
    _found(database, 1)
    named = Statement(sa.select(contracts.c.id).where(contracts.c.name == "c1", contracts.c.id == bindparam("given")))
    with database.reading() as tx:
        assert named.first(tx.cursor, given=1) == (1,)


def test_a_statement_is_compiled_once_for_each_dialect(database: ProbedDatabase) -> None:
    statement = Statement(sa.select(contracts.c.id).where(contracts.c.name == bindparam("given", type_=String)))
    database.probe.reset()
    with database.reading() as tx:
        statement.first(tx.cursor, given="a")
        statement.first(tx.cursor, given="b")
    first, second = database.probe.statements
    assert first is second


def test_rows_are_locked_for_update_where_the_database_has_row_locks(database: ProbedDatabase) -> None:
    statement = Statement(sa.select(usage.c.used_bytes).where(usage.c.contract_id == 1).with_for_update())
    with database.reading() as tx:
        statement.first(tx.cursor)
    asked = database.probe.statements[-1]
    assert ("FOR UPDATE" in asked) is not database.is_sqlite


def test_numbers_beyond_32_bits_are_kept(database: ProbedDatabase) -> None:
    _found(database, 1)
    insert = Statement(sa.insert(usage))
    read = Statement(sa.select(usage.c.used_bytes).where(usage.c.next_id == bindparam("next", type_=BigInteger)))
    database.write(lambda tx: insert.run(tx.cursor, contract_id=1, used_bytes=2**62, next_id=2**40))
    with database.reading() as tx:
        assert read.first(tx.cursor, next=2**40) == (2**62,)
