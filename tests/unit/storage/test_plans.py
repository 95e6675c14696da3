"""How SQLite finds rows: by whole keys, never by reading all of a contract."""

from __future__ import annotations

import pytest

from storage import files, locks, moves
from storage.moves import End
from tests.unit.world import Firm, ProbedDatabase, at, only_sqlite

#: Reading these by the contract alone means reading everything a firm has.
_NEVER = ("nodes", "objects", "dead_properties", "locks", "copies", "members")


@pytest.fixture
def asked(firm: Firm, database: ProbedDatabase) -> list[str]:
    """Return every statement that a day's work asks for."""
    firm.mkcol("a", "a/b")
    firm.put("a/b/f", b"1")
    firm.put("a/b/f", b"22")
    files.set_properties(firm.fs, firm.grant, at("a/b/f"), {"{x}a": "<a/>"}, modified_us=1)
    files.properties_of_members(firm.fs, firm.grant, [files.stat(firm.fs, firm.grant, at("a/b"))])
    files.members(firm.fs, firm.grant, files.stat(firm.fs, firm.grant, at("a")))
    moves.copy(firm.fs, End(firm.grant, at("a")), End(firm.grant, at("c")), overwrite=False)
    moves.move(firm.fs, End(firm.grant, at("c")), End(firm.grant, at("a/b/c")), overwrite=False)
    files.delete(firm.fs, firm.grant, at("a/b/f"))
    files.delete(firm.fs, firm.grant, at("a"))
    with database.reading() as tx:
        locks.find(tx.cursor, 1, "token", now_us=0)
    return list(dict.fromkeys(database.probe.own))


@only_sqlite
def test_no_statement_reads_a_whole_contract(asked: list[str], database: ProbedDatabase) -> None:
    assert len(asked) > 20
    with database.reading() as tx:
        for sql in asked:
            explained = tx.connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, (1,) * sql.count("?"))
            for step in (str(row[3]) for row in explained):
                by_contract_alone = step.endswith("(contract_id=?)") and "locks" not in step
                assert not by_contract_alone, (step, sql)
                assert not any(step.startswith(f"SCAN {table}") for table in _NEVER), (step, sql)


@only_sqlite
def test_no_partial_index_makes_sqlite_prepare_the_lookup_of_a_name_anew(database: ProbedDatabase) -> None:
    with database.reading() as tx:
        found = tx.connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE tbl_name = 'nodes'").scalars()
        conditions = [sql.partition(" WHERE ")[2] for sql in found if sql]
    assert "parent_id < 0" in conditions
    assert not any(condition.startswith(f"{key} =") for condition in conditions for key in ("parent_id", "name", "id"))


@only_sqlite
def test_locks_on_a_path_are_found_by_its_hash(asked: list[str], database: ProbedDatabase) -> None:
    (sql,) = [one for one in asked if "locks.path_key IN (?, ?)" in one]
    with database.reading() as tx:
        explained = tx.connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, (1,) * sql.count("?"))
        steps = [row[3] for row in explained]
    assert "SEARCH locks USING PRIMARY KEY (contract_id=? AND path_key=?)" in steps
    assert not any(step.startswith("SCAN locks") for step in steps)
