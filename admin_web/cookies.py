"""Cookies of the pages: bound to this host, out of reach of scripts, over TLS alone.

Browsers keep Secure cookies only over https, and `__Host-` ones only with Secure and for the whole host
(RFC 6265bis §4.1.3.2). A demo on the machine itself is served over http: there, and only there, names are plain.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface

#: Browsers keep a cookie 400 days at most (RFC 6265bis §5.5).
LONGEST = timedelta(days=400)

#: Whose session this is, ended when the browser closes; and which device this browser is.
SESSION, DEVICE = "azukari-session", "azukari-device"
#: Flask's signed cookie: language, form token, messages for the next page. Nothing in it is secret.
FORMS = "azukari-forms"

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def is_loopback_http() -> bool:
    """Return whether the request came over plain http to this machine's own name."""
    host = request.host
    name = host[: host.index("]") + 1] if "]" in host else host.partition(":")[0]
    return not request.is_secure and name in _LOOPBACK


def public_scheme() -> str:
    """Return the scheme people use: https also where a proxy ends TLS in front of us."""
    return "http" if is_loopback_http() else "https"


def cookie_name(name: str) -> str:
    """Return the name a cookie has on the wire."""
    return name if is_loopback_http() else f"__Host-{name}"


def read(name: str) -> str:
    """Return a cookie's value, or an empty text."""
    return request.cookies.get(cookie_name(name), "")


def write(response: Response, name: str, value: str, *, keep: timedelta | None = None) -> None:
    """Set a cookie; without `keep` it goes when the browser is closed."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=keep,
        path="/",
        secure=not is_loopback_http(),
        httponly=True,
        samesite="Lax",
    )


def erase(response: Response, name: str) -> None:
    """Remove a cookie."""
    response.delete_cookie(cookie_name(name), path="/", secure=not is_loopback_http(), httponly=True, samesite="Lax")


class FormsCookie(SecureCookieSessionInterface):
    """Flask's signed cookie under the names above."""

    def get_cookie_name(self, app: Flask) -> str:
        """Return the name on the wire."""
        return cookie_name(FORMS)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether it goes over TLS alone."""
        return not is_loopback_http()
