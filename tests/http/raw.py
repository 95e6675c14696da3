"""HTTP over a bare socket: what goes out is exactly what a test says."""

import base64
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self
from urllib.parse import urlsplit

from tests.product import Drive


@dataclass(frozen=True)
class Answer:
    """One answer. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Raw:
    """One connection to the server of a drive."""

    def __init__(self, drive: Drive, *, timeout_seconds: float = 15, receive_bytes: int | None = None) -> None:
        parts = urlsplit(drive.url)
        assert parts.hostname is not None
        self.path = parts.path
        self.netloc = parts.netloc
        self.socket = socket.socket()
        if receive_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(timeout_seconds)
        self.socket.connect((parts.hostname, parts.port or 80))
        self._file: IO[bytes] = self.socket.makefile("rb")
        credentials = base64.b64encode(f"{drive.login}:{drive.password}".encode()).decode()
        self._authorization = f"Authorization: Basic {credentials}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection in order."""
        self._file.close()
        self.socket.close()

    def reset(self) -> None:
        """End the connection as a crashed machine's stack does: RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def finish_sending(self) -> None:
        """Send FIN; answers can still be read."""
        self.socket.shutdown(socket.SHUT_WR)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def request(self, method: str, name: str = "", *headers: str, body: bytes = b"", known: bool = True) -> None:
        """Send a request in order, for a name in the drive's collection; `known` adds Host and credentials."""
        usual = [f"Host: {self.netloc}", self._authorization] if known else []
        head = "\r\n".join([f"{method} {self.path}{name} HTTP/1.1", *usual, *headers])
        self.send(f"{head}\r\n\r\n".encode("latin-1") + body)

    def known(self, text: str) -> bytes:
        """Return a request from a template in which {path}, {host} and {auth} stand for the usual."""
        return (
            text.replace("{path}", self.path)
            .replace("{host}", f"Host: {self.netloc}")
            .replace("{auth}", self._authorization)
            .encode("latin-1")
        )

    def answer(self, method: str = "GET") -> Answer:
        """Read one answer to a request of this method. Raises EOFError where none comes, OSError."""
        status = self._line().split(" ", 2)
        headers: dict[str, str] = {}
        while line := self._line():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return Answer(int(status[1]), headers, self._body(method, int(status[1]), headers))

    def _line(self) -> str:
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError(line)
        return line[:-2].decode("latin-1")

    def _body(self, method: str, status: int, headers: dict[str, str]) -> bytes:
        if method == "HEAD" or status < 200 or status in (204, 304):
            return b""
        if "content-length" in headers:
            size = int(headers["content-length"])
            body = self._file.read(size)
            if len(body) != size:
                raise EOFError(f"{len(body)} of {size} bytes")
            return body
        if headers.get("transfer-encoding") == "chunked":
            blocks = []
            while size := int(self._line(), 16):
                blocks.append(self._file.read(size))
                assert self._line() == ""
            assert self._line() == ""
            return b"".join(blocks)
        return self._file.read()

    def is_closed(self, *, within_seconds: float = 5) -> bool:
        """Tell whether the server has ended the connection, with nothing more said."""
        self.socket.settimeout(within_seconds)
        with suppress(ConnectionError):
            return self._file.read(1) == b""
        return True

    def is_open(self) -> bool:
        """Tell whether another request on the same connection is answered."""
        self.request("OPTIONS")
        return self.answer("OPTIONS").status == 200
