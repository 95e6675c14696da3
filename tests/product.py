"""Azukari as a customer runs it: a child process, known only by its addresses, logins and commands.

`python -m tests.product TOKEN` is the reaper of a Brood; see there.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

ROOT = Path(__file__).resolve().parent.parent
AZUKARI = str(Path(sys.executable).with_name("azukari"))
TOKEN_NAME = "AZUKARI_TEST_BROOD"
START_SECONDS = 90.0
STOP_SECONDS = 30.0
COMMAND_SECONDS = 120.0

Json = dict[str, object]


class ProductFailed(AssertionError):
    """The product did not start, did not stop, left a process behind or refused a command."""


@dataclass(frozen=True)
class Drive:
    """A collection of a WebDAV server with the Basic credentials that open it; `url` ends in a slash."""

    url: str
    login: str
    password: str


@dataclass(frozen=True)
class S3:
    """The object store the product uses."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str


@dataclass(frozen=True)
class Login:
    """One login of the sample firm; `dav_password` is None where no device is registered."""

    name: str
    role: str
    contract: str | None
    password: str
    dav_password: str | None


class Brood:
    """Every process started with `env`, and all their descendants, however orphaned.

    They are known by a token in their environment, which a child inherits and a kill of its parent does not
    take away. A reaper process waits for the end of this one, so nothing stays even after our own kill -9.
    """

    def __init__(self) -> None:
        self._token = uuid.uuid4().hex
        self._reaper = subprocess.Popen(
            [sys.executable, "-m", "tests.product", self._token],
            stdin=subprocess.PIPE,
            cwd=ROOT,
            start_new_session=True,
        )
        atexit.register(self.close)

    def env(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment that marks a child as ours; it may keep its bytecode, to start faster."""
        usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**usual, TOKEN_NAME: self._token, **(extra or {})}

    def alive(self) -> list[psutil.Process]:
        """Return the running processes of the brood, zombies left out."""
        return _bearing(self._token)

    def kill(self) -> None:
        """End every process of the brood with SIGKILL and wait until none is left."""
        _sweep(self._token)

    def close(self) -> None:
        """Kill the brood and its reaper; a second call does nothing."""
        atexit.unregister(self.close)
        self.kill()
        if self._reaper.stdin is not None:
            self._reaper.stdin.close()
        self._reaper.wait(STOP_SECONDS)


def _words(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def _bearing(token: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(TOKEN_NAME) == token:
                found.append(process)
    return found


def _sweep(token: str) -> None:
    """Kill until none is found twice: a dying parent may have forked between look and kill."""
    deadline = time.monotonic() + STOP_SECONDS
    while processes := _bearing(token):
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=1)
        if time.monotonic() > deadline:
            raise ProductFailed(f"cannot be killed: {processes}")


class Product:
    """One `azukari demo` on one data directory; as a context manager it starts, stops and leaves nothing."""

    def __init__(self, data: Path, *, server: str = "cheroot", workers: int = 1, options: Sequence[str] = ()) -> None:
        self.data = data
        self.server = server
        self.workers = workers
        self._options = list(options)
        self._brood = Brood()
        self._child: subprocess.Popen[bytes] | None = None
        self._out = data.parent / f"{data.name}.stdout"
        self._log = data.parent / f"{data.name}.log"
        self.base_url = ""
        self.dav_url = ""
        self.pid = 0
        self.logins: dict[str, Login] = {}
        self.s3 = S3("", "", "", "")

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._brood.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._child is not None and kind is None:
                self.stop()
        finally:
            self._brood.close()

    def start(self) -> None:
        """Start the product and wait for its line; ProductFailed with the log's tail where none comes."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with self._out.open("wb") as out, self._log.open("ab") as log:
            command = [AZUKARI, "demo", "--json", "--port", "0", "--data", str(self.data), "--server", self.server]
            self._child = subprocess.Popen(
                [*command, "--workers", str(self.workers), *self._options],
                stdout=out,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self._brood.env(),
                start_new_session=True,
            )
        self._read(self._first_line(self._child))

    def _first_line(self, child: subprocess.Popen[bytes]) -> Json:
        deadline = time.monotonic() + START_SECONDS
        while not (said := self._out.read_bytes()).endswith(b"\n"):
            if child.poll() is not None:
                raise ProductFailed(f"demo ended with {child.returncode}\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise ProductFailed(f"demo said nothing for {START_SECONDS:.0f} s\n{self.log_tail()}")
            time.sleep(0.01)
        line: Json = json.loads(said)
        return line

    def _read(self, line: Json) -> None:
        self.base_url, self.dav_url = str(line["base_url"]), str(line["dav_url"])
        self.pid = int(str(line["pid"]))
        logins, s3 = line["logins"], line["s3"]
        assert isinstance(logins, dict)
        assert isinstance(s3, dict)
        self.s3 = S3(**s3)
        self.logins = {
            name: Login(name, said["role"], said.get("contract"), said["password"], said.get("dav_password"))
            for name, said in logins.items()
        }

    def drive(self, login: str = "hanako") -> Drive:
        """Return My Folder of a login that has a device."""
        password = self.logins[login].dav_password
        assert password is not None, f"{login} has no device"
        return Drive(f"{self.dav_url}my/", login, password)

    def processes(self) -> list[psutil.Process]:
        """Return every running process of the product: supervisor, workers, object store."""
        return self._brood.alive()

    def serving(self) -> list[psutil.Process]:
        """Return the processes that answer requests."""
        found = [one for one in self.processes() if any(word.startswith("gateway.") for word in _words(one))]
        return [one for one in found if not one.children()]

    def store(self) -> psutil.Process:
        """Return the process of the embedded object store; ProductFailed where none runs."""
        for one in self.processes():
            if any(Path(word).name == "weed" for word in _words(one)[:1]):
                return one
        raise ProductFailed("no object store runs")

    def azukari(self, *args: str, may_refuse: bool = False) -> Json:
        """Run another command on the same data and return its JSON document.

        ProductFailed on an exit status other than 0, or with `may_refuse` other than 0 and 1.
        """
        done = subprocess.run(
            [AZUKARI, *args, "--json", "--data", self.data],
            capture_output=True,
            env=self._brood.env(),
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode > int(may_refuse) or done.returncode < 0:
            raise ProductFailed(f"azukari {' '.join(args)}: {done.returncode}\n{done.stderr.decode()}")
        answer: Json = json.loads(done.stdout)
        return answer

    def restart(self) -> None:
        """Stop cleanly and start again on the same data; the addresses may change."""
        self.stop()
        self.start()

    def kill9(self) -> None:
        """End every process of the product at once, as a power cut would; `start` brings it back."""
        self._brood.kill()
        self.reap()

    def reap(self) -> None:
        """Collect the exit status of a supervisor that something else has killed."""
        if self._child is not None:
            self._child.wait(STOP_SECONDS)
            self._child = None

    def stop(self) -> None:
        """SIGTERM, then wait; ProductFailed if it does not end well or leaves a process behind."""
        assert self._child is not None, "not running"
        child, self._child = self._child, None
        child.send_signal(signal.SIGTERM)
        try:
            status = child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._brood.kill()
            child.wait(STOP_SECONDS)
            raise ProductFailed(f"SIGTERM unheard for {STOP_SECONDS:.0f} s\n{self.log_tail()}") from None
        if left := self._brood.alive():
            self._brood.kill()
            raise ProductFailed(f"left behind by a clean stop: {left}")
        if status != 0:
            raise ProductFailed(f"clean stop ended with {status}\n{self.log_tail()}")

    def log_tail(self, size_bytes: int = 4000) -> str:
        """Return the end of the product's stderr."""
        return self._log.read_bytes()[-size_bytes:].decode(errors="replace")


def _reap_after_parent(token: str) -> None:
    """Wait for the end of the parent (its pipe closes), then kill what bears the token."""
    sys.stdin.buffer.read()
    _sweep(token)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _reap_after_parent(sys.argv[1])
