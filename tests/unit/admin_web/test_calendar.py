"""The scheduler's pages: events with repeats and people, in Tokyo's time, for whoever may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import quote

import pytest
from sqlalchemy import select

from auth import accesslog
from auth.accesslog import Query
from db.tables import calendar_objects, outbox
from groupware.calendars import agenda, shelf
from tests.unit.admin_web.cast import Browser, Site

FORM = {
    "calendar": "default", "title": "営業会議", "start_day": "2026-04-06", "start_time": "10:00",
    "end_day": "2026-04-06", "end_time": "11:30", "location": "第1会議室", "description": "", "repeat": "",
    "interval": "1", "ends": "never", "reminder": "",
}  # fmt: skip


def add(browser: Browser, **more: object) -> None:
    """Store an event and hold the answer to success."""
    form: Mapping[str, object] = {**FORM, **more}
    answer = browser.post("/calendar/new", form)
    assert answer.status_code == 303, answer.text


def texts(site: Site) -> list[str]:
    """Return every event as it is stored."""
    with site.parts.database.reading() as tx:
        return list(tx.execute(select(calendar_objects.c.data).order_by(calendar_objects.c.calendar_id)).scalars())


def shows(browser: Browser, day: int, title: str = "営業会議") -> bool:
    """Return whether an event stands on a day of April."""
    return f'item-title">{title}' in browser.get(f"/calendar/?view=day&on=2026-04-{day:02}").text


def the_event(browser: Browser, at: str = "") -> str:
    """Return the address of the one event of April."""
    page = browser.get("/calendar/?on=2026-04-06").text
    start = page.index('href="/calendar/event/') + len('href="')
    address = page[start : page.index('"', start)].replace("&amp;", "&")
    return address.partition("?")[0] + (f"?at={quote(at)}" if at else "")


@pytest.fixture
def hanako(site: Site) -> Browser:
    return site.at_work("hanako")


def test_an_event_stands_in_month_week_and_day(hanako: Browser) -> None:
    add(hanako)
    for view in ("month", "week", "day"):
        page = hanako.get(f"/calendar/?view={view}&on=2026-04-06").text
        assert "営業会議" in page
        assert "10:00" in page
    assert "営業会議" not in hanako.get("/calendar/?view=day&on=2026-04-07").text
    assert "営業会議" not in hanako.get("/calendar/?view=week&on=2026-04-12").text


def test_an_all_day_event_is_on_its_days_and_no_other(hanako: Browser, site: Site) -> None:
    add(hanako, all_day="1", end_day="2026-04-07")
    assert "DTSTART;VALUE=DATE:20260406" in texts(site)[0]
    assert "DTEND;VALUE=DATE:20260408" in texts(site)[0]
    shown = [shows(hanako, day) for day in (5, 6, 7, 8)]
    assert shown == [False, True, True, False]


def test_an_event_is_stored_in_tokyo_time(hanako: Browser, site: Site) -> None:
    add(hanako)
    assert "DTSTART;TZID=Asia/Tokyo:20260406T100000" in texts(site)[0]
    assert "BEGIN:VTIMEZONE" in texts(site)[0]


@pytest.mark.parametrize(
    ("more", "days"),
    [
        ({"repeat": "DAILY", "interval": "2", "ends": "count", "count": "3"}, [6, 8, 10]),
        ({"repeat": "WEEKLY", "weekday": ["MO", "TH"], "ends": "until", "until": "2026-04-16"}, [6, 9, 13, 16]),
        ({"repeat": "MONTHLY", "ends": "count", "count": "2"}, [6]),
    ],
)
def test_an_event_repeats_as_its_form_says(
    site: Site, hanako: Browser, more: dict[str, object], days: list[int]
) -> None:
    add(hanako, **more)
    grant = shelf.enter(site.caller("hanako"))
    with site.parts.database.reading() as tx:
        window = agenda.window_of(date(2026, 4, 1), 30)
        found = agenda.items(tx, shelf.of_caller(tx, grant), window)
    assert [one.starts_at.day for one in found] == days


def test_one_of_many_is_changed_alone(hanako: Browser, site: Site) -> None:
    add(hanako, repeat="DAILY", ends="count", count="3")
    address = the_event(hanako).partition("?")[0]
    form = {
        **FORM,
        "title": "場所変更",
        "start_day": "2026-04-07",
        "end_day": "2026-04-07",
        "scope": "one",
        "at": "2026-04-07T10:00:00+09:00",
        "etag": etag(site),
    }
    assert hanako.post(f"{address}/edit", form).status_code == 303
    titles = [shows(hanako, day, "場所変更") for day in (6, 7, 8)]
    assert titles == [False, True, False]


def etag(site: Site) -> str:
    """Return the entity tag of the one event."""
    with site.parts.database.reading() as tx:
        return str(tx.execute(select(calendar_objects.c.etag)).scalar_one())


def test_one_of_many_is_deleted_alone_and_then_all(hanako: Browser, site: Site) -> None:
    add(hanako, repeat="DAILY", ends="count", count="3")
    address = the_event(hanako)
    at = {"at": "2026-04-07T10:00:00+09:00"}
    assert hanako.post(f"{address}/delete", {"scope": "one", **at}).status_code == 303
    shown = [shows(hanako, day) for day in (6, 7, 8)]
    assert shown == [True, False, True]
    assert hanako.post(f"{address}/delete", {"scope": "all"}).status_code == 303
    assert texts(site) == []


def test_changing_all_moves_every_time(hanako: Browser, site: Site) -> None:
    add(hanako, repeat="DAILY", ends="count", count="2")
    form = {
        **FORM,
        "start_time": "15:00",
        "end_time": "16:00",
        "repeat": "DAILY",
        "ends": "count",
        "count": "2",
        "scope": "all",
        "etag": etag(site),
    }
    assert hanako.post(f"{the_event(hanako)}/edit", form).status_code == 303
    for day in (6, 7):
        assert "15:00" in hanako.get(f"/calendar/?view=day&on=2026-04-0{day}").text


def test_a_change_of_what_somebody_else_changed_is_refused(hanako: Browser, site: Site) -> None:
    add(hanako)
    form = {**FORM, "title": "二番目", "etag": '"old"'}
    assert hanako.post(f"{the_event(hanako)}/edit", form).status_code == 409
    assert "営業会議" in texts(site)[0]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"title": " "}, "Title"),
        ({"start_day": "soon"}, "Starts on"),
        ({"end_day": "2026-04-05"}, "End"),
        ({"repeat": "DAILY", "interval": "0"}, "Every how many"),
        ({"repeat": "DAILY", "ends": "count", "count": "x"}, "How many times"),
        ({"attendee": "jiro"}, "Who is invited"),
    ],
)
def test_a_form_that_cannot_be_read_says_which_field(hanako: Browser, more: dict[str, object], words: str) -> None:
    answer = hanako.post("/calendar/new", {**FORM, **more})
    assert answer.status_code == 400
    assert words in answer.text.partition('role="alert"')[2].partition("</p>")[0]


def test_an_invitation_is_in_the_other_calendar_and_its_answer_comes_back(site: Site, hanako: Browser) -> None:
    taro = site.at_work("taro")
    add(hanako, attendee=["taro"])
    page = taro.get("/calendar/?on=2026-04-06").text
    assert "Invitations waiting for your answer" in page
    assert taro.post(f"{the_event(taro)}/answer", {"answer": "ACCEPTED"}).status_code == 303
    assert "Invitations waiting for your answer" not in taro.get("/calendar/?on=2026-04-06").text
    assert [one.count("PARTSTAT=ACCEPTED") for one in texts(site)] == [1, 1]
    assert "accepted" in hanako.get(the_event(hanako)).text


def test_the_invited_do_not_change_the_event_itself(site: Site, hanako: Browser) -> None:
    taro = site.at_work("taro")
    add(hanako, attendee=["taro"])
    address = the_event(taro)
    assert "Change event" not in taro.get(address).text
    with site.parts.database.reading() as tx:
        tag = tx.execute(select(calendar_objects.c.etag).where(calendar_objects.c.organizer.is_not(None))).scalar_one()
    assert taro.post(f"{address}/edit", {**FORM, "title": "別", "etag": tag}).status_code == 403
    assert all("営業会議" in one for one in texts(site))


def test_a_deleted_event_leaves_the_calendars_of_the_invited(site: Site, hanako: Browser) -> None:
    add(hanako, attendee=["taro"])
    assert len(texts(site)) == 2
    hanako.post(f"{the_event(hanako)}/delete", {"scope": "all"})
    assert texts(site) == []


def test_an_invitation_goes_by_mail_where_an_address_was_given(site: Site, hanako: Browser) -> None:
    taro = site.at_work("taro")
    taro.post("/calendar/settings", {"do": "mail", "mail_address": "taro@example.jp"})
    add(hanako, attendee=["taro"])
    with site.parts.database.reading() as tx:
        mails = tx.execute(select(outbox.c.recipient, outbox.c.body)).all()
    assert [one.recipient for one in mails] == ["taro@example.jp"]
    assert "営業会議" in mails[0].body


def test_busy_times_are_told_without_what_they_are(site: Site, hanako: Browser) -> None:
    add(hanako)
    page = site.at_work("taro").get("/calendar/busy?on=2026-04-06&login=hanako").text
    assert "10:00–11:30" in page
    assert "営業会議" not in page


def test_everybody_writes_the_contracts_calendar_until_the_administrator_keeps_it(site: Site, hanako: Browser) -> None:
    add(hanako, calendar="contract")
    assert "営業会議" in site.at_work("taro").get("/calendar/?on=2026-04-06").text
    admin = site.at_work("sakura-admin")
    assert admin.post("/calendar/settings", {"do": "writers", "writers": "administrators"}).status_code == 303
    assert hanako.post("/calendar/new", {**FORM, "calendar": "contract"}).status_code == 403
    assert admin.post("/calendar/new", {**FORM, "calendar": "contract"}).status_code == 303
    assert hanako.post("/calendar/settings", {"do": "writers", "writers": "everyone"}).status_code == 403


def test_another_contract_sees_nothing(site: Site, hanako: Browser) -> None:
    add(hanako, calendar="contract")
    jiro = site.at_work("jiro")
    assert "営業会議" not in jiro.get("/calendar/?on=2026-04-06").text
    assert jiro.get(the_event(hanako)).status_code == 404


def test_calendars_are_added_and_removed_but_not_the_contracts(hanako: Browser) -> None:
    assert hanako.post("/calendar/settings", {"do": "add", "name": "出張"}).status_code == 303
    assert "出張" in hanako.get("/calendar/settings").text
    assert hanako.post("/calendar/settings", {"do": "remove", "name": "contract"}).status_code == 403
    assert hanako.post("/calendar/settings", {"do": "mail", "mail_address": "no address"}).status_code == 400


def test_r12_calendars_need_a_registered_device_on_pro(site: Site) -> None:
    browser = site.browser()
    browser.sign_in("hanako")
    answer = browser.get("/calendar/")
    assert answer.status_code == 303
    assert "/login/device" in answer.headers["Location"]


def test_r21_a_stored_event_is_in_the_access_log(site: Site, hanako: Browser) -> None:
    add(hanako)
    with site.parts.database.reading() as tx:
        found = list(accesslog.search(tx, site.caller("hanako").contract_id, Query(act="write")))
    assert found[0].path.startswith("calendars/hanako/default/")


def test_staff_have_no_calendar(site: Site) -> None:
    browser = site.browser()
    browser.sign_in("operator")
    assert browser.get("/calendar/").status_code == 404
