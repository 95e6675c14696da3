"""Who is called by `@login` in a post, and the mail that tells them: one for all that came together (R28)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from auth.callers import ACTIVE, Caller
from core import messages
from core.clock import TOKYO
from db.engine import Transaction
from db.tables import board_mentions, board_people, board_posts, board_topics, contracts, logins
from groupware.board import visible_to
from groupware.board_rules import mentioned
from groupware.calendars import people
from groupware.calendars.people import Person
from sharing.outbox import Mail, enqueue
from storage.files import FileSystem

_BATCH = 200
#: So many posts a mail names.
_POSTS_TOLD = 20

# A post that is edited calls nobody a second time.
_note = {
    "sqlite": sqlite.insert(board_mentions).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(board_mentions).on_conflict_do_nothing(),
}
_is_waiting: ColumnElement[bool] = board_mentions.c.settled_at.is_(None)


def note(tx: Transaction, author: Caller, topic_id: int, post_id: int, body: str) -> None:
    """Write down whom a post calls: logins of the contract that read its topic, its author left out."""
    if "@" not in body:
        return
    contract_id = author.contract_id
    everyone = {one.login_id: one.login for one in people.of_contract(tx, contract_id) if one.login != author.login}
    for login_id in mentioned(body, everyone):
        if _reads(tx, contract_id, everyone[login_id], board_topics.c.id == topic_id):
            values = {"contract_id": contract_id, "post_id": post_id, "login": everyone[login_id], "settled_at": None}
            tx.execute(_note[tx.connection.dialect.name], values)


def _reads(tx: Transaction, contract_id: int, login: int, topic: ColumnElement[bool]) -> bool:
    return tx.execute(select(board_topics.c.id).where(visible_to(contract_id, login), topic)).first() is not None


def count_waiting(tx: Transaction) -> int:
    """Return how many mentions a run would settle."""
    return int(tx.execute(select(func.count()).select_from(board_mentions).where(_is_waiting)).scalar_one())


def tell(fs: FileSystem, *, now: datetime) -> int:
    """Write a mail to everybody who was mentioned and wants to know, and return how many mails there are.

    Mentions and the mail about them are settled in one transaction, so that each is told once. Raises
    DatabaseUnavailable.
    """
    written = 0
    while waiting := _waiting(fs):
        for contract_id, login in waiting:
            written += fs.database.write(lambda tx, c=contract_id, n=login: _tell(tx, c, n, now))  # type: ignore[misc]
    return written


def _waiting(fs: FileSystem) -> list[tuple[int, int]]:
    m = board_mentions.c
    with fs.database.reading() as tx:
        rows = tx.execute(select(m.contract_id, m.login).where(_is_waiting).distinct().limit(_BATCH))
        return [(row.contract_id, row.login) for row in rows]


def _tell(tx: Transaction, contract_id: int, login: int, now: datetime) -> bool:
    m = board_mentions.c
    mine = (m.contract_id == contract_id) & (m.login == login) & _is_waiting
    settled = tx.execute(update(board_mentions).where(mine).values(settled_at=now).returning(m.post_id))
    post_ids = sorted(settled.scalars())
    person = _recipient(tx, contract_id, login)
    if not post_ids or person is None:
        return False
    posts = _posts(tx, contract_id, login, post_ids)
    return bool(posts) and enqueue(tx, contract_id, _mail(person, posts, post_ids[-1]), now=now)


def _recipient(tx: Transaction, contract_id: int, login: int) -> Person | None:
    """Return who a mail goes to; None for nobody: kept out, no address, switched off, or a contract that ended."""
    p = board_people.c
    off = select(p.login).where(p.contract_id == contract_id, p.login == login, p.mail_mentions.is_(False))
    active = select(contracts.c.id).where(contracts.c.id == contract_id, contracts.c.state == ACTIVE)
    if tx.execute(off).first() is not None or tx.execute(active).first() is None:
        return None
    everyone = people.of_contract(tx, contract_id)
    return next((one for one in everyone if one.login == login and one.mail_address), None)


def _posts(tx: Transaction, contract_id: int, login: int, post_ids: list[int]) -> list[Row[Any]]:
    """Return the posts of some that a login reads still: not deleted, and not in a group it left."""
    p, t = board_posts.c, board_topics.c
    author = (logins.c.contract_id == p.contract_id) & (logins.c.id == p.login)
    wanted = (
        select(p.id, t.title, logins.c.login_id, p.created_at)
        .join(board_topics, (t.contract_id == p.contract_id) & (t.id == p.topic_id))
        .join(logins, author)
        .where(p.contract_id == contract_id, p.id.in_(post_ids), p.deleted_at.is_(None))
        .where(visible_to(contract_id, login))
        .order_by(p.id)
    )
    return list(tx.execute(wanted))


def _mail(person: Person, posts: list[Row[Any]], last_id: int) -> Mail:
    """Return the mail: which topics, who and when. No words of a post: these are read from a registered device."""
    lines = [
        messages.text(
            "board.mail.post", person.language, title=one.title, author=one.login_id,
            at=one.created_at.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M"),
        )
        for one in posts[:_POSTS_TOLD]
    ]  # fmt: skip
    if len(posts) > _POSTS_TOLD:
        lines.append(messages.text("board.mail.more", person.language, count=len(posts) - _POSTS_TOLD))
    subject = messages.text("board.mail.subject", person.language, count=len(posts))
    body = messages.text("board.mail.body", person.language, login=person.login_id, posts="\n".join(lines))
    return Mail(f"mentions {person.login} {last_id}", person.mail_address or "", subject, body)
