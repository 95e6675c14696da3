"""Voting: one vote for each login, whatever it does, and what it sees of the others'."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from auth.access import Grant
from auth.callers import Role
from core.errors import AccessDenied, ContestClosed, NotFound
from db.tables import access_log, contest_votes, contracts
from groupware import contests
from groupware.contest_rules import Audience, Period, Stage, Tally
from tests.unit.groupware.hall import Hall, add_login


def _rows(hall: Hall) -> list[tuple[int, int, int]]:
    """Return who voted for what: contract, login, position."""
    votes = contest_votes.c
    with hall.fs.database.reading() as tx:
        return [tuple(row) for row in tx.execute(select(votes.voter_contract_id, votes.voter, votes.position))]


def _tally(hall: Hall, login: str, contest_id: str) -> list[int | None]:
    return [one.votes for one in contests.look(hall.fs, hall.grants[login], contest_id)[1]]


def test_r27_a_vote_may_be_changed_until_the_end(hall: Hall) -> None:
    contest_id, hanako = hall.hold(), hall.grants["hanako"]
    for position in (1, 2, 2, 1, 2):
        contests.vote(hall.fs, hanako, contest_id, position)
    assert _rows(hall) == [(hanako.caller.contract_id, hanako.caller.login, 2)]
    assert contests.look(hall.fs, hanako, contest_id)[0].my_vote == 2
    assert _tally(hall, "taro", contest_id) == [0, 1]
    hall.clock.advance(hours=1, microseconds=-1)
    contests.vote(hall.fs, hanako, contest_id, 1)
    hall.clock.advance(microseconds=1)
    with pytest.raises(ContestClosed) as refused:
        contests.vote(hall.fs, hanako, contest_id, 2)
    assert refused.value.message_id == "contest.not_open"
    assert _rows(hall)[0][2] == 1


def test_r27_every_login_of_the_service_votes_where_everyone_may(hall: Hall) -> None:
    contest_id = hall.hold(audience=Audience.EVERYONE)
    for position, login in zip((1, 2, 2, 1, 2, 2), hall.grants, strict=True):
        contests.vote(hall.fs, hall.grants[login], contest_id, position)
    assert _tally(hall, "kaede-admin", contest_id) == [2, 4]


def test_r27_another_contracts_private_contest_is_not_there(hall: Hall) -> None:
    contest_id = hall.hold(audience=Audience.CONTRACT)
    for login in ("momiji-admin", "jiro", "kaede-admin"):
        stranger = hall.grants[login]
        assert contests.list_contests(hall.fs, stranger) == []
        with pytest.raises(NotFound):
            contests.look(hall.fs, stranger, contest_id)
        with pytest.raises(NotFound):
            contests.picture(hall.fs, stranger, contest_id, 1)
        with pytest.raises(NotFound):
            contests.vote(hall.fs, stranger, contest_id, 1)
    assert _rows(hall) == []


@pytest.mark.parametrize("position", [0, -1, 3, 2**40])
def test_a_photo_that_is_not_there_gets_no_vote(hall: Hall, position: int) -> None:
    contest_id = hall.hold()
    with pytest.raises(NotFound):
        contests.vote(hall.fs, hall.grants["hanako"], contest_id, position)


def test_a_contest_opens_at_its_very_beginning(hall: Hall) -> None:
    begins = hall.clock() + timedelta(hours=1)
    contest_id = hall.hold(period=Period(begins, begins + timedelta(hours=1)))
    hanako, host = hall.grants["hanako"], hall.grants["sakura-admin"]
    hall.clock.advance(hours=1, microseconds=-1)
    assert contests.look(hall.fs, hanako, contest_id)[1] == []
    assert len(contests.look(hall.fs, host, contest_id)[1]) == 2
    with pytest.raises(NotFound):
        contests.picture(hall.fs, hanako, contest_id, 1)
    with pytest.raises(ContestClosed):
        contests.vote(hall.fs, hanako, contest_id, 1)
    hall.clock.advance(microseconds=1)
    contests.vote(hall.fs, hanako, contest_id, 1)


def test_a_hidden_tally_is_seen_by_nobody_until_the_end(hall: Hall) -> None:
    contest_id = hall.hold(tally=Tally.HIDDEN)
    contests.vote(hall.fs, hall.grants["hanako"], contest_id, 2)
    assert _tally(hall, "sakura-admin", contest_id) == [None, None]
    hall.clock.advance(hours=1)
    assert _tally(hall, "sakura-admin", contest_id) == [0, 1]
    assert _tally(hall, "hanako", contest_id) == [None, None]


def test_the_log_of_the_voters_contract_says_that_it_voted_and_not_for_what(hall: Hall) -> None:
    contest_id, jiro = hall.hold(audience=Audience.EVERYONE), hall.grants["jiro"]
    contests.vote(hall.fs, jiro, contest_id, 2)
    log = access_log.c
    with hall.fs.database.reading() as tx:
        rows = tx.execute(select(log.contract_id, log.login_id, log.detail).where(log.act == "contest.vote")).all()
    assert rows == [(jiro.caller.contract_id, "jiro", contest_id)]


def test_r9_the_administrator_of_an_ended_contract_only_looks(hall: Hall) -> None:
    contest_id = hall.hold(audience=Audience.EVERYONE)
    kaede = hall.grants["kaede-admin"]
    ended = Grant(kaede.caller, kaede.folder, kaede.root, may_write=False)
    assert len(contests.look(hall.fs, ended, contest_id)[1]) == 2
    with pytest.raises(AccessDenied):
        contests.vote(hall.fs, ended, contest_id, 1)


def test_contests_of_a_contract_that_ended_are_its_own_alone(hall: Hall) -> None:
    contest_id = hall.hold(audience=Audience.EVERYONE)
    sakura = hall.grants["sakura-admin"]
    ended = contracts.update().where(contracts.c.id == sakura.caller.contract_id).values(state="ended")
    hall.fs.database.write(lambda tx: tx.execute(ended).close())
    with pytest.raises(NotFound):
        contests.look(hall.fs, hall.grants["jiro"], contest_id)
    assert contests.look(hall.fs, sakura, contest_id)[0].stage(hall.clock()) is Stage.RUNNING


def test_the_list_is_one_statement_and_comes_in_pages(hall: Hall) -> None:
    photos = hall.photos()
    made = [
        hall.hold(photos, period=Period(hall.clock(), hall.clock() + timedelta(hours=hours))) for hours in (1, 3, 2)
    ]
    hall.hold(login="momiji-admin")
    hall.fs.database.probe.reset()  # type: ignore[attr-defined]
    listed = contests.list_contests(hall.fs, hall.grants["hanako"])
    assert len(hall.fs.database.probe.own) == 1  # type: ignore[attr-defined]
    assert [one.id for one in listed] == [made[1], made[2], made[0]]
    assert [one.id for one in contests.list_contests(hall.fs, hall.grants["hanako"], offset=1, limit=1)] == [made[2]]


def _crowd(hall: Hall, count: int) -> list[Grant]:
    sakura = hall.grants["sakura-admin"].caller.contract_id
    return hall.fs.database.write(
        lambda tx: [add_login(tx, sakura, "sakura", f"voter{at}", Role.USER, hall.clock) for at in range(count)]
    )


def _race(hall: Hall, logins: int, votes: int) -> None:
    contest_id, crowd = hall.hold(hall.photos(5)), _crowd(hall, logins)
    chance = random.Random(27)
    cast = [(grant, chance.randint(1, 5)) for grant in crowd for _ in range(votes)]
    chance.shuffle(cast)
    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(contests.vote, hall.fs, grant, contest_id, position) for grant, position in cast]:
            done.result()
    rows = _rows(hall)
    assert Counter(voter for _, voter, _ in rows) == dict.fromkeys((grant.caller.login for grant in crowd), 1)
    allowed = {grant.caller.login: {one for other, one in cast if other is grant} for grant in crowd}
    assert all(position in allowed[voter] for _, voter, position in rows)
    counted = Counter(position for *_, position in rows)
    assert _tally(hall, "sakura-admin", contest_id) == [counted[position] for position in range(1, 6)]


def test_parallel_votes_of_a_login_end_in_one(hall: Hall) -> None:
    _race(hall, 5, 6)


@pytest.mark.slow
def test_r27_fifty_logins_with_twenty_parallel_votes_each_have_one_vote_each(hall: Hall) -> None:
    _race(hall, 50, 20)
