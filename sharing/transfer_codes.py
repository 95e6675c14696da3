"""The code by which another contract names this one as a receiver of files (R26)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from auth import accesslog
from auth.callers import Caller
from core.errors import CodeUnknown
from core.ids import grouped, readable_token, typed_token
from db.engine import Transaction
from db.tables import contracts, transfer_codes

#: 59 random bits, without the letters people mistake for digits: nobody guesses one, anybody can read one out.
_CHARACTERS = 12
_GROUP = 4


def code_of(tx: Transaction, contract_id: int) -> str | None:
    """Return a contract's code as people read it; None where it receives nothing."""
    code = tx.execute(select(transfer_codes.c.code).where(transfer_codes.c.contract_id == contract_id)).scalar()
    return None if code is None else grouped(code, _GROUP)


def renew(tx: Transaction, caller: Caller, *, now: datetime) -> str:
    """Give the caller's contract a new code in place of any before, and return it. What was sent stays sent."""
    code = readable_token(_CHARACTERS)
    tx.execute(delete(transfer_codes).where(transfer_codes.c.contract_id == caller.contract_id))
    tx.execute(insert(transfer_codes).values(contract_id=caller.contract_id, code=code, made_at=now))
    _log(tx, caller, "transfer.code", now)
    return grouped(code, _GROUP)


def remove(tx: Transaction, caller: Caller, *, now: datetime) -> None:
    """Take the code away: the contract receives nothing more."""
    tx.execute(delete(transfer_codes).where(transfer_codes.c.contract_id == caller.contract_id))
    _log(tx, caller, "transfer.code-remove", now)


def _log(tx: Transaction, caller: Caller, act: str, now: datetime) -> None:
    accesslog.append(tx.cursor, caller.contract_id, [accesslog.entry_of(caller, act, "", now=now)])


def contract_of(tx: Transaction, typed: str, *, now: datetime) -> int:
    """Return the contract a code names, however it was typed. Raises CodeUnknown, also for a contract that ended."""
    active = contracts.c.ended_at.is_(None) | (contracts.c.ended_at > now)
    found = tx.execute(
        select(transfer_codes.c.contract_id)
        .join(contracts, contracts.c.id == transfer_codes.c.contract_id)
        .where(transfer_codes.c.code == typed_token(typed)[:16], active)
    ).scalar()
    if found is None:
        raise CodeUnknown("no such transfer code")
    return int(found)
