"""What a contract's usage is made of, folder by folder; the sums are kept, so that asking costs one statement."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from db.engine import Transaction
from db.tables import NO_PARENT, nodes


@dataclass(frozen=True, slots=True)
class FolderUsage:
    """What one folder holds. `root` names it: `my/` and the login's number, or `group/` and the group's."""

    root: str
    used_bytes: int


def by_folder(tx: Transaction, contract_id: int) -> list[FolderUsage]:
    """Return what each folder holds, the fullest first; together they are the contract's used bytes (R7, R22)."""
    rows = tx.execute(
        select(nodes.c.name, nodes.c.size_bytes)
        .where(nodes.c.contract_id == contract_id, nodes.c.parent_id == NO_PARENT)
        .order_by(nodes.c.size_bytes.desc(), nodes.c.name)
    )
    return [FolderUsage(row.name, row.size_bytes) for row in rows]
