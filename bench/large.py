"""Large bodies over a bare socket: sendfile one way, discarded in the kernel the other way."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from bench.small import Refused
from bench.targets import Target

_BLOCK_BYTES = 1024 * 1024


def get(target: Target, path: str, size_bytes: int) -> float:
    """Fetch a file and throw it away; return the seconds it took. Raises Refused where it is not all there."""
    began = time.perf_counter()
    with _connect(target) as sock:
        sock.sendall(_head(target, "GET", path, ()))
        status, body = _answer(sock)
        left = size_bytes - len(body)
        buffer = bytearray(_BLOCK_BYTES)
        while left > 0:
            received = sock.recv_into(buffer, min(left, _BLOCK_BYTES), socket.MSG_TRUNC)
            if not received:
                break
            left -= received
    if status != 200 or left:
        raise Refused(f"{target.name}: GET {path}: {status}, {left} bytes missing")
    return time.perf_counter() - began


def put(target: Target, path: str, source: Path) -> float:
    """Store a file; return the seconds until it was acknowledged. Raises Refused."""
    size_bytes = source.stat().st_size
    began = time.perf_counter()
    with _connect(target) as sock, source.open("rb") as file:
        sock.sendall(_head(target, "PUT", path, (("Content-Length", str(size_bytes)),)))
        sent = 0
        while sent < size_bytes:
            sent += os.sendfile(sock.fileno(), file.fileno(), sent, size_bytes - sent)
        status, _ = _answer(sock)
    if not 200 <= status < 300:
        raise Refused(f"{target.name}: PUT {path}: {status}")
    return time.perf_counter() - began


def _connect(target: Target) -> socket.socket:
    host, port = target.address
    sock = socket.create_connection((host, port), timeout=600)
    sock.settimeout(None)  # a blocking socket, for sendfile
    return sock


def _head(target: Target, method: str, path: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    host, port = target.address
    lines = [f"{method} {target.path(path)} HTTP/1.1", f"Host: {host}:{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (*target.headers, *headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _answer(sock: socket.socket) -> tuple[int, bytes]:
    """Return the status and what came of the body with it."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        more = sock.recv(65536)
        if not more:
            raise Refused(f"the connection ended after {raw[:100]!r}")
        raw += more
    head, _, body = raw.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body
