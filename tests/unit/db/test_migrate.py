"""The migrations make exactly the tables, whoever runs them and however often."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.errors import DatabaseUnavailable
from db import migrate
from db.engine import Database
from db.tables import metadata
from tests.product import ROOT

_UPGRADE = "import sys; from db import migrate; from db.engine import Database; migrate.upgrade(Database(sys.argv[1]))"


def test_migrations_make_exactly_the_tables(database_url: str) -> None:
    with sa.create_engine(database_url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        assert compare_metadata(context, metadata) == []


def test_every_table_has_its_checks_and_keys(database_url: str) -> None:
    """`compare_metadata` does not look at check constraints and primary keys."""
    inspector = sa.inspect(sa.create_engine(database_url))
    for table in metadata.sorted_tables:
        checks = {one["name"] for one in inspector.get_check_constraints(table.name)}
        assert checks == {str(one.name) for one in table.constraints if isinstance(one, sa.CheckConstraint)}
        assert inspector.get_pk_constraint(table.name)["constrained_columns"] == [
            column.name for column in table.primary_key
        ]


def test_a_second_upgrade_does_nothing(database_url: str) -> None:
    database = Database(database_url)
    with database.reading() as tx:
        before = tx.connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()
    migrate.upgrade(database)
    with database.reading() as tx:
        assert tx.connection.exec_driver_sql("SELECT version_num FROM alembic_version").all() == before
    database.dispose()


def test_the_newest_file_is_the_last_migration() -> None:
    script = ScriptDirectory(str(ROOT / "db" / "migrations"))
    assert [migrate.newest()] == script.get_heads()


def test_an_upgrade_of_a_database_that_is_up_to_date_does_not_load_alembic(database_url: str) -> None:
    code = _UPGRADE + "; print('alembic' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code, database_url], cwd=ROOT, text=True) == "False\n"


def test_processes_that_upgrade_one_database_at_once_all_succeed(empty_database_url: str) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", _UPGRADE, empty_database_url], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    outcomes = [(one.communicate()[1].decode(), one.returncode) for one in running]
    assert [status for _, status in outcomes] == [0] * 4, outcomes
    tables = sa.inspect(sa.create_engine(empty_database_url)).get_table_names()
    assert set(tables) == {*metadata.tables, "alembic_version"}


def test_an_upgrade_cut_short_leaves_nothing(empty_database_url: str) -> None:
    def cut(*arguments: object) -> None:
        if "CREATE TABLE nodes" in str(arguments[2]):
            raise RuntimeError("cut")

    sa.event.listen(sa.Engine, "before_cursor_execute", cut)
    try:
        with pytest.raises(RuntimeError, match="cut"):
            migrate.upgrade(Database(empty_database_url))
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", cut)
    assert sa.inspect(sa.create_engine(empty_database_url)).get_table_names() == []
    migrate.upgrade(Database(empty_database_url))


def test_a_database_that_does_not_answer_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        migrate.upgrade(Database(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}"))


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "letter.sqlite3"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        migrate.upgrade(Database(f"sqlite:///{path}"))
