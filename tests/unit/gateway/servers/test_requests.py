"""A12: what two servers could read differently is refused."""

import pytest

from gateway.servers.requests import Malformed, parse


def head(*lines: str) -> bytes:
    """Return the bytes of a head, one text a line."""
    return "\r\n".join(lines).encode("latin-1")


GET = "GET /dav/my/%E9%A0%90.txt?x=1 HTTP/1.1"


def test_a_plain_request_is_understood() -> None:
    found = parse(head(GET, "Host: example.jp", "Depth:  1 ", "If: (<a>)", "If: (<b>)"))
    assert (found.method, found.version, found.query, found.length) == ("GET", "HTTP/1.1", "x=1", 0)
    assert found.path == "/dav/my/預.txt".encode().decode("latin-1")
    assert found.fields == {"HTTP_HOST": "example.jp", "HTTP_DEPTH": "1", "HTTP_IF": "(<a>), (<b>)"}
    assert found.keep_alive


def test_length_and_type_have_their_wsgi_names() -> None:
    found = parse(head("PUT /a HTTP/1.1", "Host: h", "Content-Length: 12", "Content-Type: text/plain"))
    assert found.length == 12
    assert (found.fields["CONTENT_LENGTH"], found.fields["CONTENT_TYPE"]) == ("12", "text/plain")


def test_a_chunked_body_has_no_length() -> None:
    assert parse(head("PUT /a HTTP/1.1", "Host: h", "Transfer-Encoding: Chunked")).length is None


@pytest.mark.parametrize("length", ["+5", "-5", "0x5", "0_5", "5 5", "5,5", "", "٥", "9" * 19])
def test_a12_a_length_that_is_not_plain_digits_is_refused(length: str) -> None:
    raw = f"PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: {length}".encode()
    with pytest.raises(Malformed):
        parse(raw)


@pytest.mark.parametrize(
    "lines",
    [
        ["Host: h", "Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Host: h", "Content-Length: 5", "Content-Length: 5"],
        ["Host: h", "Host: h"],
        ["Host: h", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
        ["Host: h", "Authorization: Basic a", "Authorization: Basic b"],
        ["Accept: */*"],
        ["Host: a b"],
        ["Host: user@h"],
        ["Host: h", "X : space before the colon"],
        ["Host: h", "X: one", " folded"],
        ["Host: h", "X: nul\0"],
        ["Host: h", "X: bare\rreturn"],
        ["Host: h", "X: bare\nfeed"],
        ["Host: h", "no colon"],
        ["Host: h", ": no name"],
        ["Host: h", *[f"X{n}: 1" for n in range(128)]],
    ],
)
def test_a12_headers_that_could_be_read_in_two_ways_are_refused(lines: list[str]) -> None:
    with pytest.raises(Malformed):
        parse(head("PUT /a HTTP/1.1", *lines))


@pytest.mark.parametrize(
    "line",
    [
        "GET /a",
        "GET  /a HTTP/1.1",
        "GET /a b HTTP/1.1",
        "GET /a HTTP/2.0",
        "GET /a HTTP/1.1 ",
        "GET /a http/1.1",
        "GET a HTTP/1.1",
        "GET /a#b HTTP/1.1",
        "GET ftp://h/a HTTP/1.1",
        "G(T /a HTTP/1.1",
        "GET /a\0 HTTP/1.1",
    ],
)
def test_a12_a_request_line_that_is_not_http_is_refused(line: str) -> None:
    with pytest.raises(Malformed):
        parse(head(line, "Host: h"))


def test_transfer_encoding_in_http_1_0_is_refused() -> None:
    with pytest.raises(Malformed):
        parse(head("PUT /a HTTP/1.0", "Transfer-Encoding: chunked"))


def test_another_transfer_coding_is_not_implemented() -> None:
    with pytest.raises(Malformed) as refused:
        parse(head("PUT /a HTTP/1.1", "Host: h", "Transfer-Encoding: gzip, chunked"))
    assert refused.value.status.startswith("501")


def test_an_absolute_address_stands_for_its_path_and_host() -> None:
    found = parse(head("GET http://drive.example/a?b HTTP/1.1", "Host: other"))
    assert (found.path, found.query, found.fields["HTTP_HOST"]) == ("/a", "b", "drive.example")


def test_a_name_with_an_underscore_cannot_pass_for_one_with_a_hyphen() -> None:
    found = parse(head(GET, "Host: h", "X_Forwarded_For: 10.0.0.1"))
    assert "HTTP_X_FORWARDED_FOR" not in found.fields


@pytest.mark.parametrize(
    ("version", "connection", "keep_alive"),
    [("1.1", None, True), ("1.1", "Close", False), ("1.0", None, False), ("1.0", "Keep-Alive", True)],
)
def test_the_connection_is_kept_as_http_says(version: str, connection: str | None, keep_alive: bool) -> None:
    lines = [f"GET / HTTP/{version}", "Host: h", *([f"Connection: {connection}"] if connection else [])]
    assert parse(head(*lines)).keep_alive is keep_alive
