"""What is too old to matter is removed."""

from __future__ import annotations

from datetime import timedelta

from auth import accesslog, housekeeping, lockout, one_time, sessions
from auth.accesslog import Query, append, entry_of
from auth.housekeeping import Tidied
from auth.lockout import Policy
from auth.sessions import SessionPolicy
from tests.unit.auth.cast import MOMIJI, SAKURA, Cast

DAY = timedelta(days=1)


def _leave_traces(cast: Cast) -> None:
    now, caller = cast.clock(), cast.caller("hanako")
    cast.database.write(lambda tx: sessions.open_session(tx, caller, now=now, policy=SessionPolicy()))
    cast.database.write(lambda tx: one_time.use(tx, SAKURA, "login 1", "step 1", good_until=now))
    cast.database.write(lambda tx: lockout.attempt(tx, "hanako", "", Policy(), now=now))
    for contract_id in (SAKURA, MOMIJI):
        entry = entry_of(caller, "get", "/my/a", now=now)
        cast.database.write(lambda tx, one=contract_id, entry=entry: append(tx.cursor, one, [entry]))  # type: ignore[misc]


def _tidy(cast: Cast) -> Tidied:
    return housekeeping.tidy(cast.database, Policy(), keep_log=2 * DAY, now=cast.clock())


def test_nothing_young_is_removed_and_what_is_old_is_removed_once(cast: Cast) -> None:
    _leave_traces(cast)
    assert _tidy(cast) == Tidied(0, 0, 0, 0, 0)
    cast.clock.advance(days=1)
    assert _tidy(cast) == Tidied(log_entries=0, used_codes=1, failures=1, sessions=1, tokens=0)
    cast.clock.advance(days=1)
    assert _tidy(cast) == Tidied(0, 0, 0, 0, 0)
    cast.clock.advance(microseconds=1)
    assert _tidy(cast) == Tidied(log_entries=2, used_codes=0, failures=0, sessions=0, tokens=0)


def test_r21_a_tidied_log_is_whole(cast: Cast) -> None:
    _leave_traces(cast)
    cast.clock.advance(days=3)
    _leave_traces(cast)
    _tidy(cast)
    with cast.database.reading() as tx:
        assert len(list(accesslog.search(tx, SAKURA, Query()))) == 1
        assert accesslog.verify(tx, SAKURA) is None
