"""R6 under load: 64 threads in 4 processes fill contract after contract; not a byte too many, nothing left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from io import BytesIO
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

import pytest
from sqlalchemy import func, insert, select

from core import clock
from core.s3settings import S3Settings
from db.engine import Database, Transaction
from db.tables import FILE, contracts, nodes, objects, usage
from quota.meter import Ledger
from storage import files, fsck, uploads
from storage.files import FileSystem
from storage.uploads import Announced
from tests.quota.crowd import (
    CAPACITY_BYTES,
    FREE_BYTES,
    PROCESSES,
    ROUNDS,
    THREADS_EACH,
    Place,
    Sent,
    file_system,
    running,
)
from tests.unit.conftest import Opener
from tests.unit.world import grant_for

pytestmark = pytest.mark.slow

FILLER = "filler"
#: Between two looks: without it the watcher takes a processor from those it watches.
_PAUSE_SECONDS = 0.002


class Seen(NamedTuple):
    """One committed instant of a contract: its counter, and the sum of its rows."""

    used_bytes: int
    sum_bytes: int


class Watcher(threading.Thread):
    """Looks at one contract after the other, hundreds of times a second, each look one statement."""

    def __init__(self, database: Database) -> None:
        super().__init__(daemon=True)
        self._database = database
        self._stopped = threading.Event()
        self.contract_id = 1
        self.seen: set[Seen] = set()

    def run(self) -> None:
        """Look until told to stop."""
        while not self._stopped.wait(_PAUSE_SECONDS):
            self.seen.add(look(self._database, self.contract_id))

    def stop(self) -> None:
        """Stop looking."""
        self._stopped.set()
        self.join()


def look(database: Database, contract_id: int) -> Seen:
    """Return what a contract holds, counter and rows as of one instant."""
    summed = select(func.coalesce(func.sum(nodes.c.size_bytes), 0)).where(
        nodes.c.contract_id == contract_id, nodes.c.kind == FILE
    )
    both = select(usage.c.used_bytes, summed.scalar_subquery()).where(usage.c.contract_id == contract_id)
    with database.reading() as tx:
        used_bytes, sum_bytes = tx.execute(both).one()
    return Seen(used_bytes, int(sum_bytes))


@pytest.fixture
def place(database_url: str, seaweedfs_s3: S3Settings) -> Place:
    """Return a fresh database and a fresh bucket."""
    return Place(database_url, seaweedfs_s3)


@pytest.fixture
def fs(open_database: Opener, place: Place) -> FileSystem:
    """Return a file system with a nearly full contract for every round."""
    made = file_system(open_database(), place.s3)
    now = clock.now()

    def sign_up(tx: Transaction) -> None:
        for contract_id in range(1, ROUNDS + 1):
            tx.execute(
                insert(contracts).values(id=contract_id, name=f"firm{contract_id}", state="active", created_at=now)
            )
            Ledger.create(tx.cursor, contract_id).save()
            root = grant_for(1, contract_id=contract_id).root
            files.ensure_root(tx, contract_id, root, now_us=clock.to_microseconds(now))

    made.database.write(sign_up)
    filler = bytes(CAPACITY_BYTES - FREE_BYTES)
    for contract_id in range(1, ROUNDS + 1):
        grant = grant_for(1, contract_id=contract_id)
        uploads.write(made, grant, (FILLER,), BytesIO(filler).read, Announced(len(filler)))
    return made


def test_r6_many_processes_never_exceed_the_capacity_and_refusals_leave_nothing(fs: FileSystem, place: Place) -> None:
    watcher = Watcher(Database(place.database_url))
    with running(place) as (processes, start):
        watcher.start()
        try:
            sent = list(_sent(processes, start, watcher))
        finally:
            watcher.stop()
    assert len(sent) == ROUNDS * PROCESSES * THREADS_EACH
    assert len(watcher.seen) > ROUNDS  # the contracts were seen while they filled
    assert max(seen.used_bytes for seen in watcher.seen) <= CAPACITY_BYTES
    assert [seen for seen in watcher.seen if seen.used_bytes != seen.sum_bytes] == []
    for contract_id in range(1, ROUNDS + 1):
        _require_whole(fs, contract_id, [one for one in sent if one.contract_id == contract_id])
    assert not fsck.check(fs).is_wrong


def _sent(processes: list[Future[list[Sent]]], start: Barrier, watcher: Watcher) -> Iterator[Sent]:
    for contract_id in range(1, ROUNDS + 1):
        start.wait(120)
        watcher.contract_id = contract_id
    for process in processes:
        yield from process.result()


def _require_whole(fs: FileSystem, contract_id: int, sent: list[Sent]) -> None:
    """Assert that what was admitted is there, what was refused is not, and that no refusal was for nothing."""
    grant = grant_for(1, contract_id=contract_id)
    admitted = {one.name: one.size_bytes for one in sent if one.admitted}
    refused = [one.size_bytes for one in sent if not one.admitted]
    root = files.stat(fs, grant, ())
    held = {node.name: node.size_bytes for node in files.members(fs, grant, root)}
    assert held == {FILLER: CAPACITY_BYTES - FREE_BYTES, **admitted}
    used_bytes = sum(held.values())
    assert look(fs.database, contract_id) == Seen(used_bytes, used_bytes)
    assert refused
    assert min(refused) > CAPACITY_BYTES - used_bytes  # nothing shrank, so there was never more room than now
    with fs.database.reading() as tx:
        known = set(tx.execute(select(objects.c.id).where(objects.c.contract_id == contract_id)).scalars())
    assert {one.key for one in fs.objects.list(fs.key(contract_id, ""))} == {fs.key(contract_id, one) for one in known}
    assert len(known) == len(held)
