"""The end of contests: recorded once, told once, forgotten in time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.errors import ContestClosed
from db.tables import access_log, contest_entries, contests, contracts, objects, outbox
from groupware import contest_hosting, contest_results
from groupware import contests as looking
from groupware.contest_rules import KEPT_FOR, Audience
from storage import fsck
from tests.unit.groupware.hall import Hall


def _mailed(hall: Hall) -> list[tuple[str, str]]:
    with hall.fs.database.reading() as tx:
        return [tuple(row) for row in tx.execute(select(outbox.c.recipient, outbox.c.body))]


def _notify(hall: Hall, address: str) -> None:
    sakura = hall.grants["sakura-admin"].caller.contract_id
    told = update(contracts).where(contracts.c.id == sakura).values(notify_address=address)
    hall.fs.database.write(lambda tx: tx.execute(told).close())


def _recorded(hall: Hall) -> list[int | None]:
    with hall.fs.database.reading() as tx:
        return list(tx.execute(select(contest_entries.c.votes).order_by(contest_entries.c.position)).scalars())


def test_r27_a_result_is_recorded_and_told_once_from_the_end_on(hall: Hall) -> None:
    _notify(hall, "kanri@sakura.example")
    contest_id = hall.hold(audience=Audience.EVERYONE)
    for login, position in (("hanako", 2), ("taro", 1), ("jiro", 2)):
        looking.vote(hall.fs, hall.grants[login], contest_id, position)
    hall.clock.advance(hours=1, microseconds=-1)
    assert contest_results.settle(hall.fs, now=hall.clock()) == 0
    hall.clock.advance(microseconds=1)
    assert contest_results.count(hall.fs, contest_results.is_due(hall.clock())) == 1
    assert contest_results.settle(hall.fs, now=hall.clock()) == 1
    assert contest_results.settle(hall.fs, now=hall.clock()) == 0
    assert _recorded(hall) == [1, 2]
    ((recipient, body),) = _mailed(hall)
    assert recipient == "kanri@sakura.example"
    assert body.index("2  photo 2") < body.index("1  photo 1")
    with hall.fs.database.reading() as tx:
        told = tx.execute(select(access_log.c.detail).where(access_log.c.act == "contest.close")).scalars().all()
    assert told == [f"{contest_id} 3 votes"]


def test_two_workers_record_a_result_once(hall: Hall) -> None:
    _notify(hall, "kanri@sakura.example")
    photos = hall.photos()
    for _ in range(5):
        hall.hold(photos)
    now = hall.clock.advance(hours=2)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(contest_results.settle, hall.fs, now=now) for _ in range(2)]
        assert sum(run.result() for run in runs) == 5
    assert len(_mailed(hall)) == 5


def test_no_vote_is_taken_once_a_result_is_recorded_whatever_a_clock_says(hall: Hall) -> None:
    contest_id = hall.hold()
    assert contest_results.settle(hall.fs, now=hall.clock() + timedelta(hours=1)) == 1
    with pytest.raises(ContestClosed):
        looking.vote(hall.fs, hall.grants["hanako"], contest_id, 1)


def test_a_contract_without_an_address_wants_silence(hall: Hall) -> None:
    hall.hold()
    hall.clock.advance(hours=1)
    assert contest_results.settle(hall.fs, now=hall.clock()) == 1
    assert _mailed(hall) == []


def test_what_was_withdrawn_has_no_result(hall: Hall) -> None:
    contest_hosting.withdraw(hall.fs, hall.grants["sakura-admin"], hall.hold())
    hall.clock.advance(hours=1)
    assert contest_results.settle(hall.fs, now=hall.clock()) == 0


def test_a_contest_is_forgotten_with_its_pictures_in_time(hall: Hall) -> None:
    contest_id = hall.hold()
    looking.vote(hall.fs, hall.grants["hanako"], contest_id, 1)
    now = hall.clock() + timedelta(hours=1) + KEPT_FOR
    assert contest_results.forget(hall.fs, now=now - timedelta(microseconds=1)) == 0
    assert contest_results.count(hall.fs, contest_results.is_forgettable(now)) == 1
    assert contest_results.forget(hall.fs, now=now) == 1
    with hall.fs.database.reading() as tx:
        assert tx.execute(select(contests)).all() == []
        freed = select(objects.c.id).where(objects.c.reference_count == 0, objects.c.freed_at.is_not(None))
        assert len(tx.execute(freed).all()) == 2
    assert not fsck.check(hall.fs).is_wrong


def test_r9_contests_go_with_their_contracts_data(hall: Hall) -> None:
    hall.hold()
    sakura, gone_at = hall.grants["sakura-admin"].caller.contract_id, hall.clock() + timedelta(days=40)
    ended = update(contracts).where(contracts.c.id == sakura).values(readable_until_at=gone_at)
    hall.fs.database.write(lambda tx: tx.execute(ended).close())
    assert contest_results.forget(hall.fs, now=gone_at - timedelta(microseconds=1)) == 0
    assert contest_results.forget(hall.fs, now=gone_at) == 1
