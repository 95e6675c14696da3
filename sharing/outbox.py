"""Mail that leaves: written down in the transaction that caused it, sent later, tried again where that fails.

At least once: a crash between sending and noting it sends a mail again, with the same Message-ID. A mail's body is
kept only as long as it waits: it may carry the address of a share, of which nothing else holds more than a hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol

from sqlalchemy import ColumnElement, func, insert, literal_column, select, update

from core.clock import Clock
from core.errors import MailRefused, MailUnavailable
from core.ids import new_object_id
from db.engine import Database, Transaction
from db.tables import outbox

#: How long after each failed attempt the next one follows; after the last the mail counts as failed.
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440))
#: Whoever sends a mail has this long for it; then another worker may try.
_LEASE = timedelta(minutes=10)
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one recipient. The same `topic` reaches a recipient of a contract once."""

    topic: str
    recipient: str
    subject: str
    body: str


class Sender(Protocol):
    """A way out for mail.

    `send` raises MailRefused where it will never be taken, MailUnavailable where it may be later.
    """

    def send(self, message: EmailMessage) -> None:
        """Hand a mail over; return once it was taken."""

    def check(self) -> None:
        """Return if mail can be handed over now. Raises MailUnavailable."""


@dataclass(slots=True)
class Sent:
    """What a run did."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0


def enqueue(tx: Transaction, contract_id: int, mail: Mail, *, now: datetime) -> bool:
    """Write a mail down to be sent; False where its topic has reached this recipient already."""
    same = (
        (outbox.c.contract_id == contract_id) & (outbox.c.topic == mail.topic) & (outbox.c.recipient == mail.recipient)
    )
    if tx.execute(select(outbox.c.id).where(same)).first() is not None:
        return False
    tx.execute(
        insert(outbox).values(
            contract_id=contract_id, id=new_object_id(), topic=mail.topic, recipient=mail.recipient,
            subject=mail.subject, body=mail.body, state="queued", attempts=0, due_at=now, created_at=now,
            sent_at=None, error="",
        )
    )  # fmt: skip
    return True


@dataclass(frozen=True, slots=True)
class _Queued:
    contract_id: int
    id: str
    mail: Mail
    attempts: int
    created_at: datetime


def send_due(database: Database, sender: Sender, sender_address: str, *, clock: Clock) -> Sent:
    """Send every mail that is due. Raises DatabaseUnavailable; what was sent stays noted."""
    done = Sent()
    while batch := database.write(lambda tx: _claim(tx, clock())):
        for one in batch:
            outcome = _attempt(one, sender, sender_address)
            database.write(lambda tx, one=one, outcome=outcome: _settle(tx, one, outcome, clock()))  # type: ignore[misc]
            done.sent += outcome is None
            final = isinstance(outcome, MailRefused) or one.attempts >= len(RETRY_AFTER)
            done.failed += outcome is not None and final
            done.postponed += outcome is not None and not final
    return done


def bounced(tx: Transaction, mail_id: str, address: str, reason: str) -> bool:
    """Note that a mail which was sent came back; False where there is no such mail to that address."""
    found = tx.execute(select(outbox.c.contract_id, outbox.c.recipient).where(outbox.c.id == mail_id)).first()
    if found is None or found.recipient.casefold() != address.casefold():
        return False
    tx.execute(
        update(outbox)
        .where(outbox.c.contract_id == found.contract_id, outbox.c.id == mail_id)
        .values(state="failed", error=reason)
    )
    return True


def count_due(tx: Transaction, *, now: datetime) -> int:
    """Return how many mails a run would try to send."""
    return int(tx.execute(select(func.count()).select_from(outbox).where(_is_due(now))).scalar_one())


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits to be sent, what of it should have left some time ago, and what was given up lately."""

    queued: int
    overdue: int
    failed: int


def queue(tx: Transaction, *, now: datetime, patience: timedelta, remembered: timedelta) -> Queue:
    """Return how the queue stands: overdue since more than `patience`, written at most `remembered` ago and failed."""
    queued = outbox.c.state == literal_column("'queued'")
    failed = (outbox.c.state == "failed") & (outbox.c.created_at > now - remembered)
    counts = [
        select(func.count()).select_from(outbox).where(condition).scalar_subquery()
        for condition in (queued, queued & (outbox.c.due_at <= now - patience), failed)
    ]
    return Queue(*map(int, tx.execute(select(*counts)).one()))


def _is_due(now: datetime) -> ColumnElement[bool]:
    return (outbox.c.state == literal_column("'queued'")) & (outbox.c.due_at <= now)


def _claim(tx: Transaction, now: datetime) -> list[_Queued]:
    """Take mails that are due, so that no other worker sends them meanwhile."""
    rows = tx.execute(
        select(outbox).where(_is_due(now)).order_by(outbox.c.due_at).limit(_BATCH).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        tx.execute(
            update(outbox)
            .where(outbox.c.contract_id == row.contract_id, outbox.c.id == row.id)
            .values(due_at=now + _LEASE, attempts=row.attempts + 1)
        )
    return [
        _Queued(
            row.contract_id, row.id, Mail(row.topic, row.recipient, row.subject, row.body), row.attempts,
            row.created_at,
        )
        for row in rows
    ]  # fmt: skip


def _attempt(one: _Queued, sender: Sender, sender_address: str) -> MailRefused | MailUnavailable | None:
    try:
        message = _message(one, sender_address)
    except ValueError as error:  # no header can carry it: it must not stand in the way of the mails behind it
        return MailRefused(str(error))
    try:
        sender.send(message)
    except (MailRefused, MailUnavailable) as error:
        return error
    return None


def _message(one: _Queued, sender_address: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender_address
    message["To"] = one.mail.recipient
    message["Subject"] = one.mail.subject
    message["Date"] = format_datetime(one.created_at)
    message["Message-ID"] = f"<{one.id}@{sender_address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes back
    message.set_content(one.mail.body)
    return message


def _settle(tx: Transaction, one: _Queued, outcome: MailRefused | MailUnavailable | None, now: datetime) -> None:
    values: dict[str, object]
    if outcome is None:
        values = {"state": "sent", "sent_at": now, "error": "", "body": ""}
    elif isinstance(outcome, MailRefused) or one.attempts >= len(RETRY_AFTER):
        values = {"state": "failed", "error": str(outcome), "body": ""}
    else:
        values = {"due_at": now + RETRY_AFTER[one.attempts], "error": str(outcome)}
    tx.execute(update(outbox).where(outbox.c.contract_id == one.contract_id, outbox.c.id == one.id).values(values))
