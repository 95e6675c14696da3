"""What became of shares, as their sender sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.errors import MailRefused
from db.tables import outbox, share_fetches, share_items, share_recipients, shares
from sharing import receipts, visits
from sharing.outbox import send_due
from sharing.receipts import Receipt, Share
from sharing.rules import Terms
from tests.unit.sharing.cast import TWO, Post, add_login, node_id, share, visit
from tests.unit.world import Firm


def listed(firm: Firm, *, login: int | None = None) -> list[Share]:
    with firm.fs.database.reading() as tx:
        return receipts.list_shares(tx, 1, login=login)


def receipt(firm: Firm, address: str = TWO[0]) -> Receipt:
    return next(one for one in listed(firm)[0].receipts if one.address == address)


class Refusing(Post):
    """A way out that refuses one recipient for good."""

    def send(self, message: object) -> None:
        if message["To"] == TWO[0]:  # type: ignore[index]
            raise MailRefused("550 no such user")


def test_a_share_tells_when_it_was_opened_and_fetched(sharer: Firm) -> None:
    token = share(sharer, "plan.txt").tokens[TWO[0]]
    fresh = receipt(sharer)
    assert (fresh.mail, fresh.opened_at, fresh.fetches, fresh.fetched_at) == ("queued", None, 0, None)
    who = visit(sharer, token)
    sharer.fs.database.write(lambda tx: visits.note_seen(tx, who, now=sharer.clock()))
    opened_at = sharer.clock()
    fetched_at = sharer.clock.advance(minutes=5)
    for number in (7, 8):
        sharer.fs.database.write(lambda tx, n=number: visits.count_fetch(tx, who, n, [], now=fetched_at))  # type: ignore[misc]
    seen = receipt(sharer)
    assert (seen.opened_at, seen.fetches, seen.fetched_at) == (opened_at, 2, fetched_at)
    assert (receipt(sharer, TWO[1]).opened_at, receipt(sharer, TWO[1]).fetches) == (None, 0)


def test_a_mail_the_server_refused_is_told_at_its_recipient(sharer: Firm) -> None:
    share(sharer, "plan.txt")
    send_due(sharer.fs.database, Refusing(), "azukari@service.example", clock=sharer.clock)
    assert (receipt(sharer).mail, receipt(sharer).refusal) == ("failed", "550 no such user")
    assert (receipt(sharer, TWO[1]).mail, receipt(sharer, TWO[1]).refusal) == ("sent", "")


def test_a_password_mail_the_server_refused_is_told_too(sharer: Firm) -> None:
    share(sharer, "plan.txt", terms=Terms(password="correct horse"))

    class RefusingPasswords(Post):
        """A way out that takes no mail with a password."""

        def send(self, message: object) -> None:
            if "Password" in message["Subject"] or "パスワード" in message["Subject"]:  # type: ignore[index]
                raise MailRefused("554 rejected")

    send_due(sharer.fs.database, RefusingPasswords(), "azukari@service.example", clock=sharer.clock)
    assert (receipt(sharer).mail, receipt(sharer).refusal) == ("failed", "554 rejected")


def test_shares_are_listed_the_newest_first_and_by_login(sharer: Firm) -> None:
    add_login(sharer, 2)
    share(sharer, "plan.txt")
    sharer.clock.advance(seconds=1)
    share(sharer, "trip", terms=Terms(password="correct horse", download_limit=3))
    assert [one.title for one in listed(sharer)] == ["trip", "plan.txt"]
    assert listed(sharer, login=2) == []
    newest = listed(sharer, login=1)[0]
    assert (newest.items, newest.has_password, newest.download_limit) == ((("trip", True),), True, 3)
    assert newest.is_open(newest.expires_at - timedelta(microseconds=1))
    assert not newest.is_open(newest.expires_at)


def test_what_is_shared_is_marked_until_it_is_not(sharer: Firm) -> None:
    plan, trip = node_id(sharer, "plan.txt"), node_id(sharer, "trip")
    share(sharer, "plan.txt")
    with sharer.fs.database.reading() as tx:
        assert receipts.shared_among(tx, 1, [plan, trip], now=sharer.clock()) == {plan}
        assert receipts.shared_among(tx, 2, [plan, trip], now=sharer.clock()) == set()
        assert receipts.shared_among(tx, 1, [], now=sharer.clock()) == set()
        assert receipts.shared_among(tx, 1, [plan], now=sharer.clock() + timedelta(days=7)) == set()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ichi", [TWO[0]]),
        ("FUJI", [TWO[0]]),
        ("@do", [TWO[1]]),
        ("exam", ["late@new.example", TWO[0]]),
        ("i", []),
        ("", []),
        ("%%", []),
        ("zz", []),
    ],
)
def test_r24_past_recipients_are_suggested_for_what_was_typed_and_never_all_at_once(
    sharer: Firm, typed: str, found: list[str]
) -> None:
    share(sharer, "plan.txt")
    sharer.clock.advance(seconds=1)
    share(sharer, "plan.txt", to=("late@new.example",))
    with sharer.fs.database.reading() as tx:
        assert receipts.suggestions(tx, 1, 1, typed) == found
        assert receipts.suggestions(tx, 1, 2, typed) == []


def test_a_share_that_closed_long_ago_is_forgotten_with_all_that_belongs_to_it(sharer: Firm) -> None:
    token = share(sharer, "plan.txt", terms=Terms(password="correct horse", days=1)).tokens[TWO[0]]
    who = visit(sharer, token)
    sharer.fs.database.write(lambda tx: visits.count_fetch(tx, who, 7, [], now=sharer.clock()))
    share(sharer, "trip", terms=Terms(days=2))
    closed_at = sharer.clock() + timedelta(days=1)
    database = sharer.fs.database
    assert database.write(lambda tx: receipts.forget(tx, before=closed_at)) == 0
    assert database.write(lambda tx: receipts.forget(tx, before=closed_at + timedelta(microseconds=1))) == 1
    with database.reading() as tx:
        left = [
            tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (shares, share_items, share_recipients, share_fetches, outbox)
        ]
    assert left == [1, 1, 2, 0, 2]
