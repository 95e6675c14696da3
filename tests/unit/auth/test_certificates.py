"""Client certificates for devices (R13)."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from auth import certificates
from auth.certificates import Certified
from auth.presented import Presented, fingerprint
from auth.settings import Binding, Settings, write
from core.errors import AccessDenied, NotFound
from tests.unit.auth.cast import SAKURA, Cast


def _certify(cast: Cast, device_id: str) -> Certified:
    return cast.database.write(
        lambda tx: certificates.certify(tx, device_id, now=cast.clock(), valid_for=timedelta(days=730))
    )


def _authority(cast: Cast) -> x509.Certificate:
    pem = cast.database.write(lambda tx: certificates.authority_pem(tx, now=cast.clock()))
    return x509.load_pem_x509_certificate(pem.encode())


def test_r13_a_certificate_is_signed_by_the_authority_for_its_device_and_for_clients_only(cast: Cast) -> None:
    device = cast.device("hanako")
    made = _certify(cast, device.device_id)
    key, certificate, chain = pkcs12.load_key_and_certificates(made.pkcs12, made.password.encode())
    assert certificate is not None
    assert key is not None
    assert chain == [_authority(cast)]
    certificate.verify_directly_issued_by(_authority(cast))
    assert certificate.subject.rfc4514_string() == f"CN={device.device_id}"
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]
    assert certificate.not_valid_before_utc == cast.clock() - timedelta(hours=1)
    assert certificate.not_valid_after_utc == cast.clock() + timedelta(days=730)
    assert made.sha256 == fingerprint(certificate.public_bytes(Encoding.PEM).decode())
    assert made.sha256 == hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def test_r13_a_bound_device_gets_in_with_its_latest_certificate_only(cast: Cast) -> None:
    device = cast.device("hanako")
    old, new = _certify(cast, device.device_id), _certify(cast, device.device_id)
    cast.database.write(lambda tx: write(tx, SAKURA, Settings(device_binding=Binding.CERTIFICATE)))
    identifier = cast.identifier()
    shown = Presented(certificate_sha256=new.sha256)
    assert identifier.by_basic("hanako", device.dav_password, shown).device_id == device.device_id
    with pytest.raises(AccessDenied):
        identifier.by_basic("hanako", device.dav_password, Presented(certificate_sha256=old.sha256))


def test_there_is_one_authority(cast: Cast) -> None:
    assert _authority(cast) == _authority(cast)


def test_an_unknown_device_gets_no_certificate(cast: Cast) -> None:
    with pytest.raises(NotFound):
        _certify(cast, "dev-none")
