"""What tests of the purge work with; and one run of it in a process of its own, to be killed.

`python -m tests.unit.storage.purging DATABASE` prints a line when the run begins, and another when it is done.
"""

from __future__ import annotations

import sys

from sqlalchemy import insert

from core.clock import from_microseconds
from db.engine import Database, Transaction
from db.tables import COLLECTION, FILE, NO_PARENT, contract_events, nodes, objects, usage
from quota.catalogue import Catalogue, Plan, Terms
from quota.history import History
from quota.months import BillingMonth
from storage.files import FileSystem
from storage.objects.memory import MemoryStore
from storage.purge import purge
from tests.unit.quota.cast import past, tokyo
from tests.unit.world import Firm

#: Plans of so many bytes as their code says.
BYTES = Catalogue(
    {
        code: Plan(code, pro=False, on_sale=True, terms=(Terms(BillingMonth(1970, 1), 0, int(code), {}),))
        for code in ("25", "50", "70", "100", "12000000", "99000000")
    }
)
DEADLINE = tokyo("2026-06-01")
BEGUN = tokyo("2026-01-01")
FOLDERS = 20


SHRUNK = past("100", "50 2026-04-10")


def record(firm: Firm, history: History) -> None:
    """Give the firm a history."""
    rows = [
        {"contract_id": firm.contract_id, "id": i, "kind": one.kind, "code": one.code, "channel": one.channel,
         "effective_at": one.effective_at, "recorded_at": one.recorded_at}
        for i, one in enumerate(history.events, 1)
    ]  # fmt: skip
    firm.fs.database.write(lambda tx: tx.execute(insert(contract_events), rows).rowcount)


def put_all(firm: Firm, *files: tuple[str, int]) -> None:
    """Store files of some sizes, a minute apart."""
    for path, size_bytes in files:
        firm.clock.advance(minutes=1)
        firm.put(path, b"x" * size_bytes)


def fill(tx: Transaction, contract_id: int, sizes: list[int], stored_us: list[int]) -> None:
    """Insert folders of files of some sizes, far faster than uploads would; the files' ids count up from 100."""
    rows = [_row(contract_id, NO_PARENT, f"many/{contract_id}", 10, size_bytes=sum(sizes))]
    rows += [_row(contract_id, 10, f"d{i}", 20 + i, size_bytes=sum(sizes[i::FOLDERS])) for i in range(FOLDERS)]
    for i, (size_bytes, at_us) in enumerate(zip(sizes, stored_us, strict=True)):
        file = {"kind": FILE, "object_id": f"{contract_id:08x}{i:024x}", "stored_at": from_microseconds(at_us)}
        rows.append(_row(contract_id, 20 + i % FOLDERS, f"f{i}", 100 + i, size_bytes=size_bytes) | file)
    tx.execute(insert(nodes), rows)
    kept = {"sha256": "", "reference_count": 1, "created_at": BEGUN, "freed_at": None, "contract_id": contract_id}
    tx.execute(
        insert(objects),
        [{**kept, "id": row["object_id"], "size_bytes": row["size_bytes"]} for row in rows if row["kind"] == FILE],
    )
    tx.execute(usage.update().where(usage.c.contract_id == contract_id).values(used_bytes=sum(sizes), next_id=10**9))


def _row(contract_id: int, parent_id: int, name: str, node_id: int, *, size_bytes: int) -> dict[str, object]:
    times = {"created_at": BEGUN, "modified_at": BEGUN, "stored_at": BEGUN}
    row = {"contract_id": contract_id, "parent_id": parent_id, "name": name, "id": node_id, "kind": COLLECTION}
    return {**row, "size_bytes": size_bytes, "object_id": None, **times}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    fs = FileSystem(Database(sys.argv[1]), MemoryStore(), lambda *_: 0, lambda: DEADLINE, "azukari")
    _say("begun")
    purge(fs, BYTES, at=DEADLINE)
    _say("done")
