"""R17: a trusted proxy tells whose connection it passes on; what is not a whole header tells nothing."""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from auth.addresses import Network
from gateway.servers import proxied
from gateway.servers.cheroot_server import Server
from gateway.servers.proxied import Client, NoHeader, receive

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
V4 = socket.inet_aton("192.0.2.7") + socket.inet_aton("198.51.100.1") + struct.pack("!HH", 56324, 443)
V6 = (
    socket.inet_pton(socket.AF_INET6, "2001:db8::7")
    + socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    + struct.pack("!HH", 56324, 443)
)
NEXT = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


def block(command: int, family: int, rest: bytes, length: int | None = None) -> bytes:
    """Return a version 2 header."""
    return SIGNATURE + bytes((command, family)) + struct.pack("!H", len(rest) if length is None else length) + rest


HEADERS = [
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n", Client("192.0.2.7", 56324)),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 56324 65535\r\n", Client("2001:db8::7", 56324)),
    (b"PROXY UNKNOWN\r\n", None),
    (b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", None),
    (block(0x21, 0x11, V4), Client("192.0.2.7", 56324)),
    (block(0x21, 0x21, V6), Client("2001:db8::7", 56324)),
    (block(0x21, 0x11, V4 + b"\x04\x00\x03abc"), Client("192.0.2.7", 56324)),  # with more told (TLV)
    (block(0x21, 0x11, V4 + bytes(4096 - len(V4))), Client("192.0.2.7", 56324)),
    (block(0x20, 0x00, b""), None),  # LOCAL: the proxy's health check
    (block(0x20, 0x11, V4), None),
    (block(0x21, 0x00, b""), None),  # unspecified
    (block(0x21, 0x31, bytes(216)), None),  # a Unix socket
]
GARBAGE = [
    NEXT,
    b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 \r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 65536\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 +5 443\r\n",
    b"PROXY TCP4 192.0.2.256 198.51.100.1 56324 443\r\n",
    b"PROXY TCP4 2001:db8::7 2001:db8::1 56324 443\r\n",
    b"PROXY TCP6 192.0.2.7 198.51.100.1 56324 443\r\n",
    b"PROXY TCP5 192.0.2.7 198.51.100.1 56324 443\r\n",
    b"PROXY\tTCP4 192.0.2.7 198.51.100.1 56324 443\r\n",
    b"PROXY UNKNOWN " + b"x" * 92 + b"\r\n",  # one byte over the 107 allowed
    b"PROXY UNKNOWN " + b"x" * 10_000,
    block(0x11, 0x11, V4),  # version 1 in the form of 2
    block(0x22, 0x11, V4),  # neither LOCAL nor PROXY
    block(0x21, 0x11, V4[:-1]),
    block(0x21, 0x21, V4),
    block(0x21, 0x11, b"", length=4097),
    block(0x21, 0x11, b"", length=65535),
    SIGNATURE[:-1] + b"X" + block(0x21, 0x11, V4)[12:],
]


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Yield our end of a connection and the proxy's."""
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


Pair = tuple[socket.socket, socket.socket]


@pytest.mark.parametrize(("header", "client"), HEADERS, ids=range(len(HEADERS)))
def test_r17_a_header_tells_the_client_and_is_taken_off_to_the_byte(
    pair: Pair, header: bytes, client: Client | None
) -> None:
    ours, theirs = pair
    theirs.sendall(header + NEXT)
    assert receive(ours) == client
    assert ours.recv(1000) == NEXT


def test_r17_the_longest_line_is_taken(pair: Pair) -> None:
    ours, theirs = pair
    line = b"PROXY UNKNOWN " + b"x" * 91 + b"\r\n"
    assert len(line) == 107
    theirs.sendall(line)
    assert receive(ours) is None


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_r17_what_is_no_header_tells_nothing(pair: Pair, garbage: bytes) -> None:
    ours, theirs = pair
    theirs.sendall(garbage)
    with pytest.raises(NoHeader):
        receive(ours)


@pytest.mark.parametrize("header", [HEADERS[0][0], HEADERS[5][0]], ids=["v1", "v2"])
def test_r17_a_header_cut_anywhere_tells_nothing(header: bytes) -> None:
    for length in range(len(header)):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(header[:length])
            theirs.shutdown(socket.SHUT_WR)
            with pytest.raises(EOFError):
                receive(ours)


def test_r17_a_header_that_drips_is_not_waited_for(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pair
    monkeypatch.setattr(proxied, "HEADER_SECONDS", 0.05)
    theirs.sendall(b"PROXY TCP4 192")
    with pytest.raises(TimeoutError):
        receive(ours)


Ask = Callable[[bytes], bytes]


def _address_of(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    body = f"{environ['REMOTE_ADDR']} {environ['REMOTE_PORT']}".encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def _asking(proxies: tuple[Network, ...]) -> Iterator[Ask]:
    server = Server(("127.0.0.1", 0), _address_of, threads=4, proxies=proxies)
    server.reuse_port = False  # any free port cannot be shared
    server.prepare()
    serving = threading.Thread(target=server.serve)
    serving.start()

    def ask(data: bytes) -> bytes:
        with socket.create_connection(server.bind_addr, timeout=30) as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            answer = b""
            while block := client.recv(10_000):
                answer += block
        return answer

    yield ask
    server.stop()
    serving.join()


@pytest.fixture
def trusting() -> Iterator[Ask]:
    """Yield what asks a server to which this machine is a load balancer."""
    yield from _asking((ipaddress.ip_network("127.0.0.0/8"),))


@pytest.fixture
def wary() -> Iterator[Ask]:
    """Yield what asks a server to which other machines are load balancers."""
    yield from _asking((ipaddress.ip_network("192.0.2.0/24"),))


@pytest.mark.parametrize("header", [HEADERS[0][0], HEADERS[4][0]], ids=["v1", "v2"])
def test_r17_the_application_sees_the_client_a_trusted_proxy_tells(trusting: Ask, header: bytes) -> None:
    assert trusting(header + NEXT).endswith(b"\r\n\r\n192.0.2.7 56324")
    assert b"\r\n\r\n127.0.0.1 " in trusting(b"PROXY UNKNOWN\r\n" + NEXT)


@pytest.mark.parametrize(
    "data",
    [NEXT, HEADERS[0][0] + HEADERS[0][0] + NEXT, b"PROXY TCP4 nobody\r\n" + NEXT],
    ids=["none", "two", "garbage"],
)
def test_r17_nothing_is_guessed_of_a_trusted_proxy(trusting: Ask, data: bytes) -> None:
    answer = trusting(data)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("header", [HEADERS[0][0], HEADERS[4][0]], ids=["v1", "v2"])
def test_r17_a_spoofed_header_from_anybody_else_is_refused(wary: Ask, header: bytes) -> None:
    assert b"192.0.2.7" not in wary(header + NEXT)
    assert b" 200 " not in wary(header + NEXT)
    assert b"\r\n\r\n127.0.0.1 " in wary(NEXT)
