"""R9 at scale: thousands of ended contracts go in one run, within minutes and in memory that does not grow.

AZUKARI_TEST_ENDINGS says how many end, 2,000 where it is not set; the service is built for 10,000.
"""

from __future__ import annotations

import os
import time
from array import array
from dataclasses import asdict
from datetime import datetime

import psutil
import pytest
from sqlalchemy import func, insert, select

from db.engine import Transaction
from db.tables import COLLECTION, FILE, NO_PARENT, contract_events, contracts, nodes, objects, purges, usage
from quota.history import History
from storage import fsck
from storage.files import FileSystem
from storage.objects.memory import MemoryStore
from storage.purge import Purged, purge
from tests.unit.conftest import Opener
from tests.unit.quota.cast import past
from tests.unit.storage.purging import BEGUN, BYTES, DEADLINE

pytestmark = pytest.mark.slow

ENDING = int(os.environ.get("AZUKARI_TEST_ENDINGS", "2000"))
STAYING = ENDING // 10
FILES, FILE_BYTES = 5, 7
#: What a process may grow by between the first quarter of its work and the end.
GROWTH_BYTES = 2 * 1024 * 1024
_CPU_SECONDS_EACH = 0.02  # minutes for 10,000; waiting for a busy machine does not count
_CHUNK = 500


class Gauge:
    """A clock that stands still, and looks at this process's memory whenever the work asks for the time."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.sizes_bytes = array("Q")

    def __call__(self) -> datetime:
        self.sizes_bytes.append(self._process.memory_info().rss)
        return DEADLINE

    def growth_bytes(self) -> int:
        """Return by how much the largest size exceeds the largest of the first quarter."""
        return max(self.sizes_bytes) - max(self.sizes_bytes[: len(self.sizes_bytes) // 4])


def _sign_up(tx: Transaction, first: int, count: int, history: History) -> None:
    """Insert contracts with a folder and a few files each, far faster than uploads would."""
    ids = range(first, first + count)
    tx.execute(insert(contracts), [{"id": i, "name": f"firm{i}", "state": "active", "created_at": BEGUN} for i in ids])
    held = FILES * FILE_BYTES
    tx.execute(insert(usage), [{"contract_id": i, "used_bytes": held, "next_id": 100} for i in ids])
    events = [{"id": number, **asdict(event)} for number, event in enumerate(history.events, 1)]
    tx.execute(insert(contract_events), [{"contract_id": i, **event} for i in ids for event in events])
    times = {"created_at": BEGUN, "modified_at": BEGUN, "stored_at": BEGUN}
    root = {"parent_id": NO_PARENT, "name": "my/1", "id": 1, "kind": COLLECTION, "size_bytes": held, "object_id": None}
    files = [
        {"parent_id": 1, "name": f"f{n}", "id": 2 + n, "kind": FILE, "size_bytes": FILE_BYTES, "object_id": f"{n:032x}"}
        for n in range(FILES)
    ]
    tx.execute(insert(nodes), [{"contract_id": i, **row, **times} for i in ids for row in (root, *files)])
    known = {"size_bytes": FILE_BYTES, "sha256": "", "reference_count": 1, "created_at": BEGUN, "freed_at": None}
    tx.execute(insert(objects), [{"contract_id": i, "id": f"{n:032x}", **known} for i in ids for n in range(FILES)])


def _firms(opener: Opener, gauge: Gauge) -> FileSystem:
    """Return a file system with all contracts, those that stay in front of and behind those that end."""
    fs = FileSystem(opener(), MemoryStore(), lambda _, __, ___: 0, gauge, "azukari")
    ends = [past("100", "end 2026-04-10")] * (ENDING // _CHUNK)
    first = 1
    for history, count in [(past("100"), STAYING // 2), *((one, _CHUNK) for one in ends), (past("100"), STAYING // 2)]:
        fs.database.write(lambda tx, at=(first, count, history): _sign_up(tx, *at))  # type: ignore[misc]
        first += count
    return fs


def test_r9_thousands_of_contracts_close_in_one_run_in_minutes_and_flat_memory(open_database: Opener) -> None:
    gauge = Gauge()
    fs = _firms(open_database, gauge)
    began = time.process_time()
    done = purge(fs, BYTES, at=DEADLINE)
    cpu_seconds = time.process_time() - began
    files = ENDING * FILES
    assert done == Purged(ENDING, ENDING, deleted_files=files, deleted_bytes=files * FILE_BYTES)
    assert gauge.growth_bytes() < GROWTH_BYTES
    assert cpu_seconds < ENDING * _CPU_SECONDS_EACH
    _require_only_those_that_stay(fs)
    assert purge(fs, BYTES, at=DEADLINE) == Purged()


def _require_only_those_that_stay(fs: FileSystem) -> None:
    with fs.database.reading() as tx:
        folders = tx.execute(select(func.count()).select_from(nodes).where(nodes.c.parent_id == NO_PARENT)).scalar_one()
        held = tx.execute(select(func.sum(usage.c.used_bytes))).scalar_one()
        recorded = tx.execute(select(func.count()).select_from(purges)).scalar_one()
    assert folders == STAYING
    assert held == STAYING * FILES * FILE_BYTES
    assert recorded == ENDING
    assert fsck.recount(fs, repair=False).usage_drift_bytes == 0
