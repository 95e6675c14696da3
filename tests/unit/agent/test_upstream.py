"""The way to the gateway: addresses, clocks, broken connections, TLS."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from agent.home import Registration
from agent.upstream import Gateway, Target, origin_of
from core.clock import now as real_now
from core.errors import ToolFailed
from tests.unit.agent.conftest import registration_of
from tests.unit.agent.upstream_server import Arrived, Reply, upstream

GET = Target("GET", "/dav/my/a")
PUT = Target("PUT", "/dav/my/a")


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://azukari.example", "https://azukari.example"),
        (" https://azukari.example/dav/ ", "https://azukari.example"),
        ("https://azukari.example:8443/login?x", "https://azukari.example:8443"),
        ("http://127.0.0.1:8080/dav/", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_may_be_pasted_with_a_path(given: str, origin: str) -> None:
    assert origin_of(given) == origin


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("azukari.example", "agent.bad_url"),
        ("", "agent.bad_url"),
        ("ftp://azukari.example", "agent.bad_url"),
        ("https://", "agent.bad_url"),
        ("https://azukari.example:port", "agent.bad_url"),
        ("https://預かり.example", "agent.bad_url"),
        ("http://azukari.example", "agent.plain_http"),
        ("http://192.168.0.1", "agent.plain_http"),
    ],
)
def test_w6_what_is_no_address_or_would_show_passwords_is_refused(given: str, message: str) -> None:
    with pytest.raises(ToolFailed) as failed:
        origin_of(given)
    assert failed.value.message_id == message


@pytest.mark.parametrize("hours", [-30, 5])
def test_a_pc_whose_clock_is_wrong_signs_by_the_gateways(hours: int) -> None:
    wrong = timedelta(hours=hours)
    with upstream() as server:
        gateway = Gateway(server.url, registration_of(server.url), clock=lambda: real_now() + wrong)
        gateway.ask(Target("OPTIONS", "/dav/"))
        gateway.ask(GET)
        gateway.close()
    created = int(server.arrived[1].headers["signature-input"].partition("created=")[2].partition(";")[0])
    assert abs(created - real_now().timestamp()) < 10
    assert abs(gateway.clock_error + wrong) < timedelta(seconds=2)


@pytest.mark.parametrize("seconds", [-5, 0, 4])
def test_a_few_seconds_are_the_way_of_an_answer_and_no_error(seconds: int) -> None:
    here = datetime(2026, 4, 1, tzinfo=UTC)
    date = format_datetime(here + timedelta(seconds=seconds), usegmt=True)
    gateway = Gateway("http://127.0.0.1:9", clock=lambda: here)
    gateway._learn([(b"Date", date.encode())])
    assert gateway.now() == here
    gateway._learn([(b"Date", b"yesterday")])
    assert gateway.now() == here


def test_a_question_is_asked_again_where_the_connection_was_just_closed() -> None:
    replies = iter([Reply(), Reply(drop=True), Reply()])
    with upstream(lambda _: next(replies)) as server:
        gateway = Gateway(server.url)
        assert [gateway.ask(GET)[0].status for _ in range(2)] == [200, 200]
        gateway.close()
    assert len(server.arrived) == 3


def test_what_changes_something_is_never_sent_twice() -> None:
    replies = iter([Reply(), Reply(drop=True)])
    with upstream(lambda _: next(replies)) as server:
        gateway = Gateway(server.url)
        gateway.ask(GET)
        with pytest.raises(ToolFailed):
            gateway.ask(Target("MOVE", "/dav/my/a"))
        gateway.close()
    assert [one.method for one in server.arrived] == ["GET", "MOVE"]


def test_a_gateway_that_is_away_is_named() -> None:
    with upstream() as server:
        url = server.url
    with pytest.raises(ToolFailed) as failed:
        Gateway(url).ask(GET)
    assert failed.value.facts()["url"] == url


def test_a1_what_a_body_raises_cuts_the_upload() -> None:
    heard = threading.Event()

    def behaviour(_: Arrived) -> Reply:
        heard.set()
        return Reply()

    def body() -> Iterator[bytes]:
        yield b"12345"
        assert heard.wait(10)
        raise ToolFailed("agent.file_changed")

    with upstream(behaviour) as server:
        gateway = Gateway(server.url)
        with pytest.raises(ToolFailed, match="file_changed"), gateway.send(PUT, [(b"Content-Length", b"10")], body()):
            pass
        gateway.close()
    assert [one.body for one in server.arrived] == [None]


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return a server's TLS settings, its certificate trusted by this PC."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(real_now() - timedelta(days=1))
        .not_valid_after(real_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "certificate.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = tmp_path / "key.pem"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    return context


@pytest.fixture
def certified() -> tuple[bytes, str]:
    """Return a device's certificate as the gateway hands it out (PKCS#12), and as PEM, which vouches for itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dev-1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(2)
        .not_valid_before(real_now() - timedelta(days=1))
        .not_valid_after(real_now() + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    sealed = serialization.BestAvailableEncryption(b"opens-it")
    file = pkcs12.serialize_key_and_certificates(b"dev-1", key, certificate, None, sealed)
    return file, certificate.public_bytes(serialization.Encoding.PEM).decode()


def _with_certificate(registration: Registration, certificate: bytes, password: str) -> Registration:
    secrets = replace(registration.secrets, certificate_password=password)
    return replace(registration, certificate=certificate, secrets=secrets)


def test_r13_the_gateway_sees_the_devices_certificate(tls: ssl.SSLContext, certified: tuple[bytes, str]) -> None:
    certificate, pem = certified
    tls.load_verify_locations(cadata=pem)
    tls.verify_mode = ssl.CERT_REQUIRED
    with upstream(tls=tls) as server:
        known = registration_of(server.url)
        for registration in (known, _with_certificate(known, certificate, "opens-it")):
            gateway = Gateway(server.url, registration)
            if registration is known:
                with pytest.raises(ToolFailed):
                    gateway.ask(GET)
            else:
                assert gateway.ask(GET)[0].status == 200
            gateway.close()
    assert len(server.arrived) == 1


@pytest.mark.parametrize("password", ["opens-it-not", ""])
def test_a_certificate_that_cannot_be_opened_is_said(certified: tuple[bytes, str], password: str) -> None:
    with pytest.raises(ToolFailed) as failed:
        Gateway("https://gateway", _with_certificate(registration_of("https://gateway"), certified[0], password))
    assert failed.value.message_id == "agent.secrets_gone"


def test_over_tls_an_upload_is_not_taken_for_answered(tls: ssl.SSLContext) -> None:
    """TLS 1.3 sends session tickets on its own; they are no answer."""
    blocks = [bytes(100_000)] * 30
    with upstream(lambda _: Reply(201), tls=tls) as server:
        gateway = Gateway(server.url)
        for _ in range(2):
            with gateway.send(PUT, [], blocks) as answer:
                assert answer.status == 201
        gateway.close()
    assert [len(one.body or b"") for one in server.arrived] == [3_000_000] * 2


def test_r6_over_tls_an_early_answer_is_heard(tls: ssl.SSLContext) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(100_000)

    with upstream(lambda _: Reply(507, {}, b"no room", early=True), tls=tls) as server:
        gateway = Gateway(server.url)
        with gateway.send(PUT, [], endless()) as answer:
            assert (answer.status, answer.body()) == (507, b"no room")
        gateway.close()


def test_a_certificate_nobody_vouches_for_is_refused(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with upstream(tls=tls) as server:
        with pytest.raises(ToolFailed) as failed:
            Gateway(server.url).ask(GET)
        assert failed.value.message_id == "agent.unreachable"
    assert server.arrived == []
