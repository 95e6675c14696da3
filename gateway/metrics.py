"""What the service counts, for Prometheus: docs/metrics.md describes every name.

All worker processes count into one directory of memory-mapped files, so that whichever of them is asked
answers for all.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: Request durations: from a name looked up in memory to a gigabyte on a slow line.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
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
    """The counters of one process."""

    def __init__(self) -> None:
        # Imported here: the library decides at import whether it counts for one process or for several.
        from prometheus_client import Counter, Histogram

        self._requests = Counter("azukari_requests", "Requests answered.", ["method", "status"])
        self._seconds = Histogram(
            "azukari_request_seconds", "Time until an answer began.", ["method"], buckets=_SECONDS
        )
        self._children: dict[tuple[str, str], tuple[Any, Any]] = {}

    def count(self, method: str, status: str, seconds: float) -> None:
        """Count one answered request."""
        known = self._children.get((method, status))
        if known is None:
            known = self._requests.labels(method, status), self._seconds.labels(method)
            self._children[(method, status)] = known
        known[0].inc()
        known[1].observe(seconds)

    def exposition(self) -> bytes:
        """Return all counters of all workers in Prometheus' text format."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
