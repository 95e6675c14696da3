"""What proves a line, and what is asked for (R17). Each verifier judges the evidence one statement gathered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import BigInteger, ColumnElement, FromClause, String, and_, bindparam, case, func, null, select

from auth.addresses import sortable
from auth.callers import NO_LINES, LineProof, Proof
from auth.presented import Presented
from core.errors import InvalidInput
from db.tables import line_networks, line_sessions, lines, logins


class Evidence(NamedTuple):
    """What the rows know of a caller's line.

    `any_line`: the contract has one. `line_here`: the line whose networks hold the address. `session_line`: the
    line the tool's session proves from this address. `in_network`: whether that line's networks hold the
    address; None where it has none. `edge_proven`: the carrier vouched for it when the session was opened.
    """

    any_line: bool
    line_here: str | None
    session_line: str | None
    in_network: bool | None
    edge_proven: bool


class LineVerifier(Protocol):
    """One way to prove a line. The first in the chain that is not satisfied is named to the caller."""

    proof: Proof

    def applies(self, evidence: Evidence) -> bool:
        """Return whether this line can be proved this way."""

    def proves(self, evidence: Evidence) -> bool:
        """Return whether it is."""


class ToolVerifier:
    """The line tool showed the session its one-time code opened; it is always asked for."""

    proof = Proof.TOOL

    def applies(self, evidence: Evidence) -> bool:
        """Return True: every line has its tool."""
        return True

    def proves(self, evidence: Evidence) -> bool:
        """Return whether a session of this login holds from this address."""
        return evidence.session_line is not None


class NetworkVerifier:
    """The client's address is one of the line's own."""

    proof = Proof.NETWORK

    def applies(self, evidence: Evidence) -> bool:
        """Return whether networks are registered for the line."""
        return evidence.in_network is not None

    def proves(self, evidence: Evidence) -> bool:
        """Return whether one of them holds the address."""
        return evidence.in_network is True


class EdgeVerifier:
    """The carrier's edge signed for the line when the session was opened."""

    proof = Proof.EDGE

    def applies(self, evidence: Evidence) -> bool:
        """Return True: where it is configured, the carrier can sign for every line."""
        return True

    def proves(self, evidence: Evidence) -> bool:
        """Return whether it did."""
        return evidence.edge_proven


_KINDS: dict[str, LineVerifier] = {
    "tool": ToolVerifier(),
    "network": NetworkVerifier(),
    "edge": EdgeVerifier(),
}


def chain(names: Sequence[str]) -> tuple[LineVerifier, ...]:
    """Return the verifiers of a configuration, the tool's first. Raises InvalidInput for an unknown name."""
    unknown = [name for name in names if name not in _KINDS]
    if unknown:
        raise InvalidInput(f"line verifier {unknown[0]!r} is not one of {', '.join(_KINDS)}")
    return tuple(_KINDS[name] for name in dict.fromkeys(("tool", *names)))


def judge(evidence: Evidence, verifiers: Sequence[LineVerifier]) -> LineProof:
    """Return which line is proved, or the first proof that is missing.

    The tool's is needed always, and of the others that apply to the line at least one (R17).
    """
    if not evidence.any_line:
        return NO_LINES
    tool, *others = verifiers
    if not tool.proves(evidence):
        return LineProof(evidence.line_here, tool.proof)
    asked = [one for one in others if one.applies(evidence)]
    if asked and not any(one.proves(evidence) for one in asked):
        return LineProof(evidence.session_line, asked[0].proof)
    return LineProof(evidence.session_line, None)


_ADDRESS_TEXT = bindparam("address", type_=String)
_ADDRESS = bindparam("address_key", type_=String)
_holds = (line_networks.c.first_address <= _ADDRESS) & (line_networks.c.last_address >= _ADDRESS)


def columns(*, with_session: bool) -> list[ColumnElement[Any]]:
    """Return the columns of `Evidence` for a statement over `logins`; with a session, joined by `join_session`."""
    own = line_networks.c.contract_id == logins.c.contract_id
    here: list[ColumnElement[Any]] = [
        select(func.min(lines.c.id)).where(lines.c.contract_id == logins.c.contract_id).scalar_subquery(),
        select(func.min(line_networks.c.line_id)).where(own, _holds).scalar_subquery(),
    ]
    if not with_session:
        return [*here, null().label("session_line"), null().label("in_network"), null().label("edge_proven")]
    return [
        *here,
        line_sessions.c.line_id,
        select(func.max(case((_holds, 1), else_=0)))
        .where(own, line_networks.c.line_id == line_sessions.c.line_id)
        .scalar_subquery(),
        line_sessions.c.edge_proven,
    ]


def join_session(source: FromClause) -> FromClause:
    """Return `source`, which has `logins`, joined with the line session the request shows, where it holds."""
    return source.outerjoin(
        line_sessions,
        and_(
            line_sessions.c.contract_id == logins.c.contract_id,
            line_sessions.c.login == logins.c.id,
            line_sessions.c.token_hash == bindparam("line_token_hash", type_=String),
            line_sessions.c.address == _ADDRESS_TEXT,
            line_sessions.c.expires_at > bindparam("now", type_=BigInteger),
        ),
    )


def parameters(presented: Presented, *, now_us: int) -> dict[str, Any]:
    """Return the parameters of `columns` and `join_session` but the hash of the session's token."""
    return {"address": presented.address, "address_key": sortable(presented.address), "now": now_us}


def evidence_of(row: Sequence[Any]) -> Evidence:
    """Return the evidence of the columns as they came."""
    any_line, line_here, session_line, in_network, edge_proven = row
    return Evidence(
        any_line is not None,
        line_here,
        session_line,
        None if in_network is None else bool(in_network),
        bool(edge_proven),
    )
