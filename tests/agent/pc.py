"""A customer's PC: its own home folder, no keyring, and `azukari agent` as a child process."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from tests.product import AZUKARI, Brood, Drive, Product, ProductFailed

LOGIN = "jiro"
CONTRACT = "momiji"
NAME = "次郎のPC"
_SECONDS = 120.0


class Pc:
    """One PC of jiro's, registered at the product."""

    def __init__(self, product: Product, folder: Path) -> None:
        self.product = product
        self.folder = folder
        self._brood = Brood()
        self._serving: subprocess.Popen[bytes] | None = None
        self.port = 0
        issued = product.azukari("device", "issue", LOGIN)
        self.registered = self.run(
            *("register", "--url", product.base_url, "--login", LOGIN, "--name", NAME),
            *("--key", str(issued["device_key"]), "--password", product.logins[LOGIN].password),
        )

    @property
    def device_id(self) -> str:
        """Return the device's id."""
        return str(self.registered["device_id"])

    def secrets(self) -> dict[str, str]:
        """Return what a thief of the PC's disk would find."""
        found: dict[str, str] = json.loads((self.folder / "config" / "azukari" / "agent-secrets.json").read_text())
        return found

    def stolen_authorization(self) -> str:
        """Return the device's password as a Basic header, which is what could be read off a screen or a log."""
        pair = f"{LOGIN}:{self.secrets()['dav_password']}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    def attempt(self, *args: str, language: str = "en_US.UTF-8") -> subprocess.CompletedProcess[bytes]:
        """Run an `azukari agent` command to its end, however it ends."""
        return subprocess.run(
            [AZUKARI, "agent", *args], capture_output=True, env=self._env(language), timeout=_SECONDS, check=False
        )

    def run(self, *args: str) -> dict[str, Any]:
        """Run a command that must succeed and return its JSON document."""
        done = self.attempt(*args, "--json")
        if done.returncode != 0:
            raise ProductFailed(f"azukari agent {' '.join(args)}: {done.returncode}\n{done.stderr.decode()}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def start(self, *args: str) -> subprocess.Popen[bytes]:
        """Start a command and return it running."""
        return subprocess.Popen(
            [AZUKARI, "agent", *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self._env("en_US.UTF-8")
        )

    def serve(self) -> None:
        """Serve the loopback address; at the same port as before."""
        self._serving = self.start("serve", "--port", str(self.port), "--json")
        assert self._serving.stdout is not None
        self.url = str(json.loads(self._serving.stdout.readline())["url"])
        self.port = int(self.url.rsplit(":", 1)[1].partition("/")[0])

    def process(self) -> psutil.Process:
        """Return the serving process."""
        assert self._serving is not None
        return psutil.Process(self._serving.pid)

    def stop(self) -> None:
        """End the loopback address cleanly."""
        if self._serving is not None:
            child, self._serving = self._serving, None
            child.send_signal(signal.SIGTERM)
            assert child.wait(30) == 0
            assert child.stdout is not None
            child.stdout.close()

    def close(self) -> None:
        """End everything."""
        try:
            self.stop()
        finally:
            self._brood.close()

    def drive(self, folder: str = "my/") -> Drive:
        """Return the loopback drive with the password that `agent mount` shows."""
        return Drive(f"{self.url}{folder}", LOGIN, self.secrets()["local_password"])

    def access_log(self) -> list[dict[str, str]]:
        """Return what the administrator reads of jiro's doings: one JSON document a line."""
        done = subprocess.run(
            [AZUKARI, "log", CONTRACT, "--login", LOGIN, "--json", "--data", self.product.data],
            capture_output=True,
            env=self._brood.env(),
            timeout=_SECONDS,
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _env(self, language: str) -> dict[str, str]:
        return self._brood.env(
            {
                "HOME": str(self.folder),
                "XDG_CONFIG_HOME": str(self.folder / "config"),
                "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
                "LC_ALL": language,
                "PATH": os.pathsep.join([str(self.folder / "bin"), str(Path(sys.executable).parent), os.defpath]),
            }
        )


def wait_for(condition: Any, seconds: float = 60.0) -> None:
    """Return once a condition holds; AssertionError where it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
