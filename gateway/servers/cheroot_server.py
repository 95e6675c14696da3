"""cheroot, with connections of our own: strict reading, threads that follow the load, TLS off the accept loop.

cheroot accepts, keeps idle connections and stops in order. A connection gets a thread only when it has
something to say, and keeps it for a moment after its answer, since the next request usually follows at once.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import select
import socket
import ssl
import struct
import time
from pathlib import Path
from typing import Any

from cheroot.server import HTTPServer
from cheroot.workers.threadpool import _SHUTDOWNREQUEST, ThreadPool  # type: ignore[attr-defined]  # not in its stub
from typing_extensions import Buffer

from auth.addresses import Network, is_trusted
from gateway.servers.answer import Answer, Application, bare, connection_environ, environ_of
from gateway.servers.bodies import Body
from gateway.servers.proxied import NoHeader, receive
from gateway.servers.requests import Malformed, parse
from gateway.servers.wire import HeadTooLong, Wire

_IDLE_SECONDS = 60
_LINGER_MILLISECONDS = 20
_BACKLOG = 1024
_FIRST_THREADS = 8
#: What is being answered when we are asked to stop has this long to end by itself.
_STOP_SECONDS = 3
#: How long the loop that accepts may sleep, and so how long a stop may wait for it.
_LOOP_SECONDS = 0.2
_DRAIN_BYTES = 64 * 1024 * 1024
#: With `auth.transfers.EVERY_SECONDS` less than the time in which a locked device's transfers end (R16).
_DRAIN_SECONDS = 3.0
#: A socket that is closed sends RST at once (struct linger).
_NO_LINGER = struct.pack("ii", 1, 0)

_log = logging.getLogger("azukari.http")


class Pool(ThreadPool):
    """Threads that are added when all are busy, up to a bound: slow clients cost a thread, not the service."""

    def __init__(self, server: Any, threads: int) -> None:
        super().__init__(server, min=min(_FIRST_THREADS, threads), max=threads)
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._idle = queue.SimpleQueue[None]()  # one token for each thread that waits
        self.get = self._next

    def put(self, obj: Any) -> None:
        """Hand a connection to a thread, to a new one where none waits."""
        self._queue.put(obj)
        try:
            self._idle.get_nowait()
        except queue.Empty:
            pool: Any = self  # cheroot's stub leaves these out
            if len(pool._threads) < self.max:
                pool._threads.append(pool._spawn_worker())

    def _next(self) -> Any:
        try:
            return self._queue.get_nowait()
        except queue.Empty:
            self._idle.put(None)
            return self._queue.get()

    def stop(self, timeout: float = _STOP_SECONDS) -> None:
        """End the threads: those between requests at once, the others after `timeout` seconds at the latest.

        cheroot's own would wait for a download as long as its reader takes.
        """
        pool: Any = self
        threads = list(pool._clear_threads())
        for _ in threads:
            self._queue.put(_SHUTDOWNREQUEST)
        deadline = time.monotonic() + timeout
        for connection in [thread.conn for thread in threads]:
            if connection is not None and not connection.is_answering:
                connection.cut()
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive() and (connection := thread.conn) is not None:
                connection.cut()
        for thread in threads:
            thread.join(_STOP_SECONDS)


class Connection:
    """A client's connection, as cheroot's connection manager and threads handle it."""

    def __init__(self, server: Server, sock: Any, _makefile: Any = None) -> None:
        self.server = server
        self.socket = sock
        self.rfile = Wire(sock)
        self.remote_addr, self.remote_port = "", 0
        self.ssl_env: dict[str, str] = {}
        #: Set by cheroot's manager when it first watches the connection.
        self.last_used: float | None = None
        self.requests_seen = 0
        #: From a request's head read to the end of its answer.
        self.is_answering = False
        self._secure = False
        self._client_known = False
        self._constant: dict[str, Any] | None = None
        self._poll = select.poll()
        self._poll.register(sock.fileno(), select.POLLIN)

    def communicate(self) -> bool:
        """Answer requests while they come at once; True gives the connection back to be watched."""
        try:
            if not self._client_known:
                self._learn_client()
            if self.server.tls is not None and not self._secure:
                self._shake_hands(self.server.tls)
            while self._answer_one() and self.server.ready:
                if self.rfile.has_data():
                    continue
                if self.server.is_busy() or not self._poll.poll(_LINGER_MILLISECONDS):
                    return True
        except (OSError, EOFError):
            pass  # the client is gone; nothing it did not finish has any effect
        except NoHeader as error:
            _log.warning("a proxy's connection was refused peer=%s reason=%s", self.remote_addr, error)
        return False

    def cut(self) -> None:
        """End the connection under the thread that reads or writes it; what is not whole has no effect."""
        with contextlib.suppress(OSError):
            # Not a TLS socket's own: that would let the thread go on in plain text for a moment.
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)

    def abort(self) -> None:
        """End the connection under its thread, and take back what the client has not received yet (R16)."""
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.cut()

    def close(self) -> None:
        """End the connection."""
        self.rfile.close()
        with contextlib.suppress(OSError):
            self.socket.shutdown(2)
        self.socket.close()

    def _learn_client(self) -> None:
        """Let a proxy that speaks the PROXY protocol tell whose connection this is."""
        if is_trusted(self.remote_addr, self.server.proxies):
            client = receive(self.socket)
            self.socket.settimeout(self.server.timeout)
            if client is not None:
                self.remote_addr, self.remote_port = client
        self._client_known = True

    def _shake_hands(self, context: ssl.SSLContext) -> None:
        """Begin TLS here, in a thread of our own: a client that dawdles holds up nobody."""
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.rfile = Wire(self.socket)
        self._secure = True
        if certificate := self.socket.getpeercert(binary_form=True):
            pem = ssl.DER_cert_to_PEM_cert(certificate)
            self.ssl_env = {"SSL_CLIENT_VERIFY": "SUCCESS", "SSL_CLIENT_CERT": pem}

    def _answer_one(self) -> bool:
        """Read and answer one request; True where the connection can be used on."""
        try:
            raw = self.rfile.head()
            if raw is None:
                return False
            head = parse(raw)
        except HeadTooLong:
            return self._refuse("400 Bad Request", "the headers are longer than 32 KiB")
        except TimeoutError:
            return self._refuse("408 Request Timeout", "the request did not arrive in time")
        except Malformed as error:
            return self._refuse(error.status, str(error))
        body = Body(self.rfile, head.length, self._continue if head.expects_continue else None)
        if self._constant is None:
            scheme = "https" if self._secure else "http"
            self._constant = connection_environ(self.remote_addr, self.remote_port, self.server.address, scheme)
            self._constant.update(self.ssl_env)
            self._constant["azukari.cut"] = self.abort
        answer = Answer(head, body, self._send)
        self.is_answering = True
        try:
            answer.run(self.server.application, environ_of(head, body, self._constant))
        finally:
            self.is_answering = False
        if not answer.keep_alive and not body.finished:
            self.rfile.drain(_DRAIN_BYTES, _DRAIN_SECONDS)
        return answer.keep_alive

    def _refuse(self, status: str, reason: str) -> bool:
        self._send(bare(status, reason))
        self.rfile.drain(_DRAIN_BYTES, 1.0)
        return False

    def _continue(self) -> None:
        self._send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _send(self, data: Buffer) -> None:
        """Send all; the time-out is for each piece, so that a slow line may take as long as it needs."""
        sent = self.socket.send(data)
        if sent == len(memoryview(data)):
            return
        view = memoryview(data)
        while sent < len(view):
            sent += self.socket.send(view[sent:])


class Server(HTTPServer):
    """One process's share of the port."""

    ConnectionClass = Connection
    request_queue_size = _BACKLOG
    timeout = _IDLE_SECONDS
    shutdown_timeout = _STOP_SECONDS
    keep_alive_conn_limit: Any = None  # no limit
    expiration_interval: Any = _LOOP_SECONDS

    def __init__(
        self,
        address: tuple[str, int],
        application: Application,
        *,
        threads: int,
        tls: ssl.SSLContext | None = None,
        proxies: tuple[Network, ...] = (),
    ) -> None:
        """Listen. `proxies` are the peers whose connections begin with a PROXY header."""
        super().__init__(address, gateway=None, server_name="Azukari", reuse_port=True)
        self.address = address
        self.application = application
        self.tls = tls
        self.proxies = proxies
        self.requests = Pool(self, threads)

    def process_conn(self, conn: Connection) -> None:
        """Give a connection a thread, once it has something to say; a new one is watched first."""
        if conn.last_used is None:
            self.put_conn(conn)
        else:
            self.requests.put(conn)

    def is_busy(self) -> bool:
        """Return whether connections wait for a thread."""
        return bool(self.requests.qsize > 0)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """Send cheroot's own messages to our log."""
        _log.log(level, "cheroot: %s", msg, exc_info=traceback)


def tls_context(certificate: Path, private_key: Path, *, client_authority: str | None = None) -> ssl.SSLContext:
    """Return the TLS settings of a server: TLS 1.2 and newer. Raises OSError, ssl.SSLError.

    A client may show a certificate of the `client_authority` (PEM); one of anybody else ends the connection.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, private_key)
    if client_authority is not None:
        context.load_verify_locations(cadata=client_authority)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context
