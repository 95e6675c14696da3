"""`python -m bench`: Azukari and its peers side by side on one object store (docs/performance.md)."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench import targets, workloads
from bench.limit import NAME, RawS3
from bench.report import REFERENCE, Results, circumstances, write_into
from bench.targets import Target
from bench.workloads import SMALL_BYTES, Sizes, Workload
from core.s3settings import S3Settings
from gateway.embedded_store import EmbeddedStore

_FULL = Sizes(rounds=3, seconds=3, files=10_000, warm_files=1000, large_bytes=2**30)
_QUICK = Sizes(rounds=1, seconds=1, files=2000, warm_files=500, large_bytes=2**28)
_HERE = Path(__file__).parent

_Start = Callable[[str, Path, S3Settings], AbstractContextManager[Target]]
_AZUKARI: dict[str, _Start] = {
    f"Azukari {server} ×{workers}": partial(targets.azukari, server=server, workers=workers)
    for server in ("cheroot", "granian")
    for workers in (1, 2)
}
_PEERS: dict[str, _Start] = {"juicefs": targets.juicefs, "copyparty": targets.copyparty}


def main() -> int:
    """Run the bench; exit status 1 where a bound was missed."""
    options = _options()
    sizes = _QUICK if options.quick else _FULL
    sizes = replace(
        sizes,
        rounds=options.rounds or sizes.rounds,
        files=options.files or sizes.files,
        large_bytes=(options.large_mib or 0) * 2**20 or sizes.large_bytes,
    )
    starts: dict[str, _Start] = {**_AZUKARI, REFERENCE: targets.rclone}
    if options.peers:
        starts |= {name: start for name, start in _PEERS.items() if targets.is_installed(name)}
    if options.only:
        starts = {name: one for name, one in starts.items() if any(part in name for part in options.only)}
    with tempfile.TemporaryDirectory(prefix="azukari-bench-") as folder:
        results = _run(Path(folder), starts, sizes, options.workloads)
    names = [*starts, NAME]
    table = results.table(names, sizes)
    results.save(_HERE / "results" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json", sizes)
    missed = results.missed()
    print(f"\n{table}\n\n" + "\n".join(missed or ["every bound was reached"]))
    if options.docs:
        write_into(_HERE.parent / "docs" / "performance.md", _page(table, missed, sizes))
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller files, fewer of them, one round: a few minutes")
    parser.add_argument("--rounds", type=int, help="rounds instead of the usual number")
    parser.add_argument("--files", type=int, help="files in the folder instead of the usual number")
    parser.add_argument("--large-mib", type=int, help="size of the large file instead of the usual one")
    parser.add_argument("--peers", action="store_true", help="juicefs and copyparty too (pip install .[bench])")
    parser.add_argument("--only", nargs="+", help="only targets with one of these words in their name")
    parser.add_argument("--workloads", nargs="+", default=[], help="only these: " + ", ".join(_WORKLOADS))
    parser.add_argument("--docs", action="store_true", help="write the table into docs/performance.md")
    return parser.parse_args()


_WORKLOADS = ("depth0", "listing", "get", "put", "large", "trees")


def _run(folder: Path, starts: dict[str, _Start], sizes: Sizes, chosen: list[str]) -> Results:
    """Start everything, measure in turns, stop everything."""
    results, began = Results(), time.monotonic()
    source = folder / "large"
    with source.open("wb") as file:
        for _ in range(sizes.large_bytes // 2**20):
            file.write(os.urandom(2**20))
    with contextlib.ExitStack() as running:
        store = EmbeddedStore(folder / "store")
        s3 = store.start()
        running.callback(store.stop)
        servers = {name: folder / f"server{at}" for at, name in enumerate(starts)}
        for name, start in starts.items():
            # Each is started anew after it was filled: the first listing then finds nothing in memory.
            with start(name, servers[name], s3) as target:
                workloads.seed(target, sizes, os.urandom(SMALL_BYTES))
        print(f"filled after {time.monotonic() - began:.0f} s", flush=True)
        running_targets = [running.enter_context(start(name, servers[name], s3)) for name, start in starts.items()]
        raw = RawS3(s3)
        for round_ in range(sizes.rounds):
            print(f"round {round_ + 1} of {sizes.rounds} after {time.monotonic() - began:.0f} s", flush=True)
            _round(results, running_targets, raw, source, (sizes, round_, chosen))
    print(f"done after {time.monotonic() - began:.0f} s", flush=True)
    return results


def _round(
    results: Results, running: list[Target], raw: RawS3, source: Path, what: tuple[Sizes, int, list[str]]
) -> None:
    sizes, round_, chosen = what
    all_of_them: dict[str, Workload] = {
        "listing": workloads.listing, "depth0": workloads.depth0, "put": workloads.put, "get": workloads.get,
        "large": workloads.large_files(source), "trees": workloads.trees,
    }  # fmt: skip
    of_raw = {"get": raw.get, "put": raw.put}
    # Each round begins with another target, so that none always follows the same one.
    order = running[round_ % len(running) :] + running[: round_ % len(running)]
    for name, workload in all_of_them.items():
        if chosen and name not in chosen:
            continue
        if name in of_raw:
            results.add(NAME, of_raw[name](sizes))
        for target in order:
            if name == "trees" and round_ > 0 and target.name == REFERENCE:
                continue  # a minute and more for what the rows do in milliseconds: once is enough
            if name == "listing" and (round_ == 0 or target.name == REFERENCE):
                results.add(target.name, workloads.cold_listing(target, sizes, round_))
            results.add(target.name, workload(target, sizes, round_))
        if name == "large":
            results.add(NAME, raw.large_files(source))


def _page(table: str, missed: list[str], sizes: Sizes) -> str:
    known = circumstances()
    versions = ", ".join(f"{name} {known[name]}" for name in known if name not in ("machine", "commit"))
    reached = "Every bound was reached." if not missed else "Missed: " + "; ".join(missed) + "."
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} at commit {known['commit']}: {known['machine']}; {versions}. "
        f"Medians of {sizes.rounds} rounds in turns.\n\n{table}\n\n{reached}"
    )


if __name__ == "__main__":
    sys.exit(main())
