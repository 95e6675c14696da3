"""The outbox: mail is written down, sent once it is due, and tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import insert, select

from core.errors import MailRefused, MailUnavailable
from db.engine import Database, Transaction
from db.tables import contracts, outbox
from sharing.outbox import RETRY_AFTER, Mail, Queue, Sent, bounced, count_due, enqueue, queue, send_due
from tests.unit.world import FrozenClock

MAIL = Mail("purge 2026-06-01 30", "office@sakura.example", "件名 / Subject", "本文\nbody\n")
FROM = "azukari@service.example"


class Collector:
    """A way out that keeps what it is given, after raising the errors it was told to."""

    def __init__(self, *errors: MailRefused | MailUnavailable) -> None:
        self.messages: list[EmailMessage] = []
        self._errors = list(errors)
        self.meanwhile: Callable[[], None] = lambda: None

    def check(self) -> None:
        """Be ready always."""

    def send(self, message: EmailMessage) -> None:
        self.meanwhile()
        if self._errors:
            raise self._errors.pop(0)
        self.messages.append(message)


@pytest.fixture
def post(database: Database, clock: FrozenClock) -> Database:
    """Return a database with a contract and one mail that waits."""

    def operation(tx: Transaction) -> bool:
        tx.execute(insert(contracts).values(id=1, name="sakura", state="active", created_at=clock()))
        return enqueue(tx, 1, MAIL, now=clock())

    database.write(operation)
    return database


def state(database: Database) -> tuple[str, int, str]:
    with database.reading() as tx:
        row = tx.execute(select(outbox)).one()
    return row.state, row.attempts, row.error


def test_a_mail_that_is_due_is_sent_once(post: Database, clock: FrozenClock) -> None:
    way = Collector()
    assert send_due(post, way, FROM, clock=clock) == Sent(sent=1)
    assert send_due(post, way, FROM, clock=clock) == Sent()
    (message,) = way.messages
    assert (message["To"], message["From"], message["Subject"]) == (MAIL.recipient, FROM, MAIL.subject)
    assert message.get_content() == MAIL.body
    assert state(post) == ("sent", 1, "")


def test_a_topic_reaches_a_recipient_once(post: Database, clock: FrozenClock) -> None:
    other = Mail(MAIL.topic, "second@sakura.example", "s", "b")
    assert [post.write(lambda tx, one=one: enqueue(tx, 1, one, now=clock())) for one in (MAIL, other, other)] == [  # type: ignore[misc]
        False,
        True,
        False,
    ]


def test_a_failed_attempt_is_repeated_after_growing_pauses_and_given_up_at_last(
    post: Database, clock: FrozenClock
) -> None:
    way = Collector(*[MailUnavailable("421 busy")] * (len(RETRY_AFTER) + 1))
    for pause in RETRY_AFTER:
        assert send_due(post, way, FROM, clock=clock) == Sent(postponed=1)
        clock.instant += pause - timedelta(microseconds=1)
        assert send_due(post, way, FROM, clock=clock) == Sent()
        clock.instant += timedelta(microseconds=1)
    assert send_due(post, way, FROM, clock=clock) == Sent(failed=1)
    clock.advance(days=30)
    assert send_due(post, way, FROM, clock=clock) == Sent()
    assert state(post) == ("failed", len(RETRY_AFTER) + 1, "421 busy")


def test_a_mail_goes_out_once_the_server_is_back(post: Database, clock: FrozenClock) -> None:
    way = Collector(MailUnavailable("refused"))
    send_due(post, way, FROM, clock=clock)
    clock.instant += RETRY_AFTER[0]
    assert send_due(post, way, FROM, clock=clock) == Sent(sent=1)
    assert state(post) == ("sent", 2, "")


def test_a_permanent_refusal_is_not_repeated(post: Database, clock: FrozenClock) -> None:
    assert send_due(post, Collector(MailRefused("550 no such user")), FROM, clock=clock) == Sent(failed=1)
    assert state(post) == ("failed", 1, "550 no such user")


def test_a_mail_another_worker_is_sending_is_left_to_it(post: Database, clock: FrozenClock) -> None:
    way, second = Collector(), Collector()

    def race() -> None:
        send_due(post, second, FROM, clock=clock)

    way.meanwhile = race
    assert send_due(post, way, FROM, clock=clock) == Sent(sent=1)
    assert second.messages == []


def test_a_worker_killed_while_sending_leaves_the_mail_to_the_next_with_the_same_message_id(
    post: Database, clock: FrozenClock
) -> None:
    class Killed(BaseException):
        """Stands for kill -9 after the server took the mail."""

    way = Collector()

    def die() -> None:
        raise Killed

    way.meanwhile = die
    with pytest.raises(Killed):
        send_due(post, way, FROM, clock=clock)
    way.meanwhile = lambda: None
    assert send_due(post, way, FROM, clock=clock) == Sent()
    clock.advance(minutes=10)
    assert send_due(post, way, FROM, clock=clock) == Sent(sent=1)
    with post.reading() as tx:
        mail_id = tx.execute(select(outbox.c.id)).scalar_one()
    assert way.messages[0]["Message-ID"] == f"<{mail_id}@service.example>"


def test_what_is_due_is_counted_without_sending(post: Database, clock: FrozenClock) -> None:
    with post.reading() as tx:
        assert count_due(tx, now=clock() - timedelta(microseconds=1)) == 0
        assert count_due(tx, now=clock()) == 1


def _queue(database: Database, clock: FrozenClock) -> Queue:
    with database.reading() as tx:
        return queue(tx, now=clock(), patience=timedelta(minutes=10), remembered=timedelta(days=7))


def test_the_queue_tells_what_waits_what_is_overdue_and_what_was_given_up_lately(
    post: Database, clock: FrozenClock
) -> None:
    assert _queue(post, clock) == Queue(queued=1, overdue=0, failed=0)
    clock.advance(minutes=10)
    assert _queue(post, clock) == Queue(queued=1, overdue=1, failed=0)
    send_due(post, Collector(MailRefused("550 no such user")), FROM, clock=clock)
    assert _queue(post, clock) == Queue(queued=0, overdue=0, failed=1)
    clock.advance(days=7)
    assert _queue(post, clock) == Queue(queued=0, overdue=0, failed=0)


def test_a_mail_no_header_can_carry_is_given_up_and_those_behind_it_are_sent(
    post: Database, clock: FrozenClock
) -> None:
    bad = Mail("bad", "second@sakura.example", "two\nlines", "body")
    post.write(lambda tx: enqueue(tx, 1, bad, now=clock() - timedelta(seconds=1)))
    way = Collector()
    assert send_due(post, way, FROM, clock=clock) == Sent(sent=1, failed=1)
    assert [one["To"] for one in way.messages] == [MAIL.recipient]


@pytest.mark.parametrize("errors", [(), (MailRefused("550"),), (MailUnavailable("421"),) * (len(RETRY_AFTER) + 1)])
def test_a_mails_text_is_kept_only_as_long_as_it_waits(
    post: Database, clock: FrozenClock, errors: tuple[MailRefused | MailUnavailable, ...]
) -> None:
    way = Collector(*errors)
    for _ in errors or (None,):
        with post.reading() as tx:
            assert tx.execute(select(outbox.c.body)).scalar_one() == MAIL.body
        send_due(post, way, FROM, clock=clock)
        clock.advance(days=1)
    with post.reading() as tx:
        assert tx.execute(select(outbox.c.body)).scalar_one() == ""


def test_a_mail_that_came_back_counts_as_failed(post: Database, clock: FrozenClock) -> None:
    send_due(post, Collector(), FROM, clock=clock)
    with post.reading() as tx:
        mail_id = tx.execute(select(outbox.c.id)).scalar_one()
    assert not post.write(lambda tx: bounced(tx, mail_id, "someone@else.example", "550"))
    assert not post.write(lambda tx: bounced(tx, "0" * 32, MAIL.recipient, "550"))
    assert state(post) == ("sent", 1, "")
    assert post.write(lambda tx: bounced(tx, mail_id, MAIL.recipient, "550 unknown"))
    assert state(post) == ("failed", 1, "550 unknown")
