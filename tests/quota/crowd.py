"""Threads in several processes that upload at once into one contract after the other."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

from core import clock
from core.errors import QuotaExceeded
from core.s3settings import S3Settings
from db.engine import Database
from storage import uploads
from storage.files import FileSystem
from storage.objects.obstore_s3 import ObstoreS3
from storage.uploads import Announced
from tests.unit.world import grant_for

PROCESSES, THREADS_EACH = 4, 16
ROUNDS = 100
#: What is free at the start of a round holds about half of what is sent.
FREE_BYTES, LARGEST_BYTES = 30_000, 2_000
CAPACITY_BYTES = 50_000
_WAIT_SECONDS = 120.0

_start: Barrier


class Sent(NamedTuple):
    """One upload and what came of it."""

    contract_id: int
    name: str
    size_bytes: int
    admitted: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where the crowd uploads to."""

    database_url: str
    s3: S3Settings


def file_system(database: Database, s3: S3Settings) -> FileSystem:
    """Return a file system on which every contract has the same capacity."""
    return FileSystem(database, ObstoreS3(s3), lambda _, __, ___: CAPACITY_BYTES, clock.now, s3.prefix)


@contextmanager
def running(place: Place) -> Iterator[tuple[list[Future[list[Sent]]], Barrier]]:
    """Yield what each process will have sent, and the barrier that begins each round for them and for the caller."""
    context = get_context("spawn")
    start = context.Barrier(PROCESSES * THREADS_EACH + 1)
    with ProcessPoolExecutor(PROCESSES, context, _remember, (start,)) as processes:
        try:
            yield [processes.submit(_upload_all, place, number) for number in range(PROCESSES)], start
        except BaseException:
            start.abort()
            raise


def _remember(start: Barrier) -> None:
    global _start  # noqa: PLW0603 - a barrier reaches another process only at its start
    _start = start


def _upload_all(place: Place, process: int) -> list[Sent]:
    database = Database(place.database_url)
    try:
        fs = file_system(database, place.s3)
        with ThreadPoolExecutor(THREADS_EACH) as threads:
            sent = threads.map(lambda thread: _upload_each_round(fs, f"{process}-{thread}"), range(THREADS_EACH))
            return [one for of_thread in sent for one in of_thread]
    finally:
        database.dispose()


def _upload_each_round(fs: FileSystem, who: str) -> list[Sent]:
    sent = []
    for contract_id in range(1, ROUNDS + 1):
        chance = random.Random(f"{contract_id} {who}")
        body = chance.randbytes(chance.randint(1, LARGEST_BYTES))
        announced = Announced(len(body) if chance.random() < 0.5 else None)  # half are refused at the commit alone
        _wait(_start)
        sent.append(Sent(contract_id, who, len(body), _upload(fs, contract_id, who, body, announced)))
    return sent


def _wait(start: Barrier) -> None:
    try:
        start.wait(_WAIT_SECONDS)
    except threading.BrokenBarrierError:
        raise RuntimeError("another uploader has failed") from None


def _upload(fs: FileSystem, contract_id: int, name: str, body: bytes, announced: Announced) -> bool:
    try:
        uploads.write(fs, grant_for(1, contract_id=contract_id), (name,), BytesIO(body).read, announced)
    except QuotaExceeded:
        return False
    return True
