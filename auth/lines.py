"""A contract's lines and the sessions in which the line tool proves them (R17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import NamedTuple

import pyotp
from sqlalchemy import delete, insert, select

from auth import edge, one_time
from auth.addresses import network_range
from auth.callers import Caller
from auth.edge import EdgeKeys
from auth.one_time import Code
from auth.presented import Presented
from core.errors import AccessDenied, AlreadyExists, InvalidInput
from core.ids import readable_token, secret_hash
from db.engine import Transaction
from db.tables import line_networks, line_sessions, lines

MAX_NAME_CHARACTERS = 64
_TOKEN_CHARACTERS = 33
#: Nobody's line, and a secret that no tool has.
_NO_LINE, _NO_SECRET = "line", pyotp.random_base32()


class AddedLine(NamedTuple):
    """A new line and the secret of its tool, shown once."""

    line_id: str
    tool_secret: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line as the administrator sees it."""

    line_id: str
    name: str
    networks: tuple[str, ...]
    created_at: datetime


class LineSession(NamedTuple):
    """An opened session; the tool shows `token` with every request."""

    token: str
    line_id: str
    expires_at: datetime


def add_line(tx: Transaction, contract_id: int, name: str, networks: Sequence[str], *, now: datetime) -> AddedLine:
    """Register a line with its networks and return the secret to provision its tool with.

    Raises InvalidInput for a name or network that cannot be kept, AlreadyExists for a name that is taken.
    """
    shown = name.strip()
    if not 1 <= len(shown) <= MAX_NAME_CHARACTERS or not shown.isprintable():
        raise InvalidInput(f"a line's name has 1 to {MAX_NAME_CHARACTERS} printable characters")
    known = select(lines.c.id).where(lines.c.contract_id == contract_id, lines.c.name == shown)
    if tx.execute(known).first() is not None:
        raise AlreadyExists(f"line {shown}")
    line_id, secret = f"line-{readable_token(12)}", pyotp.random_base32()
    tx.execute(
        insert(lines).values(contract_id=contract_id, id=line_id, name=shown, tool_secret=secret, created_at=now)
    )
    for prefix in dict.fromkeys(networks):
        _add_network(tx, contract_id, line_id, prefix)
    return AddedLine(line_id, secret)


def _add_network(tx: Transaction, contract_id: int, line_id: str, prefix: str) -> None:
    first, last = network_range(prefix)
    # Two lines that share an address could not be told apart.
    shared = select(line_networks.c.line_id).where(
        line_networks.c.contract_id == contract_id,
        line_networks.c.first_address <= last,
        line_networks.c.last_address >= first,
    )
    if tx.execute(shared).first() is not None:
        raise AlreadyExists(f"network {prefix} overlaps one that is registered")
    tx.execute(
        insert(line_networks).values(
            contract_id=contract_id,
            line_id=line_id,
            first_address=first,
            last_address=last,
            prefix=str(ip_network(prefix.strip())),
        )
    )


def list_lines(tx: Transaction, contract_id: int) -> list[Line]:
    """Return the contract's lines by name."""
    held: dict[str, list[str]] = {}
    networks = (
        select(line_networks.c.line_id, line_networks.c.prefix)
        .where(line_networks.c.contract_id == contract_id)
        .order_by(line_networks.c.first_address)
    )
    for row in tx.execute(networks):
        held.setdefault(row.line_id, []).append(row.prefix)
    rows = tx.execute(select(lines).where(lines.c.contract_id == contract_id).order_by(lines.c.name))
    return [Line(row.id, row.name, tuple(held.get(row.id, ())), row.created_at) for row in rows]


def open_session(
    tx: Transaction,
    caller: Caller,
    line_id: str,
    code: str,
    presented: Presented,
    edge_keys: EdgeKeys | None,
    *,
    now: datetime,
    valid_for: timedelta,
) -> LineSession:
    """Open a session by a code of the line's tool, and return it; it holds for this login and address alone.

    Where carriers' keys are given and an edge header is shown, it is checked and used up too. Raises
    AccessDenied: another contract's line, a wrong or used code and a forged edge header are told apart only
    by the cause in the access log.
    """
    _use_code(tx, caller.contract_id, line_id, code, now=now)
    edge_proven = edge_keys is not None and bool(presented.edge)
    if edge_keys is not None and edge_proven:
        edge.verify(tx, caller.contract_id, line_id, presented, edge_keys, now=now)
    token = readable_token(_TOKEN_CHARACTERS)
    tx.execute(
        delete(line_sessions).where(
            line_sessions.c.contract_id == caller.contract_id,
            line_sessions.c.login == caller.login,
            line_sessions.c.expires_at <= now,
        )
    )
    tx.execute(
        insert(line_sessions).values(
            contract_id=caller.contract_id,
            token_hash=secret_hash(token),
            line_id=line_id,
            login=caller.login,
            device_id=caller.device_id,
            address=presented.address,
            edge_proven=edge_proven,
            created_at=now,
            expires_at=now + valid_for,
        )
    )
    return LineSession(token, line_id, now + valid_for)


def _use_code(tx: Transaction, contract_id: int, line_id: str, code: str, *, now: datetime) -> None:
    """Use up a code of a line's tool. Raises AccessDenied; a line that is not there costs what a wrong code does."""
    secret = tx.execute(
        select(lines.c.tool_secret).where(lines.c.contract_id == contract_id, lines.c.id == line_id)
    ).scalar()
    scope = _NO_LINE if secret is None else line_id
    shown = one_time.use_totp(tx, contract_id, scope, secret or _NO_SECRET, code, now=now)
    if secret is None:
        raise AccessDenied("line.code_refused", cause="line.foreign")
    if shown is not Code.GOOD:
        raise AccessDenied("line.code_refused", cause=f"line.code_{shown}")


def end_sessions(tx: Transaction, contract_id: int, *, login: int | None = None, device_id: str | None = None) -> int:
    """End the line sessions of a login or of a device (R16); return how many there were."""
    which = line_sessions.c.login == login if login is not None else line_sessions.c.device_id == device_id
    return int(tx.execute(delete(line_sessions).where(line_sessions.c.contract_id == contract_id, which)).rowcount)
