"""Small requests, as many as a server takes: wrk sends them, so that the load generator is not the limit."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.targets import Target

#: wrk drops the requests under way when its time is up; servers finish them all the same.
_SETTLE_SECONDS = 0.3
_SCRIPT = Path(__file__).with_name("requests.lua")


class Refused(Exception):
    """A server answered something else than success, so its speed means nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to send: paths taken in turn, one method, one body."""

    method: str
    paths: Sequence[str]
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    first: int = 0


@dataclass(frozen=True, slots=True)
class Speed:
    """What came back."""

    per_second: float
    p50_ms: float
    p99_ms: float
    requests: int


def send(target: Target, load: Load, *, connections: int, seconds: int) -> Speed:
    """Return how fast a target answers over some kept connections. Raises Refused where it does not succeed."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / name for name in ("PATHS", "BODY", "HEADERS")}
        files["PATHS"].write_text("\n".join(target.path(one) for one in load.paths), encoding="utf-8")
        files["BODY"].write_bytes(load.body)
        headers = [*target.headers, *load.headers]
        files["HEADERS"].write_text("".join(f"{name}: {value}\n" for name, value in headers), encoding="utf-8")
        done = subprocess.run(
            [
                "wrk",
                "-t1",
                f"-c{connections}",
                f"-d{seconds}s",
                "--timeout",
                "30s",
                "-s",
                str(_SCRIPT),
                target.origin,
            ],
            env={
                **os.environ,
                "BENCH_METHOD": load.method,
                "BENCH_FIRST": str(load.first),
                **{f"BENCH_{name}": str(path) for name, path in files.items()},
            },
            capture_output=True,
            text=True,
            check=True,
        )
    time.sleep(_SETTLE_SECONDS)
    found = [line for line in done.stdout.splitlines() if line.startswith("BENCH ")]
    said = json.loads(found[0].removeprefix("BENCH "))
    if said["refused"] or said["broken"] or not said["requests"]:
        raise Refused(f"{target.name}: {load.method} {load.paths[0]}: {said}")
    per_second = said["requests"] / said["microseconds"] * 1_000_000
    return Speed(per_second, said["p50_us"] / 1000, said["p99_us"] / 1000, said["requests"])
