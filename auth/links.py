"""Grants for those who come by a link (R24, R25): they read what the login that made it may read, now.

A link is a door of its own: it needs no device and no line, and for that reason leads into My and Group Folders
alone. Whoever made it has to be let in still: its login enabled, its contract active, a member of the group.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, Integer, bindparam, select

from auth.access import FolderType, Grant, authorize
from auth.callers import ACTIVE, Caller, Role
from auth.groups import Membership
from core.errors import AccessDenied, LinkClosed
from db.statements import Cursor, Statement
from db.tables import contracts, group_members, groups, logins

#: Stands where a caller's device would: R12 asks for one, R24 for the link.
_BY_LINK = "link"

_CONTRACT = bindparam("contract", type_=Integer)
_LOGIN = bindparam("login_number", type_=BigInteger)
_maker = Statement(
    select(logins.c.login_id, logins.c.role, logins.c.enabled, contracts.c.state)
    .join(contracts, contracts.c.id == logins.c.contract_id)
    .where(logins.c.contract_id == _CONTRACT, logins.c.id == _LOGIN)
)
_member = Statement(
    select(groups.c.id, groups.c.name, group_members.c.may_write)
    .join(
        group_members,
        (group_members.c.contract_id == groups.c.contract_id) & (group_members.c.group_id == groups.c.id),
    )
    .where(
        group_members.c.contract_id == _CONTRACT,
        group_members.c.login == _LOGIN,
        groups.c.id == bindparam("group_number", type_=BigInteger),
    )
)


class Linked(NamedTuple):
    """A grant by a link; `prefix` is the group's name for a Group Folder, as paths for people begin."""

    grant: Grant
    prefix: tuple[str, ...]


def require_linkable(folder: FolderType) -> None:
    """Return for a folder type links may lead into.

    Raises AccessDenied for Secret Folders (R18) and for the Security Folder, whose files leave it by copy alone
    and only where the contract allows it (R17, R23).
    """
    if folder not in (FolderType.MY, FolderType.GROUP):
        raise AccessDenied("link.folder")


def require_maker(cursor: Cursor, contract_id: int, login: int) -> tuple[str, Role]:
    """Return login ID and role of a link's maker while they are let in. Raises LinkClosed. One statement."""
    row = _maker.first(cursor, contract=contract_id, login_number=login)
    if row is None or not row[2] or row[3] != ACTIVE:
        raise LinkClosed("link.maker_closed")
    return str(row[0]), Role(row[1])


def authorize_link(cursor: Cursor, contract_id: int, login: int, root: str, *, address: str = "") -> Linked:
    """Return what a link's maker may do at present in the folder with a root's name, for whoever holds the link.

    `address` is where that person comes from. Raises LinkClosed where the maker may no longer enter, and for a
    folder links do not lead into.
    """
    login_id, role = require_maker(cursor, contract_id, login)
    kind, _, number = root.partition("/")
    folder = FolderType(kind)
    if folder not in (FolderType.MY, FolderType.GROUP):
        raise LinkClosed("link.maker_closed")
    caller = Caller(contract_id, login, login_id, role, _BY_LINK, address=address)
    group = None
    if folder is FolderType.GROUP:
        member = _member.first(cursor, contract=contract_id, login_number=login, group_number=int(number))
        if member is None:
            raise LinkClosed("link.maker_closed")
        group = Membership(member[0], member[1], bool(member[2]))
    elif int(number) != login:
        raise LinkClosed("link.maker_closed")
    return Linked(authorize(caller, folder, group=group), () if group is None else (group.name,))
