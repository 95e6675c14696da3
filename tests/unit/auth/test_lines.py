"""Line identity: the tool's session, the network and the carrier's edge, one line at a time (R17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from auth import edge, lines
from auth.access import FolderType, authorize
from auth.callers import Caller, LineProof, Proof
from auth.edge import EdgeKeys
from auth.lines import AddedLine, LineSession
from auth.presented import Presented
from core.errors import AccessDenied, AlreadyExists, InvalidInput
from tests.unit.auth.cast import HANAKO, MOMIJI, PASSWORD, PC, SAKURA, Cast

KEYS = EdgeKeys({"carrier-1": "a secret of the carrier"}, max_age=timedelta(seconds=60))
ELSEWHERE = replace(PC, address="203.0.113.9")


def _code(cast: Cast, line: AddedLine, steps: int = 0) -> str:
    return pyotp.TOTP(line.tool_secret).at(cast.clock() + timedelta(seconds=30 * steps))


def _open(
    cast: Cast,
    line: AddedLine,
    code: str,
    *,
    login_id: str = "hanako",
    presented: Presented = PC,
    keys: EdgeKeys | None = None,
) -> LineSession:
    caller = cast.caller(login_id)
    return cast.database.write(
        lambda tx: lines.open_session(
            tx, caller, line.line_id, code, presented, keys, now=cast.clock(), valid_for=timedelta(hours=8)
        )
    )


def _cause(call: Callable[[], object]) -> str:
    with pytest.raises(AccessDenied) as refused:
        call()
    return refused.value.cause


def _seen(cast: Cast, session: LineSession | None, presented: Presented = PC, *verifiers: str) -> Caller:
    """Return hanako as the Security Folder sees her, with the login's password and a line session."""
    token = session.token if session else ""
    identifier = cast.identifier(*(verifiers or ("network",)))
    return identifier.by_basic("hanako", PASSWORD, replace(presented, line_token=token))


def test_r12_r17_on_its_own_line_with_the_tool_a_login_opens_security_without_a_device(cast: Cast) -> None:
    line = cast.line(SAKURA, "office", "192.0.2.0/24")
    caller = _seen(cast, _open(cast, line, _code(cast, line)))
    assert caller.line == LineProof(line.line_id, None)
    assert authorize(caller, FolderType.SECURITY).root == f"security/{HANAKO}"


def test_r17_without_the_tool_the_tools_proof_is_missing_and_the_line_is_known(cast: Cast) -> None:
    line = cast.line(SAKURA, "office", "192.0.2.0/24")
    assert _seen(cast, None).line == LineProof(line.line_id, Proof.TOOL)
    assert _seen(cast, None, ELSEWHERE).line == LineProof(None, Proof.TOOL)


def test_r17_a_session_holds_only_from_the_address_that_opened_it(cast: Cast) -> None:
    line = cast.line(SAKURA, "office", "192.0.2.0/24")
    session = _open(cast, line, _code(cast, line))
    assert _seen(cast, session, replace(PC, address="192.0.2.8")).line.missing is Proof.TOOL


def test_r17_off_the_lines_network_the_networks_proof_is_missing(cast: Cast) -> None:
    line = cast.line(SAKURA, "office", "192.0.2.0/24")
    session = _open(cast, line, _code(cast, line), presented=ELSEWHERE)
    assert _seen(cast, session, ELSEWHERE).line == LineProof(line.line_id, Proof.NETWORK)


def test_r17_a_line_without_networks_is_proved_by_its_tool_alone_where_no_edge_is_configured(cast: Cast) -> None:
    line = cast.line(SAKURA, "branch")
    assert _seen(cast, _open(cast, line, _code(cast, line))).line == LineProof(line.line_id, None)


def test_r17_the_network_of_one_line_and_the_tool_of_another_prove_neither(cast: Cast) -> None:
    cast.line(SAKURA, "office", "192.0.2.0/24")
    branch = cast.line(SAKURA, "branch", "198.51.100.0/24")
    assert _seen(cast, _open(cast, branch, _code(cast, branch))).line == LineProof(branch.line_id, Proof.NETWORK)


def test_r17_a_session_ends_at_its_instant_and_with_its_login(cast: Cast) -> None:
    line = cast.line(SAKURA, "office", "192.0.2.0/24")
    session = _open(cast, line, _code(cast, line))
    cast.clock.advance(hours=8, microseconds=-1)
    assert _seen(cast, session).line.missing is None
    cast.clock.advance(microseconds=1)
    assert _seen(cast, session).line.missing is Proof.TOOL
    another = _open(cast, line, _code(cast, line))
    assert cast.database.write(lambda tx: lines.end_sessions(tx, SAKURA, login=HANAKO)) == 1
    assert _seen(cast, another).line.missing is Proof.TOOL


def test_r17_a_session_of_one_login_is_no_use_to_another(cast: Cast) -> None:
    line = cast.line(SAKURA, "office", "192.0.2.0/24")
    session = _open(cast, line, _code(cast, line), login_id="taro")
    assert _seen(cast, session).line.missing is Proof.TOOL


def test_r17_line_a_never_opens_contract_b(cast: Cast) -> None:
    foreign = cast.line(MOMIJI, "office", "192.0.2.0/24")
    own = cast.line(SAKURA, "office", "192.0.2.0/24")
    assert _cause(lambda: _open(cast, foreign, _code(cast, foreign))) == "line.foreign"
    assert _cause(lambda: _open(cast, own, _code(cast, foreign))) == "line.code_refused"
    momijis = _open(cast, foreign, _code(cast, foreign), login_id="jiro")
    assert _seen(cast, momijis).line == LineProof(own.line_id, Proof.TOOL)


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_r17_a_code_is_good_one_step_early_and_one_step_late(cast: Cast, steps: int, good: bool) -> None:
    line = cast.line(SAKURA, "office")
    if good:
        assert _open(cast, line, _code(cast, line, steps)).line_id == line.line_id
    else:
        assert _cause(lambda: _open(cast, line, _code(cast, line, steps))) == "line.code_refused"


def test_r17_a_code_is_used_once_by_whomever(cast: Cast) -> None:
    line = cast.line(SAKURA, "office")
    code = _code(cast, line)
    _open(cast, line, code)
    for login_id in ("hanako", "taro"):
        assert _cause(lambda who=login_id: _open(cast, line, code, login_id=who)) == "line.code_replayed"  # type: ignore[misc]
    assert _open(cast, line, _code(cast, line, 1)).line_id == line.line_id


def test_r17_every_refused_code_costs_the_same_statements(cast: Cast) -> None:
    line, foreign = cast.line(SAKURA, "office"), cast.line(MOMIJI, "shop")
    used = _code(cast, line)
    _open(cast, line, used)
    costs = {}
    for known, code, cause in (
        (line, "000000", "line.code_refused"),
        (line, used, "line.code_replayed"),
        (foreign, _code(cast, foreign), "line.foreign"),
    ):
        cast.database.probe.reset()
        assert _cause(lambda known=known, code=code: _open(cast, known, code)) == cause  # type: ignore[misc]
        costs[cause] = len(cast.database.probe.own)
    assert len(set(costs.values())) == 1, costs


def test_networks_that_overlap_within_a_contract_are_refused_and_nothing_is_kept(cast: Cast) -> None:
    cast.line(SAKURA, "office", "192.0.2.0/24")
    for overlapping in ("192.0.2.128/25", "192.0.0.0/16", "192.0.2.0/24"):
        with pytest.raises(AlreadyExists):
            cast.line(SAKURA, "branch", "198.51.100.0/24", overlapping)
    with pytest.raises(AlreadyExists):
        cast.line(SAKURA, "office")
    with pytest.raises(InvalidInput):
        cast.line(SAKURA, "\n")
    with cast.database.reading() as tx:
        (listed,) = lines.list_lines(tx, SAKURA)
    assert (listed.name, listed.networks) == ("office", ("192.0.2.0/24",))


def _signed(cast: Cast, line: AddedLine, **changes: str) -> Presented:
    facts = {"line_id": line.line_id, "address": PC.address, "nonce": "n-1", **changes}
    at = cast.clock() + timedelta(seconds=int(facts.pop("late", "0")))
    key_name, key = facts.pop("key_name", "carrier-1"), facts.pop("key", "a secret of the carrier")
    return replace(PC, edge=edge.sign(key_name, key, at=at, **facts))


def test_r17_a_line_the_carrier_signs_for_is_proved(cast: Cast) -> None:
    line = cast.line(SAKURA, "office")
    session = _open(cast, line, _code(cast, line), presented=_signed(cast, line), keys=KEYS)
    assert _seen(cast, session, PC, "edge").line == LineProof(line.line_id, None)


def test_r17_without_the_carriers_signature_its_proof_is_missing(cast: Cast) -> None:
    line = cast.line(SAKURA, "office")
    session = _open(cast, line, _code(cast, line), keys=KEYS)
    assert _seen(cast, session, PC, "edge").line == LineProof(line.line_id, Proof.EDGE)


def test_r17_network_or_edge_is_enough_beside_the_tool(cast: Cast) -> None:
    line = cast.line(SAKURA, "office", "198.51.100.0/24")
    session = _open(cast, line, _code(cast, line), presented=_signed(cast, line), keys=KEYS)
    assert _seen(cast, session, PC, "network", "edge").line == LineProof(line.line_id, None)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"key": "guessed"}, "line.edge_forged"),
        ({"key_name": "carrier-2"}, "line.edge_forged"),
        ({"line_id": "line-of-another"}, "line.edge_elsewhere"),
        ({"address": "203.0.113.9"}, "line.edge_elsewhere"),
        ({"late": "61"}, "line.edge_late"),
        ({"late": "-61"}, "line.edge_late"),
        ({"nonce": ""}, "line.edge_replayed"),
        ({"nonce": "n" * 65}, "line.edge_replayed"),
    ],
)
def test_r17_a_signature_that_is_forged_late_or_for_another_line_is_refused(
    cast: Cast, changes: dict[str, str], cause: str
) -> None:
    line = cast.line(SAKURA, "office")
    shown = _signed(cast, line, **changes)
    assert _cause(lambda: _open(cast, line, _code(cast, line), presented=shown, keys=KEYS)) == cause


@pytest.mark.parametrize("late", ["60", "-60"])
def test_r17_a_signature_is_good_for_its_age_to_the_second(cast: Cast, late: str) -> None:
    line = cast.line(SAKURA, "office")
    assert _open(cast, line, _code(cast, line), presented=_signed(cast, line, late=late), keys=KEYS).line_id


def test_r17_a_signature_is_used_once(cast: Cast) -> None:
    line = cast.line(SAKURA, "office")
    shown = _signed(cast, line)
    _open(cast, line, _code(cast, line), presented=shown, keys=KEYS)
    again = _code(cast, line, 1)
    assert _cause(lambda: _open(cast, line, again, presented=shown, keys=KEYS)) == "line.edge_replayed"


@pytest.mark.parametrize("header", ["nonsense", "key=carrier-1", "key=carrier-1; time=x; mac=", "=;=;=", "mac=é"])
def test_r17_a_header_that_cannot_be_read_counts_as_forged(cast: Cast, header: str) -> None:
    line = cast.line(SAKURA, "office")
    shown = replace(PC, edge=header)
    assert _cause(lambda: _open(cast, line, _code(cast, line), presented=shown, keys=KEYS)) == "line.edge_forged"
