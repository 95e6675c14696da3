"""R26: from one contract to another without a byte moving, each side exact, one outcome whatever races."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from auth import accesslog, settings
from auth.access import FolderType
from auth.accesslog import Query
from auth.callers import Role
from core.errors import (
    AccessDenied,
    AlreadyExists,
    CodeUnknown,
    InvalidName,
    LimitExceeded,
    NotAllowedHere,
    NotFound,
    QuotaExceeded,
    ResourceLocked,
    TransferRefused,
)
from core.names import MAX_DEPTH
from db.tables import contracts, outbox, transfer_items
from quota import limits
from quota.limits import Owner, OwnerKind
from sharing import transfer_codes, transfers
from sharing.transfer_rules import State, Transfer
from sharing.transfers import Origin, Target
from storage import files, locks, moves
from storage.moves import End
from tests.unit.sharing.post import RECEIVER, SENDER, Post, caller_of, found_post
from tests.unit.world import FrozenClock, ProbedDatabase, at


@pytest.fixture
def post(database: ProbedDatabase, clock: FrozenClock) -> Post:
    """Return two firms; the sender has a/b/f (3 bytes), a/g (2 bytes) and h (1 byte)."""
    made = found_post(database, clock)
    sender = made.firms[SENDER]
    sender.mkcol("a", "a/b")
    sender.put("a/b/f", b"123")
    sender.put("a/g", b"12")
    sender.put("h", b"1")
    return made


def _used(post: Post) -> tuple[int, int]:
    return post.firms[SENDER].used_bytes(), post.firms[RECEIVER].used_bytes()


def test_r26_what_was_sent_is_put_where_the_receiver_wants_it_and_counts_there(post: Post) -> None:
    one = post.send("a", "h")
    assert (one.files, one.size_bytes, one.state) == (3, 6, State.SENT)
    assert _used(post) == (6, 0)
    post.firms[RECEIVER].mkcol("in")
    assert post.accept(one, "in").state is State.ACCEPTED
    assert _used(post) == (6, 6)
    assert post.get(RECEIVER, "in/a/b/f") == b"123"
    assert post.get(RECEIVER, "in/h") == b"1"
    assert files.stat(post.fs, post.grant(RECEIVER), at("in")).size_bytes == 6
    post.require_sound()


def test_r26_no_request_reaches_the_object_store(post: Post) -> None:
    store = post.firms[SENDER].store
    store.requests.clear()
    post.accept(post.send("a"))
    assert not store.requests


def test_r4_what_is_received_is_a_new_file_that_keeps_its_own_time(post: Post) -> None:
    one = post.send("h")
    sent = files.stat(post.fs, post.grant(SENDER), at("h"))
    post.clock.advance(days=1)
    post.accept(one)
    got = files.stat(post.fs, post.grant(RECEIVER), at("h"))
    assert (got.stored_us, got.created_us, got.modified_us) == (post.now_us(), post.now_us(), sent.modified_us)


def test_what_is_sent_is_what_was_there_at_the_sending(post: Post) -> None:
    one = post.send("a")
    post.firms[SENDER].put("a/g", b"changed")
    post.firms[SENDER].put("a/new", b"later")
    post.delete(SENDER, "a/b")
    post.tidy()
    post.accept(one)
    assert post.get(RECEIVER, "a/g") == b"12"
    assert post.get(RECEIVER, "a/b/f") == b"123"
    assert post.firms[RECEIVER].names("a") == ["b", "g"]
    post.require_sound()


def test_a_source_deleted_before_the_acceptance_costs_the_sender_nothing_and_arrives(post: Post) -> None:
    one = post.send("a", "h")
    post.delete(SENDER, "a")
    post.delete(SENDER, "h")
    post.tidy()
    assert _used(post) == (0, 0)
    post.accept(one)
    post.tidy()
    assert _used(post) == (0, 6)
    assert post.get(RECEIVER, "a/b/f") == b"123"
    post.require_sound()


def test_the_receivers_bytes_outlive_the_senders_and_go_with_the_receivers_last_file(post: Post) -> None:
    post.accept(post.send("h"))
    post.delete(SENDER, "a")
    post.delete(SENDER, "h")
    post.tidy()
    assert post.get(RECEIVER, "h") == b"1"
    assert len(post.firms[SENDER].stored_keys()) == 1
    post.delete(RECEIVER, "h")
    post.tidy()
    assert post.firms[SENDER].stored_keys() == set()
    post.require_sound()


def test_the_senders_bytes_outlive_the_receivers(post: Post) -> None:
    post.accept(post.send("h"))
    post.delete(RECEIVER, "h")
    post.tidy()
    assert post.get(SENDER, "h") == b"1"
    post.require_sound()


def test_files_passed_on_to_a_third_contract_and_back_home_stay_whole(
    database: ProbedDatabase, clock: FrozenClock
) -> None:
    post = found_post(database, clock, contracts=3)
    post.firms[1].put("f", b"123")
    post.accept(post.send("f", sender=1, to=2))
    post.accept(post.send("f", sender=2, to=3))
    post.delete(1, "f")
    post.delete(2, "f")
    post.tidy()
    assert post.get(3, "f") == b"123"
    post.require_sound()
    post.accept(post.send("f", sender=3, to=1))
    post.delete(3, "f")
    post.tidy()
    assert post.get(1, "f") == b"123"
    post.require_sound()
    post.delete(1, "f")
    post.tidy()
    assert post.firms[1].stored_keys() == set()
    post.require_sound()


def test_the_same_files_received_twice_are_lent_once_and_counted_twice(post: Post) -> None:
    post.accept(post.send("h"))
    post.accept(post.send("h"), new_folder="again")
    assert _used(post) == (6, 2)
    post.delete(RECEIVER, "h")
    post.delete(SENDER, "h")
    post.tidy()
    assert post.get(RECEIVER, "again/h") == b"1"
    post.require_sound()


def test_files_received_again_before_the_reclaim_job_came_are_kept(post: Post) -> None:
    post.accept(post.send("h"))
    post.delete(RECEIVER, "h")
    post.accept(post.send("h"))
    post.delete(SENDER, "h")
    post.tidy()
    assert post.get(RECEIVER, "h") == b"1"
    post.require_sound()


def test_empty_files_and_collections_go_too(post: Post) -> None:
    post.firms[SENDER].put("empty", b"")
    post.firms[SENDER].mkcol("void")
    post.accept(post.send("empty", "void"))
    assert post.firms[RECEIVER].names() == ["empty", "void"]
    post.require_sound()


def test_what_is_received_can_be_copied_moved_and_overwritten_like_any_file(post: Post) -> None:
    post.accept(post.send("h", "a"))
    grant = post.grant(RECEIVER)
    moves.copy(post.fs, End(grant, at("a")), End(grant, at("c")), overwrite=False)
    moves.move(post.fs, End(grant, at("h")), End(grant, at("c/h")), overwrite=False)
    post.firms[RECEIVER].put("c/g", b"own")
    post.delete(RECEIVER, "a")
    post.tidy()
    assert (post.get(RECEIVER, "c/b/f"), post.get(RECEIVER, "c/h"), post.get(RECEIVER, "c/g")) == (b"123", b"1", b"own")
    post.require_sound()


@pytest.mark.parametrize(("free_bytes", "fits"), [(6, True), (5, False)])
def test_r26_the_receivers_capacity_counts(post: Post, free_bytes: int, fits: bool) -> None:
    one = post.send("a", "h")
    post.firms[RECEIVER].capacity_bytes = free_bytes
    if fits:
        post.accept(one)
    else:
        with pytest.raises(QuotaExceeded):
            post.accept(one)
    assert _used(post) == (6, 6 if fits else 0)
    assert post.firms[RECEIVER].names() == (["a", "h"] if fits else [])
    post.require_sound()


@pytest.mark.parametrize(("limit_bytes", "fits"), [(6, True), (5, False)])
def test_r26_the_limit_of_the_receiving_login_counts(post: Post, limit_bytes: int, fits: bool) -> None:
    one = post.send("a", "h")
    owner = Owner(OwnerKind.LOGIN, 1)
    post.fs.database.write(lambda tx: limits.set_limit(tx, RECEIVER, owner, limit_bytes))
    if fits:
        post.accept(one)
    else:
        with pytest.raises(LimitExceeded):
            post.accept(one)
    assert _used(post)[1] == (6 if fits else 0)


def test_a_transfer_refused_for_want_of_room_can_be_accepted_once_there_is(post: Post) -> None:
    one = post.send("h")
    post.firms[RECEIVER].capacity_bytes = 0
    with pytest.raises(QuotaExceeded):
        post.accept(one)
    post.firms[RECEIVER].capacity_bytes = 1
    assert post.accept(one).state is State.ACCEPTED


def test_a_taken_name_refuses_the_whole_and_a_new_folder_takes_it(post: Post) -> None:
    post.firms[RECEIVER].put("h", b"mine")
    one = post.send("a", "h")
    with pytest.raises(AlreadyExists):
        post.accept(one)
    assert post.firms[RECEIVER].names() == ["h"]
    post.accept(one, new_folder="sakura")
    assert post.firms[RECEIVER].names("sakura") == ["a", "h"]
    assert post.get(RECEIVER, "h") == b"mine"
    post.require_sound()


def test_a_tree_that_would_stand_too_deep_is_refused_whole(post: Post) -> None:
    one = post.send("a")  # two levels below its top
    deep = "/".join("d" * (MAX_DEPTH - 2))
    for depth in range(1, MAX_DEPTH - 1):
        post.firms[RECEIVER].mkcol("/".join("d" * depth))
    with pytest.raises(InvalidName):
        post.accept(one, deep)
    post.accept(one, deep.rpartition("/")[0])
    post.require_sound()


def test_a_collection_that_another_has_locked_receives_nothing(post: Post) -> None:
    post.firms[RECEIVER].mkcol("in")
    other = post.grant(RECEIVER, login=2)
    root = dataclasses.replace(other, root=post.grant(RECEIVER).root)
    how = {"infinite_depth": False, "exclusive": True}
    post.fs.database.write(
        lambda tx: locks.acquire(
            tx.cursor, root, at("in"), **how, owner_xml="", timeout_seconds=600, now_us=post.now_us()
        )
    )
    with pytest.raises(ResourceLocked):
        post.accept(post.send("h"), "in")


Settle = Callable[[Post, Transfer], object]


def _decline(post: Post, one: Transfer) -> Transfer:
    return transfers.decline(post.fs.database, caller_of(RECEIVER), one.id, now_us=post.now_us())


def _withdraw(post: Post, one: Transfer) -> Transfer:
    return transfers.withdraw(post.fs.database, caller_of(SENDER), one.id, now_us=post.now_us())


def _run_out(post: Post, one: Transfer) -> None:
    post.clock.instant = one.expires_at
    with post.fs.database.reading() as tx:
        assert transfers.count_run_out(tx, now=post.clock()) == 1
    assert transfers.expire(post.fs.database, now_us=post.now_us()) == 1


@pytest.mark.parametrize(
    ("settle", "state"),
    [
        (lambda post, one: post.accept(one), State.ACCEPTED),
        (_decline, State.DECLINED),
        (_withdraw, State.WITHDRAWN),
        (_run_out, State.EXPIRED),
    ],
    ids=["accepted", "declined", "withdrawn", "expired"],
)
def test_a_settled_transfer_stays_settled_says_so_and_holds_nothing(post: Post, settle: Settle, state: State) -> None:
    one = post.send("a", "h")
    settle(post, one)
    for again in (post.accept, lambda one: _decline(post, one), lambda one: _withdraw(post, one)):
        with pytest.raises(TransferRefused) as refused:
            again(one)
        assert refused.value.message_id == f"transfer.closed.{state}"
    assert transfers.expire(post.fs.database, now_us=post.now_us()) == 0
    with post.fs.database.reading() as tx:
        assert tx.execute(select(transfer_items)).all() == []
    post.delete(SENDER, "a")
    post.delete(SENDER, "h")
    post.tidy()
    assert bool(post.firms[SENDER].stored_keys()) == (state is State.ACCEPTED)
    post.require_sound()


@pytest.mark.parametrize(("early_us", "good"), [(1, True), (0, False)])
def test_a_transfer_can_be_accepted_until_it_runs_out(post: Post, early_us: int, good: bool) -> None:
    one = post.send("h")
    post.clock.instant = one.expires_at - timedelta(microseconds=early_us)
    if good:
        post.accept(one)
        return
    with pytest.raises(TransferRefused) as refused:
        post.accept(one)
    assert refused.value.message_id == "transfer.closed.expired"


def test_only_an_administrator_or_the_login_that_was_named_may_accept(post: Post) -> None:
    one = post.send("h", addressee="login7@2")
    files_of = {login: Target(post.grant(RECEIVER, login=login, role=Role.USER), (), "my") for login in (7, 8)}
    with pytest.raises(NotFound):
        transfers.accept(post.fs, one.id, files_of[8])
    named = dataclasses.replace(files_of[7], grant=dataclasses.replace(files_of[7].grant, root="my/1"))
    assert transfers.accept(post.fs, one.id, named).settled_by == "login7@2"


def test_nobody_else_finds_a_transfer(post: Post) -> None:
    one = post.send("h", addressee="login7@2")
    strangers = [caller_of(3), caller_of(SENDER, 2, Role.USER), caller_of(RECEIVER, 8, Role.USER)]
    with post.fs.database.reading() as tx:
        for stranger in strangers:
            with pytest.raises(NotFound):
                transfers.find(tx, stranger, one.id)
            assert transfers.incoming(tx, stranger) == transfers.outgoing(tx, stranger) == []
        for mine in (caller_of(SENDER), caller_of(RECEIVER), caller_of(RECEIVER, 7, Role.USER)):
            assert transfers.find(tx, mine, one.id).id == one.id


def test_the_receiver_cannot_withdraw_nor_the_sender_accept_or_decline(post: Post) -> None:
    one = post.send("h")
    now_us = post.now_us()
    with pytest.raises(NotFound):
        transfers.withdraw(post.fs.database, caller_of(RECEIVER), one.id, now_us=now_us)
    with pytest.raises(NotFound):
        transfers.decline(post.fs.database, caller_of(SENDER), one.id, now_us=now_us)
    with pytest.raises(NotFound):
        transfers.accept(post.fs, one.id, Target(post.grant(SENDER), (), "my"))


def test_what_waits_is_counted_for_whom_it_is(post: Post) -> None:
    post.send("h")
    post.send("a", addressee="login7@2")
    settled = post.send("h")
    _decline(post, settled)

    def counted(login: int, role: Role) -> int:
        with post.fs.database.reading() as tx:
            return transfers.waiting(tx, caller_of(RECEIVER, login, role), now=post.clock())

    assert (counted(1, Role.ADMINISTRATOR), counted(7, Role.USER), counted(8, Role.USER)) == (2, 1, 0)
    post.clock.advance(days=7)
    assert counted(1, Role.ADMINISTRATOR) == 0


@pytest.mark.parametrize("typed", ["unknown", "", "x" * 100])
def test_an_unknown_code_is_told(post: Post, typed: str) -> None:
    letter = dataclasses.replace(post.letter(), code=typed)
    with pytest.raises(CodeUnknown):
        transfers.send(post.fs, Origin(post.grant(SENDER), (), ["h"], "my"), letter)


def test_a_code_may_be_typed_in_capitals_and_without_hyphens(post: Post) -> None:
    letter = dataclasses.replace(post.letter(), code=post.code().upper().replace("-", " "))
    assert transfers.send(post.fs, Origin(post.grant(SENDER), (), ["h"], "my"), letter).receiver == "firm2"


def test_a_renewed_code_replaces_the_old_and_a_removed_one_receives_nothing(post: Post) -> None:
    old = post.letter()
    origin = Origin(post.grant(SENDER), (), ["h"], "my")
    post.fs.database.write(lambda tx: transfer_codes.renew(tx, caller_of(RECEIVER), now=post.clock()))
    with pytest.raises(CodeUnknown):
        transfers.send(post.fs, origin, old)
    new = post.letter()
    post.fs.database.write(lambda tx: transfer_codes.remove(tx, caller_of(RECEIVER), now=post.clock()))
    with pytest.raises(CodeUnknown):
        transfers.send(post.fs, origin, new)


@pytest.mark.parametrize(("from_now_us", "known"), [(1, True), (0, False)])
def test_a_contract_that_ended_receives_nothing(post: Post, from_now_us: int, known: bool) -> None:
    letter = post.letter()
    ends = post.clock() + timedelta(microseconds=from_now_us)
    post.fs.database.write(
        lambda tx: tx.execute(update(contracts).where(contracts.c.id == RECEIVER).values(ended_at=ends))
    )
    origin = Origin(post.grant(SENDER), (), ["h"], "my")
    if known:
        transfers.send(post.fs, origin, letter)
    else:
        with pytest.raises(CodeUnknown):
            transfers.send(post.fs, origin, letter)


def test_nothing_is_sent_to_oneself(post: Post) -> None:
    with pytest.raises(TransferRefused) as refused:
        post.send("h", to=SENDER)
    assert refused.value.message_id == "transfer.to_yourself"


def test_something_picked_that_is_gone_refuses_the_whole(post: Post) -> None:
    with pytest.raises(NotFound):
        post.send("h", "gone")
    with post.fs.database.reading() as tx:
        assert transfers.outgoing(tx, caller_of(SENDER)) == []
    post.require_sound()


@pytest.mark.parametrize(
    ("folder", "copy_out", "refusal"),
    [
        (FolderType.SECRET, True, TransferRefused),
        (FolderType.SECURITY, False, AccessDenied),
        (FolderType.SECURITY, True, None),
        (FolderType.GROUP, False, None),
    ],
)
def test_r23_what_may_leave_which_folder(
    post: Post, folder: FolderType, copy_out: bool, refusal: type[Exception] | None
) -> None:
    decided = settings.Settings(copy_out=copy_out)
    post.fs.database.write(lambda tx: settings.write(tx, SENDER, decided))
    grant = dataclasses.replace(post.grant(SENDER), folder=folder)
    origin = Origin(grant, (), ["h"], folder.value)
    if refusal is None:
        transfers.send(post.fs, origin, post.letter())
    else:
        with pytest.raises(refusal):
            transfers.send(post.fs, origin, post.letter())


@pytest.mark.parametrize("refused", ["secret", "read only", "a file"])
def test_where_nothing_can_be_put(post: Post, refused: str) -> None:
    post.firms[RECEIVER].put("file", b"x")
    one, grant = post.send("h"), post.grant(RECEIVER)
    target = {
        "secret": Target(dataclasses.replace(grant, folder=FolderType.SECRET), (), "secret"),
        "read only": Target(dataclasses.replace(grant, may_write=False), (), "my"),
        "a file": Target(grant, ("file",), "my/file"),
    }[refused]
    with pytest.raises((TransferRefused, AccessDenied, NotAllowedHere)):
        transfers.accept(post.fs, one.id, target)


def _acts(post: Post, contract_id: int) -> list[tuple[str, str, str]]:
    with post.fs.database.reading() as tx:
        found = list(accesslog.search(tx, contract_id, Query()))
    return [(one.act, one.login_id, one.path) for one in found if one.act.startswith("transfer.")]


def test_r26_both_sides_log_it(post: Post) -> None:
    one = post.send("h")
    post.accept(one)
    _withdraw(post, post.send("h"))
    _decline(post, post.send("h"))
    mine, theirs = "login1@1", "login1@2"
    assert _acts(post, SENDER) == [
        ("transfer.send", mine, "my"), ("transfer.accepted", "", ""),
        ("transfer.send", mine, "my"), ("transfer.withdraw", mine, ""),
        ("transfer.send", mine, "my"), ("transfer.declined", "", ""),
    ]  # fmt: skip
    assert _acts(post, RECEIVER) == [
        ("transfer.code", theirs, ""), ("transfer.arrive", "", ""), ("transfer.accept", theirs, "my/"),
        ("transfer.arrive", "", ""), ("transfer.withdrawn", "", ""),
        ("transfer.arrive", "", ""), ("transfer.decline", theirs, ""),
    ]  # fmt: skip
    with post.fs.database.reading() as tx:
        assert accesslog.verify(tx, SENDER) is None
        assert accesslog.verify(tx, RECEIVER) is None


def test_the_receivers_administrator_is_written_to_once_in_both_languages(post: Post) -> None:
    values = {"notify_address": "kanri@momiji.example"}
    post.fs.database.write(lambda tx: tx.execute(update(contracts).where(contracts.c.id == RECEIVER).values(**values)))
    one = post.send("h")
    with post.fs.database.reading() as tx:
        (mail,) = tx.execute(select(outbox)).all()
    assert (mail.contract_id, mail.recipient, mail.topic) == (RECEIVER, "kanri@momiji.example", f"transfer {one.id}")
    assert "firm1 様（login1@1 さん）から" in mail.body
    assert "firm1 (login1@1) sends you 1 file (1 bytes)" in mail.body
    assert "http://x/transfers/" in mail.body


def test_without_an_address_nobody_is_written_to(post: Post) -> None:
    post.send("h")
    with post.fs.database.reading() as tx:
        assert tx.execute(select(outbox)).all() == []


def test_a_sender_who_has_too_much_on_its_way_waits(post: Post) -> None:
    post.firms[SENDER].capacity_bytes = 11
    first = post.send("a", "h")  # 6 bytes
    post.send("a")  # 5 bytes, exactly full
    with pytest.raises(TransferRefused) as refused:
        post.send("h")
    assert refused.value.message_id == "transfer.too_much_open"
    post.accept(first)
    assert post.send("h").size_bytes == 1


def test_the_message_and_what_was_picked_are_shown(post: Post) -> None:
    one = post.send("a", "h")
    assert (one.message, one.source) == ("どうぞ", "my/a\nmy/h")
    with post.fs.database.reading() as tx:
        found = transfers.tops(tx, one)
    assert [(item.name, item.is_collection, item.size_bytes) for item in found] == [("a", True, 5), ("h", False, 1)]


def test_the_number_of_statements_does_not_depend_on_the_number_of_files(post: Post, database: ProbedDatabase) -> None:
    def counted(count: int) -> tuple[int, int]:
        folder = f"n{count}"
        post.firms[SENDER].mkcol(folder, f"{folder}/deep")
        for number in range(count):
            post.firms[SENDER].put(f"{folder}/deep/{number}", b"x")
        database.probe.reset()
        one = post.send(folder)
        sent = len(database.probe.own)
        database.probe.reset()
        post.accept(one)
        return sent, len(database.probe.own)

    counted(2)  # makes the receiver's code, and begins both logs
    assert counted(1) == counted(50)
    assert max(counted(3)) <= 40


@pytest.mark.parametrize(("later_us", "forgotten"), [(0, 0), (1, 1)])
def test_settled_transfers_are_forgotten_in_time_and_open_ones_never(post: Post, later_us: int, forgotten: int) -> None:
    _decline(post, post.send("h"))
    kept = post.send("h")
    before = post.clock() + timedelta(microseconds=later_us)
    assert post.fs.database.write(lambda tx: transfers.forget(tx, before=before)) == forgotten
    with post.fs.database.reading() as tx:
        assert len(transfers.outgoing(tx, caller_of(SENDER))) == 2 - forgotten
        assert transfers.find(tx, caller_of(SENDER), kept.id).state is State.SENT
