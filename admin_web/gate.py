"""Who is looking at a page, told anew on every request by the session's cookie."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import current_app, g, request

from admin_web import cookies
from admin_web.parts import Parts
from auth import presented, secret_folders
from auth.callers import Caller, Role
from auth.presented import Presented
from core.errors import AccessDenied, NotAuthenticated, NotFound

P = ParamSpec("P")
R = TypeVar("R")

EXTENSION = "azukari"


def parts() -> Parts:
    """Return the parts of the gateway that serves this request."""
    return cast(Parts, current_app.extensions[EXTENSION])


def shown() -> Presented:
    """Return what the request shows beside its cookies."""
    if "presented" not in g:
        g.presented = presented.of_environ(request.environ, parts().trusted)
    return cast(Presented, g.presented)


def signed_in() -> Caller | None:
    """Return the caller of the request's session; None without one, and for one that ended."""
    if "caller" not in g:
        secret = cookies.read(cookies.SESSION)
        g.caller, g.session_ended = None, False
        if secret:
            try:
                g.caller = parts().identifier.by_session(secret, shown(), parts().sessions)
            except NotAuthenticated:
                g.session_ended = True
    return cast(Caller | None, g.caller)


def session_ended() -> bool:
    """Return whether the request came with a session that is no more."""
    return signed_in() is None and bool(g.session_ended)


def caller() -> Caller:
    """Return the caller. Raises NotAuthenticated where nobody is signed in."""
    found = signed_in()
    if found is None:
        raise NotAuthenticated("session.ended" if g.session_ended else "session.missing")
    return found


def secret_key(found: Caller) -> bytes | None:
    """Return the key of the caller's Secret Folder while it is unlocked on this device, else None (R18)."""
    if "secret_key" not in g:
        idle, now = parts().secret_idle, parts().clock()
        g.secret_key = secret_folders.unlocked_key(parts().database, found, parts().run_key, idle=idle, now=now)
    return cast(bytes | None, g.secret_key)


def for_roles(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a page one of some roles; for anybody else it is not there.

    The administrator of a contract that has ended only reads (R9): the page raises AccessDenied for a change.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            found = caller()
            if found.role not in roles:
                raise NotFound(request.path)
            if not found.active and request.method not in ("GET", "HEAD"):
                raise AccessDenied("contract.ended")
            return view(*args, **kwargs)

        return guarded

    return decorate
