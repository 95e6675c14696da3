"""A second step for administrators and staff: time-based codes, with recovery codes for a lost phone (R15, R19)."""

from __future__ import annotations

import io
from datetime import datetime
from typing import NamedTuple

import pyotp
from sqlalchemy import ColumnElement, delete, insert, select, update

from auth import one_time
from auth.callers import Caller
from auth.one_time import Code
from core.errors import AccessDenied, Conflict
from core.ids import grouped, readable_token, secret_hash
from db.engine import Transaction
from db.tables import login_totp, recovery_codes

_ISSUER = "Azukari"
_RECOVERY_CODES = 10
#: 16 characters of 31 are 79 bits, for a code that is tried under lockout.
_RECOVERY_CHARACTERS = 16


class Enrolment(NamedTuple):
    """What an authenticator app needs; `uri` is what its QR code says."""

    secret: str
    uri: str


def is_enrolled(tx: Transaction, caller: Caller) -> bool:
    """Return whether the login confirmed an authenticator app."""
    return has_app(tx, caller.contract_id, caller.login)


def has_app(tx: Transaction, contract_id: int, login: int) -> bool:
    """Return whether a login by its number confirmed an authenticator app."""
    mine = (login_totp.c.contract_id == contract_id, login_totp.c.login == login)
    found = tx.execute(select(login_totp.c.confirmed_at).where(*mine)).first()
    return found is not None and found.confirmed_at is not None


def begin(tx: Transaction, caller: Caller) -> Enrolment:
    """Return a fresh secret, to be confirmed by its first code. Raises Conflict where one is confirmed already."""
    if is_enrolled(tx, caller):
        raise Conflict("an authenticator app is enrolled; remove it first")
    secret = pyotp.random_base32()
    tx.execute(delete(login_totp).where(*_is(caller)))
    tx.execute(
        insert(login_totp).values(contract_id=caller.contract_id, login=caller.login, secret=secret, confirmed_at=None)
    )
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=caller.login_id, issuer_name=_ISSUER))


def confirm(tx: Transaction, caller: Caller, code: str, *, now: datetime) -> list[str]:
    """Confirm the app by a code of it, and return the recovery codes, shown once.

    Raises AccessDenied for a wrong or used code, Conflict where no enrolment was begun.
    """
    secret = _secret(tx, caller)
    if secret is None or is_enrolled(tx, caller):
        raise Conflict("no enrolment of an authenticator app was begun")
    shown = one_time.use_totp(tx, caller.contract_id, _scope(caller), secret, code, now=now)
    if shown is not Code.GOOD:
        raise AccessDenied("totp.refused", cause=f"totp.{shown}")
    tx.execute(update(login_totp).where(*_is(caller)).values(confirmed_at=now))
    codes = [readable_token(_RECOVERY_CHARACTERS) for _ in range(_RECOVERY_CODES)]
    hashes = [secret_hash(one) for one in codes]
    tx.execute(
        insert(recovery_codes),
        [{"contract_id": caller.contract_id, "login": caller.login, "code_hash": one} for one in hashes],
    )
    return [grouped(one, 4) for one in codes]


def check(tx: Transaction, caller: Caller, code: str | None, *, now: datetime) -> None:
    """Return where the login has no authenticator app, or this is a code of it or a recovery code; it is used up.

    Raises AccessDenied for a missing, wrong or used code.
    """
    secret = _secret(tx, caller)
    if secret is None or not is_enrolled(tx, caller):
        return
    if not code:
        raise AccessDenied("totp.required")
    shown = one_time.use_totp(tx, caller.contract_id, _scope(caller), secret, code, now=now)
    if shown is Code.GOOD:
        return
    typed = secret_hash("".join(code.split()).replace("-", "").lower())
    mine = (recovery_codes.c.contract_id == caller.contract_id, recovery_codes.c.login == caller.login)
    if tx.execute(delete(recovery_codes).where(*mine, recovery_codes.c.code_hash == typed)).rowcount != 1:
        raise AccessDenied("totp.refused", cause=f"totp.{shown}")


def remove(tx: Transaction, contract_id: int, login: int) -> None:
    """Take a login's authenticator app and its recovery codes away."""
    for table in (recovery_codes, login_totp):
        tx.execute(delete(table).where(table.c.contract_id == contract_id, table.c.login == login))


def qr_svg(uri: str) -> str:
    """Return an enrolment's QR code as an SVG element for a page."""
    import segno

    out = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(out, kind="svg", scale=4, xmldecl=False, svgns=True)
    return out.getvalue().decode()


def _secret(tx: Transaction, caller: Caller) -> str | None:
    found: str | None = tx.execute(select(login_totp.c.secret).where(*_is(caller))).scalar()
    return found


def _scope(caller: Caller) -> str:
    return f"login {caller.login}"


def _is(caller: Caller) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return login_totp.c.contract_id == caller.contract_id, login_totp.c.login == caller.login
