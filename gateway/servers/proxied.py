"""The PROXY protocol, versions 1 and 2: a proxy tells whose connection it passes on, before anything else.

Source: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt. As it demands, nothing is guessed: from a
configured proxy a header has to come, and from anybody else none is understood.
"""

from __future__ import annotations

import ipaddress
import re
import struct
import time
from typing import Any, NamedTuple

#: A whole header has to arrive within this time, however it drips.
HEADER_SECONDS = 10.0
_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
#: The longest version 1 header, CRLF included (§2.1).
_MAX_LINE_BYTES = 107
#: Addresses and what else a proxy tells in version 2 (§2.2.7); certificates among it are not for us.
_MAX_REST_BYTES = 4096
_LINE = re.compile(rb"PROXY (TCP[46]) ([0-9A-Fa-f:.]+) ([0-9A-Fa-f:.]+) ([0-9]{1,5}) ([0-9]{1,5})\r\n")
_UNKNOWN = re.compile(rb"PROXY UNKNOWN( [\x20-\x7e]*)?\r\n")
_LOCAL, _PROXY = 0x20, 0x21
#: Address family and transport: source and destination, and their ports.
_ADDRESSES = {0x11: struct.Struct("!4s4sHH"), 0x21: struct.Struct("!16s16sHH")}


class NoHeader(Exception):
    """What came first is not a PROXY header as it has to be."""


class Client(NamedTuple):
    """Whose connection a proxy passes on."""

    address: str
    port: int


def receive(sock: Any) -> Client | None:
    """Take the header off a connection, to the byte, and return the client; None where the proxy speaks for itself.

    The socket's time-out is used up on the way. Raises NoHeader, TimeoutError, EOFError for one cut short, OSError.
    """
    deadline = time.monotonic() + HEADER_SECONDS
    start = _exactly(sock, len(_SIGNATURE), deadline)
    if start == _SIGNATURE:
        head = _exactly(sock, 4, deadline)
        length = int.from_bytes(head[2:], "big")
        if length > _MAX_REST_BYTES:
            raise NoHeader("the header is too long")
        return _of_block(head[0], head[1], _exactly(sock, length, deadline))
    if not start.startswith(b"PROXY "):
        raise NoHeader("no header")
    while not start.endswith(b"\r\n"):
        if len(start) >= _MAX_LINE_BYTES:
            raise NoHeader("the line is too long")
        start += _exactly(sock, 1, deadline)
    return _of_line(start)


def _exactly(sock: Any, count: int, deadline: float) -> bytes:
    """Return so many bytes and no more: what follows is HTTP or TLS, for others to read."""
    taken = b""
    while len(taken) < count:
        sock.settimeout(max(0.001, deadline - time.monotonic()))
        block = sock.recv(count - len(taken))
        if not block:
            raise EOFError
        taken += block
    return taken


def _of_line(line: bytes) -> Client | None:
    if _UNKNOWN.fullmatch(line):
        return None
    found = _LINE.fullmatch(line)
    if found is None:
        raise NoHeader("the line cannot be read")
    family, *addresses, source_port, target_port = found.groups()
    if max(int(source_port), int(target_port)) > 0xFFFF:
        raise NoHeader("a port is out of range")
    version = ipaddress.IPv4Address if family == b"TCP4" else ipaddress.IPv6Address
    try:
        source, _ = (str(version(one.decode("ascii"))) for one in addresses)
    except ValueError:
        raise NoHeader("an address cannot be read") from None
    return Client(source, int(source_port))


def _of_block(command: int, family: int, rest: bytes) -> Client | None:
    if command not in (_LOCAL, _PROXY):
        raise NoHeader("the version or the command is not known")
    if command == _LOCAL:
        return None
    addresses = _ADDRESSES.get(family)
    if addresses is None:
        return None  # unspecified, datagrams or a Unix socket: the proxy's own address counts (§2.2)
    if len(rest) < addresses.size:
        raise NoHeader("the addresses are cut")
    source, _, port, _ = addresses.unpack_from(rest)
    return Client(str(ipaddress.ip_address(source)), port)
