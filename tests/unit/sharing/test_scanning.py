"""The virus scanner: a command's exit status, an ICAP server's answer, and nothing in between."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.config import SharingConfig
from core.errors import FileInfected, ScannerUnavailable
from sharing.scanning import CommandScanner, IcapScanner, scanner_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file to scan."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 600_000)
    return path


def command(words: str, *, timeout_seconds: float = 30) -> CommandScanner:
    return CommandScanner(("sh", "-c", words, "scanner"), timeout_seconds)


def test_a_command_sees_the_file_and_lets_it_pass(file: Path) -> None:
    command('test "$(wc -c < "$1")" = 600000').scan(file)


def test_status_1_is_an_infected_file(file: Path) -> None:
    with pytest.raises(FileInfected):
        command("exit 1").scan(file)


@pytest.mark.parametrize("words", ["exit 2", "exit 127", "kill -9 $$"])
def test_any_other_end_of_the_command_is_no_verdict(file: Path, words: str) -> None:
    with pytest.raises(ScannerUnavailable):
        command(words).scan(file)


def test_a_command_that_is_not_there_or_does_not_end_is_no_verdict(file: Path) -> None:
    with pytest.raises(ScannerUnavailable):
        CommandScanner(("/nowhere/scanner",), 30).scan(file)
    with pytest.raises(ScannerUnavailable):
        command("exec sleep 60", timeout_seconds=0.01).scan(file)


class IcapServer:
    """An ICAP server that takes one request whole and gives one answer."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.request = b""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection:
            while not self.request.endswith(b"0\r\n\r\n") and (block := connection.recv(65536)):
                self.request += block
            connection.sendall(self._answer)

    def close(self) -> None:
        self._thread.join(10)
        self._listening.close()


@pytest.fixture
def icap(request: pytest.FixtureRequest) -> Iterator[IcapServer]:
    """Yield a server with the test's answer."""
    server = IcapServer(request.param)
    yield server
    server.close()


def scan(server: IcapServer, path: Path) -> None:
    scanner_of(SharingConfig(scan_icap=f"icap://127.0.0.1:{server.port}/srv", scan_timeout_seconds=10)).scan(path)  # type: ignore[union-attr]


@pytest.mark.parametrize("icap", [b'ICAP/1.0 204 No Content\r\nISTag: "1"\r\n\r\n'], indirect=True)
def test_an_icap_server_that_changes_nothing_lets_the_file_pass(icap: IcapServer, file: Path) -> None:
    scan(icap, file)
    assert icap.request.startswith(b"RESPMOD icap://127.0.0.1:")
    assert b"/srv ICAP/1.0\r\n" in icap.request
    assert icap.request.count(b"x") >= 600_000


_REPLACED = (
    b'ICAP/1.0 200 OK\r\nISTag: "1"\r\nX-Infection-Found: Type=0; Resolution=2; Threat=EICAR;\r\n'
    b"Encapsulated: res-hdr=0, res-body=45\r\n\r\nHTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\n"
    b"7\r\nblocked\r\n0\r\n\r\n"
)


@pytest.mark.parametrize("icap", [_REPLACED], indirect=True)
def test_an_icap_server_that_would_replace_the_file_found_something(icap: IcapServer, file: Path) -> None:
    with pytest.raises(FileInfected):
        scan(icap, file)


@pytest.mark.parametrize(
    "icap", [b"ICAP/1.0 404 ICAP Service not found\r\n\r\n", b"ICAP/1.0 500 Oops\r\n\r\n", b"nonsense\r\n\r\n", b""],
    indirect=True,
)  # fmt: skip
def test_an_icap_server_that_fails_gives_no_verdict(icap: IcapServer, file: Path) -> None:
    with pytest.raises(ScannerUnavailable):
        scan(icap, file)


def test_an_icap_server_that_is_not_there_gives_no_verdict(file: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ScannerUnavailable):
        IcapScanner("127.0.0.1", port, "avscan", 5).scan(file)


def test_the_configuration_decides_which_scanner_there_is() -> None:
    assert scanner_of(SharingConfig()) is None
    assert scanner_of(SharingConfig(scan_command=("clamdscan",))) == CommandScanner(("clamdscan",), 60)
    assert scanner_of(SharingConfig(scan_icap="icap://scan.example")) == IcapScanner("scan.example", 1344, "avscan", 60)


def test_two_scanners_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="two ways to scan"):
        SharingConfig(scan_command=("clamdscan",), scan_icap="icap://scan.example")
