"""Who holds what within a contract: logins with all their folders in one sum, and groups.

One sum for a login, since nobody learns of another's Secret Folder (R18).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from auth.access import FolderType
from db import tables
from db.engine import Transaction
from quota import limits
from quota.limits import Owner, OwnerKind
from storage import usage


@dataclass(frozen=True, slots=True)
class Holder:
    """A login or group with what its folders hold; without a limit the contract's capacity is the only one."""

    owner: Owner
    name: str
    used_bytes: int
    limit_bytes: int | None


def of_contract(tx: Transaction, contract_id: int) -> list[Holder]:
    """Return every login, then every group of a contract, each by name."""
    held: Counter[Owner] = Counter()
    for folder in usage.by_folder(tx, contract_id):
        held[Owner.of(folder.root)] += folder.used_bytes
    limited = {(one.kind, one.name): one.limit_bytes for one in limits.list_limits(tx, contract_id)}
    found = []
    for kind, number, name in (
        (OwnerKind.LOGIN, tables.logins.c.id, tables.logins.c.login_id),
        (OwnerKind.GROUP, tables.groups.c.id, tables.groups.c.name),
    ):
        own = number.table.c.contract_id == contract_id
        for row in tx.execute(select(number, name).where(own).order_by(name)):
            owner = Owner(kind, row[0])
            found.append(Holder(owner, row[1], held[owner], limited.get((kind, row[1]))))
    return found


def by_folder(tx: Transaction, contract_id: int) -> list[tuple[str, int]]:
    """Return what My, Group and Security Folders hold together, by type; what is secret counts as one's own."""
    held: Counter[str] = Counter()
    for folder in usage.by_folder(tx, contract_id):
        kind = folder.root.partition("/")[0]
        held[FolderType.MY if kind == FolderType.SECRET else kind] += folder.used_bytes
    return [(one.value, held[one]) for one in (FolderType.MY, FolderType.GROUP, FolderType.SECURITY)]
