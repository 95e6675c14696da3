"""Which front answers an address, and which requests compute alone: those whose body does not have to be waited for."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator

import prometheus_client
import pytest
from werkzeug.test import Client

from core.config import Config
from core.s3settings import S3Settings
from gateway.service import build
from gateway.wsgi import Front, _body_is_here
from providers.http import Environ
from storage.objects.memory import MemoryStore
from tests.unit.world import ProbedDatabase

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


@pytest.fixture
def fresh_registry() -> Iterator[None]:
    """Let a worker count as if it were the first in its process."""
    registry = prometheus_client.REGISTRY
    kept = list(registry._collector_to_names)
    for one in kept:
        registry.unregister(one)
    yield
    for one in list(registry._collector_to_names):
        registry.unregister(one)
    for one in kept:
        registry.register(one)


@pytest.fixture
def front(database: ProbedDatabase, fresh_registry: None) -> Front:
    """Return the dispatch of a worker over an empty database; its bytes are in memory."""
    s3 = S3Settings("http://127.0.0.1:1", "bucket", "key", "secret")
    return Front(dataclasses.replace(build(Config(), database, s3), objects=MemoryStore()), s3)


def test_a_device_is_registered_without_a_page_loaded(front: Front) -> None:
    given = {"login_id": "hanako", "password": "x", "device_key": "none", "device_name": "PC"}
    answer = Client(front).post("/api/v1/devices", json=given)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "device.key_refused")  # type: ignore[index]
    assert "_pages" not in vars(front)


def test_the_api_is_answered_as_json_by_the_application_or_before_it(front: Front) -> None:
    for method, path, status in (
        ("GET", "/api/v1/openapi.json", 200),
        ("GET", "/api/v1/me", 401),
        ("GET", "/api/v1/devices", 401),
        ("PUT", "/api/v1/devices", 405),
        ("GET", "/api/v1/line-sessions", 404),
        ("GET", "/api/v1/none", 404),
        ("POST", "/api/v1/line-sessions", 401),
        ("PROPFIND", "/api/v1/files", 405),
    ):
        answer = Client(front).open(path, method=method, environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
        assert (answer.status_code, answer.mimetype) == (status, "application/json"), (method, path)


def test_explorer_asks_on_all_the_way_and_is_answered_by_the_drive(front: Front) -> None:
    for path in ("/", "/dav", "/dav/", "/files"):
        assert Client(front).open(path, method="OPTIONS").headers["DAV"] == "1,2"
    assert "DAV" not in Client(front).open("/api/v1/files", method="OPTIONS").headers


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "OPTIONS"])
def test_a_calendar_program_that_knows_only_the_host_is_sent_on(front: Front, method: str) -> None:
    for path in ("/.well-known/caldav", "/.well-known/caldav/"):
        answer = Client(front).open(path, method=method)
        assert (answer.status_code, answer.headers["Location"]) == (301, "/dav/calendars/")
    assert Client(front).get("/.well-known/none").status_code == 404
