"""Statements that run often: written in SQLAlchemy Core, compiled once, run on the bare driver.

SQLAlchemy spends 20 µs and more on a statement it has compiled before; the driver needs 5. A `Statement`
keeps the text and the order of its parameters per dialect and hands them to the cursor. It returns plain
tuples, instants as microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.sql.elements import ClauseElement

Row = tuple[Any, ...]


class Cursor:
    """A driver's cursor with the dialect its statements are compiled for."""

    __slots__ = ("close", "dialect", "execute", "fetchall", "fetchone", "raw")

    def __init__(self, raw: Any, dialect: Dialect) -> None:
        self.raw = raw
        self.dialect = dialect
        self.execute: Callable[..., Any] = raw.execute
        self.fetchall: Callable[[], list[Row]] = raw.fetchall
        self.fetchone: Callable[[], Row | None] = raw.fetchone
        self.close: Callable[[], None] = raw.close


class Statement:
    """One Core statement; its bind parameters are given by name at each run."""

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause
        self._compiled: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {}

    def first(self, cursor: Cursor, **parameters: Any) -> Row | None:
        """Return the first row, or None."""
        sql, arrange = self._compiled.get(cursor.dialect.name) or self._compile(cursor.dialect)
        cursor.execute(sql, arrange(parameters))
        return cursor.fetchone()

    def all(self, cursor: Cursor, **parameters: Any) -> list[Row]:
        """Return all rows."""
        sql, arrange = self._compiled.get(cursor.dialect.name) or self._compile(cursor.dialect)
        cursor.execute(sql, arrange(parameters))
        return cursor.fetchall()

    def run(self, cursor: Cursor, **parameters: Any) -> int:
        """Run a statement that returns no rows; return how many rows it touched."""
        sql, arrange = self._compiled.get(cursor.dialect.name) or self._compile(cursor.dialect)
        cursor.execute(sql, arrange(parameters))
        return int(cursor.raw.rowcount)

    def run_many(self, cursor: Cursor, parameters: Sequence[dict[str, Any]]) -> None:
        """Run the statement once for each set of parameters."""
        sql, arrange = self._compiled.get(cursor.dialect.name) or self._compile(cursor.dialect)
        cursor.raw.executemany(sql, [arrange(one) for one in parameters])

    def _compile(self, dialect: Dialect) -> tuple[str, Callable[[dict[str, Any]], Any]]:
        compiled = self._clause.compile(dialect=dialect)
        given = dict(compiled.params)
        positions = getattr(compiled, "positiontup", None)
        constants = {name: value for name, value in given.items() if value is not None}

        def by_position(parameters: dict[str, Any]) -> tuple[Any, ...]:
            known = {**constants, **parameters} if constants else parameters
            return tuple([known[name] for name in positions or ()])

        def by_name(parameters: dict[str, Any]) -> dict[str, Any]:
            return {**constants, **parameters}

        arrange: Callable[[dict[str, Any]], Any] = by_position if positions is not None else by_name
        if positions is not None and len(positions) > 1 and not constants:
            arrange = itemgetter(*positions)  # does the same without a step of Python
        entry = (str(compiled), arrange)
        self._compiled[dialect.name] = entry
        return entry
