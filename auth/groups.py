"""Groups of a contract and who may read or write their folders (R22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Integer, String, bindparam, delete, insert, select

from auth.callers import Caller
from core.errors import AlreadyExists, NotFound
from core.names import normalise
from db.engine import Transaction
from db.statements import Cursor, Statement
from db.tables import group_members, groups, logins


class Membership(NamedTuple):
    """What a login is to a group."""

    group_id: int
    name: str
    may_write: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A group as the administrator sees it: the login IDs that read only, and those that write too."""

    name: str
    read: tuple[str, ...]
    write: tuple[str, ...]


_CONTRACT = bindparam("contract", type_=Integer)
_LOGIN = bindparam("login_number", type_=BigInteger)
_member_of = (
    select(groups.c.id, groups.c.name, group_members.c.may_write)
    .join(
        group_members,
        (group_members.c.contract_id == groups.c.contract_id) & (group_members.c.group_id == groups.c.id),
    )
    .where(group_members.c.contract_id == _CONTRACT, group_members.c.login == _LOGIN)
)
_membership = Statement(_member_of.where(groups.c.name == bindparam("group_name", type_=String)))
_memberships = Statement(_member_of.order_by(groups.c.name))


def membership(cursor: Cursor, caller: Caller, name: str) -> Membership | None:
    """Return what the caller is to a group of their contract; None for a stranger or no such group. One statement."""
    row = _membership.first(cursor, contract=caller.contract_id, login_number=caller.login, group_name=name)
    return None if row is None else Membership(row[0], row[1], bool(row[2]))


def memberships(cursor: Cursor, caller: Caller) -> list[Membership]:
    """Return the groups whose folders the caller may open, by name. One statement."""
    rows = _memberships.all(cursor, contract=caller.contract_id, login_number=caller.login)
    return [Membership(row[0], row[1], bool(row[2])) for row in rows]


def add_group(tx: Transaction, contract_id: int, number: int, name: str, *, now: datetime) -> str:
    """Insert a group without members under the contract's next number; return its name as kept (NFC).

    Raises InvalidName for a name no folder can have, AlreadyExists.
    """
    kept = normalise(name)
    known = select(groups.c.id).where(groups.c.contract_id == contract_id, groups.c.name == kept)
    if tx.execute(known).first() is not None:
        raise AlreadyExists(f"group {kept}")
    tx.execute(insert(groups).values(contract_id=contract_id, id=number, name=kept, created_at=now))
    return kept


def set_member(tx: Transaction, contract_id: int, group_id: int, login_id: str, *, may_write: bool | None) -> None:
    """Let a login of the same contract read, or read and write, a group's folder; None ends its membership.

    It counts from the next request on. Raises NotFound for a login that is not of this contract.
    """
    login = tx.execute(
        select(logins.c.id).where(logins.c.contract_id == contract_id, logins.c.login_id == login_id)
    ).scalar()
    if login is None:
        raise NotFound(f"login {login_id}")
    tx.execute(
        delete(group_members).where(
            group_members.c.contract_id == contract_id,
            group_members.c.login == login,
            group_members.c.group_id == group_id,
        )
    )
    if may_write is not None:
        tx.execute(
            insert(group_members).values(contract_id=contract_id, login=login, group_id=group_id, may_write=may_write)
        )


def find(tx: Transaction, contract_id: int, name: str) -> int:
    """Return a group's id by its name. Raises NotFound."""
    found = tx.execute(
        select(groups.c.id).where(groups.c.contract_id == contract_id, groups.c.name == normalise(name))
    ).scalar()
    if found is None:
        raise NotFound(f"group {name}")
    return int(found)


def list_groups(tx: Transaction, contract_id: int) -> list[Group]:
    """Return the contract's groups by name, with their members by login ID."""
    rows = tx.execute(
        select(groups.c.name, logins.c.login_id, group_members.c.may_write)
        .outerjoin(
            group_members,
            (group_members.c.contract_id == groups.c.contract_id) & (group_members.c.group_id == groups.c.id),
        )
        .outerjoin(
            logins, (logins.c.contract_id == group_members.c.contract_id) & (logins.c.id == group_members.c.login)
        )
        .where(groups.c.contract_id == contract_id)
        .order_by(groups.c.name, logins.c.login_id)
    ).all()
    return [
        Group(
            name,
            tuple(row.login_id for row in rows if row.name == name and row.login_id and not row.may_write),
            tuple(row.login_id for row in rows if row.name == name and row.may_write),
        )
        for name in dict.fromkeys(row.name for row in rows)
    ]
