"""One run of the purge in a process of its own, to be killed: `python -m tests.unit.storage.purging DATABASE`.

It prints a line when it begins, and another when it is done.
"""

from __future__ import annotations

import sys

from core.clock import to_microseconds
from db.engine import Database, Transaction
from db.tables import COLLECTION, FILE
from quota.catalogue import Catalogue, Plan, Terms
from quota.months import BillingMonth
from storage.files import FileSystem
from storage.objects.memory import MemoryStore
from storage.purge import purge
from tests.unit.quota.cast import tokyo

#: Plans of so many bytes as their code says.
BYTES = Catalogue(
    {
        code: Plan(code, pro=False, on_sale=True, terms=(Terms(BillingMonth(1970, 1), 0, int(code), {}),))
        for code in ("25", "50", "70", "100", "12000000", "99000000")
    }
)
DEADLINE = tokyo("2026-06-01")
FOLDERS = 20


def fill(tx: Transaction, contract_id: int, sizes: list[int], stored_us: list[int]) -> None:
    """Insert a folder tree of files with some sizes, far faster than uploads would; ids count up from 100."""
    root, first_us = f"my/{contract_id}", to_microseconds(tokyo("2026-01-01"))
    below = [sum(sizes[i::FOLDERS]) for i in range(FOLDERS)]
    marks = ", ".join([(tx.cursor.dialect.paramstyle == "qmark" and "?") or "%s"] * 10)
    rows: list[tuple[object, ...]] = [
        (contract_id, 0, root, 10, COLLECTION, sum(sizes), None, first_us, first_us, first_us)
    ]
    for i, size_bytes in enumerate(below):
        rows.append((contract_id, 10, f"d{i}", 20 + i, COLLECTION, size_bytes, None, first_us, first_us, first_us))
    for i, (size_bytes, at_us) in enumerate(zip(sizes, stored_us, strict=True)):
        parent, object_id = 20 + i % FOLDERS, f"{contract_id:08x}{i:024x}"
        rows.append((contract_id, parent, f"f{i}", 100 + i, FILE, size_bytes, object_id, at_us, at_us, at_us))
    tx.cursor.raw.executemany(f"INSERT INTO nodes VALUES ({marks})", rows)
    tx.cursor.raw.executemany(
        f"INSERT INTO objects VALUES ({marks[: 7 * 3 - 2]})",
        [(contract_id, row[6], row[5], "", 1, row[7], None) for row in rows if row[4] == FILE],
    )
    tx.cursor.execute(
        f"UPDATE usage SET used_bytes = {sum(sizes)}, next_id = 9000000 WHERE contract_id = {contract_id}"
    )


if __name__ == "__main__":
    fs = FileSystem(Database(sys.argv[1]), MemoryStore(), lambda *_: 0, lambda: DEADLINE, "azukari")
    print("begun", flush=True)
    purge(fs, BYTES, at=DEADLINE)
    print("done", flush=True)
