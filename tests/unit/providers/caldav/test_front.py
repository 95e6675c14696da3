"""CalDAV as programs speak it: finding calendars, entries with conditions, and who may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auth import devices
from auth.callers import DeviceState
from gateway import remote_lock
from tests.unit.groupware.calendars.desk import event
from tests.unit.providers.caldav.conftest import HOME, OWN
from tests.unit.providers.conftest import DAV, Answer, Client, Office, asking

CALDAV = "{urn:ietf:params:xml:ns:caldav}"
_C = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'


def condition(answer: Answer) -> str:
    """Return the condition element of a refusal, in Clark notation."""
    return str(answer.xml[0].tag)


def wanting(*names: str) -> bytes:
    """Return a propfind body for properties of CalDAV."""
    inner = "".join(f"<C:{name}/>" for name in names)
    return f"<D:propfind {_C}><D:prop>{inner}</D:prop></D:propfind>".encode()


def test_a_program_finds_its_way_from_the_root_to_the_calendars(phone: Client) -> None:
    for path in ("/", "/dav/", "/dav/calendars/"):
        found = phone("PROPFIND", path, asking("current-user-principal"), depth="0").properties()
        assert found[DAV + "current-user-principal"].findtext(DAV + "href") == HOME
    homes = phone("PROPFIND", HOME, wanting("calendar-home-set"), depth="0").properties()
    assert homes[CALDAV + "calendar-home-set"].findtext(DAV + "href") == HOME
    listed = phone("PROPFIND", HOME, asking("resourcetype"), depth="1")
    assert listed.hrefs() == [HOME, HOME + "contract/", OWN]
    assert [one.tag for one in listed.properties(response=2)[DAV + "resourcetype"]] == [
        DAV + "collection",
        CALDAV + "calendar",
    ]


def test_options_says_what_is_possible_here_and_locks_are_not(phone: Client) -> None:
    answer = phone("OPTIONS", OWN)
    assert answer.headers["dav"] == "1, 3, calendar-access, extended-mkcol"
    assert "REPORT" in answer.headers["allow"]
    assert phone("OPTIONS", "/dav/my/").headers["dav"] == "1,2"
    assert phone("LOCK", OWN).status == 405


def test_an_entry_is_stored_read_and_deleted_under_its_tag(phone: Client) -> None:
    body = event("a")
    stored = phone("PUT", OWN + "a.ics", body, if_none_match="*")
    assert stored.status == 201
    read = phone("GET", OWN + "a.ics")
    assert (read.status, read.body, read.headers["etag"]) == (200, body, stored.headers["etag"])
    assert read.headers["content-type"] == "text/calendar; charset=utf-8; component=vevent"
    assert phone("GET", OWN + "a.ics", if_none_match=stored.headers["etag"]).status == 304
    changed = phone("PUT", OWN + "a.ics", event("a", summary="変更"), if_match=stored.headers["etag"])
    assert changed.status == 204
    assert phone("PUT", OWN + "a.ics", body, if_match=stored.headers["etag"]).status == 412
    assert phone("PUT", OWN + "a.ics", body, if_none_match="*").status == 412
    assert phone("DELETE", OWN + "a.ics", if_match=stored.headers["etag"]).status == 412
    assert phone("DELETE", OWN + "a.ics", if_match=changed.headers["etag"]).status == 204
    assert phone("GET", OWN + "a.ics").status == 404


@pytest.mark.parametrize(
    ("body", "element"),
    [
        (b"no calendar", "valid-calendar-data"),
        (event("a", "RRULE:FREQ=SECONDLY"), "max-instances"),
        (event("b"), "no-uid-conflict"),
        (event("a", "DESCRIPTION:" + "x" * 1024 * 1024), "max-resource-size"),
        (event("a").replace(b"VEVENT", b"VPOLL"), "supported-calendar-component"),
        (event("a", start="10000101T000000Z"), "min-date-time"),
    ],
)
def test_a_refusal_names_its_precondition_and_stores_nothing(phone: Client, body: bytes, element: str) -> None:
    phone("PUT", OWN + "b.ics", event("b"))
    answer = phone("PUT", OWN + "a.ics", body)
    assert (answer.status, condition(answer)) == (403, CALDAV + element)
    assert phone("GET", OWN + "a.ics").status == 404


def test_a_uid_conflict_says_where_the_other_is(phone: Client) -> None:
    phone("PUT", OWN + "b.ics", event("b"))
    answer = phone("PUT", OWN + "a.ics", event("b"))
    assert answer.xml[0].findtext(DAV + "href") == OWN + "b.ics"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", OWN, 405),
        ("PUT", HOME + "none/a.ics", 409),
        ("GET", HOME + "none/a.ics", 404),
        ("PROPFIND", OWN + "none.ics", 404),
        ("PROPFIND", "/dav/calendars/taro/", 404),
        ("DELETE", "/dav/calendars/taro/default/", 404),
        ("DELETE", HOME, 403),
        ("DELETE", HOME + "contract/", 403),
        ("MKCALENDAR", OWN, 405),
        ("MKCALENDAR", OWN + "below/", 403),
        ("MKCOL", HOME + "plain/", 403),
        ("COPY", OWN + "a.ics", 405),
        ("REPORT", HOME, 400),
    ],
)
def test_what_makes_no_sense_is_refused(phone: Client, method: str, path: str, status: int) -> None:
    body = event("a") if method == "PUT" else b""
    assert phone(method, path, body, depth="0").status == status


def test_a_calendar_is_made_with_its_properties_and_changed(phone: Client) -> None:
    body = (
        f"<C:mkcalendar {_C}><D:set><D:prop><D:displayname>出張</D:displayname><C:supported-calendar-component-set>"
        '<C:comp name="VTODO"/></C:supported-calendar-component-set><I:calendar-color '
        'xmlns:I="http://apple.com/ns/ical/">#ff0000ff</I:calendar-color></D:prop></D:set></C:mkcalendar>'
    ).encode()
    assert phone("MKCALENDAR", HOME + "trips/", body).status == 201
    found = phone("PROPFIND", HOME + "trips/", asking("displayname", "sync-token"), depth="0").values()
    assert found["displayname"] == "出張"
    assert phone("PUT", HOME + "trips/a.ics", event("a")).status == 403
    assert "#ff0000ff" in phone("PROPFIND", HOME + "trips/", depth="0").text
    update = (
        f"<D:propertyupdate {_C}><D:set><D:prop><D:displayname>旅行</D:displayname></D:prop></D:set></D:propertyupdate>"
    )
    assert "200 OK" in phone("PROPPATCH", HOME + "trips/", update.encode()).text
    assert phone("PROPFIND", HOME + "trips/", asking("displayname"), depth="0").values()["displayname"] == "旅行"
    refused = update.replace("displayname", "sync-token")
    assert "403 Forbidden" in phone("PROPPATCH", HOME + "trips/", refused.encode()).text
    assert phone("DELETE", HOME + "trips/").status == 204
    assert phone("PROPFIND", HOME + "trips/", depth="0").status == 404


def test_everybody_reads_and_writes_the_contracts_calendar(phone: Client, other: Client) -> None:
    assert phone("PUT", HOME + "contract/a.ics", event("a")).status == 201
    assert other("GET", "/dav/calendars/taro/contract/a.ics").body == event("a")


def test_an_invitation_lies_in_the_other_calendar_and_an_answer_comes_back(phone: Client, other: Client) -> None:
    asked = ("ORGANIZER:urn:azukari:login:hanako", "ATTENDEE;PARTSTAT=NEEDS-ACTION:urn:azukari:login:taro")
    phone("PUT", OWN + "a.ics", event("a", *asked))
    (name,) = other("GET", "/dav/calendars/taro/default/").text.split()
    copy = other("GET", f"/dav/calendars/taro/default/{name}").text
    answered = copy.replace("NEEDS-ACTION", "ACCEPTED").encode()
    assert other("PUT", f"/dav/calendars/taro/default/{name}", answered).status == 204
    assert "PARTSTAT=ACCEPTED" in phone("GET", OWN + "a.ics").text
    assert phone("DELETE", OWN + "a.ics").status == 204
    assert other("GET", f"/dav/calendars/taro/default/{name}").status == 404


def test_an_invitation_never_replaces_an_entry_of_ones_own(phone: Client, other: Client) -> None:
    other("PUT", "/dav/calendars/taro/default/mine.ics", event("a", summary="自分の予定"))
    phone("PUT", OWN + "a.ics", event("a", "ATTENDEE:urn:azukari:login:taro"))
    assert "自分の予定" in other("GET", "/dav/calendars/taro/default/mine.ics").text
    assert other("GET", "/dav/calendars/taro/default/").text.split() == ["mine.ics"]


@pytest.mark.parametrize("body", [b'<!DOCTYPE a [<!ENTITY b "c">]>' + asking("displayname"), b"<a", b"<a/>"])
def test_xml_that_is_none_or_has_a_doctype_is_refused(phone: Client, body: bytes) -> None:
    assert phone("PROPFIND", OWN, body, depth="0").status == 400
    assert phone("REPORT", OWN, body).status == 400


def test_xml_over_the_limit_is_refused(phone: Client) -> None:
    assert phone("REPORT", OWN, b" " * (1024 * 1024 + 1)).status == 413


def test_r16_a_locked_device_has_no_calendars_from_the_next_request_on(phone: Client, office: Office) -> None:
    assert phone("PROPFIND", OWN, depth="0").status == 207
    with office.database.reading() as tx:
        device = next(one for one in devices.list_devices(tx, office.firm.contract_id) if one.login_id == "hanako")
    order = remote_lock.Order("admin", "admin", "lost")
    office.database.write(
        lambda tx: remote_lock.change(tx, device.device_id, DeviceState.LOCKED, order, now=office.clock())
    )
    assert phone("PROPFIND", OWN, depth="0").status == 401


def test_a_wrong_password_opens_nothing(phone: Client) -> None:
    assert replace(phone, password="wrong")("PROPFIND", OWN, depth="0").status == 401
