"""Monthly statements: what a contract was charged for a month and why, frozen when the month is closed.

A statement follows from the history alone, and no change may take effect in a closed month
(`quota.contracts`): made again from the history it is the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select

from core.clock import TOKYO
from core.errors import Conflict
from db.engine import Database, Transaction
from db.tables import contracts, statements
from quota.catalogue import Catalogue
from quota.fees import fee
from quota.history import JUST_BEFORE, History
from quota.meter import Ledger
from quota.months import BillingMonth
from quota.standings import Standing, standing, standings


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened in the month; `at` in Tokyo, ISO 8601."""

    at: str
    kind: str
    code: str
    channel: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a month costs. `reason`: a message id; `capacity_bytes`: at the month's last instant."""

    contract: str
    month: str
    plan: str | None
    fee_yen: int
    reason: str
    capacity_bytes: int
    services: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(slots=True)
class Closed:
    """What closing a month did. `differing`: contracts whose frozen statement the history no longer gives."""

    month: str
    closed: int = 0
    already_closed: int = 0
    fee_yen: int = 0
    differing: tuple[str, ...] = ()


def draw_up(name: str, history: History, catalogue: Catalogue, month: BillingMonth) -> Statement:
    """Return the statement of a month as the history gives it."""
    charged = fee(history, catalogue, month)
    last = month.end() - JUST_BEFORE
    lines = tuple(
        Line(event.effective_at.astimezone(TOKYO).isoformat(), event.kind, event.code, event.channel)
        for event in history.events
        if month.start() <= event.effective_at < month.end()
    )
    held = history.at(last)
    services = tuple(sorted(held.services))
    capacity_bytes = held.capacity_bytes(catalogue, last)
    return Statement(name, str(month), charged.plan, charged.fee_yen, charged.reason, capacity_bytes, services, lines)


def is_due(history: History, month: BillingMonth) -> bool:
    """Tell whether a month has a statement: the contract was there at some time in it, its end included."""
    if history.signed_up_at is None or month.end() <= history.signed_up_at:
        return False
    return history.ended_at is None or month <= BillingMonth.of(history.ended_at)


def close(database: Database, catalogue: Catalogue, month: BillingMonth, *, now: datetime) -> Iterator[Closed]:
    """Freeze the statements of a month, contract by contract, and yield the sums so far after each.

    Idempotent: what is frozen stays. Raises Conflict for a month that is not over, DatabaseUnavailable.
    """
    if now < month.end():
        raise Conflict(f"month {month} is not over")
    done = Closed(str(month))
    for one in standings(database):
        if is_due(one.history, month):
            _count(done, one, *database.write(lambda tx, one=one: _freeze(tx, one, catalogue, month, now)))  # type: ignore[misc]
        yield done


def _freeze(
    tx: Transaction, one: Standing, catalogue: Catalogue, month: BillingMonth, now: datetime
) -> tuple[Statement, Statement | None]:
    """Return the statement that stands, and the one the history gives where that was frozen before."""
    Ledger.open(tx.cursor, one.contract_id)  # no change may slip in between the look and the freezing
    drawn = draw_up(one.name, standing(tx, one.contract_id).history, catalogue, month)
    frozen = find(tx, one.contract_id, month)
    if frozen is not None:
        return frozen, drawn
    tx.execute(
        insert(statements).values(
            contract_id=one.contract_id, month=str(month), fee_yen=drawn.fee_yen,
            document=json.dumps(asdict(drawn), ensure_ascii=False), closed_at=now,
        )
    )  # fmt: skip
    return drawn, None


def _count(done: Closed, one: Standing, stands: Statement, drawn: Statement | None) -> None:
    done.closed += drawn is None
    done.already_closed += drawn is not None
    done.fee_yen += stands.fee_yen
    if drawn is not None and drawn != stands:
        done.differing = (*done.differing, one.name)


def find(tx: Transaction, contract_id: int, month: BillingMonth) -> Statement | None:
    """Return the frozen statement of a month, or None."""
    found = tx.execute(
        select(statements.c.document).where(statements.c.contract_id == contract_id, statements.c.month == str(month))
    ).scalar()
    return None if found is None else _read(found)


def frozen_of(tx: Transaction, contract_id: int) -> list[Statement]:
    """Return all frozen statements of a contract, the latest month first."""
    found = select(statements.c.document).where(statements.c.contract_id == contract_id)
    return [_read(document) for document in tx.execute(found.order_by(statements.c.month.desc())).scalars()]


def _read(document: str) -> Statement:
    values = json.loads(document)
    lines = tuple(Line(**line) for line in values.pop("lines"))
    return Statement(**{**values, "services": tuple(values["services"]), "lines": lines})


def of_month(tx: Transaction, contract_id: int, catalogue: Catalogue, month: BillingMonth) -> Statement:
    """Return a month's statement: the frozen one, or what the history gives so far. Raises NotFound."""
    frozen = find(tx, contract_id, month)
    if frozen is not None:
        return frozen
    one = standing(tx, contract_id)
    return draw_up(one.name, one.history, catalogue, month)


def frozen_in(tx: Transaction, month: BillingMonth) -> list[Statement]:
    """Return all frozen statements of a month by contract name."""
    rows = tx.execute(
        select(statements.c.contract_id)
        .join(contracts, contracts.c.id == statements.c.contract_id)
        .where(statements.c.month == str(month))
        .order_by(contracts.c.name)
    ).scalars()
    found = (find(tx, contract_id, month) for contract_id in rows.all())
    return [one for one in found if one is not None]
