"""Which method does what below /dav/calendars/."""

from __future__ import annotations

from collections.abc import Callable

from auth.callers import Caller
from core.errors import CalendarRefused, NotFound
from groupware.calendars import shelf
from providers.caldav import collections, entries, report
from providers.caldav.front import Front
from providers.caldav.request import CalendarRequest, refusal
from providers.http import Environ, Response
from storage.files import Names

METHODS: dict[str, Callable[[CalendarRequest], Response]] = {
    "GET": entries.get,
    "HEAD": entries.get,
    "PUT": entries.put,
    "DELETE": entries.delete,
    "PROPFIND": collections.propfind,
    "PROPPATCH": collections.proppatch,
    "MKCALENDAR": collections.make,
    "MKCOL": collections.make,
    "REPORT": report.report,
}


def answer(front: Front, environ: Environ, caller: Caller, names: Names) -> Response:
    """Answer a request with one of the methods. Raises as `Calendars.answer`."""
    grant = shelf.enter(caller)
    if len(names) > 3 or (names and names[0] != caller.login_id):
        raise NotFound("/".join(names))
    method = environ["REQUEST_METHOD"]
    shelf.open_home(front.database, grant, now=front.clock())  # a program may begin with the address of a calendar
    request = CalendarRequest(environ, method, front.database, front.limits, grant, names, front.clock(), front.journal)
    try:
        return METHODS[method](request)
    except CalendarRefused as error:
        raise refusal(request, error) from error
