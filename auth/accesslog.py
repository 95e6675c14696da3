"""The access log: who did what with which file, from where (R21). Append-only, a chain of hashes per contract.

A write's entry is appended in the write's own transaction, so that no acknowledged write is ever missing. Reads
and refusals are gathered by a `Journal` and appended in batches.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from auth.callers import Caller
from core.clock import to_microseconds
from db.engine import Transaction
from db.statements import Cursor, Statement
from db.tables import access_log, access_log_heads

#: The result of what was done as asked; anything else is the reason of a refusal.
DONE = "ok"
#: What the first entry of a chain follows.
_BEGINNING = "0" * 64
_PAGE_ROWS = 1000
#: A text as JSON writes it.
_quoted = json.encoder.encode_basestring_ascii
#: What an entry's hash covers beside its place in the chain, in this order for ever.
_HASHED = ("at", "login_id", "device_id", "line_id", "address", "act", "path", "result", "detail")

_CONTRACT = bindparam("contract", type_=Integer)
_SEQUENCE = bindparam("last", type_=BigInteger)
_head = Statement(
    select(access_log_heads.c.last_sequence, access_log_heads.c.last_hash)
    .where(access_log_heads.c.contract_id == _CONTRACT)
    .with_for_update()
)
# Two gateways may log a contract's first entry at once.
_begin = {
    "sqlite": Statement(sqlite.insert(access_log_heads).on_conflict_do_nothing()),
    "postgresql": Statement(postgresql.insert(access_log_heads).on_conflict_do_nothing()),
}
_advance = Statement(
    update(access_log_heads)
    .where(access_log_heads.c.contract_id == _CONTRACT)
    .values(last_sequence=_SEQUENCE, last_hash=bindparam("end_hash"))
)
_insert = Statement(insert(access_log))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. Texts that do not apply are empty; `result` is `ok` or the reason of a refusal."""

    at: datetime
    login_id: str
    device_id: str
    line_id: str
    address: str
    act: str
    path: str
    result: str
    detail: str = ""

    def as_json(self) -> dict[str, object]:
        """Return what `azukari log` and the log stream show."""
        return {
            "at": self.at,
            "login": self.login_id,
            "device": self.device_id,
            "line": self.line_id,
            "address": self.address,
            "act": self.act,
            "path": self.path,
            "result": self.result,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for; None and empty texts ask for nothing.

    `path` is the beginning of paths, `within` a text anywhere in them. `refused`: only what was not done.
    """

    since: datetime | None = None
    until: datetime | None = None
    login_id: str = ""
    device_id: str = ""
    path: str = ""
    act: str = ""
    result: str = ""
    within: str = ""
    refused: bool = False


class Flaw(NamedTuple):
    """Where a chain is broken: the first sequence number that is missing or was changed."""

    sequence: int
    reason: str


def entry_of(caller: Caller, act: str, path: str, *, now: datetime, result: str = DONE, detail: str = "") -> Entry:
    """Return the entry of something a caller did, or was refused."""
    device_id, line_id = caller.device_id or "", caller.line.line_id or ""
    return Entry(now, caller.login_id, device_id, line_id, caller.address, act, path, result, detail)


def record(tx: Transaction, contract_id: int, by: str, act: str, detail: str, *, now: datetime) -> None:
    """Append an act of administration, in its own transaction: who did what to whom."""
    append(tx.cursor, contract_id, [Entry(now, by, "", "", "", act, "", DONE, detail)])


def append(cursor: Cursor, contract_id: int, entries: Sequence[Entry]) -> None:
    """Append entries to a contract's chain, in the caller's transaction; it holds the chain until it ends."""
    if not entries:
        return
    row = _head.first(cursor, contract=contract_id)
    if row is None:
        _begin[cursor.dialect.name].run(
            cursor, contract_id=contract_id, last_sequence=0, last_hash=_BEGINNING, dropped_sequence=0,
            dropped_hash=_BEGINNING,
        )  # fmt: skip
        row = _head.first(cursor, contract=contract_id)
    assert row is not None
    sequence, chained = row
    rows = []
    for entry in entries:
        sequence += 1
        values = _values(entry)
        chained = _hash(chained, contract_id, sequence, values)
        values |= {"contract_id": contract_id, "sequence": sequence, "hash": chained}
        rows.append(values)
    _insert.run_many(cursor, rows)
    _advance.run(cursor, contract=contract_id, last=sequence, end_hash=chained)


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "at": to_microseconds(entry.at),
        "login_id": _kept(entry.login_id, 64),
        "device_id": entry.device_id,
        "line_id": entry.line_id,
        "address": entry.address[:45],
        "act": entry.act[:32],
        "path": _kept(entry.path, 20_000),
        "result": entry.result[:64],
        "detail": _kept(entry.detail, 1000),
    }


def _kept(text: str, characters: int) -> str:
    """Return a text as both databases can hold it: what a stranger typed as a login ID is in the log, too."""
    short = text[:characters]
    return short if short.isprintable() else "".join(one if one.isprintable() else "?" for one in short)


def _hash(previous: str, contract_id: int, sequence: int, values: dict[str, Any]) -> str:
    at, *texts = [values[name] for name in _HASHED]
    # The JSON list of all of them, put together by hand: this runs for every request that is logged.
    shown = ", ".join(map(_quoted, texts))
    return hashlib.sha256(f"[{_quoted(previous)}, {contract_id}, {sequence}, {at}, {shown}]".encode()).hexdigest()


def search(tx: Transaction, contract_id: int, query: Query) -> Iterator[Entry]:
    """Yield the entries that match, oldest first, without holding them all in memory."""
    last = 0
    while True:
        wanted = _matching(contract_id, query).where(access_log.c.sequence > last)
        rows = tx.execute(wanted.order_by(access_log.c.sequence).limit(_PAGE_ROWS)).all()
        for row in rows:
            yield _entry(row)
        if len(rows) < _PAGE_ROWS:
            return
        last = rows[-1].sequence


def newest(
    tx: Transaction, contract_id: int, query: Query, *, before: int | None = None, limit: int
) -> list[tuple[int, Entry]]:
    """Return the newest entries that match, the newest first, each with its number in the chain; `before` a number."""
    wanted = _matching(contract_id, query)
    if before is not None:
        wanted = wanted.where(access_log.c.sequence < before)
    rows = tx.execute(wanted.order_by(access_log.c.sequence.desc()).limit(limit)).all()
    return [(row.sequence, _entry(row)) for row in rows]


def latest_acts(
    tx: Transaction, contract_id: int, acts: Sequence[str], *, among: int, limit: int
) -> list[tuple[int, Entry]]:
    """Return the newest entries of some acts, the newest first, of the last `among` entries of the log alone.

    However long the log is, so many are looked at.
    """
    head = _head.first(tx.cursor, contract=contract_id)
    wanted = (
        select(access_log)
        .where(access_log.c.contract_id == contract_id, access_log.c.sequence > (head[0] if head else 0) - among)
        .where(access_log.c.act.in_(acts))
    )
    rows = tx.execute(wanted.order_by(access_log.c.sequence.desc()).limit(limit)).all()
    return [(row.sequence, _entry(row)) for row in rows]


def _matching(contract_id: int, query: Query) -> Any:
    wanted = select(access_log).where(access_log.c.contract_id == contract_id)
    if query.since is not None:
        wanted = wanted.where(access_log.c.at >= query.since)
    if query.until is not None:
        wanted = wanted.where(access_log.c.at < query.until)
    for column, value in (
        (access_log.c.login_id, query.login_id),
        (access_log.c.device_id, query.device_id),
        (access_log.c.act, query.act),
        (access_log.c.result, query.result),
    ):
        if value:
            wanted = wanted.where(column == value)
    if query.path:
        wanted = wanted.where(access_log.c.path.startswith(query.path, autoescape=True))
    if query.within:
        wanted = wanted.where(access_log.c.path.contains(query.within, autoescape=True))
    return wanted.where(access_log.c.result != DONE) if query.refused else wanted


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        row.at, row.login_id, row.device_id, row.line_id, row.address, row.act, row.path, row.result, row.detail
    )


def last_of_device(tx: Transaction, contract_id: int, device_id: str, *, before: datetime) -> Entry | None:
    """Return the device's last entry that was not refused, before an instant (R16)."""
    return _nearest(tx, contract_id, device_id, access_log.c.at < before, access_log.c.result == DONE, latest=True)


def first_refusal_of_device(tx: Transaction, contract_id: int, device_id: str, *, since: datetime) -> Entry | None:
    """Return the first refusal of a device since an instant (R16)."""
    return _nearest(tx, contract_id, device_id, access_log.c.at >= since, access_log.c.result != DONE, latest=False)


def _nearest(tx: Transaction, contract_id: int, device_id: str, *conditions: Any, latest: bool) -> Entry | None:
    order = access_log.c.sequence.desc() if latest else access_log.c.sequence
    row = tx.execute(
        select(access_log)
        .where(access_log.c.contract_id == contract_id, access_log.c.device_id == device_id, *conditions)
        .order_by(order)
        .limit(1)
    ).first()
    return None if row is None else _entry(row)


def verify(tx: Transaction, contract_id: int) -> Flaw | None:
    """Return the first flaw of a contract's chain; None where nothing was changed, removed or added."""
    head = tx.execute(select(access_log_heads).where(access_log_heads.c.contract_id == contract_id)).first()
    if head is None:
        return None if _is_empty(tx, contract_id) else Flaw(1, "the chain's head is missing")
    sequence, chained = head.dropped_sequence, head.dropped_hash
    while sequence < head.last_sequence:
        page = select(access_log).where(access_log.c.contract_id == contract_id, access_log.c.sequence > sequence)
        rows = tx.execute(page.order_by(access_log.c.sequence).limit(_PAGE_ROWS)).all()
        if not rows:
            return Flaw(sequence + 1, "missing")
        for row in rows:
            if row.sequence != sequence + 1:
                return Flaw(sequence + 1, "missing")
            sequence, chained = row.sequence, _hash(chained, contract_id, row.sequence, _values(_entry(row)))
            if chained != row.hash:
                return Flaw(sequence, "changed")
    if (sequence, chained) != (head.last_sequence, head.last_hash):
        return Flaw(head.last_sequence + 1, "added behind the chain's end")
    return None


def _is_empty(tx: Transaction, contract_id: int) -> bool:
    count = tx.execute(select(func.count()).where(access_log.c.contract_id == contract_id)).scalar_one()
    return int(count) == 0


def forget(tx: Transaction, contract_id: int, *, before: datetime) -> int:
    """Remove what is older than the contract keeps; the chain then begins behind it. Return how many entries."""
    head = _head.first(tx.cursor, contract=contract_id)
    if head is None:
        return 0
    own = access_log.c.contract_id == contract_id
    # Entries are kept from the first one that is young enough: the chain has no holes.
    young = tx.execute(select(func.min(access_log.c.sequence)).where(own, access_log.c.at >= before)).scalar()
    last = tx.execute(
        select(access_log.c.sequence, access_log.c.hash)
        .where(own, access_log.c.sequence < (young if young is not None else head[0] + 1))
        .order_by(access_log.c.sequence.desc())
        .limit(1)
    ).first()
    if last is None:
        return 0
    gone = tx.execute(delete(access_log).where(own, access_log.c.sequence <= last.sequence))
    tx.execute(
        update(access_log_heads)
        .where(access_log_heads.c.contract_id == contract_id)
        .values(dropped_sequence=last.sequence, dropped_hash=last.hash)
    )
    return int(gone.rowcount)


def csv_rows(entries: Iterable[Entry]) -> Iterator[list[str]]:
    """Yield a header and a row for each entry; a cell that a spreadsheet would run as a formula is quoted."""
    yield ["at", "login", "device", "line", "address", "act", "path", "result", "detail"]
    for entry in entries:
        shown = [str(value) for value in entry.as_json().values()]
        shown[0] = entry.at.isoformat()
        yield [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in shown]
