"""What pages without a login have in common: whoever asks is nobody, and knows an address or guesses one (R19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Response, g, make_response, render_template, request

from admin_web.errors import explain, status_of
from admin_web.gate import parts, shown
from admin_web.words import t
from auth import lockout
from auth.accesslog import Entry
from core import messages
from core.errors import GatewayError, LockedOut, NotFound
from db.engine import Transaction
from db.tables import SERVICE_CONTRACT_ID

T = TypeVar("T")


def as_nobody() -> None:
    """Let nobody's session and language cookie count here."""
    g.caller, g.session_ended = None, False
    g.language = messages.preferred_language(request.headers.get("Accept-Language"))


def refused(error: GatewayError, template: str, *, unknown: str) -> Response:
    """Return the page that says plainly why there is nothing to see; `unknown` is said of an unknown address."""
    words = t(unknown) if isinstance(error, NotFound) else explain(error)
    response = make_response(render_template(template, words=words), status_of(error))
    if isinstance(error, LockedOut):
        response.headers["Retry-After"] = str(error.retry_seconds)
    return response


def look_up(find: Callable[[Transaction, str], T], act: str, *, unknown: str) -> T:
    """Return what `find` finds by an address's secret, for a client's address; guessing is slowed down by the latter.

    A failed guess stands in the service's log. Raises LockedOut, and what `find` raises.
    """
    address, now = shown().address, parts().clock()
    try:
        with parts().database.reading() as tx:
            lockout.require_free(tx, address, now=now)
            return find(tx, address)
    except NotFound:
        parts().database.write(lambda tx: lockout.guessed(tx, address, parts().lockout, now=now))
        parts().journal.note(SERVICE_CONTRACT_ID, Entry(now, "", "", "", address, act, "", unknown))
        raise
