"""What passes the loopback address, and what is rewritten."""

from __future__ import annotations

import pytest

from agent import headers
from agent.upstream import Headers

GATEWAY = "https://azukari.example:8443"
HOST = (b"host", b"127.0.0.1:8181")


def passed(*given: tuple[bytes, bytes]) -> Headers:
    """Return what goes on of a request to the loopback address."""
    return headers.upstream([HOST, *given], gateway=GATEWAY)


def test_what_a_drive_says_of_its_request_goes_on() -> None:
    said = [(b"depth", b"1"), (b"content-length", b"5"), (b"x-oc-mtime", b"1"), (b"user-agent", b"davfs2/1.6")]
    assert passed(*said) == said


@pytest.mark.parametrize(
    "name",
    [
        b"connection",
        b"keep-alive",
        b"te",
        b"transfer-encoding",
        b"upgrade",
        b"expect",
        b"authorization",
        b"signature",
        b"signature-input",
        b"azukari-line-session",
        b"cookie",
    ],
)
def test_what_concerns_this_connection_or_is_the_tools_to_say_stays_behind(name: bytes) -> None:
    assert passed((name, b"x")) == []


def test_what_connection_names_stays_behind_too() -> None:
    assert passed((b"connection", b"close, X-Mine"), (b"x-mine", b"1"), (b"x-other", b"2")) == [(b"x-other", b"2")]


@pytest.mark.parametrize(
    ("given", "there"),
    [
        (b"http://127.0.0.1:8181/dav/my/%E3%81%8C", b"https://azukari.example:8443/dav/my/%E3%81%8C"),
        (b"http://hanako:pw@127.0.0.1:8181/dav/my/a", b"https://azukari.example:8443/dav/my/a"),
        (b"/dav/my/a", b"/dav/my/a"),
        (b"http://elsewhere.example/dav/my/a", b"http://elsewhere.example/dav/my/a"),
        (b"http://127.0.0.1:9999/dav/my/a", b"http://127.0.0.1:9999/dav/my/a"),
        (b"http://[::1/dav", b"http://[::1/dav"),
    ],
)
def test_a4_destination_leads_to_the_gateway_and_other_hosts_stay_other_hosts(given: bytes, there: bytes) -> None:
    assert passed((b"destination", given)) == [(b"destination", there)]


def test_resources_named_in_if_are_the_gateways_and_tokens_stay() -> None:
    given = b'<http://127.0.0.1:8181/dav/my/a> (<urn:uuid:1> ["e"]) <http://other/x> (<opaquelocktoken:2>)'
    there = b'<https://azukari.example:8443/dav/my/a> (<urn:uuid:1> ["e"]) <http://other/x> (<opaquelocktoken:2>)'
    assert passed((b"if", given)) == [(b"if", there)]


def test_an_answers_location_leads_back_here() -> None:
    given = [(b"Location", GATEWAY.encode() + b"/dav/my/"), (b"ETag", b'"1"'), (b"Transfer-Encoding", b"chunked")]
    back = headers.downstream(given, gateway=GATEWAY, here="http://127.0.0.1:8181")
    assert back == [(b"Location", b"http://127.0.0.1:8181/dav/my/"), (b"ETag", b'"1"')]


@pytest.mark.parametrize(
    ("given", "length"),
    [([], 0), ([(b"content-length", b"7")], 7), ([(b"transfer-encoding", b"chunked")], None)],
)
def test_a_body_has_a_length_or_comes_in_chunks(given: Headers, length: int | None) -> None:
    assert headers.length_of(given) == length
