"""What `azukari serve` and `azukari demo` run: the object store, the web server's processes, the jobs.

The supervisor serves nothing itself. It starts the parts in order, says what it waits for, starts again
what ends by itself, and stops everything in the opposite order.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import ipaddress
import json
import logging
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from auth import certificates, secret_folders
from auth.addresses import is_trusted
from core import clock
from core.config import Config, ConfigError
from core.errors import Unavailable
from core.s3settings import S3Settings
from db.engine import Database
from gateway import children, instance, logs, metrics
from gateway.embedded_store import EmbeddedStore
from gateway.instance import Instance
from gateway.jobs import Scheduler
from gateway.service import Service, build
from storage.objects.boto3_s3 import ensure_bucket

_READY_SECONDS = 60.0
_WATCH_SECONDS = 0.2
_STOP_SECONDS = 15.0
_RESTART_SECONDS = 1.0

_log = logging.getLogger("azukari.supervisor")


class Supervisor:
    """One running installation. `start`, `watch` and `stop` belong to one thread: children end with it."""

    def __init__(self, config: Config, data: Path, *, say: Callable[[str], None]) -> None:
        self._config = config
        self._data = data.absolute()
        self._say = say
        self._closing = contextlib.ExitStack()
        self._servers: list[subprocess.Popen[bytes]] = []
        self._command: list[str] = []
        self.port = config.server.port
        self.s3: S3Settings | None = None
        self.service: Service | None = None

    @property
    def base_url(self) -> str:
        """Return the address people use, without a trailing slash."""
        scheme = "https" if self._config.server.certificate else "http"
        host = self._config.server.host
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self, prepare: Callable[[Service], None] = lambda _: None) -> None:
        """Start every part; `prepare` runs on the wired service before the first request is taken.

        Raises ConfigError where the port or the data directory is taken or the certificate cannot be used,
        Unavailable where a part does not come up.
        """
        try:
            self.port = self._closing.enter_context(_reserved(self._config.server.host, self._config.server.port))
            self._closing.enter_context(_alone(self._data))
            _require_certificate(self._config)
            logs.configure(self._config.logging)
            self.s3 = self._closing.enter_context(self._object_store())
            database = instance.open_database(self._config, self._data)
            self._closing.callback(database.dispose)
            embedded = self._config.object_store.endpoint is None
            instance.note(Instance(self._data, _text_of_url(database.url), self.s3, embedded))
            service = build(self._config, database, self.s3)
            self.service = service
            database.write(secret_folders.lock_everything)
            prepare(service)
            self._closing.enter_context(metrics.shared_between_processes(self._data))
            self._start_servers(database, self.s3)
            self._await_ready()
            scheduler = Scheduler(service)
            scheduler.start()
            self._closing.callback(scheduler.stop)
        except BaseException:
            self.stop()
            raise

    def watch(self) -> None:
        """Start again every server process that ends by itself, until an exception ends this."""
        while True:
            time.sleep(_WATCH_SECONDS)
            for at, child in enumerate(self._servers):
                if child.poll() is not None:
                    _log.error("a server process ended, starting it again status=%s", child.returncode)
                    time.sleep(_RESTART_SECONDS)
                    self._servers[at] = children.spawn(self._command)

    def stop(self) -> None:
        """Stop every part, the ones that take requests first."""
        for child in self._servers:
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
        for child in self._servers:
            children.end(child, seconds=_STOP_SECONDS)
        self._servers.clear()
        self._closing.close()

    @contextlib.contextmanager
    def _object_store(self) -> Iterator[S3Settings]:
        settings = instance.external_s3(self._config)
        if settings is not None:
            ensure_bucket(settings)
            yield settings
            return
        store = EmbeddedStore(self._data / "store", on_wait=self._say)
        yield store.start()
        store.stop()

    def _start_servers(self, database: Database, s3: S3Settings) -> None:
        server = self._config.server
        authority = database.write(lambda tx: certificates.authority_pem(tx, now=clock.now()))
        path = self._data / "worker.json"
        values = {
            "config": self._config.model_dump(mode="json"),
            "database_url": _text_of_url(database.url),
            "s3": asdict(s3),
            "client_authority": authority,
            "host": server.host,
            "port": self.port,
        }
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(values, file)
        module = "gateway.worker" if server.kind == "cheroot" else "gateway.servers.granian_server"
        self._command = [sys.executable, "-m", module, str(path)]
        processes = server.workers if server.kind == "cheroot" else 1
        # More heaps than processors gain nothing here, and each keeps what a large transfer left in it (glibc).
        os.environ.setdefault("MALLOC_ARENA_MAX", "2")
        self._servers = [children.spawn(self._command) for _ in range(processes)]

    def _await_ready(self) -> None:
        said, began = False, time.monotonic()
        while not self._is_ready():
            if any(child.poll() is not None for child in self._servers):
                raise Unavailable("the web server ended while starting; its reason stands above")
            waited = time.monotonic() - began
            if waited > _READY_SECONDS:
                raise Unavailable(f"the web server does not answer at {self.base_url}")
            if not said and waited > 1:
                said = True
                self._say("waiting for the web server to answer")
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(self._config.server.host, self.port, timeout=10)
        try:
            connection.sock = self._own_connection()
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _own_connection(self) -> socket.socket:
        """Return a connection to ourselves. Raises OSError."""
        server = self._config.server
        opened = socket.create_connection((server.host, self.port), timeout=10)
        if is_trusted(opened.getsockname()[0], [ipaddress.ip_network(one) for one in server.proxy_protocol_from]):
            opened.sendall(b"PROXY UNKNOWN\r\n")  # as a balancer's own health check says
        if not server.certificate:
            return opened
        # We ask ourselves whether we answer; whose name is on the certificate does not matter here.
        return ssl._create_unverified_context().wrap_socket(opened)  # noqa: S323


def _require_certificate(config: Config) -> None:
    """Return if the configured certificate and its key fit. Raises ConfigError."""
    certificate, key = config.server.certificate, config.server.private_key
    if certificate is None or key is None:
        return
    try:
        for path in (certificate, key):
            path.open("rb").close()
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise ConfigError(
            f"server.certificate = {certificate} and server.private_key = {key}: {error.reason}"
        ) from None
    except OSError as error:
        raise ConfigError(f"server.certificate or private_key: {error.filename}: {error.strerror}") from None


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the data directory for one service, until this process ends. Raises ConfigError."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (data / "service.lock").open("ab")
    except OSError as error:
        raise ConfigError(f"{data}: cannot be used: {error.strerror}. Choose another --data.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"{data}: another azukari serves it. Stop that one or choose another --data.") from None
        yield


def _text_of_url(url: object) -> str:
    render = getattr(url, "render_as_string", None)
    return str(render(hide_password=False)) if render is not None else str(url)


@contextlib.contextmanager
def _reserved(host: str, port: int) -> Iterator[int]:
    """Lend the port (0: a free one), kept from others while no worker listens. Raises ConfigError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigError(f"{host}:{port} cannot be used: {error.strerror}. Choose another --port.") from None
        chosen = int(probe.getsockname()[1])
    with socket.socket(family) as placeholder:
        placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        placeholder.bind((host, chosen))  # bound, not listening: it only holds the number
        yield chosen
