"""The access log for the administrator: search through all of it, page by page, and CSV for a spreadsheet (R21)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from admin_web import own
from admin_web.gate import caller, for_roles, parts
from admin_web.words import t
from auth import accesslog
from auth.accesslog import Entry, Query
from auth.callers import Role
from core import messages
from core.clock import TOKYO, parse_instant

blueprint = Blueprint("log", __name__, url_prefix="/admin/log")

ROWS = 100
_DAYS = 7
#: Numbers of entries are counted in so many digits.
_MAX_DIGITS = 18


@blueprint.get("/")
@for_roles(Role.ADMINISTRATOR)
def search() -> ResponseReturnValue:
    """Show the entries that match, the newest first, a page at a time."""
    query, flaw = _query()
    before = _before()
    parts().journal.flush()  # what this process has yet to write down is part of the truth
    with parts().database.reading() as tx:
        found = accesslog.newest(tx, caller().contract_id, query, before=before, limit=ROWS + 1)
    devices = own.device_list()
    arguments = {name: value for name, value in request.args.items() if value and name != "before"}
    return render_template(
        "admin/log.html",
        entries=[entry for _, entry in found[:ROWS]],
        older={**arguments, "before": found[ROWS - 1][0]} if len(found) > ROWS else None,
        is_first=before is None,
        query=query,
        flaw=flaw,
        people=own.people(),
        devices=devices,
        device_names={one.device_id: one.name for one in devices},
        since=_day(query.since),
        until=_day(query.until - timedelta(days=1)) if query.until else "",
        arguments=arguments,
    )


def _before() -> int | None:
    given = request.args.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _MAX_DIGITS else None


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
        device_id=given.get("device", "").strip(),
        within=given.get("path", "").strip(),
        act=given.get("act", "").strip(),
        refused=given.get("result") == "refused",
    )
    return query, flaw


def _day(at: datetime | None) -> str:
    return at.astimezone(TOKYO).date().isoformat() if at else ""


def act_words(act: str) -> str:
    """Return what an entry's act is called; its own name for one that has no words."""
    message_id = f"web.act.{act}"
    return t(message_id) if messages.knows(message_id) else act


def detail_words(entry: Entry) -> str:
    """Return what an entry's detail says: a lock's is a record of who asked and why."""
    if entry.act not in ("device.lock", "device.unlock", "device.revoke"):
        return entry.detail
    try:
        told = json.loads(entry.detail)
    except ValueError:
        return entry.detail
    return t("web.log.asked", by=told.get("asked_by", ""), reason=told.get("reason") or "–")


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
