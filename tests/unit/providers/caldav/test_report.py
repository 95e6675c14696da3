"""REPORT: queries by time and text, entries by address, what changed, and when one is busy."""

from __future__ import annotations

import re

import pytest

from tests.unit.groupware.calendars.desk import event, wrapped
from tests.unit.providers.caldav.conftest import HOME, OWN
from tests.unit.providers.conftest import DAV, Answer, Client, asking

CALDAV = "{urn:ietf:params:xml:ns:caldav}"
_C = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'


def query(component: str, inside: str, data: str = "<C:calendar-data/>") -> bytes:
    """Return a calendar-query for a component."""
    return (
        f'<C:calendar-query {_C}><D:prop><D:getetag/>{data}</D:prop><C:filter><C:comp-filter name="VCALENDAR">'
        f'<C:comp-filter name="{component}">{inside}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>'
    ).encode()


def range_of(start: str, end: str) -> str:
    """Return a time-range of days in April 2026."""
    return f'<C:time-range start="202604{start}T000000Z" end="202604{end}T000000Z"/>'


@pytest.fixture
def filled(phone: Client) -> Client:
    """Return a device whose calendar holds two events and a to-do."""
    phone("PUT", OWN + "a.ics", event("a", "RRULE:FREQ=DAILY;COUNT=3"))
    phone("PUT", OWN + "b.ics", event("b", start="20260410T010000Z", summary="Other"))
    phone("PUT", OWN + "t.ics", wrapped("VTODO", "UID:t", "DTSTAMP:20260401T000000Z", "SUMMARY:Task"))
    return phone


def data(answer: Answer) -> list[str]:
    """Return the calendar-data of each response."""
    return [one.text or "" for one in answer.xml.iter(CALDAV + "calendar-data")]


def test_a_query_finds_what_takes_place_in_its_time(filled: Client) -> None:
    answer = filled("REPORT", OWN, query("VEVENT", range_of("08", "09")), depth="1")
    assert answer.hrefs() == [OWN + "a.ics"]
    assert data(answer)[0].encode() == event("a", "RRULE:FREQ=DAILY;COUNT=3")
    assert filled("REPORT", OWN, query("VEVENT", range_of("09", "10"))).hrefs() == []
    assert filled("REPORT", OWN, query("VTODO", range_of("09", "10"))).hrefs() == [OWN + "t.ics"]


def test_a_query_expands_repeats_where_it_is_asked_to(filled: Client) -> None:
    expand = '<C:calendar-data><C:expand start="20260406T000000Z" end="20260408T000000Z"/></C:calendar-data>'
    (text,) = data(filled("REPORT", OWN, query("VEVENT", range_of("06", "08"), expand)))
    assert re.findall(r"DTSTART:(\S+)", text) == ["20260406T010000Z", "20260407T010000Z"]
    assert "RRULE" not in text


def test_a_query_sends_only_the_properties_it_wants(filled: Client) -> None:
    part = (
        '<C:calendar-data><C:comp name="VCALENDAR"><C:allprop/><C:comp name="VEVENT"><C:prop name="UID"/>'
        '<C:prop name="SUMMARY"/></C:comp></C:comp></C:calendar-data>'
    )
    (text,) = data(filled("REPORT", OWN, query("VEVENT", range_of("10", "11"), part)))
    assert "SUMMARY:Other" in text
    assert "DTSTART" not in text


def test_a_query_by_text(filled: Client) -> None:
    match = '<C:prop-filter name="SUMMARY"><C:text-match>OTHER</C:text-match></C:prop-filter>'
    assert filled("REPORT", OWN, query("VEVENT", match)).hrefs() == [OWN + "b.ics"]


@pytest.mark.parametrize(
    ("inside", "condition"),
    [
        (
            '<C:prop-filter name="X"><C:text-match collation="i;odd">x</C:text-match></C:prop-filter>',
            "supported-collation",
        ),
        ('<C:comp-filter name="X">' * 7 + "</C:comp-filter>" * 7, "supported-filter"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why(filled: Client, inside: str, condition: str) -> None:
    answer = filled("REPORT", OWN, query("VEVENT", inside))
    assert (answer.status, str(answer.xml[0].tag)) == (403, CALDAV + condition)


@pytest.mark.parametrize(
    "inside",
    [
        "<C:time-range/>",
        '<C:time-range start="20260408T000000Z" end="20260408T000000Z"/>',
        '<C:time-range start="soon"/>',
    ],
)
def test_a_time_range_that_is_none_is_refused(filled: Client, inside: str) -> None:
    assert filled("REPORT", OWN, query("VEVENT", inside)).status == 400


def test_multiget_tells_what_is_there_and_what_is_not(filled: Client) -> None:
    hrefs = "".join(f"<D:href>{one}</D:href>" for one in (OWN + "b.ics", OWN + "none.ics", HOME + "contract/a.ics"))
    body = f"<C:calendar-multiget {_C}><D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}</C:calendar-multiget>"
    answer = filled("REPORT", OWN, body.encode())
    states = [one.findtext(DAV + "status") for one in answer.xml.findall(DAV + "response")]
    assert states == [None, "HTTP/1.1 404 Not Found", "HTTP/1.1 404 Not Found"]
    assert data(answer)[0].encode() == event("b", start="20260410T010000Z", summary="Other")


def sync(client: Client, token: str) -> Answer:
    """Ask what changed since a token."""
    body = (
        f"<D:sync-collection {_C}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
        "<D:prop><D:getetag/></D:prop></D:sync-collection>"
    )
    return client("REPORT", OWN, body.encode())


def token(answer: Answer) -> str:
    """Return the token of a sync-collection."""
    return answer.xml.findtext(DAV + "sync-token") or ""


def test_sync_collection_tells_changes_and_deletions_since_a_token(filled: Client) -> None:
    first = sync(filled, "")
    assert first.hrefs() == [OWN + name for name in ("a.ics", "b.ics", "t.ics")]
    filled("DELETE", OWN + "a.ics")
    filled("PUT", OWN + "c.ics", event("c"))
    second = sync(filled, token(first))
    assert second.hrefs() == [OWN + "c.ics", OWN + "a.ics"]
    assert "404 Not Found" in second.text
    assert sync(filled, token(second)).hrefs() == []


@pytest.mark.parametrize("forged", ["urn:azukari:sync:1-999999", "urn:azukari:sync:999-1", "http://example.com/1"])
def test_a_token_of_nobody_is_refused(filled: Client, forged: str) -> None:
    answer = sync(filled, forged)
    assert (answer.status, str(answer.xml[0].tag)) == (403, DAV + "valid-sync-token")


def test_a_token_of_a_calendar_that_was_made_anew_is_refused(phone: Client) -> None:
    path, tokens = HOME + "again/", []
    for _ in range(2):
        assert phone("MKCALENDAR", path).status == 201
        tokens.append(phone("PROPFIND", path, asking("sync-token"), depth="0").values()["sync-token"])
        body = f"<D:sync-collection {_C}><D:sync-token>{tokens[0]}</D:sync-token><D:prop/></D:sync-collection>"
        assert phone("REPORT", path, body.encode()).status == (207 if len(tokens) == 1 else 403)
        assert phone("DELETE", path).status == 204
    assert tokens[0] != tokens[1]


def test_free_busy_tells_times_without_what_they_are(filled: Client) -> None:
    body = f"<C:free-busy-query {_C}>{range_of('06', '07')}</C:free-busy-query>"
    answer = filled("REPORT", OWN, body.encode(), depth="1")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "20260406T010000Z/20260406T020000Z" in answer.text
    assert "会議" not in answer.text


def test_an_unknown_report_is_refused_by_name(phone: Client) -> None:
    answer = phone("REPORT", HOME, b'<D:principal-match xmlns:D="DAV:"/>')
    assert (answer.status, str(answer.xml[0].tag)) == (403, DAV + "supported-report")
