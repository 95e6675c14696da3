"""Heads are found whole, whatever pieces they come in, and never grow beyond 32 KiB."""

import socket
import threading
from collections.abc import Iterator

import pytest

from gateway.servers.wire import MAX_HEAD_BYTES, HeadTooLong, Wire

Pair = tuple[Wire, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Return a wire and the client's end of it."""
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    yield Wire(ours), theirs
    ours.close()
    theirs.close()


def test_two_requests_in_one_packet_are_two_heads(pair: Pair) -> None:
    wire, client = pair
    client.sendall(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\n\r\n")
    assert wire.head() == b"GET /a HTTP/1.1\r\nHost: h"
    assert wire.has_data()
    assert wire.head() == b"GET /b HTTP/1.1"
    assert not wire.has_data()


def test_a_head_in_pieces_is_one_head(pair: Pair) -> None:
    wire, client = pair

    def drip() -> None:
        for byte in b"\r\nGET / HTTP/1.1\r\n\r\nbody":
            client.send(bytes([byte]))

    dripping = threading.Thread(target=drip)
    dripping.start()
    assert wire.head() == b"GET / HTTP/1.1"
    dripping.join()
    assert wire.some(4)


def test_a_client_that_says_nothing_and_leaves_is_no_request(pair: Pair) -> None:
    wire, client = pair
    client.close()
    assert wire.head() is None


def test_a_head_cut_short_is_not_a_request(pair: Pair) -> None:
    wire, client = pair
    client.sendall(b"GET / HTTP/1.1\r\nHost:")
    client.close()
    with pytest.raises(EOFError):
        wire.head()


@pytest.mark.parametrize("ended", [True, False])
def test_a12_a_head_over_32_kib_is_refused(pair: Pair, ended: bool) -> None:
    wire, client = pair
    flood = b"GET / HTTP/1.1\r\nX: " + b"a" * MAX_HEAD_BYTES + (b"\r\n\r\n" if ended else b"")
    threading.Thread(target=client.sendall, args=(flood,), daemon=True).start()
    with pytest.raises(HeadTooLong):
        wire.head()


def test_a_head_of_just_32_kib_is_read(pair: Pair) -> None:
    wire, client = pair
    begin = b"GET / HTTP/1.1\r\nX: "
    head = begin + b"a" * (MAX_HEAD_BYTES - len(begin))
    threading.Thread(target=client.sendall, args=(head + b"\r\n\r\n",), daemon=True).start()
    assert wire.head() == head


def test_a_line_split_between_cr_and_lf_is_one_line(pair: Pair) -> None:
    wire, client = pair
    client.sendall(b"\r")
    threading.Timer(0.05, client.sendall, args=(b"\n",)).start()
    assert wire.line(0) == b""
