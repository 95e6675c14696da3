"""Who calls the API: a token, a network drive's password, or a browser that is signed in (R12, R16)."""

from __future__ import annotations

from flask import g, request
from werkzeug.datastructures import Authorization

from admin_web.gate import caller as signed_in_caller
from admin_web.gate import parts, shown
from admin_web.security import require_form_token
from auth.addresses import is_loopback
from auth.callers import Caller
from auth.tokens import OF_DEVICE_PASSWORD, OF_ROLE, Scope
from core.errors import AccessDenied, NotAuthenticated

#: The names of the three ways in the OpenAPI document.
TOKEN, PASSWORD, SESSION = "token", "device_password", "session"


class ScopeMissing(AccessDenied):
    """The caller may do this, the token it shows may not (403, RFC 6750 §3.1)."""

    def __init__(self, scope: Scope) -> None:
        super().__init__("token.scope_missing")
        self.scope = scope.value


def identify() -> tuple[Caller, frozenset[Scope]]:
    """Return who calls and what for they may be here.

    A browser's session counts for requests of our own pages alone: a write shows the form's token as X-CSRFToken.
    Raises NotAuthenticated, AccessDenied, LockedOut.
    """
    shown_here = request.headers.get("Authorization")
    if shown_here is None:
        return _by_session()
    _require_closed_line()
    given = Authorization.from_header(shown_here)
    if given is None:
        raise NotAuthenticated("authorization.unreadable")
    if given.type == "bearer":
        return parts().identifier.by_token(given.token or "", shown())
    if given.type == "basic" and given.username is not None and "\0" not in f"{given.username}{given.password}":
        found = parts().identifier.by_basic(given.username, given.password or "", shown())
        return found, OF_ROLE[found.role] & OF_DEVICE_PASSWORD
    raise NotAuthenticated("authorization.unreadable")


def _by_session() -> tuple[Caller, frozenset[Scope]]:
    # Absent in old browsers; there SameSite alone keeps other sites' requests without the cookie.
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise NotAuthenticated("session.cross_site")
    found = signed_in_caller()
    if request.method not in ("GET", "HEAD"):
        require_form_token(request.headers.get("X-CSRFToken"))
    return found, OF_ROLE[found.role]


def _require_closed_line() -> None:
    """Return where what is secret in the request was not sent in the open (CLIENTS W6)."""
    allowed = parts().config.server.basic_over_http or request.is_secure
    if not allowed and not is_loopback(request.environ.get("REMOTE_ADDR", "")):
        raise AccessDenied("access.plain_http")


def admit(scope: Scope | None) -> None:
    """Return where the caller may do what needs a scope, and make them this request's caller.

    Raises NotAuthenticated, AccessDenied, ScopeMissing, LockedOut.
    """
    found, scopes = identify()
    g.caller, g.session_ended, g.scopes = found, False, scopes
    if scope is not None and scope not in scopes:
        raise ScopeMissing(scope) if scope in OF_ROLE[found.role] else AccessDenied("access.denied")
    if not found.active and request.method not in ("GET", "HEAD"):
        raise AccessDenied("contract.ended")  # R9: the administrator only reads
