"""Reminders by mail: each alarm once, however late or often the job runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from auth import logins
from db.tables import calendar_objects, calendars, contracts, outbox
from groupware.calendars import people, reminders, shelf
from tests.unit.groupware.calendars.desk import Desk, event

_ALARM = ("BEGIN:VALARM", "ACTION:{0}", "TRIGGER:{1}", "DESCRIPTION:x", "END:VALARM")


def alarm(trigger: str = "-PT10M", action: str = "DISPLAY") -> tuple[str, ...]:
    """Return the lines of an alarm."""
    return tuple(line.format(action, trigger) for line in _ALARM)


@pytest.fixture(autouse=True)
def _address(hanako: Desk) -> None:
    hanako.database.write(lambda tx: people.set_mail(tx, 1, 1, "hanako@example.jp", "ja"))


def mails(desk: Desk) -> list[str]:
    """Return the subjects of the mails that were written down, by recipient and time."""
    with desk.database.reading() as tx:
        return list(tx.execute(select(outbox.c.subject).order_by(outbox.c.created_at, outbox.c.subject)).scalars())


def run_after(desk: Desk, **time: float) -> int:
    """Run the job some time later."""
    desk.clock.advance(**time)
    return reminders.remind(desk.database, now=desk.clock())


def test_an_alarm_is_told_from_its_time_on_and_once(hanako: Desk) -> None:
    hanako.put("a.ics", event("a", *alarm(), start="20260401T040000Z"))  # in an hour
    assert run_after(hanako, minutes=49, seconds=59) == 0
    assert run_after(hanako, seconds=1) == 1
    assert run_after(hanako, seconds=0) == 0
    assert run_after(hanako, minutes=5) == 0
    assert mails(hanako) == ["リマインダー: 会議（2026-04-01 13:00）"]


def test_every_repeat_has_its_reminder_also_after_a_pause(hanako: Desk) -> None:
    hanako.put("a.ics", event("a", "RRULE:FREQ=HOURLY;COUNT=4", *alarm(), start="20260401T040000Z"))
    assert run_after(hanako, hours=1) == 1
    assert run_after(hanako, hours=2) == 2
    assert run_after(hanako, hours=24) == 0  # the fourth was over long before
    with hanako.database.reading() as tx:
        assert tx.execute(select(calendar_objects.c.alarm_us)).scalar_one() is None


@pytest.mark.parametrize(("late", "told"), [({"hours": 3}, 1), ({"hours": 3, "seconds": 1}, 0)])
def test_a_late_reminder_is_told_up_to_an_hour_after_the_end(hanako: Desk, late: dict[str, float], told: int) -> None:
    hanako.put("a.ics", event("a", *alarm(), start="20260401T040000Z"))  # it ends in two hours
    assert run_after(hanako, **late) == told


@pytest.mark.parametrize(("action", "told"), [("DISPLAY", 1), ("EMAIL", 1), ("AUDIO", 0)])
def test_sounds_are_not_sent_by_mail(hanako: Desk, action: str, told: int) -> None:
    hanako.put("a.ics", event("a", *alarm(action=action), start="20260401T040000Z"))
    assert run_after(hanako, hours=1) == told


def test_an_entry_that_was_moved_reminds_at_its_new_time(hanako: Desk) -> None:
    hanako.put("a.ics", event("a", *alarm(), start="20260401T040000Z"))
    hanako.put("a.ics", event("a", *alarm(), start="20260401T060000Z"))
    assert run_after(hanako, hours=1) == 0
    assert run_after(hanako, hours=2) == 1


def test_who_gave_no_address_gets_no_mail(taro: Desk) -> None:
    taro.put("a.ics", event("a", *alarm(), start="20260401T040000Z"))
    assert run_after(taro, hours=1) == 0


def test_a_cancelled_event_is_not_told(hanako: Desk) -> None:
    hanako.put("a.ics", event("a", "STATUS:CANCELLED", *alarm(), start="20260401T040000Z"))
    assert run_after(hanako, hours=1) == 0


def test_two_workers_tell_an_alarm_once(hanako: Desk) -> None:
    hanako.put("a.ics", event("a", *alarm(), start="20260401T040000Z"))
    now = hanako.clock.advance(hours=1)
    (waiting,) = reminders._waiting(hanako.database, now)
    told = [hanako.database.write(lambda tx: reminders._ring(tx, waiting, now)) for _ in range(2)]
    assert told == [1, 0]
    assert timedelta(0) <= hanako.clock() - now


def test_who_is_kept_out_gets_no_mail(hanako: Desk) -> None:
    hanako.put("a.ics", event("a", *alarm(), start="20260401T040000Z"))
    hanako.database.write(lambda tx: logins.set_enabled(tx, "hanako", False))
    assert run_after(hanako, hours=1) == 0


@pytest.mark.parametrize(("late", "left"), [(-1, 2), (0, 0)])
def test_r9_calendars_go_with_the_data_of_their_contract(hanako: Desk, late: int, left: int) -> None:
    hanako.put("a.ics", event("a", *alarm(), start="20260401T040000Z"))
    until = hanako.clock()
    ending = update(contracts).values(state="ended", ended_at=until, readable_until_at=until)
    hanako.database.write(lambda tx: tx.execute(ending))
    now = until + timedelta(microseconds=late)
    assert hanako.database.write(lambda tx: shelf.forget_ended(tx, now=now)) == 2 - left
    with hanako.database.reading() as tx:
        assert len(tx.execute(select(calendars)).all()) == left
    assert run_after(hanako, hours=1) == 0
