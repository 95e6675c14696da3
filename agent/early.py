"""Connections on which an answer that comes before the body was sent is noticed.

A gateway that has no room answers 507 at once (R6). A client that went on sending 10 GB would only run into a
closed connection and never read the reason.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
from collections.abc import Iterable
from typing import Any

import httpcore
from httpcore import NetworkBackend, NetworkStream

_READ_BYTES = 64 * 1024
#: Long enough for what has arrived to be decrypted.
_GLANCE_SECONDS = 0.001


#: The connection this thread wrote on last: that of the request it is sending.
_sending = threading.local()


class Stream(NetworkStream):
    """Stops a write where the other side has spoken or hung up; httpcore then reads the answer."""

    def __init__(self, stream: NetworkStream) -> None:
        self._stream = stream
        self._early = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what came early, else what comes."""
        if self._early:
            taken, self._early = self._early[:max_bytes], self._early[max_bytes:]
            return taken
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all. Raises WriteError where there is an answer to read."""
        _sending.stream = self
        self.require_silence()
        self._stream.write(buffer, timeout)

    def require_silence(self) -> None:
        """Return where the other side has said nothing yet. Raises WriteError."""
        if self._has_spoken():
            raise httpcore.WriteError("answered while the request was being sent")

    def _has_spoken(self) -> bool:
        if not self._early and self._stream.get_extra_info("is_readable"):
            try:
                self._early = self._stream.read(_READ_BYTES, _GLANCE_SECONDS)
            except httpcore.ReadTimeout:
                return False  # TLS speaks for itself too: session tickets
            except httpcore.ReadError:
                return True
            return True
        return bool(self._early)

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        """Return the same connection, from now on encrypted."""
        return Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self._stream.get_extra_info(info)


def wait_for_more(local: socket.socket, timeout_seconds: float) -> None:
    """Return once there is more to read of a body that this thread is sending on.

    Raises WriteError where its answer comes first, TimeoutError.
    """
    stream: Stream = _sending.stream
    with selectors.DefaultSelector() as selector:
        selector.register(local, selectors.EVENT_READ)
        selector.register(stream.get_extra_info("socket"), selectors.EVENT_READ)
        while ready := selector.select(timeout_seconds):
            stream.require_silence()
            if any(key.fileobj is local for key, _ in ready):
                return
    raise TimeoutError


class Backend(NetworkBackend):
    """Opens such connections."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """Return a new connection."""
        return Stream(self._backend.connect_tcp(host, port, timeout, local_address, socket_options))
