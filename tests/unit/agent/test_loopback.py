"""The loopback address: who may use it, and how requests and answers go through."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import threading

import pytest

from auth import signatures
from core.clock import now
from core.errors import ToolFailed
from core.signing import public_key_of
from tests.unit.agent.conftest import KEY, Loopback, Serve
from tests.unit.agent.upstream_server import Arrived, Reply, upstream

BASIC = "Basic " + base64.b64encode(b"hanako:local-password").decode()


def ask(
    loopback: Loopback, method: str, path: str, body: bytes | None = None, **headers: str
) -> http.client.HTTPResponse:
    """Send one request with the local password and return the answer, its body read."""
    connection = http.client.HTTPConnection(*loopback.address, timeout=10)
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {"Authorization": BASIC, **said})
    answer = connection.getresponse()
    answer.read_all = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def raw(loopback: Loopback, *pieces: bytes, close: bool = False) -> bytes:
    """Send bytes and return everything that comes back."""
    with socket.create_connection(loopback.address, timeout=10) as sock:
        for piece in pieces:
            sock.sendall(piece)
        if close:
            sock.shutdown(socket.SHUT_WR)
        answer = b""
        while block := sock.recv(65536):
            answer += block
    return answer


def head(method: str = "PUT", path: str = "/dav/my/a", *lines: str) -> bytes:
    """Return a request's head with the local password."""
    return "\r\n".join(
        [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: {BASIC}", *lines, "", ""]
    ).encode()


def test_r14_every_request_goes_on_with_the_devices_password_and_signature(serve: Serve) -> None:
    with upstream() as server, serve(server.url) as loopback:
        ask(loopback, "PROPFIND", "/dav/my/%e3%81%8c?a=1", Depth="1")
    (arrived,) = server.arrived
    assert (arrived.target, arrived.headers["depth"]) == ("/dav/my/%E3%81%8C?a=1", "1")
    assert base64.b64decode(arrived.headers["authorization"].removeprefix("Basic ")) == b"hanako:dav-password"
    environ = {
        "REQUEST_METHOD": arrived.method,
        "PATH_INFO": "/dav/my/が".encode().decode("latin-1"),
        "QUERY_STRING": "a=1",
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in arrived.headers.items()},
    }
    signatures.verify(signatures.of_environ(environ), "dev-1", public_key_of(KEY), now=now())


@pytest.mark.parametrize(
    "given",
    ["", "Basic", "Basic " + base64.b64encode(b"hanako:dav-password").decode(), "Bearer local-password", "Basic x"],
)
def test_without_the_local_password_nothing_goes_on(serve: Serve, given: str) -> None:
    with upstream() as server, serve(server.url) as loopback:
        answer = ask(loopback, "GET", "/dav/my/a", Authorization=given)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert server.arrived == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/dav", 200),
        ("GET", "/dav/", 200),
        ("PROPFIND", "/", 200),
        ("OPTIONS", "/x", 200),
        ("GET", "/", 404),
        ("GET", "/davx", 404),
        ("POST", "/api/v1/devices", 404),
        ("GET", "/dav/../admin/#x", 400),
    ],
)
def test_only_the_drive_is_served_here(serve: Serve, method: str, path: str, status: int) -> None:
    with upstream() as server, serve(server.url) as loopback:
        assert ask(loopback, method, path).status == status
        assert len(server.arrived) == (status == 200)


def test_w7_options_needs_no_password(serve: Serve) -> None:
    with upstream() as server, serve(server.url) as loopback:
        assert ask(loopback, "OPTIONS", "/dav/", Authorization="").status == 200


@pytest.mark.parametrize("size", [0, 1, 65_536, 3_000_001])
def test_a_body_with_a_length_arrives_as_it_was(serve: Serve, size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    with upstream(lambda _: Reply(201)) as server, serve(server.url) as loopback:
        assert ask(loopback, "PUT", "/dav/my/a", body).status == 201
    assert server.arrived[0].body == body
    assert server.arrived[0].headers["content-length"] == str(size)


def test_a7_a_chunked_body_arrives_as_chunks(serve: Serve) -> None:
    chunks = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    with upstream() as server, serve(server.url) as loopback:
        raw(loopback, head("PUT", "/dav/my/a", "Transfer-Encoding: chunked", "Connection: close"), chunks)
    assert server.arrived[0].body == b"hello world"
    assert server.arrived[0].headers["transfer-encoding"] == "chunked"


def test_an_answers_body_and_headers_come_back_as_they_are(serve: Serve) -> None:
    body = b"0123456789" * 100_000
    reply = Reply(200, {"ETag": '"1"', "Accept-Ranges": "bytes"}, body)
    with upstream(lambda _: reply) as server, serve(server.url) as loopback:
        answer = ask(loopback, "GET", "/dav/my/a")
    assert answer.read_all == body  # type: ignore[attr-defined]
    assert (answer.headers["ETag"], answer.headers["Accept-Ranges"]) == ('"1"', "bytes")
    assert answer.reason == "OK"


def test_head_says_the_length_and_sends_no_body(serve: Serve) -> None:
    with upstream(lambda _: Reply(200, {}, b"12345")) as server, serve(server.url) as loopback:
        answer = ask(loopback, "HEAD", "/dav/my/a")
    assert (answer.headers["Content-Length"], answer.read_all) == ("5", b"")  # type: ignore[attr-defined]


def test_one_connection_carries_many_requests(serve: Serve) -> None:
    with upstream(lambda _: Reply(200, {}, b"x")) as server, serve(server.url) as loopback:
        connection = http.client.HTTPConnection(*loopback.address, timeout=10)
        for _ in range(5):
            connection.request("PUT", "/dav/my/a", b"abc", {"Authorization": BASIC})
            assert connection.getresponse().read() == b"x"
        connection.close()
    assert len(server.arrived) == 5


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("Content-Length: 10", b"12345"),
        ("Transfer-Encoding: chunked", b"5\r\nhello\r\n"),
        ("Transfer-Encoding: chunked", b"5\r\nhe"),
    ],
)
def test_a1_an_upload_cut_here_is_cut_at_the_gateway(serve: Serve, line: str, sent: bytes) -> None:
    with upstream(lambda _: Reply(201)) as server, serve(server.url) as loopback:
        assert b" 201 " not in raw(loopback, head("PUT", "/dav/my/a", line), sent, close=True)
    assert [one.body for one in server.arrived] == [None]


def test_a1_chunks_that_cannot_be_read_are_cut_at_the_gateway(serve: Serve) -> None:
    with upstream(lambda _: Reply(201)) as server, serve(server.url) as loopback:
        answer = raw(loopback, head("PUT", "/dav/my/a", "Transfer-Encoding: chunked"), b"5\r\nhello\r\nXYZ\r\n")
        assert b" 201 " not in answer
    assert [one.body for one in server.arrived] == [None]


def test_a_download_cut_at_the_gateway_is_cut_here(serve: Serve) -> None:
    with upstream(lambda _: Reply(200, {}, b"0123456789", cut=True)) as server, serve(server.url) as loopback:
        connection = http.client.HTTPConnection(*loopback.address, timeout=10)
        connection.request("GET", "/dav/my/a", headers={"Authorization": BASIC})
        with pytest.raises(http.client.IncompleteRead):
            connection.getresponse().read()


def test_r6_an_answer_that_comes_while_the_body_is_sent_is_heard_at_once(serve: Serve) -> None:
    def keep_sending(sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock.sendall(bytes(65_536))

    with (
        upstream(lambda _: Reply(507, {}, b"no room", early=True)) as server,
        serve(server.url) as loopback,
        socket.create_connection(loopback.address, timeout=5) as sock,
    ):
        sock.sendall(head("PUT", "/dav/my/a", "Content-Length: 100000000000"))
        threading.Thread(target=keep_sending, args=(sock,), daemon=True).start()
        answer = sock.recv(65536)
    assert answer.startswith(b"HTTP/1.1 507 ")
    assert b"connection: close" in answer.lower()
    assert server.arrived[0].body is None


@pytest.mark.parametrize("length", ["Content-Length: 100000000000", "Transfer-Encoding: chunked"])
def test_r6_an_early_answer_is_heard_while_the_client_says_nothing(serve: Serve, length: str) -> None:
    """The tool waits for a silent client for two minutes."""
    with (
        upstream(lambda _: Reply(507, {}, b"no room", early=True)) as server,
        serve(server.url) as loopback,
        socket.create_connection(loopback.address, timeout=60) as sock,
    ):
        sock.sendall(head("PUT", "/dav/my/a", length))
        assert sock.recv(65536).startswith(b"HTTP/1.1 507 ")


def test_a_gateway_that_hangs_up_is_noticed_while_the_client_says_nothing(serve: Serve) -> None:
    with (
        upstream(lambda _: Reply(early=True, drop=True)) as server,
        serve(server.url) as loopback,
        socket.create_connection(loopback.address, timeout=60) as sock,
    ):
        sock.sendall(head("PUT", "/dav/my/a", "Content-Length: 100000000000"))
        assert sock.recv(65536).startswith(b"HTTP/1.1 502 ")


def test_expect_100_is_answered_and_stays_here(serve: Serve) -> None:
    with (
        upstream(lambda _: Reply(201)) as server,
        serve(server.url) as loopback,
        socket.create_connection(loopback.address, timeout=5) as sock,
    ):
        sock.sendall(head("PUT", "/dav/my/a", "Content-Length: 3", "Expect: 100-continue"))
        assert sock.recv(65536).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"abc")
        assert sock.recv(65536).startswith(b"HTTP/1.1 201 ")
    assert server.arrived[0].body == b"abc"
    assert "expect" not in server.arrived[0].headers


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 3", "Content-Length: 4"],
        ["Content-Length: -3"],
        ["Content-Length: +3"],
        ["Transfer-Encoding: gzip"],
        ["X: " + "y" * 600_000],
        ["no header"],
    ],
)
def test_a12_what_can_be_read_in_two_ways_is_refused_here(serve: Serve, lines: list[str]) -> None:
    with upstream() as server, serve(server.url) as loopback:
        answer = raw(loopback, head("PUT", "/dav/my/a", *lines), b"abc", close=True)
    assert answer[9:10] in (b"4", b"5")
    assert server.arrived == []


def test_a_gateway_that_is_away_is_said_in_words(serve: Serve) -> None:
    with upstream() as server:
        url = server.url
    with serve(url) as loopback:
        answer = ask(loopback, "PUT", "/dav/my/a", b"abc")
    assert answer.status == 502
    assert url.encode() in answer.read_all  # type: ignore[attr-defined]


def test_r17_the_line_is_proved_anew_where_the_security_folder_stays_closed(serve: Serve) -> None:
    def closed(arrived: Arrived) -> Reply:
        return Reply(403 if arrived.target.startswith("/dav/security") else 200)

    with upstream(closed) as server, serve(server.url) as loopback:
        ask(loopback, "GET", "/dav/my/a")
        assert loopback.proofs == []
        ask(loopback, "GET", "/dav/security/a")
        assert loopback.proofs == [None]


def test_a_port_that_is_taken_is_said_in_words(serve: Serve) -> None:
    from agent.loopback import LoopbackServer
    from agent.upstream import Gateway
    from tests.unit.agent.conftest import registration_of

    with serve("http://127.0.0.1:9") as loopback:
        known = registration_of("http://127.0.0.1:9")
        with pytest.raises(ToolFailed) as failed:
            LoopbackServer(loopback.address[1], Gateway("http://127.0.0.1:9", known), known, "en", lambda: None)
    assert failed.value.message_id == "agent.port_taken"
