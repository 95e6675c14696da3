"""What the tool on a PC and the gateway agree on (RFC 9421)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.errors import InvalidInput
from core.signing import COMPONENTS, Signer, canonical_path, public_key_of, read_public_key

NOW = datetime(2026, 4, 1, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_a_public_key_comes_back_as_it_was_written() -> None:
    written = public_key_of(KEY)
    assert len(written) == 43
    assert read_public_key(written).public_bytes_raw() == KEY.public_key().public_bytes_raw()


@pytest.mark.parametrize("text", ["", "A", "A" * 42, "A" * 44, "A" * 42 + "+", "あ" * 43, "A" * 42 + " "])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_public_key(text)


def test_a_signature_covers_what_was_agreed_and_says_whose_it_is() -> None:
    headers = Signer("dev-1", KEY).sign("GET", "/dav/", "", "Basic eA==", now=NOW)
    covered = " ".join(f'"{one}"' for one in COMPONENTS)
    assert headers["Signature-Input"] == (
        f'azukari=({covered});created={int(NOW.timestamp())};keyid="dev-1";alg="ed25519";tag="azukari"'
    )


def test_the_signature_is_of_the_base_that_rfc_9421_describes() -> None:
    """RFC 9421 §2.5, put together by hand."""
    import base64

    headers = Signer("dev-1", KEY).sign("PUT", "/dav/my/a.txt", "x=1", "Basic eA==", now=NOW)
    base = "\n".join(
        [
            '"@method": PUT',
            '"@path": /dav/my/a.txt',
            '"@query": ?x=1',
            '"authorization": Basic eA==',
            '"@signature-params": ' + headers["Signature-Input"].removeprefix("azukari="),
        ]
    )
    signature = base64.b64decode(headers["Signature"].removeprefix("azukari=:").removesuffix(":"))
    KEY.public_key().verify(signature, base.encode())


@pytest.mark.parametrize(
    ("path", "signed"),
    [
        (b"/", "/"),
        ("/dav/が".encode(), "/dav/%E3%81%8C"),
        (b"/a b;c~-._", "/a%20b%3Bc~-._"),
        (b"/100%", "/100%25"),
        (b"/\xff\x00", "/%FF%00"),
    ],
)
def test_a_path_has_one_form(path: bytes, signed: str) -> None:
    assert canonical_path(path) == signed
