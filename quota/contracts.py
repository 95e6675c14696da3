"""Contracts over time: an append-only history in SQL, and what it says of an instant."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, func, insert, or_, select, update
from sqlalchemy.engine import Row

from core.clock import from_microseconds
from core.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from db.engine import Transaction
from db.statements import Cursor, Statement
from db.tables import SERVICE_CONTRACT_ID, contract_events, contracts, statements
from quota.catalogue import Catalogue
from quota.history import BONUS_ADD, BONUS_REMOVE, END, PLAN, SIGN_UP, Event, History, Holding
from quota.meter import Ledger
from quota.months import FIRST_YEAR, LAST_YEAR, BillingMonth
from quota.retention import readable_until

#: How a plan change reaches us (R8).
CHANNELS = ("web", "phone", "shop")
#: How a bonus reaches us: entered by the operator, or read from the feed of another service.
OPERATOR, FEED = "operator", "feed"
#: Holds no data and has no plan: the service's own contract, to which its staff belong.
SERVICE_NAME = "-"

# What mail systems agree on at least: something, one @, a domain; and no character that could end a header.
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\x00-\x1f\x7f]{1,64}@[^\s@<>,;:\"()\x00-\x1f\x7f]{1,189}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")

# The last plan that is in force at an instant; of events at one instant the one recorded last.
_plan_at = Statement(
    select(contract_events.c.code)
    .where(
        contract_events.c.contract_id == bindparam("contract", type_=Integer),
        or_(contract_events.c.kind == SIGN_UP, contract_events.c.kind == PLAN),
        contract_events.c.effective_at <= bindparam("now", type_=BigInteger),
    )
    .order_by(contract_events.c.effective_at.desc(), contract_events.c.id.desc())
    .limit(1)
)
# All that decides a capacity: a contract's history is a handful of rows, so one statement reads it whole.
_events_until = Statement(
    select(contract_events.c.kind, contract_events.c.code)
    .where(
        contract_events.c.contract_id == bindparam("contract", type_=Integer),
        contract_events.c.effective_at <= bindparam("now", type_=BigInteger),
    )
    .order_by(contract_events.c.effective_at, contract_events.c.id)
)


def find(tx: Transaction, name: str) -> int:
    """Return a contract's id by its name. Raises NotFound."""
    found = tx.execute(select(contracts.c.id).where(contracts.c.name == name)).scalar()
    if found is None:
        raise NotFound(f"contract {name}")
    return int(found)


def list_names(tx: Transaction) -> list[str]:
    """Return the names of all contracts, in order."""
    customers = contracts.c.id != SERVICE_CONTRACT_ID
    return list(tx.execute(select(contracts.c.name).where(customers).order_by(contracts.c.name)).scalars())


def sign_up(tx: Transaction, name: str, code: str, catalogue: Catalogue, *, at: datetime, now: datetime) -> int:
    """Insert a contract that holds a plan from `at` on, and return its id.

    Raises NotFound for an unknown plan, Conflict for one no longer on sale, AlreadyExists, InvalidInput for
    a name people could not type.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{name!r}: a contract's name has 1 to 64 of a-z, 0-9, _ and -, first a letter or digit")
    _require_on_sale(catalogue, code)
    contract_id = _insert(tx, name, now=now)
    _record(tx, contract_id, Event(SIGN_UP, code, "shop", at, now))
    return contract_id


def ensure_service(tx: Transaction, *, now: datetime) -> None:
    """Insert the service's own contract where it is missing."""
    if tx.execute(select(contracts.c.id).where(contracts.c.id == SERVICE_CONTRACT_ID)).first() is None:
        _insert(tx, SERVICE_NAME, now=now, contract_id=SERVICE_CONTRACT_ID)


def _insert(tx: Transaction, name: str, *, now: datetime, contract_id: int | None = None) -> int:
    if tx.execute(select(contracts.c.id).where(contracts.c.name == name)).first() is not None:
        raise AlreadyExists(f"contract {name}")
    given = {} if contract_id is None else {"id": contract_id}
    inserted = tx.execute(insert(contracts).values(**given, name=name, state="active", created_at=now))
    new_id = int(inserted.inserted_primary_key[0])  # type: ignore[index]
    Ledger.create(tx.cursor, new_id).save()
    return new_id


def change_plan(
    tx: Transaction,
    contract_id: int,
    code: str,
    catalogue: Catalogue,
    *,
    channel: str,
    at: datetime,
    now: datetime,
) -> bool:
    """Record that a plan holds from `at` on (R3, R8); False where it is held then already: that is no change.

    Raises NotFound for an unknown plan, InvalidInput for an unknown channel or an instant before the
    sign-up, Conflict for a plan no longer on sale and from the contract's end on.
    """
    if channel not in CHANNELS:
        raise InvalidInput(f"channel {channel!r} is not one of {', '.join(CHANNELS)}")
    _require_on_sale(catalogue, code)
    if _held_for_change(tx, contract_id, at).plan == code:
        return False
    _record(tx, contract_id, Event(PLAN, code, channel, at, now))
    return True


def add_bonus(
    tx: Transaction, contract_id: int, service: str, catalogue: Catalogue, *, channel: str, at: datetime, now: datetime
) -> bool:
    """Record that the customer holds another service from `at` on (R5); False where that is known already.

    Raises NotFound for an unknown service, InvalidInput and Conflict as `change_plan`.
    """
    catalogue.require_service(service)
    if service in _held_for_change(tx, contract_id, at).services:
        return False
    _record(tx, contract_id, Event(BONUS_ADD, service, channel, at, now))
    return True


def remove_bonus(tx: Transaction, contract_id: int, service: str, *, channel: str, at: datetime, now: datetime) -> bool:
    """Record that the customer no longer holds another service from `at` on; False where they did not (R5).

    A service that has left the catalogue can still be removed. Raises InvalidInput and Conflict as `change_plan`.
    """
    if service not in _held_for_change(tx, contract_id, at).services:
        return False
    _record(tx, contract_id, Event(BONUS_REMOVE, service, channel, at, now))
    return True


def end(tx: Transaction, contract_id: int, *, at: datetime, now: datetime) -> None:
    """Record that the contract ends at `at`: from then on it has no capacity, and later no data (R9).

    Raises Conflict where an end is recorded already, InvalidInput for an instant not after the sign-up.
    """
    _held_for_change(tx, contract_id, at)
    past = history(tx, contract_id)
    if past.ended_at is not None:
        raise Conflict(f"the contract ends at {past.ended_at.isoformat()} already")
    if past.signed_up_at is None or at <= past.signed_up_at:
        raise InvalidInput("a contract ends after its sign-up")
    _record(tx, contract_id, Event(END, "", "shop", at, now))
    state = "ended" if at <= now else "active"
    values = {"ended_at": at, "readable_until_at": readable_until(at), "state": state}
    tx.execute(update(contracts).where(contracts.c.id == contract_id).values(values))


def settle_ends(tx: Transaction, *, now: datetime) -> int:
    """Mark contracts `ended` whose end was recorded for an instant that has come; return how many."""
    due = (contracts.c.state == "active") & (contracts.c.ended_at <= now)
    return tx.execute(update(contracts).where(due).values(state="ended")).rowcount


def _require_on_sale(catalogue: Catalogue, code: str) -> None:
    if not catalogue.plan(code).on_sale:
        raise Conflict(f"plan {code} is no longer on sale")


def _held_for_change(tx: Transaction, contract_id: int, at: datetime) -> Holding:
    """Return what is held at an instant, with the contract's write mutex taken: two changes at once are decided
    one after the other.
    """
    Ledger.open(tx.cursor, contract_id)
    held = history(tx, contract_id).at(at)
    if held.ended:
        raise Conflict("the contract has ended")
    if held.plan is None:
        raise InvalidInput("the contract did not exist at that time")
    return held


def _record(tx: Transaction, contract_id: int, event: Event) -> None:
    if not FIRST_YEAR <= event.effective_at.year < LAST_YEAR:
        raise InvalidInput(f"{event.effective_at.isoformat()} is not an instant a contract can have")
    closed = tx.execute(select(func.max(statements.c.month)).where(statements.c.contract_id == contract_id)).scalar()
    if closed is not None and event.effective_at < BillingMonth.parse(closed).end():
        raise Conflict(f"month {closed} is closed by its statement; a change can take effect from the next month on")
    last = tx.execute(
        select(func.coalesce(func.max(contract_events.c.id), 0)).where(contract_events.c.contract_id == contract_id)
    ).scalar_one()
    tx.execute(
        insert(contract_events).values(
            contract_id=contract_id, id=last + 1, kind=event.kind, code=event.code, channel=event.channel,
            effective_at=event.effective_at, recorded_at=event.recorded_at,
        )
    )  # fmt: skip


def history(tx: Transaction, contract_id: int) -> History:
    """Return the contract's whole history."""
    rows = tx.execute(
        select(contract_events).where(contract_events.c.contract_id == contract_id).order_by(contract_events.c.id)
    )
    return History.of(map(event_of, rows))


def event_of(row: Row[Any]) -> Event:
    """Return a row of contract_events as the rules take it."""
    return Event(row.kind, row.code, row.channel, row.effective_at, row.recorded_at)


def notify(tx: Transaction, contract_id: int, address: str | None) -> None:
    """Say where a contract's reminders go; None for silence. Raises InvalidInput for what is no mail address."""
    if address is not None and not _ADDRESS.fullmatch(address):
        raise InvalidInput(f"{address!r} is not a mail address")
    tx.execute(update(contracts).where(contracts.c.id == contract_id).values(notify_address=address))


def last_plan(past: History, at: datetime) -> str | None:
    """Return the plan held at an instant or, from the end on, the last one held; None before the sign-up."""
    plans = [event.code for event in past.events if event.kind in (SIGN_UP, PLAN) and event.effective_at <= at]
    return plans[-1] if plans else None


def plan_code(cursor: Cursor, contract_id: int, *, now_us: int) -> str | None:
    """Return the code of the plan last held at an instant; None before the sign-up."""
    row = _plan_at.first(cursor, contract=contract_id, now=now_us)
    return None if row is None else str(row[0])


def capacity_bytes(cursor: Cursor, contract_id: int, catalogue: Catalogue, *, now_us: int) -> int:
    """Return the contract's capacity at an instant, bonuses included; 0 before the sign-up and after the end.

    One statement; every write asks it.
    """
    held = Holding()
    for kind, code in _events_until.all(cursor, contract=contract_id, now=now_us):
        held = held.after(kind, code)
    return held.capacity_bytes(catalogue, from_microseconds(now_us))


def is_pro(cursor: Cursor, contract_id: int, catalogue: Catalogue, *, now_us: int) -> bool:
    """Return whether the plan in force includes PRO; before the sign-up it does, which opens nothing."""
    code = plan_code(cursor, contract_id, now_us=now_us)
    return code is None or catalogue.plan(code).pro
