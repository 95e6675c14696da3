"""What is measured, of one target in one round. A workload yields (measure, value) pairs."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import large, small
from bench.small import Load, Refused
from bench.targets import Target, forget_listings

SMALL_BYTES = 4096
#: Twice what a worker keeps in memory, as two workers see half of the requests each.
_CACHED_FILES = 2 * 16 * 1024 * 1024 // SMALL_BYTES
_PROPFIND = (
    b'<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:getcontentlength/>'
    b"<D:getlastmodified/><D:getetag/><D:displayname/></D:prop></D:propfind>"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table. `floor` maps a kind of target to the least ratio to rclone that is asked for."""

    title: str
    unit: str
    more_is_better: bool
    floor: tuple[tuple[str, float], ...] = ()


def _rate(title: str, cheroot: float | None = None, granian: float | None = None) -> Measure:
    floor = (("Azukari cheroot ×2", cheroot), ("Azukari granian ×2", granian))
    return Measure(title, "/s", True, tuple((name, ratio) for name, ratio in floor if ratio is not None))


def _time(title: str, unit: str, floor: float | None = None) -> Measure:
    names = ("Azukari cheroot ×2", "Azukari granian ×2")
    return Measure(title, unit, False, tuple((name, floor) for name in names) if floor is not None else ())


DEPTH0 = {1: _rate("PROPFIND Depth 0, 1 connection", 1.0, 2.0), 16: _rate("PROPFIND Depth 0, 16 connections", 1.0, 2.0)}
LISTING = _time("PROPFIND Depth 1 of {files} entries, warm", "ms", 2.0)
COLD_LISTING = _time("… first time after a start", "ms")
GET = {1: _rate("GET 4 KiB, 1 connection"), 16: _rate("GET 4 KiB, 16 connections", 1.5, 1.5)}
GET_MISS = {16: _rate("… never in memory, 16 connections")}
PUT = {1: _rate("PUT 4 KiB, 1 connection"), 16: _rate("PUT 4 KiB, 16 connections", 1.5, 1.5)}
GET_LARGE = Measure("GET {large}", "MB/s", True, (("Azukari cheroot ×2", 1.5), ("Azukari granian ×2", 1.5)))
PUT_LARGE = Measure("PUT {large}", "MB/s", True, (("Azukari cheroot ×2", 1.0), ("Azukari granian ×2", 1.0)))
PEAK = Measure("peak memory of a process meanwhile", "MiB", False)
COPY = _time("COPY of a folder of {files} files", "s", 50.0)
MOVE = _time("MOVE of it", "s", 50.0)
DELETE = _time("DELETE of it", "s", 50.0)

ALL = (
    *DEPTH0.values(), LISTING, COLD_LISTING, *GET.values(), *GET_MISS.values(), *PUT.values(), GET_LARGE, PUT_LARGE,
    PEAK, COPY, MOVE, DELETE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    rounds: int
    seconds: int
    files: int
    #: Files that the small GETs take turns in: few enough for any cache.
    warm_files: int
    large_bytes: int


Values = Iterator[tuple[Measure, float]]
Workload = Callable[[Target, Sizes, int], Values]


def seed(target: Target, sizes: Sizes, body: bytes) -> None:
    """Create the folder that most workloads read. Raises Refused where it is not whole afterwards."""
    _ask(target, "MKCOL", "many")
    paths = [f"many/{i:05}.bin" for i in range(sizes.files)]
    sent = 0
    while sent < sizes.files:
        sent += small.send(target, Load("PUT", paths, body, first=sent), connections=16, seconds=2).requests
    found = _ask(target, "PROPFIND", "many", headers={"Depth": "1"}).count(b"getcontentlength>4096<")
    if found != sizes.files:
        raise Refused(f"{target.name} lists {found} of {sizes.files} files")


def depth0(target: Target, sizes: Sizes, _round: int) -> Values:
    """W1: the properties of one file."""
    load = Load("PROPFIND", ["many/00007.bin"], _PROPFIND, (("Depth", "0"), ("Content-Type", "application/xml")))
    for connections, measure in DEPTH0.items():
        yield measure, small.send(target, load, connections=connections, seconds=sizes.seconds).per_second


def listing(target: Target, sizes: Sizes, _round: int) -> Values:
    """W2: a whole folder, asked again and again."""
    load = Load("PROPFIND", ["many"], _PROPFIND, (("Depth", "1"), ("Content-Type", "application/xml")))
    yield LISTING, 1000 / small.send(target, load, connections=1, seconds=sizes.seconds).per_second


def cold_listing(target: Target, _sizes: Sizes, _round: int) -> Values:
    """W2: a whole folder, when nothing of it is in the server's memory."""
    if target.name == "rclone":
        forget_listings(target)
    began = time.perf_counter()
    _ask(target, "PROPFIND", "many", body=_PROPFIND, headers={"Depth": "1"})
    yield COLD_LISTING, (time.perf_counter() - began) * 1000


def get(target: Target, sizes: Sizes, _round: int) -> Values:
    """W3: small files, the same few again and again; then more of them than are kept in memory."""
    few = Load("GET", [f"many/{i:05}.bin" for i in range(sizes.warm_files)])
    for connections, measure in GET.items():
        yield measure, small.send(target, few, connections=connections, seconds=sizes.seconds).per_second
    if sizes.files <= _CACHED_FILES:
        return
    many = Load("GET", [f"many/{i:05}.bin" for i in range(sizes.files)])
    for connections, measure in GET_MISS.items():
        yield measure, small.send(target, many, connections=connections, seconds=sizes.seconds).per_second


def put(target: Target, sizes: Sizes, round_: int) -> Values:
    """W4: small files under new names."""
    for connections, measure in PUT.items():
        folder = f"new-{round_}-{connections}"
        _ask(target, "MKCOL", folder)
        names = [f"{folder}/{i:06}.bin" for i in range(sizes.seconds * 10_000)]
        load = Load("PUT", names, bytes(range(256)) * 16)
        yield measure, small.send(target, load, connections=connections, seconds=sizes.seconds).per_second
        _ask(target, "DELETE", folder)


def large_files(source: Path) -> Workload:
    """Return W5 and W6: one large file up and down, and what that takes of memory."""

    def run(target: Target, _sizes: Sizes, _round: int) -> Values:
        size_bytes = source.stat().st_size
        target.forget_peak()
        yield PUT_LARGE, size_bytes / large.put(target, "large.bin", source) / 1e6
        yield GET_LARGE, size_bytes / large.get(target, "large.bin", size_bytes) / 1e6
        yield PEAK, target.peak_mib()
        _ask(target, "DELETE", "large.bin")

    return run


def trees(target: Target, _sizes: Sizes, round_: int) -> Values:
    """W7: a folder copied, the copy moved, and deleted."""
    for measure, method, path, to in (
        (COPY, "COPY", "many", f"copy-{round_}"),
        (MOVE, "MOVE", f"copy-{round_}", f"moved-{round_}"),
        (DELETE, "DELETE", f"moved-{round_}", None),
    ):
        headers = {"Destination": f"{target.origin}{target.path(to)}"} if to is not None else {}
        began = time.perf_counter()
        _ask(target, method, path, headers=headers)
        yield measure, time.perf_counter() - began


def _ask(
    target: Target, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """Send one request and return the answer's body. Raises Refused."""
    connection = http.client.HTTPConnection(*target.address, timeout=600)
    try:
        connection.request(method, target.path(path), body, {**dict(target.headers), **(headers or {})})
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise Refused(f"{target.name}: {method} {path}: {answer.status} {content[:200]!r}")
    return content
