"""A small certificate authority for devices, where a contract binds them to a certificate (R13)."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import NotFound
from core.ids import readable_token
from db.engine import Transaction
from db.tables import certificate_authority, devices

_AUTHORITY_YEARS = 20
#: Clocks of clients lag behind.
_BACKDATED = timedelta(hours=1)
_PASSWORD_CHARACTERS = 20


class Certified(NamedTuple):
    """A device's key and certificate as a PKCS#12 file, and the password that opens it; both shown once."""

    pkcs12: bytes
    password: str
    sha256: str


class _Authority(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def authority_pem(tx: Transaction, *, now: datetime) -> str:
    """Return the authority's certificate, which TLS needs to verify clients; it is made where it is missing."""
    return _authority(tx, now).certificate.public_bytes(Encoding.PEM).decode()


def certify(tx: Transaction, device_id: str, *, now: datetime, valid_for: timedelta) -> Certified:
    """Make a key and certificate for a device and bind it to them; an older certificate is worth nothing then.

    Raises NotFound.
    """
    authority = _authority(tx, now)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(device_id, now, valid_for)
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    sha256 = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    bound = tx.execute(update(devices).where(devices.c.id == device_id).values(certificate_sha256=sha256))
    if bound.rowcount != 1:
        raise NotFound(f"device {device_id}")
    password = readable_token(_PASSWORD_CHARACTERS)
    file = pkcs12.serialize_key_and_certificates(
        device_id.encode(), key, certificate, [authority.certificate], BestAvailableEncryption(password.encode())
    )
    return Certified(file, password, sha256)


def _builder(name: str, now: datetime, valid_for: timedelta) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + valid_for)
    )


def _authority(tx: Transaction, now: datetime) -> _Authority:
    query = select(certificate_authority.c.certificate_pem, certificate_authority.c.key_pem)
    row = tx.execute(query).first()
    if row is None:
        make = sqlite.insert if tx.connection.dialect.name == "sqlite" else postgresql.insert
        # Of two gateways that make one at once, the first one's stays.
        tx.execute(make(certificate_authority).values(_new_authority(now)).on_conflict_do_nothing())
        row = tx.execute(query).one()
    key = load_pem_private_key(row.key_pem.encode(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return _Authority(x509.load_pem_x509_certificate(row.certificate_pem.encode()), key)


def _new_authority(now: datetime) -> dict[str, object]:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder("Azukari devices", now, timedelta(days=365 * _AUTHORITY_YEARS))
    certificate = (
        builder.issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Azukari devices")]))
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return {
        "id": 1,
        "certificate_pem": certificate.public_bytes(Encoding.PEM).decode(),
        "key_pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "created_at": now,
    }
