"""What the service counts, for Prometheus: docs/metrics.md describes every name.

All worker processes count into one directory of memory-mapped files, so that whichever of them is asked
answers for all.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from pathlib import Path

#: Request durations: from a name looked up in memory to a gigabyte on a slow line.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
#: Requests noted at most before they are counted, however busy the second is.
_MAX_WAITING = 10_000
_ENVIRONMENT = "PROMETHEUS_MULTIPROC_DIR"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a name of ours in it is only used where we could make it ourselves


@contextlib.contextmanager
def shared_between_processes(data: Path) -> Iterator[None]:
    """Start counting anew, in a directory all workers started from now on share.

    It lies in memory where the system has a place for that: the files are mapped, and a process that writes
    to a mapped file on a full disk is ended by the kernel (SIGBUS).
    """
    directory = _make_directory(data)
    os.environ[_ENVIRONMENT] = str(directory)
    try:
        yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _make_directory(data: Path) -> Path:
    name = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:16]
    for directory in (_MEMORY / f"azukari-{os.getuid()}-{name}", data / "metrics"):
        shutil.rmtree(directory, ignore_errors=True)
        with contextlib.suppress(OSError):  # no such place, or a stranger's directory of this name in it
            directory.mkdir(mode=0o700)
            return directory
    raise OSError(f"{data / 'metrics'} cannot be made")


class Metrics:
    """The counters of one process. Requests only note what they took; `flush` counts many of them at once."""

    def __init__(self) -> None:
        # Imported here: the library decides at import whether it counts for one process or for several.
        import prometheus_client

        self._requests = prometheus_client.Counter("azukari_requests", "Requests answered.", ["method", "status"])
        self._seconds = prometheus_client.Histogram(
            "azukari_request_seconds", "Time until an answer began.", ["method"], buckets=_SECONDS
        )
        self._answered: deque[tuple[str, str, float]] = deque()
        self._flushing = threading.Lock()

    def count(self, method: str, status: str, seconds: float) -> None:
        """Note one answered request."""
        self._answered.append((method, status, seconds))
        if len(self._answered) >= _MAX_WAITING:
            self.flush()

    def flush(self) -> None:
        """Count what was noted: each counter is written once, however many requests there were."""
        requests: dict[tuple[str, str], int] = defaultdict(int)
        seconds: dict[str, list[float]] = defaultdict(list)
        with self._flushing:
            for _ in range(len(self._answered)):
                method, status, took = self._answered.popleft()
                requests[method, status] += 1
                seconds[method].append(took)
            for (method, status), number in requests.items():
                self._requests.labels(method, status).inc(number)
            for method, durations in seconds.items():
                self._observe(method, durations)

    def _observe(self, method: str, durations: list[float]) -> None:
        """Do what `Histogram.observe` does, which takes one at a time."""
        histogram = self._seconds.labels(method)
        histogram._sum.inc(sum(durations))
        for bucket, number in Counter(bisect_left(histogram._upper_bounds, one) for one in durations).items():
            histogram._buckets[bucket].inc(number)

    def exposition(self) -> bytes:
        """Return all counters of all workers in Prometheus' text format; those of other workers a second late."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        self.flush()
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
