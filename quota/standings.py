"""Contracts as jobs go through them: each with its history and what it uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from core.errors import NotFound
from db.engine import Database, Transaction
from db.tables import SERVICE_CONTRACT_ID, contract_events, contracts, usage
from quota.contracts import event_of
from quota.history import Event, History

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """A contract as jobs see it: its history, and what it uses at present."""

    contract_id: int
    name: str
    history: History
    used_bytes: int
    notify_address: str | None


def standings(database: Database) -> Iterator[Standing]:
    """Yield every contract but the service's own, a page at a time: memory does not grow with their number."""
    after = SERVICE_CONTRACT_ID
    while page := _page(database, after):
        yield from page
        after = page[-1].contract_id


def count(tx: Transaction) -> int:
    """Return how many contracts there are, the service's own left out."""
    counted = select(func.count()).select_from(contracts).where(contracts.c.id > SERVICE_CONTRACT_ID)
    return int(tx.execute(counted).scalar_one())


def standing(tx: Transaction, contract_id: int) -> Standing:
    """Return one contract as jobs see it. Raises NotFound."""
    found = _standings(tx, contracts.c.id == contract_id)
    if not found:
        raise NotFound(f"contract {contract_id}")
    return found[0]


def _page(database: Database, after: int) -> list[Standing]:
    with database.reading() as tx:
        return _standings(tx, contracts.c.id > after)


def _standings(tx: Transaction, condition: ColumnElement[bool]) -> list[Standing]:
    rows = tx.execute(
        select(contracts.c.id, contracts.c.name, contracts.c.notify_address, usage.c.used_bytes)
        .join(usage, usage.c.contract_id == contracts.c.id)
        .where(condition)
        .order_by(contracts.c.id)
        .limit(_PAGE)
    ).all()
    if not rows:
        return []
    events: dict[int, list[Event]] = {row.id: [] for row in rows}
    recorded = tx.execute(
        select(contract_events)
        .where(contract_events.c.contract_id.between(rows[0].id, rows[-1].id))
        .order_by(contract_events.c.contract_id, contract_events.c.id)
    )
    for one in recorded:
        if one.contract_id in events:  # a contract may have signed up since the page was read
            events[one.contract_id].append(event_of(one))
    return [Standing(row.id, row.name, History.of(events[row.id]), row.used_bytes, row.notify_address) for row in rows]
