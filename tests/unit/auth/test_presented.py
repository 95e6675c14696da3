"""What a request shows beside a password."""

from __future__ import annotations

import ipaddress
from urllib.parse import quote

import pytest

from auth import certificates
from auth.presented import Presented, fingerprint, of_environ
from tests.unit.auth.cast import Cast

PROXIES = (ipaddress.ip_network("10.0.0.0/8"),)


def test_a_bare_request_shows_its_peer_and_nothing_else() -> None:
    assert of_environ({"REMOTE_ADDR": "192.0.2.7", "PATH_INFO": "/dav/"}) == Presented(
        address="192.0.2.7", path="/dav/"
    )


def test_headers_are_taken_as_they_are() -> None:
    shown = of_environ(
        {
            "REMOTE_ADDR": "192.0.2.7",
            "HTTP_USER_AGENT": "rclone/v1.75\x07" + "x" * 300,
            "HTTP_AZUKARI_LINE_SESSION": "token",
            "HTTP_AZUKARI_EDGE": "key=k",
            "HTTP_SEC_CH_UA_MOBILE": "?1",
            "PATH_INFO": "/dav/my/見積".encode().decode("latin-1"),
        }
    )
    assert (shown.line_token, shown.edge, shown.on_phone, shown.path) == ("token", "key=k", True, "/dav/my/見積")
    assert shown.client.startswith("rclone/v1.75?x")
    assert len(shown.client) == 255


@pytest.fixture
def pem(cast: Cast) -> str:
    """Return a certificate."""
    return cast.database.write(lambda tx: certificates.authority_pem(tx, now=cast.clock()))


def test_r13_a_certificate_counts_where_tls_verified_it(pem: str) -> None:
    verified = {"SSL_CLIENT_VERIFY": "SUCCESS", "SSL_CLIENT_CERT": pem}
    assert of_environ(verified).certificate_sha256 == fingerprint(pem)
    assert len(fingerprint(pem)) == 64
    assert of_environ({**verified, "SSL_CLIENT_VERIFY": "NONE"}).certificate_sha256 == ""


def test_r13_a_certificate_header_counts_from_a_trusted_proxy_only(pem: str) -> None:
    header = {"HTTP_X_CLIENT_CERT": quote(pem)}
    assert of_environ({**header, "REMOTE_ADDR": "10.0.0.1"}, PROXIES).certificate_sha256 == fingerprint(pem)
    assert of_environ({**header, "REMOTE_ADDR": "192.0.2.7"}, PROXIES).certificate_sha256 == ""
    assert of_environ({**header, "REMOTE_ADDR": "10.0.0.1"}).certificate_sha256 == ""


@pytest.mark.parametrize("text", ["", "rubbish", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_has_no_fingerprint(text: str) -> None:
    assert fingerprint(text) == ""
