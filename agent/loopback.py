"""The loopback address: any WebDAV client of this PC connects here, and its requests go on signed.

HTTP is read by h11, so that bodies are handed on as they come, and one cut short is known as such (CLIENTS A1).
"""

from __future__ import annotations

import base64
import hmac
import logging
import os
import socket
import socketserver
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import h11
from http_message_signatures import HTTPMessageSignaturesException

from agent import HOST, headers
from agent.early import wait_for_more
from agent.home import Registration
from agent.upstream import Answer, Gateway, Headers, Target
from core import messages
from core.errors import ToolFailed
from core.signing import canonical_path

_HEAD_BYTES = 32 * 1024
_RECEIVE_BYTES = 256 * 1024
#: Between requests, and for each piece of one.
_IDLE_SECONDS = 120.0
#: What a client still sends after its answer is read and thrown away up to here, so that it can read the answer.
_DRAIN_BYTES, _DRAIN_SECONDS = 64 * 1024 * 1024, 5.0
#: Explorer and others look above the drive too (CLIENTS W7).
_EVERYWHERE = (b"OPTIONS", b"PROPFIND")

_SECURITY = "/dav/security"
_REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}

_log = logging.getLogger("azukari.agent")


class ClientGone(Exception):
    """The drive's connection ended in the middle of its request."""


class LoopbackServer(socketserver.ThreadingTCPServer):
    """Serves one registration on 127.0.0.1, each connection in a thread."""

    daemon_threads = True
    # On Windows the option would let two programs share the port.
    allow_reuse_address = os.name != "nt"
    request_queue_size = 128

    def __init__(
        self, port: int, gateway: Gateway, registration: Registration, language: str, prove_line: Callable[[], None]
    ) -> None:
        """Listen. `prove_line` is called where the gateway refuses the Security Folder. Raises ToolFailed."""
        try:
            super().__init__((HOST, port), _Handler)
        except OSError:
            raise ToolFailed("agent.port_taken", port=port) from None
        self.gateway = gateway
        self.language = language
        self.prove_line = prove_line
        self.origin = f"http://{HOST}:{self.server_address[1]}"
        pair = f"{registration.login_id}:{registration.secrets.local_password}".encode()
        self._credentials = base64.b64encode(pair)

    @property
    def url(self) -> str:
        """Return the drive's address."""
        return f"{self.origin}/dav/"

    def admits(self, authorization: bytes) -> bool:
        """Return whether a Basic header carries the login ID and the local password."""
        scheme, _, given = authorization.partition(b" ")
        return scheme.lower() == b"basic" and hmac.compare_digest(given.strip(), self._credentials)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what was not foreseen; the connection is closed, the others go on."""
        _log.exception("a connection failed")


class _Handler(socketserver.BaseRequestHandler):
    """One connection."""

    server: LoopbackServer

    def handle(self) -> None:
        """Answer requests until the client goes, or its request or answer is cut short."""
        self.request.settimeout(_IDLE_SECONDS)
        self._connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_BYTES)
        try:
            while self._answer_one():
                self._connection.start_next_cycle()
        except (OSError, ClientGone, h11.LocalProtocolError):
            pass  # nothing that is not whole has any effect
        except h11.RemoteProtocolError as error:
            self._refuse_unreadable(error)

    def _answer_one(self) -> bool:
        """Read and answer one request; True where the connection can be used on."""
        event = self._next()
        if not isinstance(event, h11.Request):
            return False
        try:
            self._respond(event)
        except ToolFailed as error:
            if self._connection.our_state is not h11.SEND_RESPONSE:
                return False  # the answer had begun; a connection that ends says that it is not whole
            self._say(502, messages.explain(error, self.server.language))
        if self._connection.their_state is h11.SEND_BODY and not self._connection.they_are_waiting_for_100_continue:
            self._drain()
        return self._connection.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}

    def _respond(self, event: h11.Request) -> None:
        given: Headers = list(event.headers)
        own = dict(given)
        target = _target(event)
        if b"#" in event.target:  # no request has a fragment (RFC 9112 §3.2)
            self._say(400, messages.text("input.invalid", self.server.language, reason="#"))
        elif event.method not in _EVERYWHERE and not (target.path == "/dav" or target.path.startswith("/dav/")):
            self._say(404, messages.text("agent.only_dav", self.server.language))
        elif event.method != b"OPTIONS" and not self.server.admits(own.get(b"authorization", b"")):
            challenge = (b"WWW-Authenticate", b'Basic realm="Azukari on this PC", charset="UTF-8"')
            self._say(401, messages.text("agent.local_password", self.server.language), [challenge])
        else:
            self._pass_on(target, given)

    def _pass_on(self, target: Target, given: Headers) -> None:
        gateway = self.server.gateway
        passed = headers.upstream(given, gateway=gateway.base_url)
        body = None if headers.length_of(given) == 0 else self._body()
        try:
            with gateway.send(target, passed, body) as answer:
                if answer.status == 403 and target.path.startswith(_SECURITY):
                    self.server.prove_line()
                self._copy(answer)
        except HTTPMessageSignaturesException:
            self._say(400, messages.text("input.invalid", self.server.language, reason="address"))

    def _copy(self, answer: Answer) -> None:
        passed = headers.downstream(answer.headers, gateway=self.server.gateway.base_url, here=self.server.origin)
        self._begin(answer.status, passed)
        for block in answer.blocks:
            self._send(h11.Data(data=block))
        self._send(h11.EndOfMessage())

    def _body(self) -> Iterator[bytes]:
        """Yield the request's body. Raises ClientGone where it is cut short, WriteError where it was answered."""
        try:
            while isinstance(event := self._next(of_body=True), h11.Data):
                yield bytes(event.data)
        except (h11.RemoteProtocolError, OSError) as error:
            raise ClientGone(str(error)) from error
        if not isinstance(event, h11.EndOfMessage):
            raise ClientGone("the connection ended")

    def _next(self, *, of_body: bool = False) -> Any:
        """Return the next event. Raises h11.RemoteProtocolError, OSError, and WriteError as `wait_for_more`."""
        while (event := self._connection.next_event()) is h11.NEED_DATA:
            if self._connection.they_are_waiting_for_100_continue:
                self._send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))
            if of_body:
                wait_for_more(self.request, _IDLE_SECONDS)
            self._connection.receive_data(self.request.recv(_RECEIVE_BYTES))
        return event

    def _begin(self, status: int, head: Headers) -> None:
        if self._connection.their_state is h11.SEND_BODY and not self._is_read():
            head = [*head, (b"Connection", b"close")]  # what is left of the body is not worth waiting for
        self._send(h11.Response(status_code=status, headers=head, reason=_REASONS.get(status, b"")))

    def _is_read(self) -> bool:
        """Return whether nothing is left of the request's body; its end may have arrived and not been looked at."""
        while isinstance(event := self._connection.next_event(), h11.Data):
            return False
        return isinstance(event, h11.EndOfMessage)

    def _say(self, status: int, words: str, extra: Headers | None = None) -> None:
        body = (words + "\n").encode()
        head = [(b"Content-Type", b"text/plain; charset=utf-8"), (b"Content-Length", str(len(body)).encode())]
        self._begin(status, [*head, *(extra or [])])
        self._send(h11.Data(data=body))
        self._send(h11.EndOfMessage())

    def _refuse_unreadable(self, error: h11.RemoteProtocolError) -> None:
        if self._connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            try:
                self._say(error.error_status_hint, str(error))
                self._drain()
            except (OSError, h11.LocalProtocolError):
                return

    def _send(self, event: Any) -> None:
        data = self._connection.send(event)
        if data:
            self.request.sendall(data)

    def _drain(self) -> None:
        """Read and throw away what a client sends on: a reset would take the answer away from it."""
        self.request.shutdown(socket.SHUT_WR)
        deadline, left = time.monotonic() + _DRAIN_SECONDS, _DRAIN_BYTES
        while left > 0 and time.monotonic() < deadline:
            self.request.settimeout(max(0.05, deadline - time.monotonic()))
            block = self.request.recv(_RECEIVE_BYTES)
            if not block:
                return
            left -= len(block)


def _target(event: h11.Request) -> Target:
    """Return where a request goes; absolute addresses are taken too (RFC 9112 §3.2.2)."""
    raw = event.target.decode("latin-1")
    if not raw.startswith("/"):
        parts = urlsplit(raw)
        raw = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    path, _, query = raw.partition("?")
    return Target(event.method.decode("ascii"), canonical_path(unquote_to_bytes(path.encode("latin-1"))), query)
