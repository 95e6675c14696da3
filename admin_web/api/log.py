"""The access log: searched, and as CSV (R21)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from flask import Response
from pydantic import Field

from admin_web.api.shapes import Instant, InstantGiven, Page, Rows, Shape, Text
from admin_web.api.subject import Subject, media
from admin_web.gate import caller, parts
from auth import accesslog
from auth.accesslog import Entry, Query
from auth.tokens import Scope

subject = Subject("log", "The access log")


class LogEntry(Shape):
    """One entry: when, which login, device, line and address, which act on which file, with which result."""

    at: Instant
    login: str
    device: str
    line: str
    address: str
    act: str
    path: str
    result: str
    detail: str


class LogFilters(Shape):
    """What to look for; what is left out asks for nothing."""

    since: Annotated[InstantGiven | None, Field(description="From this instant on.")] = None
    until: Annotated[InstantGiven | None, Field(description="Before this instant.")] = None
    login: Text = ""
    device: Text = ""
    act: Text = ""
    result: Text = ""
    path: Annotated[Text, Field(description="The beginning of the path.")] = ""


class LogFiltersPage(LogFilters, Page):
    """What to look for, and which part of it."""


def _query(given: LogFilters) -> Query:
    return Query(
        since=given.since,
        until=given.until,
        login_id=given.login,
        device_id=given.device,
        act=given.act,
        result=given.result,
        path=given.path,
    )


@subject.operation("GET /log", scope=Scope.CONTRACT_READ, answer=Rows[LogEntry])
def search_log(query: LogFiltersPage) -> Rows[LogEntry]:
    """Search the access log, the oldest first."""
    parts().journal.flush()  # what this process has yet to write down is part of the truth
    end = query.offset + query.limit
    with parts().database.reading() as tx:
        entries = accesslog.search(tx, caller().contract_id, _query(query))
        found = list(islice(entries, query.offset, end + 1))
    return Rows[LogEntry](
        items=[_shown(one) for one in found[: query.limit]],
        next_offset=end if len(found) > query.limit else None,
    )


def _shown(one: Entry) -> LogEntry:
    return LogEntry(
        at=one.at,
        login=one.login_id,
        device=one.device_id,
        line=one.line_id,
        address=one.address,
        act=one.act,
        path=one.path,
        result=one.result,
        detail=one.detail,
    )


@subject.operation(
    "GET /log.csv", scope=Scope.CONTRACT_READ, answer=media("text/csv", "Every entry that matches, the oldest first.")
)
def download_log(query: LogFilters) -> Response:
    """Download what matches as CSV; no cell acts as a formula."""
    parts().journal.flush()
    wanted, contract_id, database = _query(query), caller().contract_id, parts().database

    def lines() -> Iterator[str]:
        with database.reading() as tx:
            for row in accesslog.csv_rows(accesslog.search(tx, contract_id, wanted)):
                out = io.StringIO()
                csv.writer(out).writerow(row)
                yield out.getvalue()

    return Response(lines(), mimetype="text/csv")
