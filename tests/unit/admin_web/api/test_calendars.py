"""Calendars over the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.admin_web.api.callers import Program, Programs

_APRIL = "since=2026-04-01T00:00:00%2B09:00&until=2026-05-01T00:00:00%2B09:00"
_MEETING = {
    "title": "営業会議",
    "starts_at": "2026-04-06T10:00:00+09:00",
    "ends_at": "2026-04-06T11:00:00+09:00",
}


@pytest.fixture
def hanako(programs: Programs) -> Program:
    """Return hanako's program."""
    return programs.of("hanako")


def add(program: Program, **more: object) -> dict[str, Any]:
    """Store an event and return where it is."""
    answer = program.post("/events", **{**_MEETING, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json or {})


def test_an_event_is_stored_listed_and_deleted(hanako: Program) -> None:
    made = add(hanako, repeat={"every": "WEEKLY", "count": 3})
    found = hanako.read(f"/events?{_APRIL}")["items"]
    assert [one["starts_at"] for one in found] == [f"2026-04-{day:02}T10:00:00+09:00" for day in (6, 13, 20)]
    assert {one["title"] for one in found} == {"営業会議"}
    assert hanako.ask("DELETE", f"/events/default/{made['name']}").status_code == 204
    assert hanako.read(f"/events?{_APRIL}")["items"] == []


def test_an_all_day_event_takes_tokyos_days(hanako: Program) -> None:
    add(hanako, all_day=True, ends_at="2026-04-07T11:00:00+09:00")
    (one,) = hanako.read(f"/events?{_APRIL}")["items"]
    assert (one["all_day"], one["starts_at"], one["ends_at"]) == (
        True,
        "2026-04-06T00:00:00+09:00",
        "2026-04-08T00:00:00+09:00",
    )


def test_the_contracts_calendar_comes_first(hanako: Program) -> None:
    assert [one["name"] for one in hanako.read("/calendars")["items"]] == ["contract", "default"]


def test_an_invitation_is_answered(programs: Programs, hanako: Program) -> None:
    add(hanako, attendees=["taro"])
    taro = programs.of("taro")
    (one,) = taro.read(f"/events?{_APRIL}")["items"]
    assert one["invitation"] is True
    address = f"/events/{one['calendar']}/{one['name']}/answer"
    assert taro.ask("PUT", address, json={"answer": "ACCEPTED"}).status_code == 204
    assert hanako.ask("PUT", address, json={"answer": "ACCEPTED"}).status_code == 404


def test_busy_times_of_the_contract_alone(programs: Programs, hanako: Program) -> None:
    add(hanako)
    times = programs.of("taro").read(f"/busy?login_id=hanako&{_APRIL}")["items"]
    assert [one["starts_at"] for one in times] == ["2026-04-06T10:00:00+09:00"]
    assert programs.of("jiro").get(f"/busy?login_id=hanako&{_APRIL}").status_code == 404


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"ends_at": "2026-04-06T09:00:00+09:00"}, 409),
        ({"starts_at": "0001-01-01T00:00:00+09:00"}, 409),
        ({"ends_at": "9999-12-31T23:59:59-12:00"}, 409),
        ({"attendees": ["jiro"]}, 409),
        ({"repeat": {"every": "SECONDLY"}}, 400),
        ({"repeat": {"every": "DAILY", "interval": 0}}, 400),
        ({"repeat": {"every": "DAILY", "until": 0}}, 400),
    ],
)
def test_an_event_that_cannot_be_is_refused(hanako: Program, more: dict[str, object], status: int) -> None:
    assert hanako.post("/events", **{**_MEETING, **more}).status_code == status


def test_a_question_is_cut_to_a_year(hanako: Program) -> None:
    add(hanako, repeat={"every": "DAILY"})
    since = "since=2026-04-06T00:00:00%2B09:00"
    found = hanako.read(f"/events?{since}&until=2029-01-01T00:00:00%2B09:00&limit=500")
    assert len(found["items"]) == 366
    assert hanako.read(f"/events?{since}&until=2026-04-06T00:00:00%2B09:00")["items"] == []
    assert hanako.get("/events?since=0001-01-01T00:00:00Z&until=9999-12-31T00:00:00Z").status_code == 200
