"""The data path through obstore: bounded memory, and what happens when the service fails half-way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.errors import StorageFull, StoreUnavailable
from core.s3settings import S3Settings
from storage.objects.obstore_s3 import PART_BYTES, PARTS_IN_FLIGHT, ObstoreS3, part_bytes

_MIB = 1024 * 1024


class _Service(ThreadingHTTPServer):
    """Just enough of S3 to hold parts back, break off answers and count what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[str] = []
        self.lock = threading.Condition()
        self.in_flight = 0
        self.peak = 0
        self.gate = threading.Event()
        self.refusal = b""
        self.status = 200
        self.body = b""

    @property
    def settings(self) -> S3Settings:
        return S3Settings(f"http://127.0.0.1:{self.server_address[1]}", "bucket", "key", "secret")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Service

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, body: bytes, **headers: str) -> None:
        self.send_response(self.server.status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", headers.pop("length", str(len(body))))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append("POST")
        if "uploads" in parse_qs(urlsplit(self.path).query, keep_blank_values=True):
            self._answer(b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
        else:
            self._answer(b'<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>')

    def do_PUT(self) -> None:
        service = self.server
        self.rfile.read(int(self.headers["Content-Length"]))
        service.requests.append("PUT")
        with service.lock:
            service.in_flight += 1
            service.peak = max(service.peak, service.in_flight)
            service.lock.notify_all()
        service.gate.wait(30)
        with service.lock:
            service.in_flight -= 1
        self._answer(service.refusal, ETag='"e"')

    def do_GET(self) -> None:
        self.server.requests.append("GET")
        if len(self.server.requests) > 1:  # a second try finds nobody
            self.close_connection = True
            return
        size = len(self.server.body)
        self.send_response(206)
        for name, value in (
            ("Content-Length", size),
            ("Content-Range", f"bytes 0-{size - 1}/{size}"),
            ("ETag", '"e"'),
            ("Last-Modified", "Wed, 01 Apr 2026 03:00:00 GMT"),
        ):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(self.server.body[: size // 2])
        self.close_connection = True


@pytest.fixture
def service() -> Iterator[_Service]:
    """Run the service."""
    service = _Service()
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield service
    service.gate.set()
    service.shutdown()
    thread.join()
    service.server_close()


def test_an_upload_holds_no_more_parts_than_it_may(service: _Service) -> None:
    upload = ObstoreS3(service.settings).begin_upload("p/a", metadata={})
    written: list[int] = []

    def send() -> None:
        for _ in range(10 * PART_BYTES // _MIB):
            upload.write(bytes(_MIB))
            written.append(_MIB)
        upload.complete()

    sending = threading.Thread(target=send)
    sending.start()
    with service.lock:
        assert service.lock.wait_for(lambda: service.in_flight == PARTS_IN_FLIGHT, 10)
        assert not service.lock.wait_for(lambda: service.in_flight > PARTS_IN_FLIGHT, 0.3)
    assert sum(written) <= (PARTS_IN_FLIGHT + 1) * PART_BYTES  # those, and the one being filled
    service.gate.set()
    sending.join(30)
    assert service.peak == PARTS_IN_FLIGHT
    assert sum(written) == 10 * PART_BYTES


def test_a_large_upload_costs_its_parts_and_two_requests(service: _Service) -> None:
    service.gate.set()
    upload = ObstoreS3(service.settings).begin_upload("p/a", metadata={})
    upload.write(bytes(3 * PART_BYTES + 1))
    upload.complete()
    assert sorted(service.requests) == ["POST", "POST", "PUT", "PUT", "PUT", "PUT"]


@pytest.mark.parametrize(
    ("size", "parts_of"),
    [
        ({}, PART_BYTES),
        ({"size": str(9_990 * PART_BYTES)}, PART_BYTES),
        ({"size": str(9_990 * PART_BYTES + 1)}, PART_BYTES + 1),
    ],
)
def test_parts_grow_where_s3_would_not_take_so_many(size: dict[str, str], parts_of: int) -> None:
    assert part_bytes(size) == parts_of


def test_a_small_put_costs_one_request(service: _Service) -> None:
    service.gate.set()
    ObstoreS3(service.settings).put("p/a", bytes(PART_BYTES), metadata={"path": "a"})
    assert service.requests == ["PUT"]


@pytest.mark.slow
def test_a_stream_the_service_breaks_off_is_never_taken_for_whole(service: _Service) -> None:
    service.body = bytes(4 * _MIB)
    stream = ObstoreS3(service.settings).stream("p/a", start=0, length=len(service.body))
    with pytest.raises(StoreUnavailable), closing(stream):  # type: ignore[type-var]
        for _ in stream:
            pass


@pytest.mark.slow
def test_a_full_disk_of_the_service_is_said_so(service: _Service) -> None:
    service.gate.set()
    service.status, service.refusal = 507, b"<Error><Code>InsufficientStorage</Code></Error>"
    with pytest.raises(StorageFull):
        ObstoreS3(service.settings).put("p/a", b"x", metadata={})


@pytest.mark.slow
def test_a_service_that_is_gone_is_said_so_within_seconds(service: _Service) -> None:
    store = ObstoreS3(S3Settings("http://127.0.0.1:9", "bucket", "key", "secret"))
    began = time.monotonic()
    for ask in (
        lambda: store.put("p/a", b"x", metadata={}),
        lambda: store.read("p/a", size_bytes=1),
        lambda: next(store.stream("p/a", start=0, length=1)),
        lambda: store.metadata("p/a"),
        lambda: store.delete(["p/a"]),
        lambda: next(store.list("p/")),
        store.check,
    ):
        with pytest.raises(StoreUnavailable):
            ask()
    assert time.monotonic() - began < 7 * 6


@pytest.mark.slow
def test_a_key_with_507_in_it_is_no_full_disk(service: _Service) -> None:
    service.gate.set()
    service.status = 403
    with pytest.raises(StoreUnavailable):
        ObstoreS3(service.settings).put("azukari/1/0507", b"x", metadata={})


def test_an_upload_to_a_service_that_is_gone_fails_and_can_be_aborted() -> None:
    upload = ObstoreS3(S3Settings("http://127.0.0.1:9", "bucket", "key", "secret")).begin_upload("p/a", metadata={})
    with pytest.raises(StoreUnavailable):
        upload.write(bytes(64 * _MIB))
    upload.abort()


def test_a_bucket_that_is_gone_is_no_missing_file(moto_s3: S3Settings) -> None:
    gone = S3Settings(moto_s3.endpoint, moto_s3.bucket + "x", "test", "test")
    with pytest.raises(StoreUnavailable):
        ObstoreS3(gone).put("p/a", b"x", metadata={})
    with pytest.raises(StoreUnavailable):
        ObstoreS3(gone).check()
