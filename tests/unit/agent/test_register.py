"""Making this PC a registered device."""

from __future__ import annotations

import base64
import json

import pytest

from agent.home import Home
from agent.register import register
from core.errors import ToolFailed
from core.signing import public_key_of
from tests.unit.agent.conftest import registration_of
from tests.unit.agent.upstream_server import Reply, UpstreamServer, upstream

MADE = {"device_id": "dev-7", "dav_username": "hanako", "dav_password": "dav", "dav_url": "http://x/dav/"}


def attempt(home: Home, server: UpstreamServer) -> str:
    """Register at a gateway and return the device's id."""
    made = register(
        home, url=server.url + "/dav/", login="hanako", password="pw", device_key="k", name="花子PC", language="ja"
    )
    return made.device_id


def test_r14_the_private_key_stays_here_and_the_public_one_goes(home: Home) -> None:
    with upstream(lambda _: Reply(201, {}, json.dumps(MADE).encode())) as server:
        assert attempt(home, server) == "dev-7"
    given = json.loads(server.arrived[0].body or b"")
    kept = home.load()
    assert given == {
        "login_id": "hanako",
        "password": "pw",
        "device_key": "k",
        "device_name": "花子PC",
        "public_key": public_key_of(kept.secrets.key()),
    }
    assert kept.base_url == server.url
    assert len(base64.b64decode(kept.secrets.private_key)) == 32
    assert len(kept.secrets.local_password) >= 26
    assert kept.secrets.dav_password == "dav"


def test_r13_a_certificate_is_kept_where_the_contract_binds_devices_to_one(home: Home) -> None:
    made = {**MADE, "certificate_pkcs12": base64.b64encode(b"sealed").decode(), "certificate_password": "opens-it"}
    with upstream(lambda _: Reply(201, {}, json.dumps(made).encode())) as server:
        attempt(home, server)
    kept = home.load()
    assert (kept.certificate, kept.secrets.certificate_password) == (b"sealed", "opens-it")


def test_a_refusal_is_told_in_the_gateways_words_and_nothing_is_kept(home: Home) -> None:
    words = json.dumps({"error": {"code": "device.key_refused", "message": "新しいキーを依頼してください。"}}).encode()
    with upstream(lambda _: Reply(403, {}, words)) as server, pytest.raises(ToolFailed) as failed:
        attempt(home, server)
    assert failed.value.facts()["message"] == "新しいキーを依頼してください。"
    assert server.arrived[0].headers["accept-language"] == "ja"
    assert not home.is_registered()


@pytest.mark.parametrize("status", [200, 302, 404, 405, 500])
def test_what_is_no_gateway_is_said(home: Home, status: int) -> None:
    with upstream(lambda _: Reply(status, {}, b"<html>")) as server, pytest.raises(ToolFailed) as failed:
        attempt(home, server)
    assert failed.value.message_id == "agent.not_a_gateway"


def test_a_registered_pc_is_not_registered_again_and_no_key_is_used_up(home: Home) -> None:
    home.save(registration_of("https://gateway"))
    with upstream() as server, pytest.raises(ToolFailed) as failed:
        attempt(home, server)
    assert failed.value.message_id == "agent.registered_already"
    assert server.arrived == []
