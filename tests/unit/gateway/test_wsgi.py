"""Which requests compute alone: those whose body does not have to be waited for."""

from __future__ import annotations

import io

import pytest

from gateway.wsgi import _body_is_here
from providers.http import Environ

_SHORT = 64 * 1024


def _request(body: bytes, **headers: str) -> Environ:
    return {"wsgi.input": io.BytesIO(body), **headers}


@pytest.mark.parametrize("size", [1, _SHORT])
def test_a_short_body_is_taken_in_and_read_from_memory(size: int) -> None:
    arriving = io.BytesIO(b"x" * size + b"the next request")
    request: Environ = {"wsgi.input": arriving, "CONTENT_LENGTH": str(size)}
    assert _body_is_here(request)
    assert arriving.tell() == size
    assert request["wsgi.input"].read() == b"x" * size


def test_a_body_one_byte_too_long_is_left_where_it_is() -> None:
    request = _request(b"x" * (_SHORT + 1), CONTENT_LENGTH=str(_SHORT + 1))
    assert not _body_is_here(request)
    assert request["wsgi.input"].tell() == 0


def test_without_a_length_there_is_no_body() -> None:
    assert _body_is_here(_request(b"the next request"))
    assert _body_is_here(_request(b"the next request", CONTENT_LENGTH=""))


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_TRANSFER_ENCODING": "chunked"},
        {"CONTENT_LENGTH": "4", "HTTP_EXPECT": "100-continue"},
        {"CONTENT_LENGTH": "-4"},
        {"CONTENT_LENGTH": "four"},
        {"CONTENT_LENGTH": "0" * 5000},
    ],
)
def test_a_body_that_may_have_to_be_waited_for_is_not_touched(headers: dict[str, str]) -> None:
    request = _request(b"body", **headers)
    assert not _body_is_here(request)
    assert request["wsgi.input"].tell() == 0
