"""The purge: R4 and R9 done to rows, on SQLite and PostgreSQL."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from auth import accesslog
from core.clock import from_microseconds, to_microseconds
from db.engine import Transaction
from db.tables import FILE, nodes, purged_files
from quota.standings import standing
from storage import fsck, locks, purge, purge_log, reclaim
from storage.files import delete
from storage.moves import End, copy, move
from storage.purge import Purged
from tests.product import ROOT
from tests.unit.quota.cast import past, tokyo
from tests.unit.storage.purging import BYTES, DEADLINE, SHRUNK, fill, put_all, record
from tests.unit.world import Firm, at, open_folder


def run(firm: Firm, when: datetime = DEADLINE) -> Purged:
    """Run the job at an instant, by a clock that says so."""
    firm.clock.instant = when
    return purge.purge(firm.fs, BYTES, at=when)


def intact(firm: Firm) -> bool:
    return not fsck.check(firm.fs).is_wrong


def test_r4_worked_example_a_and_b_go_and_c_stays(firm: Firm) -> None:
    record(firm, SHRUNK)
    put_all(firm, ("a", 15), ("b", 10), ("c", 45))
    assert run(firm) == Purged(contracts=1, deleted_files=2, deleted_bytes=25)
    assert firm.names() == ["c"]
    assert firm.used_bytes() == 45
    assert intact(firm)


def test_r4_nothing_goes_a_microsecond_before_the_deadline(firm: Firm) -> None:
    record(firm, SHRUNK)
    put_all(firm, ("a", 51))
    assert run(firm, DEADLINE - timedelta(microseconds=1)) == Purged()
    assert firm.names() == ["a"]
    assert run(firm).deleted_files == 1


@pytest.mark.parametrize(("last_bytes", "left"), [(40, ["a", "b"]), (41, ["b"])])
def test_r4_what_fits_to_the_byte_stays(firm: Firm, last_bytes: int, left: list[str]) -> None:
    record(firm, SHRUNK)
    put_all(firm, ("a", 10), ("b", last_bytes))
    run(firm)
    assert firm.names() == left


def test_r4_a_second_run_and_a_late_run_do_nothing_more(firm: Firm) -> None:
    record(firm, SHRUNK)
    put_all(firm, ("a", 15), ("b", 50))
    assert run(firm).deleted_files == 1
    assert run(firm) == Purged()
    assert run(firm, DEADLINE + timedelta(days=20)) == Purged()


def test_r4_overwriting_renews_stored_at_and_renaming_keeps_it(firm: Firm) -> None:
    record(firm, SHRUNK)
    put_all(firm, ("old", 20), ("renamed", 20), ("young", 20), ("old", 20))
    move(firm.fs, End(firm.grant, at("renamed")), End(firm.grant, at("x")), overwrite=False)
    run(firm)
    assert firm.names() == ["old", "young"]


def test_r4_a_copy_is_a_new_file(firm: Firm) -> None:
    record(firm, SHRUNK)
    put_all(firm, ("a", 25), ("b", 25))
    firm.clock.advance(minutes=1)
    copy(firm.fs, End(firm.grant, at("a")), End(firm.grant, at("copy")), overwrite=False)
    run(firm)
    assert firm.names() == ["b", "copy"]
    assert firm.get("copy") == b"x" * 25


def test_r4_the_clients_own_times_play_no_part(firm: Firm) -> None:
    record(firm, SHRUNK)
    put_all(firm, ("a", 30), ("b", 30))
    backdated = {"modified_at": from_microseconds(0), "created_at": from_microseconds(0)}
    firm.fs.database.write(lambda tx: tx.execute(nodes.update().where(nodes.c.name == "b").values(backdated)).rowcount)
    run(firm)
    assert firm.names() == ["b"]


def test_r4_files_go_out_of_every_folder_of_the_contract_and_sums_stay_true(firm: Firm) -> None:
    record(firm, SHRUNK)
    other = open_folder(firm, 2)
    firm.mkcol("deep", "deep/er")
    put_all(firm, ("deep/er/a", 30))
    firm.put("b", b"x" * 20, grant=other)
    put_all(firm, ("c", 25))
    assert run(firm) == Purged(contracts=1, deleted_files=1, deleted_bytes=30)
    assert firm.names("deep/er") == []
    assert intact(firm)


def test_r4_locked_files_are_not_special_and_their_locks_end(firm: Firm) -> None:
    record(firm, SHRUNK)
    put_all(firm, ("a", 30), ("b", 30))

    def acquire(tx: Transaction) -> None:
        for name in ("a", "b"):
            locks.acquire(
                tx.cursor, firm.grant, at(name), exclusive=True, infinite_depth=False, owner_xml="",
                timeout_seconds=3600, now_us=to_microseconds(DEADLINE),
            )  # fmt: skip

    firm.fs.database.write(acquire)
    run(firm)
    with firm.fs.database.reading() as tx:
        found = {
            name: locks.covering(tx.cursor, 1, firm.grant.root, at(name), now_us=firm.clock.us) for name in ("a", "b")
        }
    assert [len(found["a"]), len(found["b"])] == [0, 1]


def test_r4_files_of_a_deleted_folder_count_no_more_and_are_passed_over(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "BATCH_FILES", 2)
    record(firm, SHRUNK)
    firm.mkcol("gone")
    put_all(firm, *((f"gone/{i}", 1) for i in range(5)), ("a", 30), ("b", 30))
    delete(firm.fs, firm.grant, at("gone"))
    assert run(firm) == Purged(contracts=1, deleted_files=1, deleted_bytes=30)
    assert firm.names() == ["b"]
    reclaim.reclaim(firm.fs, freed_before_us=firm.clock.us)
    assert len(firm.stored_keys()) == 1
    assert intact(firm)


def test_r4_a_run_for_a_past_instant_takes_nothing_the_present_allows(firm: Firm) -> None:
    record(firm, past("100", "50 2026-04-10", "100 2026-07-10"))
    put_all(firm, ("a", 100))
    firm.clock.instant = tokyo("2026-07-20")
    assert purge.purge(firm.fs, BYTES, at=DEADLINE) == Purged()
    assert purge.purge(firm.fs, BYTES, at=tokyo("2020-01-01")) == Purged()
    assert firm.names() == ["a"]


def test_a_contract_without_excess_is_left_alone(firm: Firm) -> None:
    record(firm, past("100", "50 2026-04-10"))
    put_all(firm, ("a", 50))
    assert run(firm) == Purged()


def test_r9_all_of_an_ended_contract_goes_and_only_sums_stay_on_record(firm: Firm) -> None:
    record(firm, past("100", "25 2026-04-02", "end 2026-06-20"))
    firm.mkcol("folder")
    put_all(firm, ("a", 30), ("folder/b", 20), ("empty", 0))
    assert run(firm).deleted_files == 1
    end = tokyo("2026-08-01")
    assert run(firm, end - timedelta(microseconds=1)) == Purged()
    assert run(firm, end) == Purged(contracts=1, closed_contracts=1, deleted_files=2, deleted_bytes=20)
    assert run(firm, end + timedelta(days=1)) == Purged()
    reclaim.reclaim(firm.fs, freed_before_us=firm.clock.us)
    assert firm.stored_keys() == set()
    with firm.fs.database.reading() as tx:
        assert tx.execute(select(nodes.c.id)).all() == []
        assert tx.execute(select(purged_files.c.node_id)).all() == []
        assert [one.deleted_files for one in purge_log.entries(tx, 1)] == [2, 1]
    assert intact(firm)


def test_r4_the_record_says_what_went_and_why(firm: Firm) -> None:
    record(firm, SHRUNK)
    firm.mkcol("folder")
    put_all(firm, ("folder/a", 15), ("b", 10), ("c", 45))
    run(firm)
    with firm.fs.database.reading() as tx:
        (entry,) = purge_log.entries(tx, 1)
        gone = purge_log.gone_files(tx, 1, due_at=DEADLINE)
        logged = list(accesslog.search(tx, 1, accesslog.Query(act="purge")))
        assert accesslog.verify(tx, 1) is None
    assert [one.path for one in logged] == ["my/1/folder/a", "my/1/b"]
    assert entry == purge_log.Entry(DEADLINE, to_bytes=50, deleted_files=2, deleted_bytes=25, done_at=DEADLINE)
    assert [(one.path, one.size_bytes) for one in gone] == [("my/1/folder/a", 15), ("my/1/b", 10)]


def test_r4_a_dry_run_lists_exactly_what_a_run_takes_and_changes_nothing(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "BATCH_FILES", 3)
    record(firm, SHRUNK)
    put_all(firm, *((f"{i:02d}", 9) for i in range(11)))
    firm.clock.instant = DEADLINE
    listed = [going.path for _, going in purge.would_delete(firm.fs, BYTES, at=DEADLINE)]
    assert len(firm.names()) == 11
    run(firm)
    with firm.fs.database.reading() as tx:
        assert listed == [one.path for one in purge_log.gone_files(tx, 1, due_at=DEADLINE)]
    assert listed == [f"my/1/{i:02d}" for i in range(6)]


def test_r9_a_dry_run_lists_all_of_an_ended_contract(firm: Firm) -> None:
    record(firm, past("100", "end 2026-04-20"))
    put_all(firm, ("a", 0), ("b", 20))
    listed = [(one.name, going.path) for one, going in purge.would_delete(firm.fs, BYTES, at=DEADLINE)]
    assert listed == [("firm1", "my/1/a"), ("firm1", "my/1/b")]


def test_r4_the_files_that_would_go_for_a_smaller_plan_can_be_asked_beforehand(firm: Firm) -> None:
    record(firm, past("100"))
    put_all(firm, ("a", 30), ("b", 30), ("c", 30))
    with firm.fs.database.reading() as tx:
        one = standing(tx, 1)
    assert [going.names for going in purge.going_first(firm.fs, one, to_bytes=50)] == [("a",), ("b",)]


@pytest.mark.parametrize("seed", range(4))
def test_r4_after_any_work_what_stays_is_what_a_list_of_stored_at_says(firm: Firm, seed: int) -> None:
    source, model = random.Random(seed), dict[str, tuple[datetime, int]]()
    record(firm, SHRUNK)
    for step in range(40):
        now = firm.clock.advance(seconds=1)
        act = source.choice(["put", "put", "put", "move", "copy", "delete"]) if model else "put"
        old, new = source.choice(list(model) or [""]), f"{step}"
        if act == "put":
            path, size_bytes = source.choice([new, old or new]), source.randrange(12)
            firm.put(path, b"x" * size_bytes)
            model[path] = (now, size_bytes)
        elif act == "delete":
            delete(firm.fs, firm.grant, at(old))
            del model[old]
        else:
            take = move if act == "move" else copy
            take(firm.fs, End(firm.grant, at(old)), End(firm.grant, at(new)), overwrite=False)
            model[new] = model.pop(old) if act == "move" else (now, model[old][1])
    oldest_first = sorted(model, key=lambda path: model[path][0])
    while sum(size_bytes for _, size_bytes in model.values()) > 50:
        del model[oldest_first.pop(0)]
    run(firm)
    assert set(firm.names()) == set(model)
    assert firm.used_bytes() == sum(size_bytes for _, size_bytes in model.values())
    assert intact(firm)


class Cut(Exception):
    """Stands for a kill: what was not committed is gone."""


def cut() -> None:
    raise Cut


def test_r4_a_run_cut_at_any_statement_and_run_again_leaves_what_one_run_leaves(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "BATCH_FILES", 4)
    source = random.Random(4)
    sizes = {f"folder/{i}" if i % 3 else f"{i}": source.randrange(12) for i in range(30)}
    record(firm, past("100", "25 2026-04-10"))
    firm.mkcol("folder")
    put_all(firm, *sizes.items())
    left = dict(sizes)
    while sum(left.values()) > 25:
        del left[next(iter(left))]

    firm.clock.instant = DEADLINE
    probe = firm.fs.database.probe  # type: ignore[attr-defined]
    cuts = 0
    for last in [*range(5, 60, 3), None]:
        probe.reset()
        probe.before = lambda count, last=last: cut() if count == last else None
        try:
            purge.purge(firm.fs, BYTES, at=DEADLINE)
        except Cut:
            cuts += 1
    assert cuts >= 10
    probe.reset()
    assert set(firm.names()) | {f"folder/{name}" for name in firm.names("folder")} == {*left, "folder"}
    with firm.fs.database.reading() as tx:
        (entry,) = purge_log.entries(tx, 1)
        gone = purge_log.gone_files(tx, 1, due_at=DEADLINE)
    assert (entry.deleted_files, entry.deleted_bytes) == (30 - len(left), sum(sizes.values()) - sum(left.values()))
    assert [one.path for one in gone] == [f"my/1/{path}" for path in sizes if path not in left]
    assert intact(firm)


@pytest.mark.slow
def test_r4_100_000_files_purged_by_runs_killed_at_random_are_those_one_run_takes(
    firm: Firm, database_url: str
) -> None:
    source = random.Random(9)
    sizes = [source.randrange(500) for _ in range(100_000)]
    stored_us = [to_microseconds(tokyo("2026-02-01")) + source.randrange(10**6) for _ in sizes]
    record(firm, past("99000000", "12000000 2026-04-10"))
    firm.fs.database.write(lambda tx: fill(tx, firm.contract_id, sizes, stored_us))

    kills = 0
    while kills < 10 and not purge_in_a_process(database_url, kill_after=source.uniform(0.1, 1.0)):
        kills += 1
    assert kills == 10
    assert purge_in_a_process(database_url, kill_after=None)

    order = sorted(range(len(sizes)), key=lambda i: (stored_us[i], i))
    used, gone = sum(sizes), 0
    while used > 12_000_000:
        used -= sizes[order[gone]]
        gone += 1
    with firm.fs.database.reading() as tx:
        left = set(tx.execute(select(nodes.c.id).where(nodes.c.kind == FILE)).scalars())
        (entry,) = purge_log.entries(tx, 1)
    # No comparison of long lists: to show their difference would take minutes.
    assert (len(left), len(left & {100 + i for i in order[gone:]})) == (len(sizes) - gone, len(sizes) - gone)
    assert entry.deleted_files == gone
    assert firm.used_bytes() == used
    assert not fsck.recount(firm.fs, repair=False).is_wrong


def purge_in_a_process(database_url: str, *, kill_after: float | None) -> bool:
    """Run the purge in a process, killed so many seconds after it began; return whether it got done."""
    command = [sys.executable, "-m", "tests.unit.storage.purging", database_url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"begun\n"
        if kill_after is not None:
            time.sleep(kill_after)  # the moment of the kill is what is tested
            child.kill()
        return child.stdout.readline() == b"done\n"
