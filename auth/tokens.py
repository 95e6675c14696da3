"""Tokens of the HTTP API: one login's, for some of what it may do, until a day, and no longer than its device is open.

A token is as good as a password, so only its hash is kept. It opens nothing its login could not open itself, and
everything that ends the login's sessions ends its tokens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.engine import Row

from auth.callers import DeviceState, Role
from core.errors import AccessDenied, InvalidInput, NotFound
from core.ids import readable_token, secret_hash
from db.engine import Transaction
from db.tables import api_tokens, devices, logins

#: What programs that look for lost secrets recognise; then 33 characters of 31, about 163 bits.
PREFIX = "azukari_"
_CHARACTERS = 33
MAX_NAME_CHARACTERS = 64
#: The longest a token may live.
LONGEST_DAYS = 365
#: A login has so many at a time: whoever needs more has lost sight of them.
MAX_TOKENS = 50
#: Expired tokens stay in lists this long.
KEPT = timedelta(days=30)


class Scope(StrEnum):
    """What a token may be used for."""

    FILES_READ = "files:read"
    FILES_WRITE = "files:write"
    SHARING_READ = "sharing:read"
    SHARING_WRITE = "sharing:write"
    GROUPWARE_READ = "groupware:read"
    GROUPWARE_WRITE = "groupware:write"
    CONTRACT_READ = "contract:read"
    CONTRACT_WRITE = "contract:write"
    SERVICE = "service"
    SUPPORT = "support"


_OF_EVERYBODY = frozenset(
    (
        Scope.FILES_READ,
        Scope.FILES_WRITE,
        Scope.SHARING_READ,
        Scope.SHARING_WRITE,
        Scope.GROUPWARE_READ,
        Scope.GROUPWARE_WRITE,
    )
)
#: What each role may do at all.
OF_ROLE = {
    Role.USER: _OF_EVERYBODY,
    Role.ADMINISTRATOR: _OF_EVERYBODY | {Scope.CONTRACT_READ, Scope.CONTRACT_WRITE},
    Role.OPERATOR: frozenset((Scope.SERVICE,)),
    Role.SUPPORT: frozenset((Scope.SUPPORT,)),
}
#: What a device password does on the drive, and so here: it is stored on PCs, and no second step asks who holds it.
OF_DEVICE_PASSWORD = frozenset((Scope.FILES_READ, Scope.FILES_WRITE))


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token as it is shown, once."""

    token_id: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner and the administrator see it."""

    token_id: str
    login_id: str
    name: str
    scopes: tuple[str, ...]
    device_id: str | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked: bool

    def is_good(self, now: datetime) -> bool:
        """Return whether the token still opens something, as far as it goes itself."""
        return not self.revoked and self.expires_at > now


@dataclass(frozen=True, slots=True)
class Wish:
    """What a token is to be. `device_id` names the login's device it is one of."""

    name: str
    scopes: frozenset[Scope]
    valid_for: timedelta
    device_id: str | None = None


def issue(
    tx: Transaction, contract_id: int, login: int, role: Role, wish: Wish, *, pro: bool, now: datetime
) -> IssuedToken:
    """Issue a token to a login.

    On PRO what is not only for the contract's administration is of a device, as online storage is (R12), so that it
    ends with the device (R16). Raises InvalidInput for a name or a time that cannot be, for no scope, and with too
    many tokens; AccessDenied for a scope the role does not have, or without the device it takes; NotFound for a device
    that is not the login's, or closed.
    """
    name = _checked(wish)
    if not wish.scopes <= OF_ROLE[role]:
        raise AccessDenied("token.role")
    if pro and wish.device_id is None and wish.scopes & _OF_EVERYBODY:
        raise AccessDenied("token.device_needed")
    mine = (api_tokens.c.contract_id == contract_id, api_tokens.c.login == login)
    good = tx.execute(select(api_tokens.c.id).where(*mine, *_good(now)).limit(MAX_TOKENS)).all()
    if len(good) == MAX_TOKENS:
        raise InvalidInput(f"a login has at most {MAX_TOKENS} tokens; revoke some first")
    if wish.device_id is not None:
        _require_device(tx, contract_id, login, wish.device_id)
    token_id, token = f"tok-{readable_token(12)}", PREFIX + readable_token(_CHARACTERS)
    expires_at = now + wish.valid_for
    tx.execute(
        insert(api_tokens).values(
            contract_id=contract_id,
            id=token_id,
            login=login,
            name=name,
            token_hash=secret_hash(token),
            scopes=" ".join(sorted(wish.scopes)),
            device_id=wish.device_id,
            created_at=now,
            expires_at=expires_at,
            revoked=False,
        )
    )
    return IssuedToken(token_id, token, expires_at)


def _checked(wish: Wish) -> str:
    """Return the token's name as it is kept."""
    name = wish.name.strip()
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS or not name.isprintable():
        raise InvalidInput(f"a token's name has 1 to {MAX_NAME_CHARACTERS} printable characters")
    if not wish.scopes:
        raise InvalidInput("a token has at least one scope")
    if not timedelta() < wish.valid_for <= timedelta(days=LONGEST_DAYS):
        raise InvalidInput(f"a token lives 1 to {LONGEST_DAYS} days")
    return name


def _require_device(tx: Transaction, contract_id: int, login: int, device_id: str) -> None:
    found = tx.execute(
        select(devices.c.id).where(
            devices.c.contract_id == contract_id,
            devices.c.id == device_id,
            devices.c.login == login,
            devices.c.state == DeviceState.REGISTERED.value,
        )
    ).first()
    if found is None:
        raise NotFound(f"device {device_id}")


def _good(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return api_tokens.c.revoked.is_(False), api_tokens.c.expires_at > now


def scopes_of(words: str) -> frozenset[Scope]:
    """Return the scopes a token's row names; what is no scope any more is dropped."""
    known = {one.value: one for one in Scope}
    return frozenset(known[word] for word in words.split() if word in known)


def parse_scopes(words: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes people name. Raises InvalidInput."""
    given = tuple(words)
    known = {one.value: one for one in Scope}
    if unknown := [word for word in given if word not in known]:
        raise InvalidInput(f"no such scope: {' '.join(unknown)}; there are {' '.join(known)}")
    return frozenset(known[word] for word in given)


def list_tokens(tx: Transaction, contract_id: int, *, login: int | None = None) -> list[Token]:
    """Return the tokens of a contract, or of one login of it, the newest first."""
    wanted = _described.where(api_tokens.c.contract_id == contract_id)
    if login is not None:
        wanted = wanted.where(api_tokens.c.login == login)
    return [_token(row) for row in tx.execute(wanted.order_by(api_tokens.c.created_at.desc(), api_tokens.c.id))]


_described = select(api_tokens, logins.c.login_id).join(
    logins, (logins.c.contract_id == api_tokens.c.contract_id) & (logins.c.id == api_tokens.c.login)
)


def _token(row: Row[Any]) -> Token:
    return Token(
        row.id,
        row.login_id,
        row.name,
        tuple(row.scopes.split()),
        row.device_id,
        row.created_at,
        row.expires_at,
        row.last_used_at,
        row.revoked,
    )


def revoke(tx: Transaction, contract_id: int, token_id: str, *, login: int | None = None) -> None:
    """Revoke a token, from the next request on; of a `login` only its own. Raises NotFound; again does nothing."""
    mine = [api_tokens.c.contract_id == contract_id, api_tokens.c.id == token_id]
    if login is not None:
        mine.append(api_tokens.c.login == login)
    if tx.execute(update(api_tokens).where(*mine).values(revoked=True)).rowcount != 1:
        raise NotFound(f"token {token_id}")


def revoke_all(tx: Transaction, contract_id: int, *, login: int | None = None, device_id: str | None = None) -> int:
    """Revoke all tokens of a login or of a device; return how many there were."""
    which = api_tokens.c.login == login if login is not None else api_tokens.c.device_id == device_id
    good = (api_tokens.c.contract_id == contract_id, which, api_tokens.c.revoked.is_(False))
    return int(tx.execute(update(api_tokens).where(*good).values(revoked=True)).rowcount)


def touch(tx: Transaction, contract_id: int, token_id: str, *, now: datetime) -> None:
    """Note that a token is in use."""
    tx.execute(
        update(api_tokens)
        .where(api_tokens.c.contract_id == contract_id, api_tokens.c.id == token_id)
        .values(last_used_at=now)
    )


def forget(tx: Transaction, *, now: datetime) -> int:
    """Remove tokens that expired long ago; return how many."""
    return int(tx.execute(delete(api_tokens).where(api_tokens.c.expires_at <= now - KEPT)).rowcount)
