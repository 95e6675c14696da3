"""One request answered: the application is called, and what it returns goes out in as few writes as possible."""

from __future__ import annotations

import email.utils
import logging
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from typing_extensions import Buffer

from core.errors import GatewayError
from core.http import BodyCut
from gateway.servers.bodies import Body
from gateway.servers.requests import Head

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[Buffer]]

#: What is left of a body that nobody read: up to this much is taken in, so that the connection can be used on.
_SKIP_BYTES = 64 * 1024
#: A block up to this size goes out in one write with the headers.
_JOIN_BYTES = 64 * 1024
_BODILESS = ("1", "204", "205", "304")

_log = logging.getLogger("azukari.http")


class Answer:
    """The answer to one request. `send` takes bytes to the client and may raise OSError."""

    def __init__(self, head: Head, body: Body, send: Callable[[Buffer], None]) -> None:
        self._head = head
        self._body = body
        self._send = send
        self._status = ""
        self._headers: list[tuple[str, str]] = []
        self._chunked = False
        self._begun = False
        self.keep_alive = head.keep_alive

    def run(self, application: Application, environ: dict[str, Any]) -> None:
        """Call the application and send what it answers; afterwards `keep_alive` says whether to go on.

        Raises OSError where the client is gone.
        """
        try:
            blocks = application(environ, self._start)
            try:
                for block in blocks:
                    self._write(block)
                if not self._begun:
                    self._begin(b"")
                if self._chunked:
                    self._send(b"0\r\n\r\n")
            finally:
                close = getattr(blocks, "close", None)
                if close is not None:
                    close()
        except BodyCut as error:
            self.refuse("400 Bad Request", str(error))
        except GatewayError as error:
            # The caller was locked out meanwhile, or the object store failed: what was sent stays incomplete.
            _log.info("an answer was ended method=%s reason=%s", self._head.method, error)
            self.refuse("503 Service Unavailable", "the answer cannot be completed")
        except OSError:
            raise
        except Exception:  # noqa: BLE001 - the edge: logged, and the connection ends
            _log.exception("an answer was cut method=%s", self._head.method)
            self.refuse("500 Internal Server Error", "internal error")

    def refuse(self, status: str, reason: str) -> None:
        """Answer with a bare status and end the connection; where an answer has begun, only end it."""
        self.keep_alive = False
        if not self._begun:
            self._begun = True
            self._send(bare(status, reason))

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        """PEP 3333's start_response."""
        if exc_info is not None and self._begun:
            raise exc_info[1]
        self._status, self._headers = status, headers
        return self._write

    def _write(self, block: Buffer) -> None:
        size = len(memoryview(block))
        if not size:
            return
        if not self._begun:
            self._begin(block)
        elif self._chunked:
            self._send(b"%x\r\n%b\r\n" % (size, bytes(block)))
        else:
            self._send(block)

    def _begin(self, first: Buffer) -> None:
        """Send the headers, with the first block where that saves a write."""
        self._begun = True
        bodiless = self._head.method == "HEAD" or self._status.startswith(_BODILESS)
        if not bodiless and not any(name.lower() == "content-length" for name, _ in self._headers):
            if self._head.version == "HTTP/1.1":
                self._chunked = True
            else:
                self.keep_alive = False  # the end of the connection is the end of the answer
        self._settle_body()
        lines = [f"HTTP/1.1 {self._status}\r\n"]
        lines += [f"{name}: {value}\r\n" for name, value in self._headers]
        if self._chunked:
            lines.append("Transfer-Encoding: chunked\r\n")
        if not self.keep_alive:
            lines.append("Connection: close\r\n")
        elif self._head.version == "HTTP/1.0":
            lines.append("Connection: keep-alive\r\n")
        lines.append(_date_and_server())
        head = "".join(lines).encode("latin-1")
        size = len(memoryview(first))
        if self._chunked and size:
            head, first = head + b"%x\r\n" % size, bytes(first) + b"\r\n"
            size += 2
        if size <= _JOIN_BYTES:
            self._send(head + first if size else head)
        else:
            self._send(head)
            self._send(first)

    def _settle_body(self) -> None:
        """Decide what becomes of a body nobody read: a little is skipped, for more the connection ends."""
        left_bytes = self._body.left_bytes
        if left_bytes == 0:
            return
        if left_bytes is None or left_bytes > _SKIP_BYTES or (self._head.expects_continue and self._body.untouched):
            self.keep_alive = False
            return
        try:
            while self._body.read(_SKIP_BYTES):
                pass
        except BodyCut:
            self.keep_alive = False


def environ_of(head: Head, body: Body, constant: dict[str, Any]) -> dict[str, Any]:
    """Return the WSGI environment of a request (PEP 3333); `constant` is what the connection knows."""
    environ = {**constant, **head.fields}
    environ["REQUEST_METHOD"] = head.method
    environ["REQUEST_URI"] = head.target
    environ["PATH_INFO"] = head.path
    environ["QUERY_STRING"] = head.query
    environ["SERVER_PROTOCOL"] = head.version
    environ["wsgi.input"] = body
    environ["wsgi.input_terminated"] = True
    return environ


def connection_environ(address: str, port: int, server: tuple[str, int], scheme: str) -> dict[str, Any]:
    """Return the part of the WSGI environment that holds for all requests of a connection."""
    return {
        "REMOTE_ADDR": address,
        "REMOTE_PORT": str(port),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SCRIPT_NAME": "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def bare(status: str, reason: str) -> bytes:
    """Return a whole answer that ends the connection."""
    text = f"{reason}\n".encode("latin-1", "replace")
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(text)}\r\n"
    return (head + "Connection: close\r\n" + _date_and_server()).encode("latin-1") + text


_stamp: tuple[int, str] = (0, "")


def _date_and_server() -> str:
    """Return the last headers and the empty line; written anew once a second."""
    global _stamp  # noqa: PLW0603 - a cache that may be lost or made twice without harm
    now = int(time.time())
    if _stamp[0] != now:
        _stamp = (now, f"Date: {email.utils.formatdate(now, usegmt=True)}\r\nServer: Azukari\r\n\r\n")
    return _stamp[1]
