"""The carrier's edge vouches for a line: a header it signs (R17).

`Azukari-Edge: key=K; line=LINE; address=A; time=UNIX; nonce=N; mac=HEX`, where mac is HMAC-SHA-256 by the
carrier's key over the first five values, each on a line of its own. The nonce is good for one use.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from auth import one_time
from auth.addresses import parse
from auth.presented import Presented
from core.clock import from_microseconds
from core.errors import AccessDenied
from db.engine import Transaction

_SIGNED = ("key", "line", "address", "time", "nonce")
_MAX_NONCE = 64


@dataclass(frozen=True, slots=True)
class EdgeKeys:
    """The carriers' keys by name, and how old an assertion may be."""

    keys: Mapping[str, str]
    max_age: timedelta


def sign(key_name: str, key: str, *, line_id: str, address: str, at: datetime, nonce: str) -> str:
    """Return the header's value, as a carrier's edge makes it."""
    values = (key_name, line_id, address, str(int(at.timestamp())), nonce)
    shown = "; ".join(f"{name}={value}" for name, value in zip(_SIGNED, values, strict=True))
    return f"{shown}; mac={_mac(key, values)}"


def _mac(key: str, values: tuple[str, ...]) -> str:
    return hmac.digest(key.encode(), "\n".join(values).encode(), "sha256").hex()


def verify(
    tx: Transaction, contract_id: int, line_id: str, presented: Presented, edge_keys: EdgeKeys, *, now: datetime
) -> None:
    """Return where the edge vouches for this line and address just now, and use its nonce up.

    Raises AccessDenied; its cause says whether the header is missing, forged, late, of another line or
    address, or was used before.
    """
    if not presented.edge:
        raise AccessDenied("line.edge_missing")
    fields = dict(part.strip().partition("=")[::2] for part in presented.edge.split(";"))
    values = tuple(fields.get(name, "") for name in _SIGNED)
    key_name, line, address, time, nonce = values
    key = edge_keys.keys.get(key_name)
    if key is None or not hmac.compare_digest(fields.get("mac", "").encode(), _mac(key, values).encode()):
        raise _refused("forged")
    signed_at = from_microseconds(int(time) * 1_000_000) if time.isascii() and time.isdigit() else None
    if signed_at is None or abs(now - signed_at) > edge_keys.max_age:
        raise _refused("late")
    if line != line_id or parse(address) != parse(presented.address):
        raise _refused("elsewhere")
    good_until = signed_at + edge_keys.max_age
    if not 0 < len(nonce) <= _MAX_NONCE or not one_time.use(
        tx, contract_id, f"edge {key_name}"[:64], nonce, good_until=good_until
    ):
        raise _refused("replayed")


def _refused(why: str) -> AccessDenied:
    return AccessDenied("line.edge_missing", cause=f"line.edge_{why}")
