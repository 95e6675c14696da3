"""Contracts over time: an append-only history, and what it says of an instant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Integer, bindparam, func, insert, or_, select, update

from core.clock import to_microseconds
from core.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from db.engine import Transaction
from db.statements import Cursor, Statement
from db.tables import SERVICE_CONTRACT_ID, contract_events, contracts
from quota.catalogue import Catalogue
from quota.meter import Ledger

CHANNELS = ("web", "phone", "shop")
#: Holds no data and has no plan: the service's own contract, to which its staff belong.
SERVICE_NAME = "-"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")

# The last plan that is in force at an instant; of events at one instant the one recorded last.
_plan_at = Statement(
    select(contract_events.c.code)
    .where(
        contract_events.c.contract_id == bindparam("contract", type_=Integer),
        or_(contract_events.c.kind == "sign-up", contract_events.c.kind == "plan"),
        contract_events.c.effective_at <= bindparam("now", type_=BigInteger),
    )
    .order_by(contract_events.c.effective_at.desc(), contract_events.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a contract's history."""

    kind: str
    code: str
    channel: str
    effective_at: datetime
    recorded_at: datetime


def find(tx: Transaction, name: str) -> int:
    """Return a contract's id by its name. Raises NotFound."""
    found = tx.execute(select(contracts.c.id).where(contracts.c.name == name)).scalar()
    if found is None:
        raise NotFound(f"contract {name}")
    return int(found)


def sign_up(tx: Transaction, name: str, code: str, catalogue: Catalogue, *, at: datetime, now: datetime) -> int:
    """Insert a contract that holds a plan from `at` on, and return its id.

    Raises NotFound for an unknown plan, AlreadyExists, InvalidInput for a name people could not type.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{name!r}: a contract's name has 1 to 64 of a-z, 0-9, _ and -, first a letter or digit")
    catalogue.plan(code)
    contract_id = _insert(tx, name, now=now)
    _record(tx, contract_id, "sign-up", code, "shop", at=at, now=now)
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
) -> None:
    """Record that a plan holds from `at` on (R3, R8); the plan held then already is no change.

    Raises NotFound for an unknown plan, InvalidInput for an unknown channel or an instant before the
    sign-up, Conflict for a contract that has ended.
    """
    if channel not in CHANNELS:
        raise InvalidInput(f"channel {channel!r} is not one of {', '.join(CHANNELS)}")
    catalogue.plan(code)
    # The ledger is the contract's write mutex: two changes at once are decided one after the other.
    Ledger.open(tx.cursor, contract_id)
    _require_active(tx, contract_id)
    held = plan_code(tx.cursor, contract_id, now_us=to_microseconds(at))
    if held is None:
        raise InvalidInput("the contract did not exist at that time")
    if held != code:
        _record(tx, contract_id, "plan", code, channel, at=at, now=now)


def end(tx: Transaction, contract_id: int, *, at: datetime, now: datetime) -> None:
    """Record that the contract ends; its logins are refused from the next request on (R9).

    Raises Conflict where it has ended already.
    """
    Ledger.open(tx.cursor, contract_id)
    _require_active(tx, contract_id)
    _record(tx, contract_id, "end", "", "shop", at=at, now=now)
    tx.execute(update(contracts).where(contracts.c.id == contract_id).values(state="ended"))


def _require_active(tx: Transaction, contract_id: int) -> None:
    state = tx.execute(select(contracts.c.state).where(contracts.c.id == contract_id)).scalar_one()
    if state != "active":
        raise Conflict("the contract has ended")


def _record(
    tx: Transaction, contract_id: int, kind: str, code: str, channel: str, *, at: datetime, now: datetime
) -> None:
    last = tx.execute(
        select(func.coalesce(func.max(contract_events.c.id), 0)).where(contract_events.c.contract_id == contract_id)
    ).scalar_one()
    tx.execute(
        insert(contract_events).values(
            contract_id=contract_id, id=last + 1, kind=kind, code=code, channel=channel, effective_at=at,
            recorded_at=now,
        )
    )  # fmt: skip


def history(tx: Transaction, contract_id: int) -> list[Event]:
    """Return the contract's history in the order in which it takes effect."""
    rows = tx.execute(
        select(contract_events)
        .where(contract_events.c.contract_id == contract_id)
        .order_by(contract_events.c.effective_at, contract_events.c.id)
    )
    return [Event(row.kind, row.code, row.channel, row.effective_at, row.recorded_at) for row in rows]


def plan_code(cursor: Cursor, contract_id: int, *, now_us: int) -> str | None:
    """Return the code of the plan in force at an instant; None before the sign-up."""
    row = _plan_at.first(cursor, contract=contract_id, now=now_us)
    return None if row is None else str(row[0])


def capacity_bytes(cursor: Cursor, contract_id: int, catalogue: Catalogue, *, now_us: int) -> int:
    """Return the contract's capacity at an instant: its plan's; 0 before the sign-up."""
    code = plan_code(cursor, contract_id, now_us=now_us)
    return 0 if code is None else catalogue.plan(code).capacity_bytes


def is_pro(cursor: Cursor, contract_id: int, catalogue: Catalogue, *, now_us: int) -> bool:
    """Return whether the plan in force includes PRO; before the sign-up it does, which opens nothing."""
    code = plan_code(cursor, contract_id, now_us=now_us)
    return code is None or catalogue.plan(code).pro
