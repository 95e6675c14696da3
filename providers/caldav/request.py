"""What a calendar method gets: a request with its grant, and where in the caller's calendars it points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from auth import accesslog
from auth.access import Grant
from auth.accesslog import DONE, Entry, entry_of
from auth.callers import Caller
from auth.journal import Journal, show
from core import messages
from core.errors import CalendarRefused, NotFound, PreconditionFailed
from db.engine import Database, Transaction
from db.statements import Cursor
from groupware.calendars import rows, shelf
from groupware.calendars.objects import Check
from groupware.calendars.shelf import Calendar
from providers.caldav.front import MOUNT, principal_href
from providers.conditions import NotModified, matches
from providers.errors import DavRefusal
from providers.href import escape, quote_names
from providers.http import Environ, Limits
from storage.files import Names

CALDAV = "{urn:ietf:params:xml:ns:caldav}"
_DAV_CONDITIONS = ("number-of-matches-within-limits", "valid-sync-token")


@dataclass(slots=True)
class CalendarRequest:
    """One request below /dav/calendars/, its caller known and calendars open to them.

    `names` lead on from there: the caller's login ID, a calendar, an entry.
    """

    environ: Environ
    method: str
    database: Database
    limits: Limits
    grant: Grant
    names: Names
    now: datetime
    journal: Journal | None

    @property
    def caller(self) -> Caller:
        """Return who is calling."""
        return self.grant.caller

    @property
    def language(self) -> str:
        """Return "ja" or "en"."""
        return messages.preferred_language(self.environ.get("HTTP_ACCEPT_LANGUAGE"))

    @property
    def home(self) -> str:
        """Return the address of the caller as a principal, which is also where their calendars are."""
        return principal_href(self.caller.login_id)

    def href(self, *names: str) -> str:
        """Return the address of a calendar or an entry, without a trailing slash."""
        return quote_names(self.home.rstrip("/"), names)

    def calendar(self, tx: Transaction) -> Calendar:
        """Return the calendar the path leads to or into. Raises NotFound."""
        if len(self.names) < 2:
            raise NotFound("/".join(self.names))
        return shelf.find(tx, self.grant, self.names[1])

    def title(self, calendar: Calendar) -> str:
        """Return what a calendar is called: as somebody called it, or in the reader's language."""
        return calendar.title or messages.text(
            "calendar.shared" if calendar.is_shared else "calendar.own", self.language
        )

    def record(self, act: str) -> Callable[[Cursor], None]:
        """Return what writes a change into the access log, inside the change's transaction (R21)."""
        entry = self._entry(act)

        def write(cursor: Cursor) -> None:
            accesslog.append(cursor, self.caller.contract_id, [entry])

        return write

    def note_written(self, act: str) -> None:
        """Show a change in the log stream, once it is durable."""
        show(self.caller.contract_id, self._entry(act))

    def note_read(self) -> None:
        """Note that entries were read (R21)."""
        if self.journal is not None:
            self.journal.note(self.caller.contract_id, self._entry("read"))

    def _entry(self, act: str) -> Entry:
        return entry_of(self.caller, act, "/".join((MOUNT, *self.names)), now=self.now, result=DONE)

    def check(self, present: rows.Entry | None) -> None:
        """Return if the request's conditions hold for the present entry (RFC 9110 §13.1).

        Raises PreconditionFailed, and NotModified for GET and HEAD.
        """
        etag, exists = None if present is None else present.etag, present is not None
        wanted = self.environ.get("HTTP_IF_MATCH")
        if wanted is not None and not matches(wanted, etag, exists=exists, weak=False):
            raise PreconditionFailed("If-Match")
        unwanted = self.environ.get("HTTP_IF_NONE_MATCH")
        if unwanted is not None and matches(unwanted, etag, exists=exists, weak=True):
            raise NotModified if self.method in ("GET", "HEAD") else PreconditionFailed("If-None-Match")

    @property
    def checked(self) -> Check:
        """Return `check` as the store wants it."""
        return self.check


def refusal(request: CalendarRequest, error: CalendarRefused) -> DavRefusal:
    """Return a refusal with the condition element a client may look for (RFC 4791 §5.3.2.1)."""
    if error.condition == "room":
        return DavRefusal(
            HTTPStatus.INSUFFICIENT_STORAGE, error.message_id, "<D:quota-not-exceeded/>", reason=error.reason
        )
    content = ""
    if error.condition == "no-uid-conflict" and len(request.names) > 1:
        content = f"<D:href>{escape(request.href(request.names[1], error.reason))}</D:href>"
    if error.condition in _DAV_CONDITIONS:
        element = f"<D:{error.condition}/>"
    else:
        namespace = CALDAV[1:-1]
        element = f'<C:{error.condition} xmlns:C="{namespace}">{content}</C:{error.condition}>'
    return DavRefusal(HTTPStatus.FORBIDDEN, error.message_id, element, reason=error.reason)
