"""Bytes that several contracts hold: named by their home, counted by each, never freed under anybody's feet (R26)."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql

from core.ids import new_object_id
from db.tables import loans, objects
from storage import fsck, lending, purge, reclaim
from tests.unit.quota.cast import past
from tests.unit.sharing.post import RECEIVER, SENDER, Post, found_post
from tests.unit.storage.purging import BYTES, DEADLINE, record
from tests.unit.world import FrozenClock, ProbedDatabase


@pytest.fixture
def post(database: ProbedDatabase, clock: FrozenClock) -> Post:
    """Return two firms; the receiver has h of the sender (3 bytes), who still has it too."""
    made = found_post(database, clock)
    made.firms[SENDER].put("h", b"123")
    made.accept(made.send("h"))
    return made


def _object_ids(post: Post, contract_id: int) -> list[str]:
    with post.fs.database.reading() as tx:
        return list(tx.execute(select(objects.c.id).where(objects.c.contract_id == contract_id)).scalars())


def test_a_borrowed_object_is_named_by_its_home(post: Post) -> None:
    (own,) = _object_ids(post, SENDER)
    assert _object_ids(post, RECEIVER) == [f"{own}@{SENDER}"]
    assert lending.home_of(RECEIVER, f"{own}@{SENDER}") == (SENDER, own)
    assert lending.home_of(SENDER, own) == (SENDER, own)
    assert post.fs.key(RECEIVER, f"{own}@{SENDER}") == post.fs.key(SENDER, own) == f"azukari/{SENDER}/{own}"


def test_the_longest_contract_number_fits_the_columns() -> None:
    column = objects.c.id.type.dialect_impl(postgresql.dialect())  # type: ignore[no-untyped-call]
    assert len(f"{new_object_id()}@{2**31 - 1}") == column.length  # type: ignore[attr-defined]


def test_orphan_collection_leaves_what_only_another_contract_holds(post: Post) -> None:
    post.delete(SENDER, "h")
    post.tidy()
    assert reclaim.collect_orphans(post.fs, stored_before_us=10**17).deleted_objects == 0
    assert post.get(RECEIVER, "h") == b"123"


def test_bytes_on_loan_are_not_pending_and_a_holder_frees_none(post: Post) -> None:
    post.delete(RECEIVER, "h")
    assert reclaim.pending(post.fs, freed_before_us=post.now_us()).deleted_objects == 0
    assert reclaim.reclaim(post.fs, freed_before_us=post.now_us()).deleted_objects == 0
    assert _object_ids(post, RECEIVER) == []
    with post.fs.database.reading() as tx:
        assert tx.execute(select(loans)).all() == []
    assert post.get(SENDER, "h") == b"123"


def test_r9_the_senders_end_takes_nothing_from_the_receiver(post: Post) -> None:
    record(post.firms[SENDER], past("100", "end 2026-04-10"))
    post.clock.instant = DEADLINE
    done = purge.purge(post.fs, BYTES, at=DEADLINE)
    assert (done.closed_contracts, done.deleted_files) == (1, 1)
    post.tidy()
    assert post.get(RECEIVER, "h") == b"123"
    post.require_sound()


def test_a_lost_loan_is_found_and_written_again_before_any_byte_is_freed(post: Post) -> None:
    post.fs.database.write(lambda tx: tx.execute(delete(loans)))
    assert fsck.check(post.fs).is_wrong
    fsck.check(post.fs, repair=True)
    assert not fsck.check(post.fs).is_wrong
    post.delete(SENDER, "h")
    post.tidy()
    assert post.get(RECEIVER, "h") == b"123"


def test_a_loan_nobody_holds_is_found_and_taken_back(post: Post) -> None:
    own = _object_ids(post, SENDER)[0]
    values = {"contract_id": SENDER, "object_id": own, "holder_id": 99}
    post.fs.database.write(lambda tx: tx.execute(insert(loans).values(values)))
    assert fsck.check(post.fs).wrong_references == 2  # the loan, and the count that lacks it
    fsck.check(post.fs, repair=True)
    assert not fsck.check(post.fs).is_wrong
    with post.fs.database.reading() as tx:
        assert [row.holder_id for row in tx.execute(select(loans))] == [RECEIVER]


@pytest.mark.parametrize("references", [0, 1, 5])
def test_a_count_that_forgot_a_loan_or_a_transfer_under_way_is_set_right(post: Post, references: int) -> None:
    post.send("h")
    own = objects.c.contract_id == SENDER
    post.fs.database.write(lambda tx: tx.execute(update(objects).where(own).values(reference_count=references)))
    assert fsck.recount(post.fs, repair=False).wrong_references == 1
    fsck.recount(post.fs)
    with post.fs.database.reading() as tx:
        assert tx.execute(select(objects.c.reference_count).where(own)).scalar_one() == 3  # file, loan, transfer
    post.require_sound()


def test_a_borrowed_object_that_is_referred_to_again_is_not_given_back(post: Post) -> None:
    (borrowed,) = _object_ids(post, RECEIVER)
    given = post.fs.database.write(lambda tx: lending.give_back(tx, RECEIVER, SENDER, [borrowed], now_us=post.now_us()))
    assert given == 0
    assert post.get(RECEIVER, "h") == b"123"


def test_a_file_whose_home_has_no_row_for_it_is_an_alarm(post: Post) -> None:
    post.delete(SENDER, "h")
    own = objects.c.contract_id == SENDER
    post.fs.database.write(lambda tx: tx.execute(delete(objects).where(own)))
    assert fsck.check(post.fs).missing_objects == 1
