"""Reads and writes: one refused writer undoes nobody else, a failing database undoes everything."""

from __future__ import annotations

import fcntl
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import Conflict, DatabaseUnavailable, StorageFull
from db.engine import _MOST_TOGETHER, Database, Transaction
from db.tables import contracts, usage
from tests.product import ROOT
from tests.unit.conftest import Opener
from tests.unit.world import NOON, ProbedDatabase, only_postgresql, only_sqlite


def _add(tx: Transaction, number: int) -> int:
    tx.execute(sa.insert(contracts).values(id=number, name=f"c{number}", state="active", created_at=NOON))
    return number


def _present(database: Database) -> list[int]:
    with database.reading() as tx:
        return list(tx.execute(sa.select(contracts.c.id).order_by(contracts.c.id)).scalars())


def _together(database: Database, *operations: Callable[[Transaction], object]) -> list[object]:
    """Run writes that all wait for another process's turn to end; return results and errors in order."""
    with ThreadPoolExecutor(len(operations)) as threads:
        with Path(f"{database.url.database}.turn").open("rb") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            running = []
            for number, one in enumerate(operations, start=1):
                running.append(threads.submit(database.write, one))
                while database.waiting < number:  # in the order of the arguments
                    threading.Event().wait(0.001)
        return [one.exception() or one.result() for one in running]


def test_a_write_returns_what_its_operation_returns(database: ProbedDatabase) -> None:
    assert database.write(lambda tx: _add(tx, 7)) == 7
    assert _present(database) == [7]


def test_a_refusal_undoes_what_its_operation_did(database: ProbedDatabase) -> None:
    def refused(tx: Transaction) -> None:
        _add(tx, 1)
        raise Conflict("no")

    with pytest.raises(Conflict, match="no"):
        database.write(refused)
    assert _present(database) == []


def test_a_mistake_in_an_operation_undoes_it_and_the_next_write_works(database: ProbedDatabase) -> None:
    def mistaken(tx: Transaction) -> None:
        _add(tx, 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(mistaken)
    database.write(lambda tx: _add(tx, 2))
    assert _present(database) == [2]


def test_a_violated_constraint_undoes_its_operation_alone(database: ProbedDatabase) -> None:
    database.write(lambda tx: _add(tx, 1))
    with pytest.raises(sa.exc.IntegrityError):
        database.write(lambda tx: (_add(tx, 2), _add(tx, 1)))
    assert _present(database) == [1]


def test_a_read_sees_the_latest_commit_and_nothing_uncommitted(database: ProbedDatabase, open_database: Opener) -> None:
    other = open_database()

    def operation(tx: Transaction) -> list[int]:
        _add(tx, 1)
        return _present(other)

    assert database.write(operation) == []
    assert _present(other) == [1]


def test_a_refusal_raised_inside_a_read_leaves_the_connection_in_use(database: ProbedDatabase) -> None:
    with pytest.raises(Conflict), database.reading() as first:
        raise Conflict("no")
    with database.reading() as second:
        assert second is first


@only_sqlite
def test_writers_that_wait_together_commit_together(database: ProbedDatabase) -> None:
    outcomes = _together(database, *(lambda tx, n=n: _add(tx, n) for n in (1, 2, 3)))
    assert outcomes == [1, 2, 3]
    assert database.probe.statements.count("COMMIT") == 1


@only_sqlite
def test_a_writer_that_comes_while_another_runs_commits_with_it(database: ProbedDatabase) -> None:
    with ThreadPoolExecutor(1) as threads:

        def first(tx: Transaction) -> Future[int]:
            _add(tx, 1)
            late = threads.submit(database.write, lambda tx: _add(tx, 2))
            while not database.waiting:
                threading.Event().wait(0.001)
            return late

        assert database.write(first).result() == 2
    assert database.probe.statements.count("COMMIT") == 1
    assert _present(database) == [1, 2]


@only_sqlite
def test_no_more_than_so_many_commit_together(database: ProbedDatabase) -> None:
    outcomes = _together(database, *(lambda tx, n=n: _add(tx, n) for n in range(1, _MOST_TOGETHER + 2)))
    assert outcomes == list(range(1, _MOST_TOGETHER + 2))
    assert database.probe.statements.count("COMMIT") == 2


@only_sqlite
def test_one_refused_writer_of_a_batch_undoes_nobody_else(database: ProbedDatabase) -> None:
    def refused(tx: Transaction) -> None:
        _add(tx, 2)
        raise Conflict("no")

    first, second, third = _together(database, lambda tx: _add(tx, 1), refused, lambda tx: _add(tx, 3))
    assert (first, third) == (1, 3)
    assert isinstance(second, Conflict)
    assert _present(database) == [1, 3]


@only_sqlite
@pytest.mark.parametrize("failing", ["BEGIN IMMEDIATE", "SAVEPOINT one", "RELEASE one", "COMMIT"])
def test_a_database_failure_undoes_the_whole_batch_and_tells_everyone(database: ProbedDatabase, failing: str) -> None:
    def fail(_: int) -> None:
        if database.probe.statements[-1] == failing:
            raise sqlite3.OperationalError("disk I/O error")

    database.probe.before = fail
    outcomes = _together(database, lambda tx: _add(tx, 1), lambda tx: _add(tx, 2))
    assert [type(one) for one in outcomes] == [DatabaseUnavailable, DatabaseUnavailable]
    database.probe.reset()
    assert _present(database) == []
    database.write(lambda tx: _add(tx, 3))
    assert _present(database) == [3]


@only_sqlite
def test_a_database_failure_inside_one_operation_undoes_those_that_ran_with_it(database: ProbedDatabase) -> None:
    def failing(tx: Transaction) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    outcomes = _together(database, lambda tx: _add(tx, 1), failing, lambda tx: _add(tx, 3))
    assert [type(one) for one in outcomes] == [DatabaseUnavailable, DatabaseUnavailable, int]
    assert _present(database) == [3]


@only_sqlite
def test_a_commit_is_flushed_to_disk_before_it_is_acknowledged(database: ProbedDatabase) -> None:
    with database.reading() as tx:
        settings = [
            tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "journal_mode", "foreign_keys")
        ]
    assert settings == [2, "wal", 1]  # 2 is FULL


@only_sqlite
def test_a_full_disk_is_said_so_and_changes_nothing(database: ProbedDatabase) -> None:
    def fill(tx: Transaction) -> None:
        tx.connection.exec_driver_sql("PRAGMA max_page_count = 1")
        for number in range(10_000):
            _add(tx, number)

    with pytest.raises(StorageFull):
        database.write(fill)
    assert _present(database) == []


@only_sqlite
def test_a_database_kept_busy_by_someone_else_is_said_so(tmp_path: Path, database: ProbedDatabase) -> None:
    stranger = sqlite3.connect(tmp_path / "azukari.sqlite3", isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with database.reading() as tx:
        tx.connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    with pytest.raises(DatabaseUnavailable, match="locked"):
        database.write(lambda tx: _add(tx, 1))
    stranger.execute("ROLLBACK")
    stranger.close()
    database.write(lambda tx: _add(tx, 2))
    assert _present(database) == [2]


@only_sqlite
def test_a_damaged_file_is_said_so(tmp_path: Path, database: ProbedDatabase) -> None:
    database.dispose()
    path = tmp_path / "azukari.sqlite3"
    path.write_bytes(b"\xff" * path.stat().st_size)
    with pytest.raises(DatabaseUnavailable), database.reading() as tx:
        tx.execute(sa.select(contracts.c.id))


def test_sqlite_in_memory_is_refused() -> None:
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ValueError, match="needs a file"):
            Database(url)


def _fail_in_sql(tx: Transaction, state: str, *, after: int = 0) -> None:
    tx.connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'told to {after}' USING ERRCODE = '{state}'; END $$")


@only_postgresql
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_conflict_is_run_again(database: ProbedDatabase, state: str) -> None:
    runs: list[int] = []

    def operation(tx: Transaction) -> int:
        runs.append(_add(tx, 1))
        if len(runs) < 3:
            _fail_in_sql(tx, state)
        return len(runs)

    assert database.write(operation) == 3
    assert _present(database) == [1]


@only_postgresql
def test_a_conflict_that_does_not_end_is_said_so(database: ProbedDatabase) -> None:
    with pytest.raises(DatabaseUnavailable, match="told to"):
        database.write(lambda tx: _fail_in_sql(tx, "40001"))


@only_postgresql
def test_a_full_disk_of_the_server_is_said_so(database: ProbedDatabase) -> None:
    with pytest.raises(StorageFull):
        database.write(lambda tx: _fail_in_sql(tx, "53100", after=_add(tx, 1)))
    assert _present(database) == []


@only_postgresql
def test_a_server_that_closed_the_idle_connections_is_not_noticed_by_writers(
    database: ProbedDatabase, open_database: Opener
) -> None:
    _occupy(database, 3)
    _end_connections(open_database())
    assert database.write(lambda tx: _add(tx, 1)) == 1


@only_postgresql
def test_a_server_that_closed_the_idle_connections_is_not_noticed_by_readers(
    database: ProbedDatabase, open_database: Opener
) -> None:
    _occupy(database, 3)
    _end_connections(open_database())
    for _ in range(4):
        assert _present(database) == []


def _occupy(database: Database, count: int) -> None:
    """Open so many connections and leave them idle."""
    barrier = threading.Barrier(count)

    def read(_: int) -> None:
        with database.reading():
            barrier.wait(10)

    with ThreadPoolExecutor(count) as threads:
        list(threads.map(read, range(count)))


def _end_connections(database: Database) -> None:
    with database.reading() as tx:
        tx.connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@only_postgresql
def test_a_connection_lost_at_the_commit_is_no_success(database: ProbedDatabase, open_database: Opener) -> None:
    other = open_database()

    def operation(tx: Transaction) -> None:
        _add(tx, 1)
        _end_connections(other)

    with pytest.raises(DatabaseUnavailable):
        database.write(operation)
    assert _present(database) == []


def test_many_threads_share_a_bounded_number_of_connections(database: ProbedDatabase) -> None:
    opened: set[int] = set()

    def work(number: int) -> None:
        with database.reading() as tx:
            opened.add(id(tx))
            tx.execute(sa.select(contracts.c.id)).all()
        database.write(lambda tx: _add(tx, number + 1))

    with ThreadPoolExecutor(40) as threads:
        list(threads.map(work, range(200)))
    assert len(opened) <= 16
    assert _present(database) == list(range(1, 201))


_COUNTING = """
import sys
from sqlalchemy import select, update
from db.engine import Database
from db.tables import usage
def step(tx):
    seen = tx.execute(select(usage.c.used_bytes).with_for_update()).scalar_one()
    tx.execute(update(usage).values(used_bytes=seen + 1))
database = Database(sys.argv[1])
for _ in range(100):
    database.write(step)
"""


def test_processes_that_write_at_once_lose_nothing(database: ProbedDatabase, database_url: str) -> None:
    database.write(lambda tx: _add(tx, 1))
    database.write(lambda tx: tx.execute(sa.insert(usage).values(contract_id=1, used_bytes=0, next_id=1)))
    running = [subprocess.Popen([sys.executable, "-c", _COUNTING, database_url], cwd=ROOT) for _ in range(2)]
    assert [one.wait(60) for one in running] == [0, 0]
    with database.reading() as tx:
        assert tx.execute(sa.select(usage.c.used_bytes)).scalar_one() == 200
