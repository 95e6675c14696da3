"""Codes and nonces that are good for one use, whichever gateway sees them (R17, R19)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from core.clock import to_microseconds
from db.engine import Transaction
from db.tables import used_codes

#: RFC 6238 §5.2: the step, and how many steps a clock may be off.
_STEP_SECONDS, _STEPS_OFF = 30, 1
#: What stands for every wrong code.
_NO_STEP = "none"
#: A code or nonce is remembered this much longer than it could be good.
_MARGIN = timedelta(minutes=5)


class Code(StrEnum):
    """What a time-based code turned out to be."""

    GOOD = "good"
    WRONG = "refused"
    REPLAYED = "replayed"


def use(tx: Transaction, contract_id: int, scope: str, code: str, *, good_until: datetime) -> bool:
    """Use a code up; False where it was used before. Of two who use it at once exactly one gets True."""
    values = {
        "contract_id": contract_id,
        "scope": scope,
        "code": code,
        "forget_at": good_until + _MARGIN,
    }
    make = sqlite.insert if tx.connection.dialect.name == "sqlite" else postgresql.insert
    first = make(used_codes).values(values).on_conflict_do_nothing().returning(used_codes.c.code)
    return tx.execute(first).first() is not None


def use_totp(tx: Transaction, contract_id: int, scope: str, secret: str, code: str, *, now: datetime) -> Code:
    """Use up a time-based code of a secret (RFC 6238, 6 digits, 30 s), and return what it was.

    The code of the step before and after `now` is taken too: clocks differ, and people type.
    """
    given = "".join(code.split())
    totp = pyotp.TOTP(secret, interval=_STEP_SECONDS)
    this_step = to_microseconds(now) // (_STEP_SECONDS * 1_000_000)
    for step in range(this_step - _STEPS_OFF, this_step + _STEPS_OFF + 1):
        if pyotp.utils.strings_equal(given, totp.generate_otp(step)):
            good_until = now + timedelta(seconds=_STEP_SECONDS * (2 * _STEPS_OFF + 1))
            first = use(tx, contract_id, scope, f"step {step}", good_until=good_until)
            return Code.GOOD if first else Code.REPLAYED
    use(tx, contract_id, scope, _NO_STEP, good_until=now)  # so that a wrong code costs what a used one does
    return Code.WRONG


def forget(tx: Transaction, *, now: datetime) -> int:
    """Remove codes that could not be good any more; return how many."""
    return int(tx.execute(delete(used_codes).where(used_codes.c.forget_at <= now)).rowcount)
