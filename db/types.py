"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

from core.clock import from_microseconds, to_microseconds


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, kept as microseconds since 1970 in UTC.

    SQLite's own DateTime drops the zone; a number is exact, sorts, and costs the hot path no parsing.
    Statements that run as `db.statements.Statement` see the bare number (columns `…_at` as `…_us`).
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware datetime into microseconds; a naive one is a programming error (ValueError)."""
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn microseconds into an aware datetime in UTC."""
        return None if value is None else from_microseconds(value)


def exact_string(length: int) -> String:
    """Return a string column type compared by code point on both databases, whatever their locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def exact_text() -> Text:
    """Return a text column type compared by code point on both databases, whatever their locale."""
    return Text().with_variant(Text(collation="C"), "postgresql")
