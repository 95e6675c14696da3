"""Bodies under granian: what is read and sent stays as it is, until somebody calls it back (R16)."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest

from core.http import BodyCut
from gateway.servers.granian_bodies import SHORT_BODY_BYTES, Course, is_long


class Silence:
    """A body whose client says nothing until it is gone."""

    def __init__(self) -> None:
        self.gone = threading.Event()
        self.reading = threading.Event()

    def read(self, _size: int) -> bytes:
        self.reading.set()
        self.gone.wait()
        return b""


def _environ(body: Any, length: int = 1024 * 1024) -> dict[str, Any]:
    return {"wsgi.input": body, "CONTENT_LENGTH": str(length)}


def test_a_body_is_read_as_it_comes() -> None:
    environ = _environ(io.BytesIO(b"abcdef"))
    with Course(environ):
        read = environ["wsgi.input"].read
        assert [read(4), read(4), read(4)] == [b"abcd", b"ef", b""]


def test_what_goes_wrong_in_reading_is_told_to_the_reader() -> None:
    class Broken:
        def read(self, _size: int) -> bytes:
            raise ConnectionResetError

    environ = _environ(Broken())
    with Course(environ), pytest.raises(ConnectionResetError):
        environ["wsgi.input"].read(1)


def test_r16_a_read_that_waits_for_its_client_ends_when_it_is_cut() -> None:
    body = Silence()
    environ = _environ(body)

    def cut() -> None:
        body.reading.wait()
        environ["azukari.cut"]()

    with Course(environ):
        threading.Thread(target=cut).start()
        for _ in range(2):
            with pytest.raises(BodyCut):
                environ["wsgi.input"].read(1)
    body.gone.set()


def test_r16_an_answer_that_is_cut_ends_with_an_error_after_the_piece_under_way() -> None:
    environ = _environ(io.BytesIO(), 0)
    with Course(environ) as course:
        blocks = course.blocks(iter((bytearray(1024 * 1024),)))
    assert len(next(blocks)) == 256 * 1024
    environ["azukari.cut"]()
    with pytest.raises(BodyCut):
        next(blocks)


def test_an_answer_goes_out_whole_and_is_closed() -> None:
    closed = []

    def source() -> Any:
        try:
            yield b"one"
            yield memoryview(b"two" * 200_000)
        finally:
            closed.append(True)

    with Course(_environ(io.BytesIO(), 0)) as course:
        blocks = course.blocks(source())
    assert b"".join(blocks) == b"one" + b"two" * 200_000
    blocks.close()
    assert closed == [True]


@pytest.mark.parametrize(
    ("environ", "long"),
    [
        ({}, False),
        ({"CONTENT_LENGTH": str(SHORT_BODY_BYTES)}, False),
        ({"CONTENT_LENGTH": str(SHORT_BODY_BYTES + 1)}, True),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, True),
        ({"CONTENT_LENGTH": "x"}, True),
    ],
)
def test_only_a_long_body_is_worth_a_thread(environ: dict[str, Any], long: bool) -> None:
    assert is_long(environ) is long
