"""The front under /dav/calendars/. What it answers with is loaded when the first calendar is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from auth.callers import Caller
from auth.journal import Journal
from core.clock import Clock
from core.errors import GatewayError
from db.engine import Database
from providers import records
from providers.errors import DavRefusal
from providers.href import quote_names
from providers.http import DAV_MOUNT, Environ, Headers, Limits, Response
from storage.files import Names

#: Where calendars are mounted below /dav/.
MOUNT = "calendars"
METHODS = ("GET", "HEAD", "PUT", "DELETE", "PROPFIND", "PROPPATCH", "MKCALENDAR", "MKCOL", "REPORT")
#: What OPTIONS says: no locks here.
HEADERS: Headers = [
    ("DAV", "1, 3, calendar-access, extended-mkcol"),
    ("MS-Author-Via", "DAV"),
    ("Allow", "OPTIONS, " + ", ".join(METHODS)),
]
#: Where a calendar program that knows only the host is sent (RFC 6764 §5).
WELL_KNOWN = "/.well-known/caldav"


def is_calendars(path: str) -> bool:
    """Return whether a path leads to calendars."""
    return path == f"/{DAV_MOUNT}/{MOUNT}" or path.startswith(f"/{DAV_MOUNT}/{MOUNT}/")


def principal_href(login_id: str) -> str:
    """Return the address of a login as a principal, which is also where its calendars are."""
    return quote_names(f"/{DAV_MOUNT}/{MOUNT}", (login_id,)) + "/"


def redirect() -> Response:
    """Return the answer at the well-known address."""
    return Response(301, [("Location", f"/{DAV_MOUNT}/{MOUNT}/"), ("Cache-Control", "max-age=86400")])


@dataclass(frozen=True, slots=True)
class Front:
    """What every request for a calendar needs."""

    database: Database
    limits: Limits
    journal: Journal | None
    clock: Clock

    def answer(self, environ: Environ, caller: Caller, names: Names) -> Response:
        """Answer a request; `names` lead on from /dav/calendars/.

        Raises as `authorize` does, NotFound for another login's calendars, DavRefusal.
        """
        method = environ["REQUEST_METHOD"]
        try:
            if method not in METHODS:
                raise DavRefusal(HTTPStatus.METHOD_NOT_ALLOWED, "method.unknown", reason=method[:32])
            from providers.caldav import methods

            return methods.answer(self, environ, caller, names)
        except GatewayError as error:
            records.note_closed(self.journal, caller, method, (DAV_MOUNT, MOUNT, *names), error, now=self.clock())
            raise
