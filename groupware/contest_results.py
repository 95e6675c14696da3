"""The end of contests, as jobs bring it about: the result is recorded and told, and long after forgotten (R27)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
from sqlalchemy import delete as delete_rows

from auth import accesslog
from core import messages
from core.clock import to_microseconds
from db.engine import Transaction
from db.tables import contest_entries, contest_votes, contests, contracts
from groupware.contest_rules import KEPT_FOR
from quota.meter import Ledger
from sharing.outbox import Mail, enqueue
from storage import pictures
from storage.files import FileSystem

#: Stands in the access log where nobody acts.
_BY = ""
_BATCH = 100
#: So many of the first places a mail names.
_PLACES_TOLD = 3


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return, for a statement, which contests are over and not recorded yet."""
    return and_(contests.c.settled_at.is_(None), contests.c.withdrawn_at.is_(None), contests.c.ends_at <= now)


def settle(fs: FileSystem, *, now: datetime) -> int:
    """Record the result of every contest that is over, write to its host, and return how many there were.

    Each once: the conditional update decides between two workers. Raises DatabaseUnavailable.
    """
    settled = 0
    while due := _found(fs, is_due(now)):
        for row in due:
            settled += fs.database.write(lambda tx, row=row: _settle(tx, row, now))  # type: ignore[misc]
    return settled


def _found(fs: FileSystem, wanted: ColumnElement[bool]) -> list[Row[Any]]:
    statement = (
        select(contests.c.contract_id, contests.c.id, contests.c.title, contracts.c.notify_address)
        .join(contracts, contracts.c.id == contests.c.contract_id)
        .where(wanted)
        .order_by(contests.c.contract_id, contests.c.id)
        .limit(_BATCH)
    )
    with fs.database.reading() as tx:
        return list(tx.execute(statement))


def _settle(tx: Transaction, row: Row[Any], now: datetime) -> bool:
    mine = (contests.c.contract_id == row.contract_id) & (contests.c.id == row.id)
    # Waits for votes under way; those that come later find it recorded.
    if tx.execute(update(contests).where(mine, contests.c.settled_at.is_(None)).values(settled_at=now)).rowcount != 1:
        return False
    e, v = contest_entries.c, contest_votes.c
    counted = (
        select(func.count())
        .where(v.contract_id == e.contract_id, v.contest_id == e.contest_id, v.position == e.position)
        .scalar_subquery()
    )
    of_contest = (e.contract_id == row.contract_id) & (e.contest_id == row.id)
    tx.execute(update(contest_entries).where(of_contest).values(votes=counted))
    places = tx.execute(select(e.caption, e.votes).where(of_contest).order_by(e.votes.desc(), e.position)).all()
    total = sum(place.votes for place in places)
    accesslog.record(tx, row.contract_id, _BY, "contest.close", f"{row.id} {total} votes", now=now)
    if row.notify_address is not None:
        enqueue(tx, row.contract_id, _mail(row, places, total), now=now)
    return True


def _mail(row: Row[Any], places: list[Row[Any]] | Any, total: int) -> Mail:
    """Return the mail to the host in both languages, as reminders are: a contract has no language."""
    first = "\n".join(f"  {place.votes:,}  {place.caption}" for place in places[:_PLACES_TOLD])
    title = "".join(one if one.isprintable() else " " for one in row.title)
    bodies = [
        messages.text("contest.mail.body", one, title=title, total=total, places=first) for one in messages.LANGUAGES
    ]
    subject = " / ".join(messages.text("contest.mail.subject", one, title=title) for one in messages.LANGUAGES)
    return Mail(f"contest {row.id}", row.notify_address, subject, "\n――――――――\n\n".join(bodies))


def is_forgettable(now: datetime) -> ColumnElement[bool]:
    """Return, for a statement, which contests ended or were taken back long ago, or lost their contract's data."""
    before = now - KEPT_FOR
    return or_(contests.c.ends_at <= before, contests.c.withdrawn_at <= before, contracts.c.readable_until_at <= now)


def forget(fs: FileSystem, *, now: datetime) -> int:
    """Delete contests nobody looks at any more, with pictures and votes, and return how many (R9)."""
    forgotten = 0
    while gone := _found(fs, is_forgettable(now)):
        for row in gone:
            fs.database.write(lambda tx, row=row: _forget(tx, row, to_microseconds(now)))  # type: ignore[misc]
        forgotten += len(gone)
    return forgotten


def _forget(tx: Transaction, row: Row[Any], now_us: int) -> None:
    Ledger.open(tx.cursor, row.contract_id)
    drop_pictures(tx, row.contract_id, row.id, now_us=now_us)
    tx.execute(delete_rows(contests).where(contests.c.contract_id == row.contract_id, contests.c.id == row.id))


def count(fs: FileSystem, wanted: ColumnElement[bool]) -> int:
    """Return how many contests a run would take."""
    statement = select(func.count()).select_from(contests).join(contracts, contracts.c.id == contests.c.contract_id)
    with fs.database.reading() as tx:
        return int(tx.execute(statement.where(wanted)).scalar_one())


def drop_pictures(tx: Transaction, contract_id: int, contest_id: str, *, now_us: int) -> None:
    """Delete a contest's votes and entries and give its pictures up. The caller holds the contract's ledger."""
    of_entries = (contest_entries.c.contract_id == contract_id) & (contest_entries.c.contest_id == contest_id)
    of_votes = (contest_votes.c.contract_id == contract_id) & (contest_votes.c.contest_id == contest_id)
    object_ids = tx.execute(select(contest_entries.c.object_id).where(of_entries)).scalars().all()
    tx.execute(delete_rows(contest_votes).where(of_votes))
    tx.execute(delete_rows(contest_entries).where(of_entries))
    pictures.release(tx, contract_id, object_ids, now_us=now_us)
