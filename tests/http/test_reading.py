"""A12: HTTP is read strictly; what two readers could understand differently is refused, and the connection ends."""

import httpx
import pytest

from tests.http.raw import Raw
from tests.product import Drive

pytestmark = pytest.mark.slow

PUT = "PUT {path}new HTTP/1.1\r\n{host}\r\n{auth}\r\n"
CHUNKED = PUT + "Transfer-Encoding: chunked\r\nX-Expected-Entity-Length: 5\r\n\r\n"
FIND = "PROPFIND {path} HTTP/1.1\r\n{auth}\r\nDepth: 0\r\n"

REFUSED = {
    "Content-Length twice, different": PUT + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "Content-Length as a list": PUT + "Content-Length: 5, 5\r\n\r\nhello",
    "Content-Length +5": PUT + "Content-Length: +5\r\n\r\nhello",
    "Content-Length 0x5": PUT + "Content-Length: 0x5\r\n\r\nhello",
    "Content-Length 0_5": PUT + "Content-Length: 0_5\r\n\r\nhello",
    "Content-Length -5": PUT + "Content-Length: -5\r\n\r\nhello",
    "Content-Length 5 5": PUT + "Content-Length: 5 5\r\n\r\nhello",
    "Content-Length empty": PUT + "Content-Length: \r\n\r\nhello",
    "chunked in HTTP/1.0": CHUNKED.replace("HTTP/1.1", "HTTP/1.0") + "5\r\nhello\r\n0\r\n\r\n",
    "chunked twice": PUT + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
    "X-Expected-Entity-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "chunk size +5": CHUNKED + "+5\r\nhello\r\n0\r\n\r\n",
    "chunk size 0x5": CHUNKED + "0x5\r\nhello\r\n0\r\n\r\n",
    "chunk size 0_5": CHUNKED + "0_5\r\nhello\r\n0\r\n\r\n",
    "chunk size -5": CHUNKED + "-5\r\nhello\r\n0\r\n\r\n",
    "chunk size empty": CHUNKED + "\r\nhello\r\n0\r\n\r\n",
    "chunk size of two words": CHUNKED + "5 5\r\nhello\r\n0\r\n\r\n",
    "chunk size that is none": CHUNKED + "hello\r\nhello\r\n0\r\n\r\n",
    "chunk size over 64 bits": CHUNKED + "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "chunk shorter than the line says": CHUNKED + "6\r\nhello\r\n0\r\n\r\n",
    "no Host": FIND + "\r\n",
    "Host twice": FIND + "Host: a\r\nHost: b\r\n\r\n",
    "Host twice, the same": FIND + "Host: a\r\nHost: a\r\n\r\n",
    "Host with a space": FIND + "Host: a b\r\n\r\n",
    "Host with a slash": FIND + "Host: a/b\r\n\r\n",
    "NUL in a header": FIND + "{host}\r\nX-A: b\0c\r\n\r\n",
    "bare CR in a header": FIND + "{host}\r\nX-A: b\rc\r\n\r\n",
    "folded header": FIND + "{host}\r\nX-A: b\r\n c\r\n\r\n",
    "space before the colon": FIND + "{host}\r\nX-A : b\r\n\r\n",
    "header without a colon": FIND + "{host}\r\nXA\r\n\r\n",
    "headers of 33 KiB": FIND + "{host}\r\nX-A: " + "b" * 33 * 1024 + "\r\n\r\n",
    "HTTP/2.0 in words": FIND.replace("HTTP/1.1", "HTTP/2.0") + "{host}\r\n\r\n",
    "no version": "GET {path}\r\n\r\n",
    "two spaces in the first line": FIND.replace(" HTTP", "  HTTP") + "{host}\r\n\r\n",
}
#: hyper settles these itself, in the way RFC 9110 §8.6 and RFC 9112 §6.3 and §7.1 leave open.
REFUSED_ON_CHEROOT = {
    "Content-Length with Transfer-Encoding": CHUNKED.replace("X-Exp", "Content-Length: 5\r\nX-Exp") + "0\r\n\r\n",
    "Content-Length twice, the same": PUT + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "lines that end in LF alone": FIND + "{host}\r\nX-A: b\nX-B: c\r\n\r\n",
    "chunk longer than its size": CHUNKED + "5\r\nhello!\r\n0\r\n\r\n",
    "chunk extension of 5,000 bytes": CHUNKED + "5;" + "a" * 5000 + "\r\nhello\r\n0\r\n\r\n",
    "trailer with NUL": CHUNKED + "5\r\nhello\r\n0\r\n\0bad\r\n\r\n",
}


def refuse(folder: Drive, http: httpx.Client, text: str) -> None:
    """Send it; hold that the answer is 400, that the connection ends, and that nothing came into being."""
    with Raw(folder) as raw:
        raw.send(raw.known(text))
        assert raw.answer().status == 400
        assert raw.is_closed()
    assert http.head(f"{folder.url}new").status_code == 404


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a12_ambiguous_http_is_refused_and_the_connection_closed(text: str, folder: Drive, http: httpx.Client) -> None:
    refuse(folder, http, text)


def test_a12_cheroot_refuses_also_what_the_standard_leaves_open(server: str, folder: Drive, http: httpx.Client) -> None:
    for text in REFUSED_ON_CHEROOT.values() if server == "cheroot" else ():
        refuse(folder, http, text)


def test_a12_a_length_beside_chunks_never_leaves_the_connection_open(folder: Drive) -> None:
    with Raw(folder) as raw:
        raw.request(
            "PUT",
            "new",
            "Content-Length: 3",
            "Transfer-Encoding: chunked",
            body=b"5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1",
        )
        assert raw.answer().status in (400, 411)
        assert raw.is_closed()


def test_a12_an_unknown_coding_is_refused(folder: Drive, http: httpx.Client) -> None:
    for coding in ("gzip, chunked", "xchunked", "gzip"):
        with Raw(folder) as raw:
            raw.request("PUT", "new", f"Transfer-Encoding: {coding}", "X-Expected-Entity-Length: 5", body=b"5\r\nhello")
            assert raw.answer().status in (400, 501)
            assert raw.is_closed()
    assert http.head(f"{folder.url}new").status_code == 404


def test_a12_a_flood_of_headers_is_refused(folder: Drive) -> None:
    with Raw(folder) as raw:
        raw.request("PROPFIND", "", "Depth: 0", *(f"X-{number}: a" for number in range(5000)))
        assert raw.answer().status in (400, 431)
        assert raw.is_closed()


def test_headers_of_30_kib_are_read(folder: Drive) -> None:
    with Raw(folder) as raw:
        raw.request("PROPFIND", "", "Depth: 0", f"X-A: {'b' * 30 * 1024}")
        assert raw.answer().status == 207
        assert raw.is_open()


@pytest.mark.parametrize("method", ["propfind", "FROB", "TRACE", "PATCH", "POST"])
def test_a_method_we_do_not_know_is_answered_405_on_a_connection_that_lives(method: str, folder: Drive) -> None:
    with Raw(folder) as raw:
        raw.request(method, "", "Depth: 0")
        answer = raw.answer()
        assert answer.status == 405
        assert "PROPFIND" in answer.headers["allow"]
        assert raw.is_open()


def test_an_absolute_address_is_read_as_its_path(folder: Drive) -> None:
    with Raw(folder) as raw:
        raw.send(raw.known(FIND.replace("{path}", f"http://{raw.netloc}{{path}}") + "{host}\r\n\r\n"))
        assert raw.answer().status == 207
        assert raw.is_open()


@pytest.mark.parametrize("size", ["5", "005", "5;name=value", "5;a"])
def test_chunk_sizes_as_the_standard_writes_them_are_read(size: str, folder: Drive, http: httpx.Client) -> None:
    with Raw(folder) as raw:
        raw.send(raw.known(f"{CHUNKED}{size}\r\nhello\r\n0\r\n\r\n"))
        assert raw.answer("PUT").status == 201
        assert raw.is_open()
    assert http.get(f"{folder.url}new").content == b"hello"


def test_trailers_are_read_and_passed_over(folder: Drive, http: httpx.Client) -> None:
    with Raw(folder) as raw:
        raw.send(raw.known(CHUNKED + "5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n"))
        assert raw.answer("PUT").status == 201
        assert raw.is_open()
    assert http.get(f"{folder.url}new").content == b"hello"


def test_http_1_0_is_answered_and_closed_unless_asked_otherwise(folder: Drive) -> None:
    for wish, closed in (("", True), ("Connection: keep-alive\r\n", False)):
        with Raw(folder) as raw:
            raw.send(raw.known(FIND.replace("HTTP/1.1", "HTTP/1.0") + f"{{host}}\r\n{wish}\r\n"))
            assert raw.answer().status == 207
            assert raw.is_closed() if closed else raw.is_open()
