"""From a user name and a password to a Caller, with every state read anew.

A device password is found by its hash in one statement. Where the plan has no PRO, the login password is
taken too (R12): checked slowly once, then remembered in this process by a keyed hash for a few minutes;
the login's state is still read on every request, so that a lock bites at once.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from sqlalchemy import String, bindparam, select

from auth.callers import Caller, Role
from auth.passwords import password_matches
from core.errors import NotAuthenticated
from core.ids import secret_hash
from db.engine import Database
from db.statements import Cursor, Row, Statement
from db.tables import contracts, devices, logins

ACTIVE = "active"
REGISTERED = "registered"

_REMEMBER_SECONDS = 300
_REMEMBERED_LOGINS = 10_000

#: Answers whether a contract is on a plan with PRO at this instant.
IsPro = Callable[[Cursor, int], bool]

_by_device_password = Statement(
    select(
        logins.c.contract_id,
        logins.c.id,
        logins.c.login_id,
        logins.c.role,
        devices.c.id,
        devices.c.state,
        logins.c.enabled,
        contracts.c.state,
    )
    .select_from(devices)
    .join(logins, (logins.c.contract_id == devices.c.contract_id) & (logins.c.id == devices.c.login))
    .join(contracts, contracts.c.id == devices.c.contract_id)
    .where(devices.c.password_hash == bindparam("password_hash", type_=String))
)
_by_login_id = Statement(
    select(
        logins.c.contract_id,
        logins.c.id,
        logins.c.login_id,
        logins.c.role,
        logins.c.enabled,
        contracts.c.state,
        logins.c.password_hash,
    )
    .join(contracts, contracts.c.id == logins.c.contract_id)
    .where(logins.c.login_id == bindparam("login_id", type_=String))
)


class Identifier:
    """Tells who is calling; holds only the memory of login passwords checked a moment ago."""

    def __init__(self, database: Database, is_pro: IsPro) -> None:
        self._database = database
        self._is_pro = is_pro
        self._key = secrets.token_bytes(32)
        self._checked: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    def by_basic(self, user_name: str, password: str) -> Caller:
        """Return the caller of a WebDAV request: a device password, or without PRO the login password.

        Explorer's `DOMAIN\\login` means `login` (CLIENTS W6). Raises NotAuthenticated for an unknown login,
        a wrong password, a device, login or contract that is locked or disabled: which one is never said.
        """
        login_id = user_name.rpartition("\\")[2]
        with self._database.reading() as tx:
            row = _by_device_password.first(tx.cursor, password_hash=secret_hash(password))
        if row is not None:
            return _device_caller(row, login_id)
        return self._by_login_password(login_id, password)

    def _by_login_password(self, login_id: str, password: str) -> Caller:
        caller, password_hash = self._login(login_id)
        mark = hmac.digest(self._key, f"{login_id}\0{password}".encode(), "sha256")
        remembered = self._checked.get(mark)
        if remembered is None or remembered[1] < time.monotonic() or remembered[0] != password_hash:
            if not password_matches(password_hash, password):
                raise NotAuthenticated
            self._remember(mark, str(password_hash))
        if caller is None:
            raise NotAuthenticated
        with self._database.reading() as tx:
            if self._is_pro(tx.cursor, caller.contract_id):
                raise NotAuthenticated  # on PRO a login password opens no online storage (R12)
        return caller

    def by_login(self, login_id: str, password: str) -> Caller:
        """Return the caller of a login page or device registration. Raises NotAuthenticated."""
        caller, password_hash = self._login(login_id)
        if not password_matches(password_hash, password) or caller is None:
            raise NotAuthenticated
        return caller

    def _login(self, login_id: str) -> tuple[Caller | None, str | None]:
        """Return the login if it may come in, and its password hash if it exists at all."""
        with self._database.reading() as tx:
            row = _by_login_id.first(tx.cursor, login_id=login_id)
        if row is None:
            return None, None
        contract_id, login, name, role, enabled, contract_state, password_hash = row
        if not enabled or contract_state != ACTIVE:
            return None, password_hash
        return Caller(contract_id, login, name, Role(role), None), password_hash

    def _remember(self, mark: bytes, password_hash: str) -> None:
        self._checked[mark] = (password_hash, time.monotonic() + _REMEMBER_SECONDS)
        while len(self._checked) > _REMEMBERED_LOGINS:
            self._checked.popitem(last=False)


def _device_caller(row: Row, login_id: str) -> Caller:
    contract_id, login, name, role, device_id, device_state, enabled, contract_state = row
    if name != login_id or device_state != REGISTERED or not enabled or contract_state != ACTIVE:
        raise NotAuthenticated
    return Caller(contract_id, login, name, Role(role), device_id)


__all__ = ["ACTIVE", "REGISTERED", "Identifier", "IsPro"]
