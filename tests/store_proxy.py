"""A proxy between the product and its object store: it counts requests where they arrive, and can fail."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from gateway.embedded_store import EmbeddedStore
from tests.product import S3, Product

_BLOCK_BYTES = 64 * 1024


class StoreProxy:
    """Forwards connections to the store; `seen` holds the first line of every request since `forget`."""

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._store = (parts.hostname or "", parts.port or 80)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._seen: list[str] = []
        self._is_up = True
        self._cut_after_bytes: int | None = None
        threading.Thread(target=self._accept, name="store-proxy", daemon=True).start()

    @property
    def endpoint(self) -> str:
        """Return the address the product is told."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    @property
    def seen(self) -> list[str]:
        """Return the methods and addresses of all requests, in the order of their arrival."""
        with self._lock:
            return list(self._seen)

    def forget(self) -> None:
        """Begin counting anew."""
        with self._lock:
            self._seen.clear()

    def fail(self) -> None:
        """Drop every connection, and every new one at once, until `mend`."""
        with self._lock:
            self._is_up = False
            dropped = list(self._open)
        for one in dropped:
            _drop(one)

    def mend(self) -> None:
        """Forward again."""
        with self._lock:
            self._is_up = True
            self._cut_after_bytes = None

    def cut_answers_after(self, size_bytes: int) -> None:
        """Drop each connection once the store has answered so much on it, until `mend`."""
        with self._lock:
            self._cut_after_bytes = size_bytes

    def close(self) -> None:
        """End it."""
        self.fail()
        _drop(self._listening)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if not self._is_up:
                _drop(client)
                continue
            threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _forward(self, client: socket.socket) -> None:
        store = socket.create_connection(self._store)
        with self._lock:
            self._open |= {client, store}
        threading.Thread(target=self._answer, args=(store, client), daemon=True).start()
        with contextlib.suppress(OSError), client.makefile("rb") as requests:
            while first := requests.readline():
                self._request(first, requests, store)
        self._end(client, store)

    def _request(self, first: bytes, requests: IO[bytes], store: socket.socket) -> None:
        method, address, _ = first.decode("latin-1").split(" ", 2)
        with self._lock:
            self._seen.append(f"{method} {address}")
        head, left = [first], 0
        while (line := requests.readline()) != b"\r\n":
            head.append(line)
            name, _, value = line.decode("latin-1").partition(":")
            if name.lower() == "content-length":
                left = int(value)
        store.sendall(b"".join(head) + b"\r\n")
        while left > 0:
            block = requests.read(min(left, _BLOCK_BYTES))
            if not block:
                raise ConnectionError
            store.sendall(block)
            left -= len(block)

    def _answer(self, store: socket.socket, client: socket.socket) -> None:
        passed_bytes = 0
        with contextlib.suppress(OSError):
            while block := store.recv(_BLOCK_BYTES):
                client.sendall(block)
                passed_bytes += len(block)
                if self._cut_after_bytes is not None and passed_bytes > self._cut_after_bytes:
                    break
        self._end(client, store)

    def _end(self, *sockets: socket.socket) -> None:
        for one in sockets:
            _drop(one)
        with self._lock:
            self._open -= set(sockets)


def _drop(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextlib.contextmanager
def product_behind_proxy(
    directory: Path, *, server: str, options: tuple[str, ...] = ()
) -> Iterator[tuple[Product, StoreProxy]]:
    """Yield a product whose object store is a SeaweedFS of our own behind a proxy, and the proxy.

    Its background jobs rest, so that all requests at the store are those of the test.
    """
    config = directory / "config.yaml"
    config.write_text("jobs:\n  reclaim_every_seconds: 86400\n")
    store = EmbeddedStore(directory / "store")
    settings = store.start()
    try:
        with contextlib.closing(StoreProxy(settings.endpoint)) as proxy:
            s3 = S3(proxy.endpoint, settings.bucket, settings.access_key, settings.secret_key)
            with Product(directory / "data", server=server, options=[*external(s3, config), *options]) as product:
                yield product, proxy
    finally:
        store.stop()


def external(s3: S3, config: Path) -> list[str]:
    """Return the options of `azukari demo` that name an S3 service."""
    return [
        f"--config={config}",
        f"--s3-endpoint={s3.endpoint}",
        f"--s3-bucket={s3.bucket}",
        f"--s3-access-key={s3.access_key}",
        f"--s3-secret-key={s3.secret_key}",
    ]
