"""How a recipient's browser shows that a share's password was given: a signed cookie for that share's address alone."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from admin_web import cookies
from admin_web.gate import parts
from core.clock import to_microseconds
from core.ids import secret_hash
from sharing.visits import Visit

#: After this the password is asked for again.
KEEP = timedelta(hours=1)
_NAME = "azukari-share"


def _name() -> str:
    # `__Host-` would be for the whole host; this one goes to one share's address alone (RFC 6265bis §4.1.3).
    return _NAME if cookies.is_loopback_http() else f"__Secure-{_NAME}"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(parts().signing_key, salt="azukari share password 1")


def _opens(visit: Visit) -> list[str]:
    return [visit.recipient_id, secret_hash(visit.password_hash or "")[:32]]


def is_open(visit: Visit) -> bool:
    """Return whether the share asks for no password, or this browser gave it within the last hour."""
    if visit.password_hash is None:
        return True
    try:
        *opens, until_us = _signer().loads(request.cookies.get(_name(), ""))
    except (BadSignature, ValueError, TypeError):
        return False
    return bool(opens == _opens(visit) and to_microseconds(parts().clock()) < until_us)


def remember(response: Response, token: str, visit: Visit) -> None:
    """Let the browser show that it knows the password."""
    until_us = to_microseconds(parts().clock() + KEEP)
    response.set_cookie(
        _name(),
        str(_signer().dumps([*_opens(visit), until_us])),
        max_age=KEEP,
        path=url_for("received.page", token=token),
        secure=not cookies.is_loopback_http(),
        httponly=True,
        samesite="Lax",
    )
