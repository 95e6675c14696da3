"""Entries: conditions, UIDs, room, and changes that a client never misses."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from core.errors import AccessDenied, CalendarRefused, NotFound, PreconditionFailed
from groupware.calendars import bounds, ical, objects, shelf
from groupware.calendars.expand import Window
from groupware.calendars.objects import Change
from tests.unit.groupware.calendars.desk import Desk, event, no_record, utc


def changes(desk: Desk, since: int | None) -> tuple[int, list[Change]]:
    """Return the latest change of a desk's own calendar and what changed since another."""
    where = desk.own
    with desk.database.reading() as tx:
        return objects.changes(tx, where, since)


def test_first_use_makes_the_contracts_calendar_and_one_of_ones_own(hanako: Desk, taro: Desk) -> None:
    assert [hanako.shared.id, taro.shared.id] == [hanako.shared.id] * 2
    assert hanako.own.id != taro.own.id


def test_an_entry_comes_back_as_it_was_sent(hanako: Desk) -> None:
    body = event("a", "X-ODD;X-P=1:kept  as it is")
    done = hanako.put("a.ics", body)
    entry = hanako.entries()["a.ics"]
    assert entry.data.encode() == body
    assert (done.created, entry.etag, entry.size_bytes) == (True, done.etag, len(body))
    assert hanako.put("a.ics", body).created is False


def test_a_uid_stands_once_in_a_calendar_and_stays_with_its_name(hanako: Desk) -> None:
    hanako.put("a.ics", event("a"))
    for name, uid in (("b.ics", "a"), ("a.ics", "b")):
        with pytest.raises(CalendarRefused) as refused:
            hanako.put(name, event(uid))
        assert (refused.value.condition, refused.value.reason) == ("no-uid-conflict", "a.ics")
    hanako.put("a.ics", event("a"), hanako.shared)


def test_what_changed_is_told_since_each_change(hanako: Desk) -> None:
    start, _ = changes(hanako, None)
    hanako.put("a.ics", event("a"))
    hanako.put("b.ics", event("b"))
    middle, found = changes(hanako, start)
    assert [one.name for one in found] == ["a.ics", "b.ics"]
    hanako.remove("a.ics")
    hanako.put("c.ics", event("c"))
    hanako.remove("c.ics")
    last, found = changes(hanako, middle)
    assert found == [Change("a.ics", None)]  # c.ics came and went in between
    assert changes(hanako, last) == (last, [])


def test_a_name_that_came_back_is_told_gone_again_to_who_knew_it_before(hanako: Desk) -> None:
    hanako.put("a.ics", event("a"))
    known, _ = changes(hanako, None)
    hanako.remove("a.ics")
    hanako.put("a.ics", event("a"))
    hanako.remove("a.ics")
    assert changes(hanako, known)[1] == [Change("a.ics", None)]


@pytest.mark.parametrize("ahead", [1, 10**9])
def test_a_token_that_was_never_given_out_is_refused(hanako: Desk, ahead: int) -> None:
    number, _ = changes(hanako, None)
    with pytest.raises(CalendarRefused) as refused:
        changes(hanako, number + ahead)
    assert refused.value.condition == "valid-sync-token"


def test_tokens_older_than_what_is_remembered_are_refused(hanako: Desk) -> None:
    hanako.put("a.ics", event("a"))
    old, _ = changes(hanako, None)
    hanako.remove("a.ics")
    fresh, _ = changes(hanako, None)
    at = hanako.clock()
    for before, forgotten in ((at, 0), (at + timedelta(microseconds=1), 1)):
        assert hanako.database.write(lambda tx, b=before: objects.forget_deletions(tx, before=b)) == forgotten  # type: ignore[misc]
    with pytest.raises(CalendarRefused):
        changes(hanako, old)
    assert changes(hanako, fresh) == (fresh, [])


def test_a_full_calendar_takes_no_new_entry_and_keeps_its_old_ones(
    hanako: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groupware.calendars.rows.CALENDAR_OBJECTS", 2)
    hanako.put("a.ics", event("a"))
    hanako.put("b.ics", event("b"))
    with pytest.raises(CalendarRefused) as refused:
        hanako.put("c.ics", event("c"))
    assert refused.value.condition == "room"
    hanako.put("b.ics", event("b", summary="変更"))
    hanako.remove("a.ics")
    hanako.put("c.ics", event("c"))


def test_the_contracts_calendar_is_written_by_administrators_alone_where_they_want_so(hanako: Desk, taro: Desk) -> None:
    taro.put("a.ics", event("a"), taro.shared)
    shared = hanako.shared
    with pytest.raises(AccessDenied):
        hanako.database.write(
            lambda tx: shelf.set_writers(tx, hanako.grant, shared, shelf.ADMINISTRATORS, record=no_record)
        )


def test_an_event_of_the_contracts_calendar_invites_nobody_into_their_own(hanako: Desk, taro: Desk) -> None:
    body = event("a", "ATTENDEE:urn:azukari:login:taro")
    hanako.put("a.ics", body, hanako.shared)
    assert taro.entries() == {}
    hanako.put("b.ics", event("b", "ATTENDEE:urn:azukari:login:taro"))
    assert [one.organizer for one in taro.entries().values()] == [1]


def test_another_logins_calendar_is_not_found(hanako: Desk, taro: Desk) -> None:
    made = hanako.database.write(
        lambda tx: shelf.create(tx, hanako.grant, "private", title="", record=no_record, now=hanako.clock())
    )
    with taro.database.reading() as tx, pytest.raises(NotFound):
        shelf.find(tx, taro.grant, made.name)


def test_the_index_of_times_leaves_out_what_cannot_be_in_a_window(hanako: Desk) -> None:
    hanako.put("once.ics", event("once"))
    hanako.put("daily.ics", event("daily", "RRULE:FREQ=DAILY"))
    window = Window(utc(2027, 1, 1), utc(2027, 2, 1))
    with hanako.database.reading() as tx:
        assert [one.name for one in objects.within(tx, hanako.own, window)] == ["daily.ics"]


def test_of_writers_with_the_same_condition_exactly_one_succeeds(hanako: Desk) -> None:
    seen = hanako.put("a.ics", event("a")).etag
    outcomes: list[str] = []
    where = hanako.own

    def write(at: int) -> None:
        parsed = ical.read(event("a", summary=f"{at}"))
        try:
            hanako.database.write(
                lambda tx: objects.put(
                    tx, hanako.grant, where, "a.ics", parsed, record=no_record, now=hanako.clock(),
                    check=objects.require_same(seen),
                )
            )  # fmt: skip
            outcomes.append("stored")
        except PreconditionFailed:
            outcomes.append("refused")

    run([threading.Thread(target=write, args=(at,)) for at in range(8)])
    assert sorted(outcomes) == ["refused"] * 7 + ["stored"]


def test_a_reader_that_follows_tokens_misses_no_change_of_many_writers(hanako: Desk) -> None:
    where, ended = hanako.own, threading.Event()
    seen: dict[str, str | None] = {}

    def write(at: int) -> None:
        for turn in range(12):
            parsed = ical.read(event(f"{at}-{turn % 4}", summary=f"{turn}"))
            name = f"{at}-{turn % 4}.ics"
            hanako.database.write(
                lambda tx, p=parsed, n=name: objects.put(  # type: ignore[misc]
                    tx, hanako.grant, where, n, p, record=no_record, now=hanako.clock()
                )
            )
            if turn % 5 == 4:
                hanako.database.write(
                    lambda tx, n=name: objects.remove(  # type: ignore[misc]
                        tx, hanako.grant, where, n, record=no_record, now=hanako.clock()
                    )
                )

    def follow() -> None:
        since: int | None = None
        last = False
        while not last:
            last = ended.is_set()  # once more after the writers have ended
            with hanako.database.reading() as tx:
                since, found = objects.changes(tx, where, since)
            seen.update((one.name, one.etag) for one in found)

    reader = threading.Thread(target=follow)
    reader.start()
    run([threading.Thread(target=write, args=(at,)) for at in range(4)])
    ended.set()
    reader.join()
    assert {name: tag for name, tag in seen.items() if tag} == {
        name: one.etag for name, one in hanako.entries().items()
    }
    with hanako.database.reading() as tx:
        assert shelf.count(tx, where) == len(hanako.entries())


def run(threads: list[threading.Thread]) -> None:
    """Run threads to their end."""
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def test_bounds_are_what_clients_are_told() -> None:
    assert bounds.OBJECT_BYTES == 1024 * 1024
