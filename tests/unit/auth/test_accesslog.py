"""The access log: append-only, chained, searchable, kept for a time (R21)."""

from __future__ import annotations

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from auth import accesslog
from auth.accesslog import Entry, Flaw, Query, append, entry_of
from core.errors import QuotaExceeded
from db.engine import Transaction
from db.tables import access_log, access_log_heads
from tests.unit.auth.cast import MOMIJI, OFFICE, SAKURA, Cast
from tests.unit.conftest import Opener


def _entry(cast: Cast, path: str, *, act: str = "get", login_id: str = "hanako", result: str = "ok") -> Entry:
    return Entry(cast.clock(), login_id, "dev-1", "line-1", OFFICE, act, path, result)


def _log(cast: Cast, *entries: Entry, contract_id: int = SAKURA) -> None:
    cast.database.write(lambda tx: append(tx.cursor, contract_id, entries))


def _found(cast: Cast, query: Query = Query(), contract_id: int = SAKURA) -> list[str]:  # noqa: B008
    with cast.database.reading() as tx:
        return [entry.path for entry in accesslog.search(tx, contract_id, query)]


def _flaw(cast: Cast, contract_id: int = SAKURA) -> Flaw | None:
    with cast.database.reading() as tx:
        return accesslog.verify(tx, contract_id)


def test_r21_an_entry_says_who_with_what_from_where_did_what_to_which_file(cast: Cast) -> None:
    caller = cast.caller("hanako", "dev-1")
    entry = entry_of(caller, "put", "/my/見積.xlsx", now=cast.clock(), detail="12 bytes")
    _log(cast, entry)
    with cast.database.reading() as tx:
        assert list(accesslog.search(tx, SAKURA, Query())) == [entry]
    assert entry.as_json() == {
        "at": cast.clock(), "login": "hanako", "device": "dev-1", "line": "", "address": "", "act": "put",
        "path": "/my/見積.xlsx", "result": "ok", "detail": "12 bytes",
    }  # fmt: skip


def test_r21_a_writes_entry_is_there_exactly_if_the_write_is(cast: Cast) -> None:
    def operation(tx: Transaction) -> None:
        append(tx.cursor, SAKURA, [_entry(cast, "/my/a")])
        raise QuotaExceeded(needed_bytes=1, free_bytes=0)

    with pytest.raises(QuotaExceeded):
        cast.database.write(operation)
    assert _found(cast) == []
    assert _flaw(cast) is None


def test_a_writes_entry_costs_three_statements(cast: Cast) -> None:
    _log(cast, _entry(cast, "/my/a"))
    cast.database.probe.reset()
    _log(cast, _entry(cast, "/my/b"))
    assert len(cast.database.probe.own) == 3


def test_r21_the_chain_is_the_sha_256_of_a_json_list_for_ever(cast: Cast) -> None:
    entry = Entry(cast.clock(), '花子"\\', "dev-1", "", "192.0.2.7", "read", "my/見積 \u2028\U0001f600.pdf", "ok", "é")
    cast.database.write(lambda tx: accesslog.append(tx.cursor, SAKURA, [entry]))
    with cast.database.reading() as tx:
        kept = tx.execute(select(access_log)).one()
    told = ["0" * 64, SAKURA, 1, cast.clock.us, kept.login_id, "dev-1", "", "192.0.2.7", "read", kept.path, "ok", "é"]
    assert kept.hash == hashlib.sha256(json.dumps(told).encode()).hexdigest()


def test_r21_contracts_have_chains_of_their_own(cast: Cast) -> None:
    _log(cast, _entry(cast, "/my/a"))
    _log(cast, _entry(cast, "/my/b"), contract_id=MOMIJI)
    assert (_found(cast), _found(cast, contract_id=MOMIJI)) == (["/my/a"], ["/my/b"])
    assert _flaw(cast) is None
    assert _flaw(cast, MOMIJI) is None


def _five(cast: Cast) -> None:
    _log(cast, *(_entry(cast, f"/my/{at}") for at in range(1, 6)))
    assert _flaw(cast) is None


@pytest.mark.parametrize("sequence", [1, 3, 5])
def test_r21_a_removed_line_shows(cast: Cast, sequence: int) -> None:
    _five(cast)
    cast.database.write(lambda tx: tx.execute(delete(access_log).where(access_log.c.sequence == sequence)))
    assert _flaw(cast) == Flaw(sequence, "missing")


@pytest.mark.parametrize("column", ["at", "login_id", "device_id", "line_id", "address", "act", "path", "result"])
def test_r21_a_changed_line_shows(cast: Cast, column: str) -> None:
    _five(cast)
    value = cast.clock() + timedelta(seconds=1) if column == "at" else "x"
    cast.database.write(
        lambda tx: tx.execute(update(access_log).where(access_log.c.sequence == 3).values({column: value}))
    )
    assert _flaw(cast) == Flaw(3, "changed")


def test_r21_two_lines_in_each_others_place_show(cast: Cast) -> None:
    _five(cast)

    def swap(tx: Transaction) -> None:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            tx.execute(update(access_log).where(access_log.c.sequence == old).values(sequence=new))

    cast.database.write(swap)
    assert _flaw(cast) == Flaw(2, "changed")


def test_r21_lines_hidden_by_turning_the_head_back_show(cast: Cast) -> None:
    _five(cast)
    cast.database.write(lambda tx: tx.execute(update(access_log_heads).values(last_sequence=3)))
    assert _flaw(cast) == Flaw(4, "added behind the chain's end")
    cast.database.write(lambda tx: tx.execute(delete(access_log_heads)))
    assert _flaw(cast) == Flaw(1, "the chain's head is missing")


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        (Query(login_id="taro"), ["/my/b"]),
        (Query(device_id="dev-1"), ["/my/a", "/my/b", "/my/a%b/c", "/group/eigyo/d"]),
        (Query(device_id="dev-2"), []),
        (Query(path="/my/a"), ["/my/a", "/my/a%b/c"]),
        (Query(path="/my/a%"), ["/my/a%b/c"]),
        (Query(path="/my/_"), []),
        (Query(act="put"), ["/my/b"]),
        (Query(result="access.denied"), ["/group/eigyo/d"]),
        (Query(login_id="hanako", act="get", path="/my/"), ["/my/a", "/my/a%b/c"]),
    ],
)
def test_r21_the_log_is_searched_by_login_device_path_act_and_result(
    cast: Cast, query: Query, paths: list[str]
) -> None:
    _log(
        cast,
        _entry(cast, "/my/a"),
        _entry(cast, "/my/b", login_id="taro", act="put"),
        _entry(cast, "/my/a%b/c"),
        _entry(cast, "/group/eigyo/d", result="access.denied"),
    )
    assert _found(cast, query) == paths


def test_r21_the_log_is_searched_by_time_half_open(cast: Cast) -> None:
    first = cast.clock()
    _log(cast, _entry(cast, "/my/a"))
    second = cast.clock.advance(seconds=1)
    _log(cast, _entry(cast, "/my/b"))
    assert _found(cast, Query(since=first, until=second)) == ["/my/a"]
    assert _found(cast, Query(since=second)) == ["/my/b"]


def test_a_search_goes_on_beyond_one_page(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accesslog, "_PAGE_ROWS", 2)
    _five(cast)
    assert _found(cast) == ["/my/1", "/my/2", "/my/3", "/my/4", "/my/5"]
    assert _flaw(cast) is None


def test_r21_what_is_older_than_the_log_is_kept_is_removed_and_the_rest_stays_whole(cast: Cast) -> None:
    _log(cast, _entry(cast, "/my/a"), _entry(cast, "/my/b"))
    young = cast.clock.advance(days=1)
    _log(cast, _entry(cast, "/my/c"))
    assert cast.database.write(lambda tx: accesslog.forget(tx, SAKURA, before=young)) == 2
    assert cast.database.write(lambda tx: accesslog.forget(tx, SAKURA, before=young)) == 0
    assert (_found(cast), _flaw(cast)) == (["/my/c"], None)
    cast.database.write(lambda tx: tx.execute(delete(access_log)))
    assert _flaw(cast) == Flaw(3, "missing")


def test_r21_a_log_that_is_all_old_is_removed_and_its_chain_goes_on(cast: Cast) -> None:
    _five(cast)
    later = cast.clock.advance(days=1)
    assert cast.database.write(lambda tx: accesslog.forget(tx, SAKURA, before=later)) == 5
    _log(cast, _entry(cast, "/my/new"))
    assert (_found(cast), _flaw(cast)) == (["/my/new"], None)


def test_what_a_stranger_typed_is_kept_in_a_form_every_database_holds(cast: Cast) -> None:
    _log(cast, _entry(cast, "/my/a\0\n\ud800", login_id="x\0" * 100))
    with cast.database.reading() as tx:
        (entry,) = accesslog.search(tx, SAKURA, Query())
    assert (entry.path, entry.login_id) == ("/my/a???", "x?" * 32)
    assert _flaw(cast) is None


def test_r21_csv_quotes_what_a_spreadsheet_would_run(cast: Cast) -> None:
    header, row = accesslog.csv_rows([_entry(cast, "=HYPERLINK(1)", login_id="@hanako")])
    assert header == ["at", "login", "device", "line", "address", "act", "path", "result", "detail"]
    assert row == [
        cast.clock().isoformat(), "'@hanako", "dev-1", "line-1", OFFICE, "get", "'=HYPERLINK(1)", "ok", "",
    ]  # fmt: skip


def test_r21_writers_at_once_make_one_whole_chain(cast: Cast, open_database: Opener) -> None:
    contestants = [open_database() for _ in range(4)]
    barrier = threading.Barrier(4)

    def write(at: int) -> None:
        barrier.wait()
        for turn in range(10):
            entry = _entry(cast, f"/my/{at}-{turn}")
            contestants[at].write(lambda tx, entry=entry: append(tx.cursor, SAKURA, [entry]))  # type: ignore[misc]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert len(_found(cast)) == 40
    assert _flaw(cast) is None


def test_r21_the_newest_come_first_a_page_at_a_time(cast: Cast) -> None:
    _log(cast, *(_entry(cast, f"/my/{number}") for number in range(5)))
    with cast.database.reading() as tx:
        first = accesslog.newest(tx, SAKURA, Query(), limit=2)
        second = accesslog.newest(tx, SAKURA, Query(), before=first[-1][0], limit=2)
    assert [entry.path for _, entry in [*first, *second]] == ["/my/4", "/my/3", "/my/2", "/my/1"]


def test_r21_a_text_within_paths_and_refusals_are_searched(cast: Cast) -> None:
    _log(cast, _entry(cast, "/my/100%.txt"), _entry(cast, "/my/100x.txt", result="access.read_only"))
    assert _found(cast, Query(within="0%")) == ["/my/100%.txt"]
    assert _found(cast, Query(refused=True)) == ["/my/100x.txt"]


def test_the_latest_of_some_acts_are_looked_for_at_the_end_of_the_log_alone(cast: Cast) -> None:
    _log(cast, _entry(cast, "/a", act="settings"), *(_entry(cast, f"/my/{number}") for number in range(9)))
    with cast.database.reading() as tx:
        found = [accesslog.latest_acts(tx, SAKURA, ("settings",), among=among, limit=5) for among in (9, 10)]
    assert [[entry.path for _, entry in one] for one in found] == [[], ["/a"]]
