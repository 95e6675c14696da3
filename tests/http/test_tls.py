"""TLS with a certificate of our own on both servers; a client that dawdles in the handshake holds up nobody."""

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest

from tests.product import Drive, Product

pytestmark = pytest.mark.slow

LARGE = bytes(range(256)) * 4096 * 12
DAWDLING = 50


@dataclass(frozen=True)
class Secure:
    """A drive over TLS and a client that trusts its certificate."""

    drive: Drive
    http: httpx.Client
    trusting: ssl.SSLContext


@pytest.fixture(scope="module")
def secure(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """Yield a product with a certificate for 127.0.0.1."""
    directory = tmp_path_factory.mktemp("tls")
    certificate, key, config = (directory / name for name in ("certificate.pem", "key.pem", "config.yaml"))
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    named = ["-days", "2", "-subj", "/CN=azukari", "-addext", "subjectAltName=IP:127.0.0.1"]
    where = ["-out", str(certificate), "-keyout", str(key)]
    subprocess.run([*made, *named, *where], check=True, capture_output=True)
    config.write_text(f"server:\n  certificate: {certificate}\n  private_key: {key}\n")
    with Product(directory / "data", server=server, options=["--config", str(config)]) as product:
        drive = product.drive()
        trusting = ssl.create_default_context(cafile=str(certificate))
        with httpx.Client(auth=(drive.login, drive.password), verify=trusting, timeout=30) as http:
            yield Secure(drive, http, trusting)


def address(drive: Drive) -> tuple[str, int]:
    """Return where the drive's server listens."""
    parts = urlsplit(drive.url)
    return parts.hostname or "", parts.port or 443


def test_the_drive_works_over_tls(secure: Secure) -> None:
    assert secure.drive.url.startswith("https://")
    url = f"{secure.drive.url}large"
    assert secure.http.put(url, content=LARGE).status_code in (201, 204)
    assert secure.http.get(url).content == LARGE
    assert secure.http.get(url, headers={"Range": "bytes=1-3"}).content == LARGE[1:4]
    moved = secure.http.request("MOVE", url, headers={"Destination": f"{secure.drive.url}moved"})
    assert moved.status_code in (201, 204)
    assert secure.http.request("PROPFIND", secure.drive.url, headers={"Depth": "1"}).status_code == 207


def test_a_client_that_dawdles_in_the_handshake_holds_up_nobody(secure: Secure) -> None:
    with ExitStack() as connections:
        for number in range(DAWDLING):
            one = connections.enter_context(socket.create_connection(address(secure.drive)))
            one.sendall(b"\x16\x03\x01"[: number % 4])
        began = time.monotonic()
        with httpx.Client(auth=secure.http.auth, verify=secure.trusting) as other:
            assert other.request("PROPFIND", secure.drive.url, headers={"Depth": "0"}).status_code == 207
        assert time.monotonic() - began < 5


def test_plain_http_on_the_tls_port_gets_nothing_and_harms_nobody(secure: Secure) -> None:
    with socket.create_connection(address(secure.drive)) as plain:
        plain.settimeout(10)
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        try:
            said = plain.recv(1000)
        except ConnectionResetError:
            said = b""
    assert b"200 OK" not in said
    assert secure.http.get(f"{secure.drive.url}").status_code == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_tls_before_1_2_is_refused(secure: Secure) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(address(secure.drive)) as raw, pytest.raises((ssl.SSLError, ConnectionError)):
        old.wrap_socket(raw)
