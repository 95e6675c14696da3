"""What a connection does around its requests: pipelining, 100 (Continue), early refusals, reuse after errors."""

import threading
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest

from tests.http.raw import Answer, Raw
from tests.product import Drive, Product

pytestmark = pytest.mark.slow

GIB = 1024**3


@pytest.fixture(scope="session")
def jiro(product: Product) -> Drive:
    """Return the drive of jiro, whose contract holds 10 GiB."""
    return product.drive("jiro")


def test_pipelined_requests_are_answered_in_order(folder: Drive) -> None:
    with Raw(folder) as raw:
        raw.request("PUT", "a", "Content-Length: 3", body=b"one")
        raw.request("GET", "a")
        raw.request("PUT", "a", "Content-Length: 3", body=b"two")
        raw.request("GET", "a")
        answers = [raw.answer(method) for method in ("PUT", "GET", "PUT", "GET")]
    assert [one.status for one in answers] == [201, 200, 204, 200]
    assert [one.body for one in answers[1::2]] == [b"one", b"two"]


def test_100_comes_before_a_body_that_is_wanted(folder: Drive, http: httpx.Client) -> None:
    with Raw(folder) as raw:
        raw.request("PUT", "new", "Content-Length: 5", "Expect: 100-continue")
        assert raw.answer("PUT").status == 100
        raw.send(b"hello")
        assert raw.answer("PUT").status == 201
        assert raw.is_open()
    assert http.get(f"{folder.url}new").content == b"hello"


def expecting(drive: Drive, *headers: str) -> Answer:
    """Return the first answer to a PUT that waits for 100 (Continue)."""
    with Raw(drive) as raw:
        raw.request("PUT", "new", "Expect: 100-continue", *headers)
        return raw.answer("PUT")


def test_a_refusal_comes_instead_of_100(folder: Drive, jiro: Drive) -> None:
    stranger = replace(folder, password="wrong")
    nowhere = replace(folder, url=f"{folder.url}none/")
    assert expecting(stranger, "Content-Length: 5").status == 401
    assert expecting(folder, "Content-Length: 5", "If-Match: *").status == 412
    assert expecting(nowhere, "Content-Length: 5").status == 409
    full = expecting(jiro, f"Content-Length: {11 * GIB}")
    assert full.status == 507
    assert b"quota-not-exceeded" in full.body


def test_r6_a_client_that_is_still_sending_reads_why_it_is_refused(jiro: Drive, http: httpx.Client) -> None:
    with Raw(jiro) as raw:
        raw.request("PUT", "new", f"Content-Length: {11 * GIB}")

        def send() -> None:
            with suppress(OSError):
                for _ in range(48):
                    raw.send(bytes(1024 * 1024))

        sending = threading.Thread(target=send)
        sending.start()
        refused = raw.answer("PUT")
        raw.socket.close()
        sending.join(30)
    assert refused.status == 507
    assert http.get(f"{jiro.url}new", auth=(jiro.login, jiro.password)).status_code == 404


def test_a11_head_answered_401_has_no_body(folder: Drive) -> None:
    with Raw(replace(folder, password="wrong")) as raw:
        raw.request("HEAD", "a")
        raw.request("OPTIONS")
        assert raw.answer("HEAD").status == 401
        assert raw.answer("OPTIONS").status == 200


def test_a_connection_lives_on_after_refusals(folder: Drive) -> None:
    requests = [
        ("GET", "none", (), b"", 404),
        ("PUT", "none/a", ("Content-Length: 5",), b"hello", 409),
        ("PUT", "a", ("Content-Length: 5", "If-Match: *"), b"hello", 412),
        ("MKCOL", "a", ("Content-Length: 5",), b"hello", 415),
        ("PROPFIND", "", ("Depth: 7",), b"", 400),
        ("PROPFIND", "", ("Depth: 0", "Content-Length: 5"), b"<a><b", 400),
        ("PUT", "a%01", ("Content-Length: 5",), b"hello", 400),
        ("PUT", "a", ("Content-Length: 5",), b"hello", 201),
    ]
    with Raw(folder) as raw:
        for method, name, headers, body, status in requests:
            raw.request(method, name, *headers, body=body)
            assert (method, name, raw.answer(method).status) == (method, name, status)


def test_c1_no_401_after_a_body_has_begun(folder: Drive) -> None:
    with Raw(replace(folder, password="wrong")) as raw:
        raw.request("PUT", "a", f"Content-Length: {GIB}")
        assert raw.answer("PUT").status == 401


def test_bytes_behind_a_body_are_not_taken_for_a_request_of_the_file(folder: Drive, http: httpx.Client) -> None:
    with Raw(folder) as raw:
        raw.request("PUT", "a", "Content-Length: 5", body=b"helloGARBAGE\r\n\r\n")
        assert raw.answer("PUT").status == 201
        assert raw.answer().status == 400
        assert raw.is_closed()
    assert http.get(f"{folder.url}a").content == b"hello"
