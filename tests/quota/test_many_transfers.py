"""R26 under load: ten thousand files are a handful of statements, and of all that races one gets through.

Each thread has a database of its own, as another process would. Whatever comes of it, both sides are exact to the
byte afterwards, and nothing is left in the object store that nobody holds.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
from sqlalchemy import func, insert, select, update

from core.errors import GatewayError, QuotaExceeded, TransferRefused
from core.ids import new_object_id
from db.engine import Transaction
from db.tables import FILE, nodes, objects, usage
from sharing import transfers as sending
from sharing.transfer_rules import State, Transfer
from sharing.transfers import Target
from storage import files, fsck, reclaim, uploads
from storage.files import FileSystem
from storage.nodes import Node
from storage.uploads import Announced
from tests.unit.conftest import Opener
from tests.unit.sharing.post import RECEIVER, SENDER, Post, caller_of, found_post
from tests.unit.world import FrozenClock, ProbedDatabase, at

pytestmark = pytest.mark.slow

ROUNDS = 8
FILES, FILE_BYTES = 10_000, 10 * 1024 * 1024
#: Statements to send and to accept, log entries of both sides and the frame of the page left out.
_MOST_STATEMENTS = 60
_WAIT_SECONDS = 120.0

Act = Callable[[FileSystem], object]


@pytest.fixture
def post(database: ProbedDatabase, clock: FrozenClock) -> Post:
    """Return two firms with nothing in them."""
    return found_post(database, clock)


def _fill(tx: Transaction, post: Post, folder: Node) -> None:
    """Give the sender a hundred collections of a hundred files each in a folder, as far as rows go."""
    times = dict.fromkeys(("created_at", "modified_at", "stored_at"), post.clock())
    held, total = FILES // 100 * FILE_BYTES, FILES * FILE_BYTES
    boxes = [{"id": 1000 + n, "parent_id": folder.id, "name": f"c{n:03}"} for n in range(100)]
    inside = [
        {"id": 2000 + n, "parent_id": 1000 + n % 100, "name": f"f{n:05}", "object_id": new_object_id()}
        for n in range(FILES)
    ]
    own = {"contract_id": SENDER, **times}
    tx.execute(insert(nodes), [{**own, "kind": 0, "size_bytes": held, "object_id": None, **one} for one in boxes])
    tx.execute(insert(nodes), [{**own, "kind": FILE, "size_bytes": FILE_BYTES, **one} for one in inside])
    known = {"size_bytes": FILE_BYTES, "sha256": "0", "reference_count": 1, "freed_at": None}
    made = [{"contract_id": SENDER, "created_at": post.clock(), "id": one["object_id"], **known} for one in inside]
    tx.execute(insert(objects), made)
    above = nodes.c.id.in_((folder.id, folder.parent_id))
    tx.execute(update(nodes).where(nodes.c.contract_id == SENDER, above).values(size_bytes=total))
    counters = {"used_bytes": total, "next_id": 2000 + FILES}
    tx.execute(update(usage).where(usage.c.contract_id == SENDER).values(counters))


def test_r26_ten_thousand_files_and_97_gigabytes_are_a_handful_of_statements(
    post: Post, database: ProbedDatabase
) -> None:
    total = FILES * FILE_BYTES
    for contract_id in (SENDER, RECEIVER):
        post.firms[contract_id].capacity_bytes = total
    folder = files.make_collection(post.fs, post.grant(SENDER), at("big"))
    database.write(lambda tx: _fill(tx, post, folder))
    database.probe.reset()
    one = post.send("big")
    assert (one.files, one.size_bytes) == (FILES, total)
    post.accept(one)
    assert len(database.probe.own) <= _MOST_STATEMENTS
    assert post.firms[RECEIVER].used_bytes() == total
    counted = select(func.count()).where(nodes.c.contract_id == RECEIVER, nodes.c.kind == FILE)
    with database.reading() as tx:
        assert tx.execute(counted).scalar_one() == FILES
    assert not fsck.recount(post.fs, repair=False).is_wrong


def _at_once(post: Post, opener: Opener, acts: Sequence[Act]) -> list[object]:
    """Do everything at the same instant, each on a connection of its own; return results and refusals."""
    start = threading.Barrier(len(acts))
    systems = [replace(post.fs, database=opener()) for _ in acts]

    def one(act: Act, fs: FileSystem) -> object:
        start.wait(_WAIT_SECONDS)
        try:
            return act(fs)
        except GatewayError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        done = list(threads.map(one, acts, systems))
    for fs in systems:
        fs.database.dispose()
    return done


def _accept(post: Post, one: Transfer, into: str = "") -> Act:
    target = Target(post.grant(RECEIVER), at(into), f"my/{into}")
    return lambda fs: sending.accept(fs, one.id, target)


def _closings(post: Post, one: Transfer) -> list[Act]:
    """Return how a transfer ends without being accepted."""
    now_us, out_us = post.now_us(), post.now_us() + 8 * 24 * 3600 * 1_000_000
    return [
        lambda fs: sending.decline(fs.database, caller_of(RECEIVER), one.id, now_us=now_us),
        lambda fs: sending.withdraw(fs.database, caller_of(SENDER), one.id, now_us=now_us),
        lambda fs: sending.expire(fs.database, now_us=out_us),
    ]


def _outcome(done: object) -> str:
    return done.state.value if isinstance(done, Transfer) else getattr(done, "message_id", str(done))


def test_r26_of_many_acceptances_at_once_one_gets_through(post: Post, open_database: Opener) -> None:
    post.firms[SENDER].put("f", b"123")
    for number in range(ROUNDS):
        one = post.send("f")
        inboxes = [f"{number}-{n}" for n in range(6)]
        post.firms[RECEIVER].mkcol(*inboxes)
        done = _at_once(post, open_database, [_accept(post, one, into) for into in inboxes])
        assert Counter(map(_outcome, done)) == {"accepted": 1, "transfer.closed.accepted": 5}
        assert post.firms[RECEIVER].used_bytes() == 3 * (number + 1)
    post.require_sound()


def test_r26_of_accepting_declining_withdrawing_and_running_out_one_happens(
    post: Post, open_database: Opener, clock: FrozenClock
) -> None:
    accepted = 0
    for number in range(ROUNDS):
        post.firms[SENDER].put("f", b"123")
        one = post.send("f")
        post.firms[RECEIVER].mkcol(str(number))
        done = _at_once(
            post,
            open_database,
            [
                _accept(post, one, str(number)),
                *_closings(post, one),
                lambda fs: files.delete(fs, post.grant(SENDER), at("f")),
            ],
        )
        with post.fs.database.reading() as tx:
            state = sending.find(tx, caller_of(SENDER), one.id).state
        settled = [_outcome(each) for each in done[:3] if isinstance(each, Transfer)]
        assert len(settled) + int(done[3] == 1) == 1, done
        assert state.value == (settled[0] if settled else "expired")
        refused = [each for each in done[:3] if not isinstance(each, Transfer)]
        assert all(isinstance(each, TransferRefused) for each in refused), done
        assert done[4] is None, "the delete is nobody's business"
        accepted += state is State.ACCEPTED
        assert post.firms[RECEIVER].used_bytes() == 3 * accepted
        assert post.firms[SENDER].used_bytes() == 0
    clock.advance(days=9)  # what the job freed, it freed for later
    post.tidy()
    post.require_sound()
    assert len(post.firms[SENDER].stored_keys()) == accepted


def test_r26_acceptances_and_uploads_that_race_for_the_last_bytes_never_exceed_the_capacity(
    post: Post, open_database: Opener
) -> None:
    receiver = post.firms[RECEIVER]
    receiver.capacity_bytes = 10
    for number in range(ROUNDS):
        names = [f"{number}-{n}" for n in range(3)]
        for name in names:
            post.firms[SENDER].put(name, b"1234")
        sent = [post.send(name) for name in names]
        accepts = [_accept(post, one) for one in sent]
        puts = [_upload(post, f"put-{n}") for n in range(3)]
        done = _at_once(post, open_database, [*accepts, *puts])
        through = sum(not isinstance(each, GatewayError) for each in done)
        assert through == 2, done  # 4 bytes each into 10
        assert all(isinstance(each, QuotaExceeded) for each in done if isinstance(each, GatewayError)), done
        assert receiver.used_bytes() == 8
        post.require_sound()
        for name in receiver.names():
            post.delete(RECEIVER, name)
        assert receiver.used_bytes() == 0


def _upload(post: Post, name: str) -> Act:
    return lambda fs: uploads.write(fs, post.grant(RECEIVER), (name,), BytesIO(b"5678").read, Announced(None))


def test_r26_accepting_while_the_sender_deletes_and_the_store_is_swept_loses_nothing(
    post: Post, open_database: Opener
) -> None:
    far_us = post.now_us() + 10**15
    for number in range(ROUNDS):
        name, body = f"f{number}", f"body {number}".encode()
        post.firms[SENDER].put(name, body)
        one = post.send(name)
        done = _at_once(
            post,
            open_database,
            [
                _accept(post, one),
                lambda fs, name=name: files.delete(fs, post.grant(SENDER), at(name)),  # type: ignore[misc]
                lambda fs: reclaim.reclaim(fs, freed_before_us=far_us),
                lambda fs: reclaim.collect_orphans(fs, stored_before_us=10**17),
            ],
        )
        assert not any(isinstance(each, GatewayError) for each in done), done
        post.tidy()
        assert post.get(RECEIVER, name) == body
    post.require_sound()
