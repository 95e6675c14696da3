"""How a PC stands."""

from __future__ import annotations

import pytest

from agent.status import is_serving, status_of
from tests.unit.agent.conftest import Serve, registration_of
from tests.unit.agent.upstream_server import Arrived, Reply, upstream


def answering(status: int, body: bytes = b"") -> tuple[bool, str]:
    """Return how a PC stands whose gateway answers PROPFIND so."""

    def behaviour(arrived: Arrived) -> Reply:
        return Reply(status, {}, body) if arrived.method == "PROPFIND" else Reply()

    with upstream(behaviour) as server:
        found = status_of(registration_of(server.url), 9, "en")
        assert [one.method for one in server.arrived] == ["OPTIONS", "PROPFIND"]
    return found.is_well, found.gateway


def test_a_pc_that_is_let_in_is_well() -> None:
    assert answering(207) == (True, "ok")


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "was locked or revoked"), (404, "does not answer like an Azukari gateway"), (403, "refused this (403)")],
)
def test_r16_a_pc_that_is_not_let_in_is_told_why(status: int, words: str) -> None:
    is_well, said = answering(status)
    assert not is_well
    assert words in said


def test_a_gateway_that_is_away_is_a_state_too() -> None:
    with upstream() as server:
        url = server.url
    found = status_of(registration_of(url), 9, "en")
    assert url in found.gateway
    assert not found.is_well


def test_whether_the_loopback_address_answers_is_seen(serve: Serve) -> None:
    with serve("http://127.0.0.1:9") as loopback:
        port = loopback.address[1]
        assert is_serving(port)
    assert not is_serving(port)
