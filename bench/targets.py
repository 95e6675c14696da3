"""The servers that are measured, all on one object store: started here, and stopped by their process ids."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from core.s3settings import S3Settings
from gateway import children

_SCRIPTS = Path(sysconfig.get_path("scripts"))
_START_SECONDS = 60.0
_USER, _PASSWORD = "bench", "correct-horse-battery-staple"


@dataclass(frozen=True, slots=True)
class Target:
    """A server under test. `base` is the path under which files are stored, without a trailing slash."""

    name: str
    address: tuple[str, int]
    base: str
    headers: tuple[tuple[str, str], ...]
    pid: int

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        host, port = self.address
        return f"http://{host}:{port}"

    def path(self, below: str) -> str:
        """Return the request target of a path below the base; a path of its own begins with a slash."""
        return below if below.startswith("/") else f"{self.base}/{below}"

    def peak_mib(self) -> float:
        """Return the largest peak resident set among the server's processes since `forget_peak`, in MiB."""
        return max(map(_peak_mib, self._serving()))

    def forget_peak(self) -> None:
        """Start the peak anew."""
        for pid in self._serving():
            Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")

    def _serving(self) -> list[int]:
        """Return the processes that serve: a supervisor's children, or the server itself."""
        below = [child.pid for child in psutil.Process(self.pid).children(recursive=True)]
        return below or [self.pid]


def _peak_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _basic(user: str, password: str) -> tuple[str, str]:
    return "Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@contextlib.contextmanager
def azukari(name: str, data: Path, s3: S3Settings, *, server: str, workers: int) -> Iterator[Target]:
    """Run Azukari with its sample firm; files go to a login's My Folder."""
    command = [
        str(_SCRIPTS / "azukari"), "demo", "--json", "--port", "0", "--data", str(data),
        "--server", server, "--workers", str(workers), "--s3-endpoint", s3.endpoint, "--s3-bucket", s3.bucket,
        "--s3-access-key", s3.access_key, "--s3-secret-key", s3.secret_key,
    ]  # fmt: skip
    with _running(command, data.with_suffix(".log"), answers=True) as (child, first_line):
        said = json.loads(first_line)
        url = urlsplit(said["dav_url"])
        assert url.hostname is not None
        assert url.port is not None
        credentials = _basic("hanako", said["logins"]["hanako"]["dav_password"])
        yield Target(name, (url.hostname, url.port), f"{url.path}my", (credentials,), child.pid)


@contextlib.contextmanager
def rclone(name: str, data: Path, s3: S3Settings) -> Iterator[Target]:
    """Run `rclone serve webdav` with its defaults on the same bucket."""
    remote = {
        "TYPE": "s3", "PROVIDER": "SeaweedFS", "ENDPOINT": s3.endpoint, "ACCESS_KEY_ID": s3.access_key,
        "SECRET_ACCESS_KEY": s3.secret_key, "REGION": s3.region, "FORCE_PATH_STYLE": "true",
    }  # fmt: skip
    address = _free_address()
    command = [
        str(_SCRIPTS / "rclone"), "serve", "webdav", f"bench:{s3.bucket}/rclone",
        "--addr", f"{address[0]}:{address[1]}", "--user", _USER, "--pass", _PASSWORD,
    ]  # fmt: skip
    environment = {f"RCLONE_CONFIG_BENCH_{key}": value for key, value in remote.items()}
    environment["RCLONE_CONFIG"] = str(data.with_suffix(".conf"))
    with _running(command, data.with_suffix(".log"), environment) as (child, _):
        _await(address)
        yield Target(name, address, "", (_basic(_USER, _PASSWORD),), child.pid)


@contextlib.contextmanager
def juicefs(name: str, data: Path, s3: S3Settings) -> Iterator[Target]:
    """Run `juicefs webdav` with its rows in SQLite and its blocks in the same store."""
    program, meta, address = str(_SCRIPTS / "juicefs"), f"sqlite3://{data}.db", _free_address()
    keys = {"ACCESS_KEY": s3.access_key, "SECRET_KEY": s3.secret_key}
    subprocess.run(
        [program, "format", meta, "bench", "--storage", "s3", "--bucket", f"{s3.endpoint}/{s3.bucket}"],
        env={**os.environ, **keys}, check=True, capture_output=True,
    )  # fmt: skip
    command = [program, "webdav", meta, f"{address[0]}:{address[1]}", "--cache-dir", f"{data}.cache"]
    passwords = {"WEBDAV_USER": _USER, "WEBDAV_PASSWORD": _PASSWORD}
    with _running(command, data.with_suffix(".log"), {**keys, **passwords}) as (child, _):
        _await(address)
        yield Target(name, address, "", (_basic(_USER, _PASSWORD),), child.pid)


@contextlib.contextmanager
def copyparty(name: str, data: Path, _s3: S3Settings) -> Iterator[Target]:
    """Run copyparty on a local folder: no object store behind it, no second copy of anything."""
    data.mkdir()
    address = _free_address()
    command = [
        str(_SCRIPTS / "copyparty"), "-i", address[0], "-p", str(address[1]), "-a", f"{_USER}:{_PASSWORD}",
        "-v", f"{data}::A,{_USER}", "--daw", "-q",
    ]  # fmt: skip
    with _running(command, data.with_suffix(".log"), {"XDG_CONFIG_HOME": str(data.with_suffix(".conf"))}) as (child, _):
        _await(address)
        yield Target(name, address, "", (_basic(_USER, _PASSWORD),), child.pid)


def is_installed(program: str) -> bool:
    """Return whether a peer's program is there."""
    return shutil.which(str(_SCRIPTS / program)) is not None


@contextlib.contextmanager
def _running(
    command: list[str], log: Path, environment: Mapping[str, str] | None = None, *, answers: bool = False
) -> Iterator[tuple[subprocess.Popen[bytes], bytes]]:
    """Run a server; with `answers` its first line of output is waited for and returned."""
    with log.open("ab") as errors:
        child = subprocess.Popen(
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if answers else errors,
            stderr=errors,
            preexec_fn=children.die_with_parent,  # noqa: PLW1509 - prctl is all it calls
            start_new_session=True,
        )
    try:
        line = child.stdout.readline() if child.stdout is not None else b""
        if answers and not line:
            raise RuntimeError(f"{command[0]} did not start; see {log}")
        yield child, line
    finally:
        children.end(child, seconds=20)
        if child.stdout is not None:
            child.stdout.close()


def forget_listings(target: Target) -> None:
    """Have rclone forget the listings it holds."""
    os.kill(target.pid, signal.SIGHUP)
    time.sleep(0.2)


def _free_address() -> tuple[str, int]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return "127.0.0.1", int(one.getsockname()[1])


def _await(address: tuple[str, int]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
