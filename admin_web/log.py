"""The access log for the administrator: search, and CSV for a spreadsheet (R21)."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from admin_web import own
from admin_web.gate import caller, for_roles, parts
from auth import accesslog
from auth.accesslog import Query
from auth.callers import Role
from core.clock import TOKYO, parse_instant

blueprint = Blueprint("log", __name__, url_prefix="/admin/log")

ROWS = 200
_DAYS = 7


@blueprint.get("/")
@for_roles(Role.ADMINISTRATOR)
def search() -> ResponseReturnValue:
    """Show the latest entries that match, the newest first."""
    query, flaw = _query()
    parts().journal.flush()  # what this process has yet to write down is part of the truth
    with parts().database.reading() as tx:
        found = deque(accesslog.search(tx, caller().contract_id, query), maxlen=ROWS)
    return render_template(
        "admin/log.html",
        entries=list(reversed(found)),
        rows=ROWS,
        query=query,
        flaw=flaw,
        people=own.people(),
        devices={one.device_id: one.name for one in own.device_list()},
        since=_day(query.since),
        until=_day(query.until - timedelta(days=1)) if query.until else "",
        arguments={name: value for name, value in request.args.items() if value},
    )


def _query() -> tuple[Query, str]:
    """Return what the address asks for, of the last days where it does not say, and what it said wrong."""
    given, flaw = request.args, ""
    since: datetime | None = parts().clock() - timedelta(days=_DAYS)
    until = None
    try:
        since = parse_instant(given["since"]) if given.get("since") else since
        until = parse_instant(given["until"]) + timedelta(days=1) if given.get("until") else None
    except (ValueError, OverflowError):
        flaw = "web.log.no_date"
    query = Query(
        since=since,
        until=until,
        login_id=given.get("login", "").strip(),
        path=given.get("path", "").strip(),
        act=given.get("act", "").strip(),
        result=given.get("result", "").strip(),
    )
    return query, flaw


def _day(at: datetime | None) -> str:
    return at.astimezone(TOKYO).date().isoformat() if at else ""


@blueprint.get("/azukari-log.csv")
@for_roles(Role.ADMINISTRATOR)
def download() -> ResponseReturnValue:
    """Return every entry that matches as CSV, as it is being read; spreadsheets want the byte order mark."""
    query, contract_id, database = _query()[0], caller().contract_id, parts().database
    parts().journal.flush()

    def lines() -> Iterator[str]:
        yield "\ufeff"
        with database.reading() as tx:
            for row in accesslog.csv_rows(accesslog.search(tx, contract_id, query)):
                out = io.StringIO()
                csv.writer(out).writerow(row)
                yield out.getvalue()

    headers = {"Content-Disposition": "attachment; filename=azukari-log.csv"}
    return Response(lines(), mimetype="text/csv", headers=headers)
