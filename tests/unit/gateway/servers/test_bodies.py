"""A1: a body is whole, or it is BodyCut."""

import socket
from collections.abc import Callable, Iterator

import pytest

from core.http import BodyCut
from gateway.servers.bodies import Body
from gateway.servers.wire import Wire

Send = Callable[[bytes], Wire]


@pytest.fixture
def arriving() -> Iterator[Send]:
    """Return a function that makes bytes arrive, then the end of the stream."""
    ours, theirs = socket.socketpair()
    ours.settimeout(5)

    def send(data: bytes) -> Wire:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        return Wire(ours)

    yield send
    ours.close()
    theirs.close()


def test_a_body_of_known_length_ends_where_it_says(arriving: Send) -> None:
    wire = arriving(b"12345next")
    body = Body(wire, 5, None)
    assert (body.read(3), body.read(100), body.read(1), body.finished) == (b"123", b"45", b"", True)
    assert wire.some(10) == b"next"


def test_a1_a_body_that_ends_early_is_cut(arriving: Send) -> None:
    body = Body(arriving(b"123"), 5, None)
    with pytest.raises(BodyCut):
        body.read(5)


def test_chunks_are_joined_and_the_trailer_passed_over(arriving: Send) -> None:
    wire = arriving(b"3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\nnext")
    body = Body(wire, None, None)
    assert (body.read(4), body.read(), body.finished) == (b"abc0", b"123456789", True)
    assert wire.some(10) == b"next"


@pytest.mark.parametrize(
    "raw",
    [
        b"5\r\nabc",
        b"3\r\nabc",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"+3\r\nabc\r\n0\r\n\r\n",
        b"0x3\r\nabc\r\n0\r\n\r\n",
        b"0_3\r\nabc\r\n0\r\n\r\n",
        b"-3\r\nabc\r\n0\r\n\r\n",
        b"\r\n\r\n",
        b"3\nabc\n0\n\n",
        b"3\r\nabc\r\n0\r\n",
        b"3\r\nabc\r\n0\r\nno trailer\r\n\r\n",
        b"1" * 16 + b"\r\n",
        b"3;" + b"x" * 5000 + b"\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabc\r\n0\r\n" + b"A: 1\r\n" * 40 + b"\r\n",
    ],
)
def test_a12_chunk_garbage_is_a_cut_body(arriving: Send, raw: bytes) -> None:
    body = Body(arriving(raw), None, None)
    with pytest.raises(BodyCut):
        body.read()
    assert not body.finished


def test_100_continue_is_sent_once_and_only_when_the_body_is_wanted(arriving: Send) -> None:
    said: list[str] = []
    body = Body(arriving(b"12345"), 5, lambda: said.append("100"))
    assert (body.untouched, said) == (True, [])
    body.read(1)
    body.read()
    assert (body.untouched, said) == (False, ["100"])


def test_an_empty_body_asks_for_nothing(arriving: Send) -> None:
    said: list[str] = []
    body = Body(arriving(b""), 0, lambda: said.append("100"))
    assert (body.read(), body.left_bytes, said) == (b"", 0, [])


def test_lines_can_be_read_from_it(arriving: Send) -> None:
    assert Body(arriving(b"one\ntwo"), 7, None).readlines() == [b"one\n", b"two"]
