"""One run: clients at work, a kill, a restart, a look at everything; again, until the kills are done."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import httpx
import psutil

from tests.chaos.work import EMPTY, Broken, Client, Tally
from tests.product import Drive, Product, ProductFailed

CLIENTS = 4
READY_SECONDS = 60.0
LEASE_SECONDS = 150.0
#: Between kills: everything compared by the product's own fsck.
FSCK_EVERY = 10
WRONG = ("missing_objects", "wrong_size_objects", "usage_drift_bytes", "wrong_sums", "wrong_references")
SERVERS = {"cheroot": "granian", "granian": "cheroot"}


@dataclass
class Summary:
    """What a run saw."""

    seed: str
    kills: Counter[str] = field(default_factory=Counter)
    clients: Tally = field(default_factory=Tally)
    orphan_objects: int = 0
    aborted_uploads: int = 0
    took_seconds: float = 0.0


class Run:
    """A product under kills; `server` None changes the server at every whole restart."""

    def __init__(self, data: Path, seed: str, *, server: str | None = None) -> None:
        self._rng = random.Random(seed)
        self._changes_server = server is None
        self.product = Product(data, server=server or "cheroot", workers=2)
        self.clients = [Client(seed, f"client{number}") for number in range(CLIENTS)]
        self.summary = Summary(seed)
        self._first_used_bytes, self._first_objects = 0, 0

    def go(self, kills: int, *, limit_seconds: float, say: Callable[[str], None] = lambda _: None) -> Summary:
        """Kill so often, or as often as the time allows. Raises Broken, ProductFailed."""
        began = time.monotonic()
        with self.product:
            self._first_used_bytes, self._first_objects = self._used_bytes(), self._held()[0]
            for client in self.clients:
                client.begin(self.drive)
            for number in range(1, kills + 1):
                if time.monotonic() - began > limit_seconds:
                    break
                self._round()
                if number % FSCK_EVERY == 0:
                    self._fsck()
                    say(f"{number} kills, {sum(one.tally.acknowledged for one in self.clients)} acknowledged")
            self._finish()
        for client in self.clients:
            for name, value in vars(client.tally).items():
                setattr(self.summary.clients, name, getattr(self.summary.clients, name) + value)
        self.summary.took_seconds = time.monotonic() - began
        return self.summary

    @property
    def drive(self) -> Drive:
        """Return where the clients work."""
        return self.product.drive()

    def _round(self) -> None:
        stop = threading.Event()
        drive = self.drive
        with ThreadPoolExecutor(CLIENTS) as pool:
            working = [pool.submit(client.work, drive, stop) for client in self.clients]
            try:
                time.sleep(self._rng.uniform(0.05, 1.2))
                revive = self._kill()
                time.sleep(self._rng.uniform(0.0, 0.3))
            finally:
                stop.set()
            for one in working:
                one.result()
        revive()
        self._await_ready()
        with ThreadPoolExecutor(CLIENTS) as pool:
            for one in [pool.submit(client.check, self.drive) for client in self.clients]:
                one.result()

    def _kill(self) -> Callable[[], None]:
        """Kill something; return what brings it back where the product does not do so itself."""
        kind = self._rng.choices(("worker", "workers", "store", "supervisor", "everything"), (15, 25, 30, 15, 15))[0]
        self.summary.kills[kind] += 1
        if kind == "worker":
            _kill(self._rng.sample(self.product.serving(), 1))
        elif kind == "workers":
            _kill(self.product.serving())
        elif kind == "store":
            _kill([self.product.store()])
        elif kind == "supervisor":
            _kill([psutil.Process(self.product.pid)])
            return self._start_again
        else:
            self.product.kill9()
            return self._start_again
        return lambda: None

    def _start_again(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while left := self.product.processes():
            if time.monotonic() > deadline:
                raise Broken(f"outlived their supervisor: {left}")
            time.sleep(0.02)
        self.product.reap()
        if self._changes_server:
            self.product.server = SERVERS[self.product.server]
        self.product.start()

    def _await_ready(self) -> None:
        """Wait until new connections are answered, time after time."""
        deadline = time.monotonic() + READY_SECONDS
        in_a_row = 0
        while in_a_row < 5:
            if time.monotonic() > deadline:
                raise Broken(f"not ready again\n{self.product.log_tail()}")
            in_a_row = in_a_row + 1 if self._is_ready() else 0
            time.sleep(0 if in_a_row else 0.05)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.product.base_url}/readyz", timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    def _used_bytes(self) -> int:
        return int(str(self.product.azukari("contract", "show", "sakura")["used_bytes"]))

    def _fsck(self) -> dict[str, object]:
        """Hold that nothing is wrong but garbage, and that usage is the sum of the files."""
        report = self.product.azukari("fsck", may_refuse=True)
        if wrong := {name: report[name] for name in WRONG if report[name]}:
            raise Broken(f"fsck: {wrong}")
        used_bytes = self._first_used_bytes + sum(client.used_bytes for client in self.clients)
        if self._used_bytes() != used_bytes:
            raise Broken(f"used {self._used_bytes()} bytes, but the files hold {used_bytes}")
        return report

    def _finish(self) -> None:
        """Collect the garbage late enough; hold that the bucket then holds what is referred to, and only that."""
        before = self._fsck()
        self.summary.orphan_objects = int(str(before["orphan_objects"]))
        late = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        self._job("reclaim", late)
        collected = self._job("collect-orphans", late)
        self.summary.aborted_uploads = int(str(collected["aborted_uploads"]))
        report = self._fsck()
        # Every body is random: as many objects as different contents, however often they were copied.
        contents = {digest for client in self.clients for digest in client.tree.values() if digest} - {EMPTY}
        keys, uploads = self._held()
        left = (report["orphan_objects"], report["freed_objects"], uploads, keys - self._first_objects - len(contents))
        if left != (0, 0, 0, 0):
            raise Broken(f"left after collecting (orphans, freed, uploads, more objects than contents): {left}")
        for client in self.clients:
            client.check(self.drive)

    def _job(self, name: str, at: str) -> dict[str, object]:
        """Run a job, once the lease of one that a kill has cut off is free again."""
        deadline = time.monotonic() + LEASE_SECONDS
        while True:
            try:
                return self.product.azukari("jobs", "run", name, "--at", at)
            except ProductFailed as error:
                if "running elsewhere" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(2)

    def _held(self) -> tuple[int, int]:
        """Return how many objects and unfinished uploads the bucket holds."""
        s3 = self.product.s3
        client = boto3.client(
            "s3",
            endpoint_url=s3.endpoint,
            aws_access_key_id=s3.access_key,
            aws_secret_access_key=s3.secret_key,
            region_name="us-east-1",
        )
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=s3.bucket)
        keys = sum(len(page.get("Contents", [])) for page in pages)
        return keys, len(client.list_multipart_uploads(Bucket=s3.bucket).get("Uploads", []))


def _kill(processes: list[psutil.Process]) -> None:
    for one in processes:
        one.kill()
