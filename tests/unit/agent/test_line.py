"""The line tool's codes: each once, renewed in time (R17)."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from agent.line import LineKeeper, checked_secret, seconds_to_code
from agent.upstream import Gateway, Target
from core.clock import now
from core.errors import ToolFailed
from tests.unit.agent.conftest import registration_of
from tests.unit.agent.upstream_server import Arrived, Reply, UpstreamServer, upstream

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def opened(arrived: Arrived) -> Reply:
    """Answer as a gateway that opens line sessions of eight hours."""
    if arrived.target != "/api/v1/line-sessions":
        return Reply(207)
    document = {"token": "t-1", "line_id": "line-1", "expires_at": (now() + timedelta(hours=8)).isoformat()}
    return Reply(201, {}, json.dumps(document).encode())


def keeper_of(server: UpstreamServer, said: list[str]) -> tuple[Gateway, LineKeeper]:
    """Return a PC's keeper of its line."""
    registration = registration_of(server.url, SECRET)
    gateway = Gateway(server.url, registration)
    return gateway, LineKeeper(gateway, registration, "en", on_change=said.append)


def test_r17_a_proved_line_goes_with_every_request() -> None:
    said: list[str] = []
    with upstream(opened) as server:
        gateway, keeper = keeper_of(server, said)
        keeper.prove()
        gateway.ask(Target("PROPFIND", "/dav/security/"))
        gateway.close()
    proof, after = server.arrived
    given = json.loads(proof.body or b"")
    assert given["line_id"] == "line-1"
    assert pyotp.TOTP(SECRET).verify(given["code"], valid_window=1)
    assert "signature" in proof.headers
    assert "azukari-line-session" not in proof.headers
    assert after.headers["azukari-line-session"] == "t-1"
    assert said == ["Line line-1 is proved."]


def test_r17_the_background_proves_the_line_once_and_again_when_asked() -> None:
    proofs = threading.Semaphore(0)

    def behaviour(arrived: Arrived) -> Reply:
        proofs.release()
        return opened(arrived)

    said: list[str] = []
    with upstream(behaviour) as server:
        gateway, keeper = keeper_of(server, said)
        keeper.start()
        assert proofs.acquire(timeout=10)
        while not said:
            threading.Event().wait(0.01)
        keeper.check()
        assert proofs.acquire(timeout=10)
        keeper.stop()
        gateway.close()
    assert len(server.arrived) == 2


def test_a_refusal_is_said_once_and_the_keeper_can_be_stopped_while_it_waits() -> None:
    refused = Reply(403, {}, b'{"error": {"code": "line.code_refused", "message": "Wait for the next code."}}')
    said: list[str] = []
    heard = threading.Event()
    with upstream(lambda _: refused) as server:
        registration = registration_of(server.url, SECRET)
        gateway = Gateway(server.url, registration)

        def hear(words: str) -> None:
            said.append(words)
            heard.set()

        keeper = LineKeeper(gateway, registration, "en", on_change=hear)
        keeper.start()
        assert heard.wait(10)
        keeper.stop()
        gateway.close()
    assert said == ["The gateway refused this (403). Wait for the next code."]
    assert len(server.arrived) == 3


def test_r17_where_another_pc_used_the_code_the_next_one_is_tried_at_once() -> None:
    replies = iter([Reply(403), Reply(403)])
    with upstream(lambda arrived: next(replies, opened(arrived))) as server:
        gateway, keeper = keeper_of(server, [])
        keeper.prove()
        gateway.close()
    codes = [json.loads(one.body or b"")["code"] for one in server.arrived]
    totp = pyotp.TOTP(SECRET)
    near = {totp.at(now(), counter_offset=steps) for steps in (-2, -1, 0, 1, 2)}
    assert len(set(codes)) == 3
    assert set(codes) <= near


def test_what_waiting_does_not_help_ends_a_proof_at_once() -> None:
    with upstream(lambda _: Reply(429)) as server:
        gateway, keeper = keeper_of(server, [])
        with pytest.raises(ToolFailed) as failed:
            keeper.prove()
        gateway.close()
    assert failed.value.facts()["status"] == 429
    assert len(server.arrived) == 1


@pytest.mark.parametrize(
    ("second", "steps", "seconds"), [(0, 1, 30), (0.5, 1, 29.5), (29, 1, 1), (29, 3, 61), (30, 1, 30)]
)
def test_the_next_code_begins_every_half_minute(second: float, steps: int, seconds: float) -> None:
    at = datetime(2026, 4, 1, tzinfo=UTC) + timedelta(seconds=second)
    assert seconds_to_code(at, steps) == pytest.approx(seconds)


@pytest.mark.parametrize("text", [SECRET, SECRET.lower(), "JBSW Y3DP EHPK 3PXP jbsw y3dp ehpk 3pxp", f" {SECRET}\n"])
def test_a_secret_may_be_typed_with_spaces(text: str) -> None:
    assert checked_secret(text) == SECRET


@pytest.mark.parametrize("text", ["", "  ", "not a secret!", "01890189", "あ"])
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(ToolFailed) as failed:
        checked_secret(text)
    assert failed.value.message_id == "agent.bad_line"
