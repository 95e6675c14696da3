"""Limits within a contract: what one login, or one group, may hold of the capacity (R22).

A login's limit counts its My, Secret and Security Folder together. Each folder's root carries the sum of all
below it, so that a limit is exact to the byte and costs no counting.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import BigInteger, Integer, String, bindparam, case, delete, func, insert, select

from core.errors import InvalidInput, LimitExceeded
from db.engine import Transaction
from db.statements import Cursor, Statement
from db.tables import NO_PARENT, groups, limits, logins, nodes, usage
from quota.meter import Ledger, admit

_UNITS = {"": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_SIZE = re.compile(r"([0-9]{1,18}) ?([KMGT]B|)", re.IGNORECASE)
_LARGEST_BYTES = 2**63 - 1


class OwnerKind(StrEnum):
    """Whose folders a limit counts."""

    LOGIN = "login"
    GROUP = "group"


class Owner(NamedTuple):
    """A login or a group, by its number within the contract."""

    kind: OwnerKind
    number: int

    @classmethod
    def of(cls, root: str) -> Owner:
        """Return who owns the folder with a root's name, such as `my/12` or `group/3`."""
        folder, _, number = root.partition("/")
        return cls(OwnerKind.GROUP if folder == "group" else OwnerKind.LOGIN, int(number))

    @property
    def roots(self) -> tuple[str, str, str]:
        """Return the names of the owner's folder roots; a group's one folder stands thrice."""
        folders = ("group",) * 3 if self.kind is OwnerKind.GROUP else ("my", "secret", "security")
        first, second, third = (f"{folder}/{self.number}" for folder in folders)
        return first, second, third


class Limit(NamedTuple):
    """A limit as it was set: of a login by its login ID, of a group by its name."""

    kind: str
    name: str
    limit_bytes: int


class Room(NamedTuple):
    """What a contract uses, and within it the owner of a folder; without a limit nobody counts the owner's part."""

    used_bytes: int
    owner: OwnerKind
    limit_bytes: int | None
    owner_bytes: int

    def free_bytes(self, capacity_bytes: int) -> int:
        """Return by how much the folder may grow: the smaller of what contract and limit leave (RFC 4331)."""
        free_bytes = capacity_bytes - self.used_bytes
        if self.limit_bytes is not None:
            free_bytes = min(free_bytes, self.limit_bytes - self.owner_bytes)
        return max(0, free_bytes)

    def admit(self, delta_bytes: int, *, capacity_bytes: int) -> None:
        """Return if so many bytes more fit, or none are added. Raises QuotaExceeded (R6) and LimitExceeded."""
        admit(delta_bytes, used_bytes=self.used_bytes, capacity_bytes=capacity_bytes)
        self.admit_owner(delta_bytes)

    def admit_owner(self, delta_bytes: int) -> None:
        """Return if the limit leaves room for so many bytes more, or none are added. Raises LimitExceeded."""
        if self.limit_bytes is None or delta_bytes <= 0:
            return
        free_bytes = max(0, self.limit_bytes - self.owner_bytes)
        if delta_bytes > free_bytes:
            raise LimitExceeded(
                self.owner, limit_bytes=self.limit_bytes, needed_bytes=delta_bytes, free_bytes=free_bytes
            )


_held = (
    select(func.coalesce(func.sum(nodes.c.size_bytes), 0))
    .where(
        nodes.c.contract_id == usage.c.contract_id,
        nodes.c.parent_id == NO_PARENT,
        nodes.c.name.in_([bindparam(f"root{i}", type_=String) for i in range(3)]),
    )
    .scalar_subquery()
)
# The sum is made only where there is a limit.
_room = Statement(
    select(usage.c.used_bytes, limits.c.limit_bytes, case((limits.c.limit_bytes.is_not(None), _held), else_=0))
    .outerjoin(
        limits,
        (limits.c.contract_id == usage.c.contract_id)
        & (limits.c.kind == bindparam("kind", type_=String))
        & (limits.c.number == bindparam("number", type_=BigInteger)),
    )
    .where(usage.c.contract_id == bindparam("contract", type_=Integer))
)


def room(cursor: Cursor, contract_id: int, root: str) -> Room:
    """Return what decides how far the folder with a root's name may grow. One statement."""
    owner = Owner.of(root)
    roots = {f"root{i}": name for i, name in enumerate(owner.roots)}
    row = _room.first(cursor, contract=contract_id, kind=owner.kind.value, number=owner.number, **roots)
    if row is None:
        return Room(0, owner.kind, None, 0)
    return Room(int(row[0]), owner.kind, row[1], int(row[2]))


def set_limit(tx: Transaction, contract_id: int, owner: Owner, limit_bytes: int | None) -> None:
    """Limit what an owner's folders may hold, None for no limit. What is there already stays, and may shrink.

    Raises NotFound for a contract that does not exist.
    """
    Ledger.open(tx.cursor, contract_id)  # a write that is decided now is decided before or after this
    same = (
        (limits.c.contract_id == contract_id) & (limits.c.kind == owner.kind.value) & (limits.c.number == owner.number)
    )
    tx.execute(delete(limits).where(same))
    if limit_bytes is not None:
        row = {"contract_id": contract_id, "kind": owner.kind.value, "number": owner.number, "limit_bytes": limit_bytes}
        tx.execute(insert(limits).values(row))


def list_limits(tx: Transaction, contract_id: int) -> list[Limit]:
    """Return the contract's limits: logins', then groups', by name."""
    rows = tx.execute(
        select(limits.c.kind, func.coalesce(logins.c.login_id, groups.c.name), limits.c.limit_bytes)
        .outerjoin(
            logins,
            (limits.c.kind == OwnerKind.LOGIN.value)
            & (logins.c.contract_id == limits.c.contract_id)
            & (logins.c.id == limits.c.number),
        )
        .outerjoin(
            groups,
            (limits.c.kind == OwnerKind.GROUP.value)
            & (groups.c.contract_id == limits.c.contract_id)
            & (groups.c.id == limits.c.number),
        )
        .where(limits.c.contract_id == contract_id)
    ).all()
    return sorted((Limit(*row) for row in rows), key=lambda one: (one.kind != OwnerKind.LOGIN, one.name))


def parse_size(text: str) -> int:
    """Return a size in bytes: a number of them, or of KB, MB, GB or TB (2^10, 2^20, 2^30, 2^40).

    Raises InvalidInput.
    """
    found = _SIZE.fullmatch(text.strip())
    size_bytes = int(found[1]) * _UNITS[found[2].upper()] if found else -1
    if not 0 <= size_bytes <= _LARGEST_BYTES:
        raise InvalidInput(f"{text!r} is not a size such as 500000000, 500MB or 5GB")
    return size_bytes
