"""Web sessions in SQL, so that every gateway knows them and a lock ends them at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from auth.callers import Caller, DeviceState
from core.errors import NotAuthenticated
from core.ids import readable_token, secret_hash
from db.engine import Transaction
from db.tables import devices, web_sessions

_TOKEN_CHARACTERS = 33


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """How long a session lives without a request, and at most."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)


def new_secret() -> str:
    """Return a secret for a cookie, 160 bits."""
    return readable_token(_TOKEN_CHARACTERS)


def device_of_cookie(tx: Transaction, caller: Caller, cookie: str) -> str | None:
    """Return the caller's device that this browser is, None where it is none of the login's (R14).

    Raises NotAuthenticated for one that is locked or revoked: it closes every door (R16).
    """
    row = tx.execute(
        select(devices.c.id, devices.c.state).where(
            devices.c.contract_id == caller.contract_id,
            devices.c.login == caller.login,
            devices.c.cookie_hash == secret_hash(cookie),
        )
    ).first()
    if row is None:
        return None
    if row.state != DeviceState.REGISTERED:
        raise NotAuthenticated(f"device.{row.state}")
    return str(row.id)


def open_session(tx: Transaction, caller: Caller, *, now: datetime, policy: SessionPolicy) -> str:
    """Open a session for a caller that proved everything asked of them, and return the cookie's secret."""
    secret = new_secret()
    tx.execute(
        delete(web_sessions).where(web_sessions.c.contract_id == caller.contract_id, web_sessions.c.expires_at <= now)
    )
    tx.execute(
        insert(web_sessions).values(
            contract_id=caller.contract_id,
            token_hash=secret_hash(secret),
            login=caller.login,
            device_id=caller.device_id,
            created_at=now,
            seen_at=now,
            expires_at=now + policy.longest,
        )
    )
    return secret


def touch(tx: Transaction, contract_id: int, secret: str, *, now: datetime) -> None:
    """Note that a session is in use."""
    tx.execute(
        update(web_sessions)
        .where(web_sessions.c.contract_id == contract_id, web_sessions.c.token_hash == secret_hash(secret))
        .values(seen_at=now)
    )


def attach_device(tx: Transaction, contract_id: int, secret: str, device_id: str) -> None:
    """Make a session one of a device, when its browser was registered in it."""
    tx.execute(
        update(web_sessions)
        .where(web_sessions.c.contract_id == contract_id, web_sessions.c.token_hash == secret_hash(secret))
        .values(device_id=device_id)
    )


def end(tx: Transaction, contract_id: int, secret: str) -> None:
    """End one session, at logout."""
    tx.execute(
        delete(web_sessions).where(
            web_sessions.c.contract_id == contract_id, web_sessions.c.token_hash == secret_hash(secret)
        )
    )


def end_all(tx: Transaction, contract_id: int, *, login: int | None = None, device_id: str | None = None) -> int:
    """End all sessions of a login or of a device; return how many there were."""
    which = web_sessions.c.login == login if login is not None else web_sessions.c.device_id == device_id
    return int(tx.execute(delete(web_sessions).where(web_sessions.c.contract_id == contract_id, which)).rowcount)
