"""The virus scanner before return trays: a command, or an ICAP server (RFC 3507). What it does not pass stays out."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from icap import IcapClient
from icap.exception import IcapException

from core.config import SharingConfig
from core.errors import FileInfected, ScannerUnavailable

#: What scanners of the command line agree on, such as clamdscan: 0 clean, 1 infected, all else a failure.
_CLEAN, _INFECTED = 0, 1
_ICAP_PORT, _ICAP_SERVICE = 1344, "avscan"
_CHUNK_BYTES = 256 * 1024


class Scanner(Protocol):
    """Whoever decides whether a file comes in."""

    def scan(self, path: Path) -> None:
        """Return for a clean file. Raises FileInfected, ScannerUnavailable where there is no verdict."""


@dataclass(frozen=True, slots=True)
class CommandScanner:
    """A command that gets the file's path as its last argument and answers by its exit status."""

    command: Sequence[str]
    timeout_seconds: float

    def scan(self, path: Path) -> None:
        """Run the command. Raises FileInfected for status 1, ScannerUnavailable for any other but 0."""
        try:
            done = subprocess.run(
                [*self.command, str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # a pipe would be waited for as long as a child of the command holds it
                stderr=subprocess.DEVNULL,
                timeout=self.timeout_seconds,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ScannerUnavailable(str(error)) from error
        if done.returncode == _INFECTED:
            raise FileInfected
        if done.returncode != _CLEAN:
            raise ScannerUnavailable(f"{self.command[0]} ended with {done.returncode}")


@dataclass(frozen=True, slots=True)
class IcapScanner:
    """An ICAP server that is shown the file as an answer of HTTP, and leaves it unmodified where it is clean."""

    host: str
    port: int
    service: str
    timeout_seconds: float

    def scan(self, path: Path) -> None:
        """Send the file in chunks. Raises FileInfected where the server would change it, ScannerUnavailable."""
        try:
            with IcapClient(self.host, self.port, timeout=self.timeout_seconds) as client, path.open("rb") as file:
                answer = client.scan_stream(file, service=self.service, chunk_size=_CHUNK_BYTES)
        except (IcapException, OSError) as error:
            raise ScannerUnavailable(f"{self.host}:{self.port}: {error}") from error
        if answer.is_no_modification:
            return
        if answer.is_success:
            raise FileInfected
        raise ScannerUnavailable(f"{self.host}:{self.port}: {answer.status_code} {answer.status_message}")


def scanner_of(config: SharingConfig) -> Scanner | None:
    """Return the configured scanner, None for none."""
    if config.scan_command:
        return CommandScanner(config.scan_command, config.scan_timeout_seconds)
    if config.scan_icap is None:
        return None
    address = urlsplit(config.scan_icap)
    service = address.path.strip("/") or _ICAP_SERVICE
    return IcapScanner(address.hostname or "", address.port or _ICAP_PORT, service, config.scan_timeout_seconds)
