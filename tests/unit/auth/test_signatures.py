"""A device with a private key is known by its signature (R14, RFC 9421)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_to_bytes

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auth import signatures
from core.errors import NotAuthenticated
from core.signing import Signer, canonical_path, public_key_of

NOW = datetime(2026, 4, 1, 9, 0, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = public_key_of(KEY)
AUTHORIZATION = "Basic aGFuYWtvOnNlY3JldA=="


def environ_of(path: str = "/dav/my/報告.txt", query: str = "", method: str = "PUT") -> dict[str, str]:
    """Return a signed request as a WSGI server hands it on."""
    signed = Signer("dev-1", KEY).sign(method, canonical_path(path.encode()), query, AUTHORIZATION, now=NOW)
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.items()}
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        **environ,
    }


def cause_of(environ: dict[str, str], *, device: str = "dev-1", key: str = PUBLIC, now: datetime = NOW) -> str:
    """Return what the access log says of a refused request."""
    with pytest.raises(NotAuthenticated) as refused:
        signatures.verify(signatures.of_environ(environ), device, key, now=now)
    return refused.value.cause


@pytest.mark.parametrize("path", ["/", "/dav/", "/dav/my/a b%25;(c)'é が.txt", "/dav/my/%2F", "//dav//my/.."])
@pytest.mark.parametrize("query", ["", "a=1&b=%20"])
def test_r14_a_signed_request_is_known(path: str, query: str) -> None:
    signatures.verify(signatures.of_environ(environ_of(path, query)), "dev-1", PUBLIC, now=NOW)


@pytest.mark.parametrize("seconds", [-60, 0, 60])
def test_r14_a_signature_is_good_for_a_minute_either_way(seconds: int) -> None:
    signatures.verify(signatures.of_environ(environ_of()), "dev-1", PUBLIC, now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-61, 61, 86_400])
def test_r14_a_signature_of_another_time_is_refused(seconds: int) -> None:
    assert cause_of(environ_of(), now=NOW + timedelta(seconds=seconds)) == "signature.late"


def test_r14_a_device_password_without_a_signature_is_refused() -> None:
    unsigned = {key: value for key, value in environ_of().items() if not key.startswith("HTTP_SIGNATURE")}
    assert cause_of(unsigned) == "signature.missing"


@pytest.mark.parametrize("missing", ["HTTP_SIGNATURE", "HTTP_SIGNATURE_INPUT"])
def test_r14_half_a_signature_is_none(missing: str) -> None:
    environ = environ_of()
    del environ[missing]
    assert cause_of(environ) == "signature.missing"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REQUEST_METHOD", "DELETE"),
        ("PATH_INFO", "/dav/my/other.txt"),
        ("QUERY_STRING", "x"),
        ("HTTP_AUTHORIZATION", "Basic dGFybzpzZWNyZXQ="),
    ],
)
def test_r14_what_is_signed_cannot_be_changed(name: str, value: str) -> None:
    assert cause_of({**environ_of(), name: value}) == "signature.wrong"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"@path" ', ""),
        (' "authorization"', ""),
        (f"created={int(NOW.timestamp())}", f"created={int(NOW.timestamp()) + 1}"),
        (f"created={int(NOW.timestamp())};", ""),
        (f"created={int(NOW.timestamp())}", "created=99999999999999"),
        ('keyid="dev-1"', 'keyid="dev-2"'),
        ('alg="ed25519"', 'alg="hmac-sha256"'),
        ('tag="azukari"', 'tag="other"'),
        ("azukari=", "other="),
        ('azukari=("@method"', "azukari=("),
    ],
)
def test_r14_what_the_signature_says_of_itself_cannot_be_changed(old: str, new: str) -> None:
    environ = environ_of()
    assert old in environ["HTTP_SIGNATURE_INPUT"]
    environ["HTTP_SIGNATURE_INPUT"] = environ["HTTP_SIGNATURE_INPUT"].replace(old, new)
    assert cause_of(environ) == "signature.wrong"


@pytest.mark.parametrize("value", ["", "azukari=::", "azukari=:AAAA:", "azukari=", "\x00", "azukari=:が:", "a" * 5000])
def test_r14_what_is_no_signature_is_refused(value: str) -> None:
    assert cause_of({**environ_of(), "HTTP_SIGNATURE": value}) == "signature.wrong"
    assert cause_of({**environ_of(), "HTTP_SIGNATURE_INPUT": value}) == "signature.wrong"


def test_r14_another_devices_key_does_not_open_this_one() -> None:
    other = public_key_of(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert cause_of(environ_of(), key=other) == "signature.wrong"
    assert cause_of(environ_of(), device="dev-2") == "signature.wrong"


@pytest.mark.parametrize("method", ["put", "Put", "", "ＰＵＴ"])
def test_a_method_no_client_signs_is_refused_and_breaks_nothing(method: str) -> None:
    assert cause_of({**environ_of(), "REQUEST_METHOD": method}) == "signature.wrong"


def test_a_query_that_is_no_address_is_refused_and_breaks_nothing() -> None:
    assert cause_of({**environ_of(), "QUERY_STRING": "a b%zz\xff"}) == "signature.wrong"


def test_the_path_is_signed_as_bytes_however_it_was_written() -> None:
    written = "/dav/my/%e5%a0%b1%28a%29.txt"
    assert canonical_path(unquote_to_bytes(written)) == "/dav/my/%E5%A0%B1%28a%29.txt"


def test_a_second_entry_without_a_signature_of_its_own_is_refused() -> None:
    environ = environ_of()
    environ["HTTP_SIGNATURE_INPUT"] += ', other=("@method")'
    assert cause_of(environ) == "signature.wrong"
