"""A device with a private key: its password alone opens nothing (R14)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.signing import Signer
from tests.agent.pc import Pc, wait_for
from tests.product import Drive

pytestmark = pytest.mark.slow

PATH = "/dav/my/"


def signed(pc: Pc, *, seconds: float = 0, key: Ed25519PrivateKey | None = None, path: str = PATH) -> dict[str, str]:
    """Return the headers of a PROPFIND, as this PC's tool signs it."""
    private = key or Ed25519PrivateKey.from_private_bytes(base64.b64decode(pc.secrets()["private_key"]))
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return dict(Signer(pc.device_id, private).sign("PROPFIND", path, "", pc.stolen_authorization(), now=at))


def status_of(direct: httpx.Client, headers: dict[str, str], path: str = PATH) -> int:
    """Return what the gateway answers, past the tool."""
    return direct.request("PROPFIND", path, headers={"Depth": "0", **headers}).status_code


def test_r14_a_stolen_password_alone_opens_nothing(pc: Pc, direct: httpx.Client) -> None:
    assert status_of(direct, {"Authorization": pc.stolen_authorization()}) == 401
    assert (
        direct.put("/dav/my/a", headers={"Authorization": pc.stolen_authorization()}, content=b"x").status_code == 401
    )


def test_r14_with_the_key_it_opens_the_drive(pc: Pc, direct: httpx.Client) -> None:
    assert status_of(direct, signed(pc)) == 207


@pytest.mark.parametrize("seconds", [-90, 90])
def test_r14_a_signature_of_another_minute_is_refused(pc: Pc, direct: httpx.Client, seconds: float) -> None:
    assert status_of(direct, signed(pc, seconds=seconds)) == 401


def test_r14_a_recorded_signature_opens_no_other_path_and_no_other_method(pc: Pc, direct: httpx.Client) -> None:
    recorded = signed(pc)
    assert status_of(direct, recorded, "/dav/") == 401
    assert direct.request("DELETE", PATH + "a", headers=recorded).status_code == 401
    assert direct.get(PATH, headers=recorded).status_code == 401


def test_r14_another_pcs_key_is_refused(pc: Pc, direct: httpx.Client) -> None:
    assert status_of(direct, signed(pc, key=Ed25519PrivateKey.generate())) == 401


def test_r21_each_refusal_has_its_own_reason_in_the_access_log(pc: Pc, direct: httpx.Client) -> None:
    status_of(direct, {"Authorization": pc.stolen_authorization()})
    status_of(direct, signed(pc, seconds=-90))
    status_of(direct, signed(pc, key=Ed25519PrivateKey.generate()))
    wanted = {"signature.missing", "signature.late", "signature.wrong"}

    wait_for(lambda: wanted <= {entry["result"] for entry in pc.access_log()})


def test_r16_a_locked_pc_is_refused_at_once_and_let_in_again_when_unlocked(pc: Pc, drive: Drive) -> None:
    with httpx.Client(auth=(drive.login, drive.password), timeout=60) as client:
        assert client.request("PROPFIND", drive.url, headers={"Depth": "0"}).status_code == 207
        pc.product.azukari("device", "lock", pc.device_id, "--by", "momiji-admin")
        try:
            assert client.request("PROPFIND", drive.url, headers={"Depth": "0"}).status_code == 401
            done = pc.attempt("status", "--port", str(pc.port))
            assert done.returncode == 1
            assert "locked or revoked" in done.stderr.decode()
        finally:
            pc.product.azukari("device", "unlock", pc.device_id, "--by", "momiji-admin")
        assert client.request("PROPFIND", drive.url, headers={"Depth": "0"}).status_code == 207
