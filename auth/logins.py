"""Logins of a contract, and the staff of the service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select, update

from auth import lines, sessions, tokens
from auth.callers import Role
from core.errors import AlreadyExists, InvalidInput, NotFound
from db.engine import Transaction
from db.tables import logins

# Also a path segment and a user name of Basic authentication, which ends at the first colon (RFC 7617 §2).
_LOGIN_ID = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


@dataclass(frozen=True, slots=True)
class Login:
    """A login as the administrator sees it."""

    login_id: str
    role: Role
    enabled: bool
    created_at: datetime


def add_login(
    tx: Transaction,
    contract_id: int,
    number: int,
    login_id: str,
    role: Role,
    password_hash: str,
    *,
    now: datetime,
) -> None:
    """Insert a login under the contract's next number.

    Raises InvalidInput for an id people could not type safely, AlreadyExists where it is taken.
    """
    if not _LOGIN_ID.fullmatch(login_id):
        raise InvalidInput(f"{login_id!r}: a login ID has 1 to 64 of a-z, 0-9 and . _ @ -, first a letter or digit")
    if tx.execute(select(logins.c.id).where(logins.c.login_id == login_id)).first() is not None:
        raise AlreadyExists(f"login {login_id}")
    tx.execute(
        insert(logins).values(
            contract_id=contract_id,
            id=number,
            login_id=login_id,
            role=role.value,
            enabled=True,
            password_hash=password_hash,
            created_at=now,
        )
    )


class Known(NamedTuple):
    """Where a login is: its contract and its number there."""

    contract_id: int
    number: int


def find(tx: Transaction, login_id: str) -> Known:
    """Return where a login is. Raises NotFound."""
    found = tx.execute(select(logins.c.contract_id, logins.c.id).where(logins.c.login_id == login_id)).first()
    if found is None:
        raise NotFound(f"login {login_id}")
    return Known(found.contract_id, found.id)


def set_enabled(tx: Transaction, login_id: str, enabled: bool) -> None:
    """Let a login in or keep it out, from the next request on; kept out, its tokens end. Raises NotFound."""
    known = find(tx, login_id)
    tx.execute(
        update(logins)
        .where(logins.c.contract_id == known.contract_id, logins.c.id == known.number)
        .values(enabled=enabled)
    )
    if not enabled:
        tokens.revoke_all(tx, known.contract_id, login=known.number)


def set_password(tx: Transaction, contract_id: int, number: int, password_hash: str) -> None:
    """Change a login's password; its web and line sessions and its tokens end."""
    tx.execute(
        update(logins)
        .where(logins.c.contract_id == contract_id, logins.c.id == number)
        .values(password_hash=password_hash)
    )
    sessions.end_all(tx, contract_id, login=number)
    lines.end_sessions(tx, contract_id, login=number)
    tokens.revoke_all(tx, contract_id, login=number)


def list_logins(tx: Transaction, contract_id: int) -> list[Login]:
    """Return the contract's logins by id."""
    rows = tx.execute(select(logins).where(logins.c.contract_id == contract_id).order_by(logins.c.login_id))
    return [Login(row.login_id, Role(row.role), row.enabled, row.created_at) for row in rows]
