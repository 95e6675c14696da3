"""The way to the gateway: every request with the device's password, signed, streamed both ways."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import json
import ssl
import tempfile
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpcore
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, pkcs12

from agent.early import Backend
from agent.home import Registration
from core.clock import Clock
from core.clock import now as real_now
from core.errors import ToolFailed
from core.signing import Signer

Headers = list[tuple[bytes, bytes]]

_TIMEOUTS = {"connect": 15.0, "read": 300.0, "write": 120.0, "pool": 120.0}
#: Shorter than a gateway keeps an idle connection, so that none is used that is about to be closed.
_KEEP_SECONDS = 20.0
_CONNECTIONS = 64
#: A Date header is a whole second, and some seconds old when it arrives.
_CLOCK_TOLERANCE = timedelta(seconds=5)
_ANSWER_BYTES = 1024 * 1024
_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "PROPFIND"))


class Answer(NamedTuple):
    """An answer's head, and its body as it comes."""

    status: int
    headers: Headers
    blocks: Iterable[bytes]

    def header(self, name: str) -> str | None:
        """Return a header's value, or None."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.headers if key.lower() == wanted), None)

    def body(self) -> bytes:
        """Return the body's first MiB, which is all of what people read."""
        held = b""
        for block in self.blocks:
            held += block
            if len(held) >= _ANSWER_BYTES:
                break
        return held


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes; `path` is percent-encoded by `core.signing.canonical_path`."""

    method: str
    path: str
    query: str = ""


class Gateway:
    """The gateway of one registration; for all threads."""

    def __init__(self, base_url: str, registration: Registration | None = None, *, clock: Clock = real_now) -> None:
        self.base_url = base_url
        self._clock = clock
        self._ahead = timedelta(0)
        self._pool = _pool(base_url, tls_context(registration))
        parts = urlsplit(base_url)
        self._url = parts.scheme.encode(), (parts.hostname or "").encode(), parts.port
        self._host = parts.netloc.encode()
        self._signer: Signer | None = None
        self._authorization = ""
        #: Returns the token of the line session, empty without one; `agent.line` sets it.
        self.line_token: Callable[[], str] = str
        if registration is not None:
            secrets = registration.secrets
            self._signer = Signer(registration.device_id, secrets.key())
            pair = f"{registration.login_id}:{secrets.dav_password}".encode()
            self._authorization = f"Basic {base64.b64encode(pair).decode()}"

    def now(self) -> datetime:
        """Return what time it is at the gateway, as far as its answers told: a PC's clock may be wrong."""
        return self._clock() + self._ahead

    @property
    def clock_error(self) -> timedelta:
        """Return how far the gateway's clock is ahead of this PC's; nothing for a few seconds."""
        return self._ahead

    @contextlib.contextmanager
    def send(
        self, target: Target, headers: Headers | None = None, body: Iterable[bytes] | None = None
    ) -> Iterator[Answer]:
        """Send a request and lend its answer; a body of unknown length is sent in chunks.

        What `body` raises ends the connection, so that a body cut short here is cut short there (CLIENTS A1).
        Raises ToolFailed where the gateway cannot be reached or breaks off.
        """
        request = self._request(target, headers or [], body)
        try:
            answer = self._ask(request, may_repeat=body is None and target.method in _SAFE)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise self._unreachable(error) from error
        try:
            self._learn(answer.headers)
            yield Answer(answer.status, answer.headers, self._blocks(answer))
        finally:
            answer.close()

    def ask(self, target: Target, headers: Headers | None = None, body: bytes = b"") -> tuple[Answer, bytes]:
        """Return an answer with its whole body, where both are small. Raises ToolFailed."""
        extra = [*(headers or []), (b"Content-Length", str(len(body)).encode())]
        with self.send(target, extra, [body] if body else None) as answer:
            return answer, answer.body()

    def ask_json(self, target: Target, document: object, language: str) -> tuple[Answer, bytes]:
        """Send a JSON document and return the answer. Raises ToolFailed."""
        headers = [(b"Content-Type", b"application/json"), (b"Accept-Language", language.encode())]
        return self.ask(target, headers, json.dumps(document, ensure_ascii=False).encode())

    def close(self) -> None:
        """End all connections."""
        self._pool.close()

    def _request(self, target: Target, headers: Headers, body: Iterable[bytes] | None) -> httpcore.Request:
        all_headers: Headers = [(b"Host", self._host), *headers]
        names = {name.lower() for name, _ in headers}
        if body is not None and b"content-length" not in names:
            all_headers.append((b"Transfer-Encoding", b"chunked"))
        if self._signer is not None:
            signed = self._signer.sign(target.method, target.path, target.query, self._authorization, now=self.now())
            all_headers += [(name.encode(), value.encode()) for name, value in signed.items()]
            if token := self.line_token():
                all_headers.append((b"Azukari-Line-Session", token.encode()))
        scheme, host, port = self._url
        path = target.path + (f"?{target.query}" if target.query else "")
        url = httpcore.URL(scheme=scheme, host=host, port=port, target=path.encode("latin-1"))
        return httpcore.Request(
            target.method, url, headers=all_headers, content=body, extensions={"timeout": _TIMEOUTS}
        )

    def _ask(self, request: httpcore.Request, *, may_repeat: bool) -> httpcore.Response:
        try:
            return self._pool.handle_request(request)
        except (httpcore.NetworkError, httpcore.RemoteProtocolError):
            if not may_repeat:
                raise
            return self._pool.handle_request(request)  # the connection was closed while it was idle

    def _blocks(self, answer: httpcore.Response) -> Iterator[bytes]:
        try:
            yield from answer.iter_stream()
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise self._unreachable(error) from error

    def _learn(self, headers: Headers) -> None:
        date = next((value for name, value in headers if name.lower() == b"date"), None)
        if date is None:
            return
        with contextlib.suppress(ValueError):
            ahead = parsedate_to_datetime(date.decode("latin-1")) - self._clock()
            self._ahead = ahead if abs(ahead) > _CLOCK_TOLERANCE else timedelta(0)

    def _unreachable(self, error: Exception) -> ToolFailed:
        return ToolFailed("agent.unreachable", url=self.base_url, reason=str(error) or type(error).__name__)


def origin_of(url: str) -> str:
    """Return scheme, host and port of a gateway's address, however much of a path was pasted with it.

    Raises ToolFailed for what is no address, and for one that would carry passwords in the open (CLIENTS W6).
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise ToolFailed("agent.bad_url", url=url) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii():
        raise ToolFailed("agent.bad_url", url=url)
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ToolFailed("agent.plain_http", url=url)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(registration: Registration | None) -> ssl.SSLContext:
    """Return TLS as the PC trusts it, with the device's own certificate where it has one (R13).

    Raises ToolFailed for a certificate that cannot be opened.
    """
    context = ssl.create_default_context()
    if registration is None or not registration.certificate:
        return context
    password = registration.secrets.certificate_password.encode()
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(registration.certificate, password)
    except ValueError:
        raise ToolFailed("agent.secrets_gone") from None
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # as auth.certificates makes them
    assert certificate is not None
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    # ssl reads files alone; this one is sealed, its owner's alone, and gone again at once.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "device.pem")
        file.write_bytes(pem + certificate.public_bytes(Encoding.PEM))
        context.load_cert_chain(file, password=password)
    return context


def _pool(base_url: str, context: ssl.SSLContext) -> httpcore.ConnectionPool:
    """Return a pool of connections, through the PC's proxy where it has one."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    proxy = None if _is_loopback(host) or urllib.request.proxy_bypass(host) else _proxy_for(parts.scheme)
    return httpcore.ConnectionPool(
        ssl_context=context,
        proxy=None if proxy is None else httpcore.Proxy(proxy),
        max_connections=_CONNECTIONS,
        max_keepalive_connections=_CONNECTIONS,
        keepalive_expiry=_KEEP_SECONDS,
        http1=True,
        http2=False,
        network_backend=Backend(),
    )


def _proxy_for(scheme: str) -> str | None:
    found = urllib.request.getproxies().get(scheme)
    return found if found is None or "://" in found else f"http://{found}"
