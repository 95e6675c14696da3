"""The bulletin board as its readers see it: topics, a page of posts, what is unread, what a search finds (R28).

Every function takes the caller's grant on their My Folder: whoever may enter online storage may enter here, on PRO
from a registered device (R12). A topic of a group is there for its members alone, whatever their role, as its Group
Folder is (R22). The number of statements never depends on how many topics or posts there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Integer, Row, Select, and_, bindparam, func, literal, or_, select

from auth.access import Grant
from auth.callers import Caller
from core.errors import NotFound
from db.engine import Transaction
from db.statements import Cursor, Statement
from db.tables import (
    board_attachments,
    board_people,
    board_posts,
    board_reads,
    board_revisions,
    board_topics,
    group_members,
    groups,
    logins,
)
from storage.files import FileSystem

TOPIC_ROWS = 50
POST_ROWS = 30
FOUND_ROWS = 50
#: Unread topics are counted up to here; the menu shows that there are more.
MOST_UNREAD = 100


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic; `group` is None for one of the whole contract. `read_id` is the last post the caller has read."""

    id: int
    group: str | None
    title: str
    created_at: datetime
    pinned: bool
    post_count: int
    last_post_id: int
    last_post_at: datetime
    read_id: int
    may_post: bool

    @property
    def unread(self) -> bool:
        """Return whether there is a post the caller has not read."""
        return self.last_post_id > self.read_id

    @property
    def pages(self) -> int:
        """Return how many pages of posts there are."""
        return max(1, -(-self.post_count // POST_ROWS))


class Attachment(NamedTuple):
    """A reference to a file or folder, by the name it had."""

    position: int
    name: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post; of a deleted one nothing but the mark is left."""

    id: int
    author: str
    login: int
    body: str
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    deleted_by: str
    attachments: tuple[Attachment, ...]


class Hit(NamedTuple):
    """A post a search found."""

    post_id: int
    topic_id: int
    title: str
    author: str
    created_at: datetime
    body: str


class Revision(NamedTuple):
    """What a post said from an instant on, until it was edited."""

    body: str
    written_at: datetime


def _groups_of(contract: Any, login: Any) -> Select[Any]:
    return select(group_members.c.group_id).where(
        group_members.c.contract_id == contract, group_members.c.login == login
    )


def visible_to(contract: Any, login: Any) -> ColumnElement[bool]:
    """Return, for a statement, which topics a login reads."""
    mine: ColumnElement[bool] = board_topics.c.contract_id == contract
    own = board_topics.c.group_id.in_(_groups_of(contract, login))
    return and_(mine, or_(board_topics.c.group_id.is_(None), own))


def _reads(contract: Any, login: Any) -> ColumnElement[bool]:
    return and_(
        board_reads.c.contract_id == contract,
        board_reads.c.login == login,
        board_reads.c.topic_id == board_topics.c.id,
    )


def _read_everything(contract: Any, login: Any) -> ColumnElement[int]:
    """Return, for a statement, how far a login has read all topics."""
    found = select(board_people.c.read_id).where(board_people.c.contract_id == contract, board_people.c.login == login)
    return func.coalesce(found.scalar_subquery(), 0)


def _unread_statement() -> Statement:
    contract, login = bindparam("contract", type_=Integer), bindparam("login_number", type_=BigInteger)
    last = board_topics.c.last_post_id
    unread = (
        select(literal(1))
        .select_from(board_topics.outerjoin(board_reads, _reads(contract, login)))
        .where(
            visible_to(contract, login),
            last > _read_everything(contract, login),
            last > func.coalesce(board_reads.c.read_id, 0),
        )
        .limit(MOST_UNREAD)
    )
    return Statement(select(func.count()).select_from(unread.subquery()))


_unread = _unread_statement()


def unread_topics(cursor: Cursor, caller: Caller) -> int:
    """Return how many topics hold something the caller has not read, at most `MOST_UNREAD`. One statement.

    It begins at the first post behind what was marked as read as a whole, so that old topics cost nothing.
    """
    row = _unread.first(cursor, contract=caller.contract_id, login_number=caller.login)
    return int(row[0]) if row else 0


def _topics(caller: Caller) -> Select[Any]:
    contract, login = caller.contract_id, caller.login
    member = and_(
        group_members.c.contract_id == contract,
        group_members.c.login == login,
        group_members.c.group_id == board_topics.c.group_id,
    )
    group = and_(groups.c.contract_id == contract, groups.c.id == board_topics.c.group_id)
    return (
        select(
            board_topics,
            groups.c.name,
            group_members.c.may_write,
            func.coalesce(board_reads.c.read_id, 0).label("read_here"),
            _read_everything(contract, login).label("read_all"),
        )
        .outerjoin(groups, group)
        .outerjoin(group_members, member)
        .outerjoin(board_reads, _reads(contract, login))
        .where(visible_to(contract, login))
    )


def _topic(row: Row[Any], grant: Grant) -> Topic:
    return Topic(
        row.id, row.name, row.title, row.created_at, row.pinned_at is not None, row.post_count, row.last_post_id,
        row.last_post_at, max(row.read_here, row.read_all),
        grant.may_write and (row.group_id is None or bool(row.may_write)),
    )  # fmt: skip


def list_topics(fs: FileSystem, grant: Grant, *, offset: int = 0, limit: int = TOPIC_ROWS) -> tuple[list[Topic], int]:
    """Return topics, pinned ones first, then by their latest post, and how many there are. Two statements."""
    caller = grant.caller
    order = (board_topics.c.pinned_at.is_(None), board_topics.c.last_post_id.desc())
    wanted = _topics(caller).order_by(*order).offset(offset).limit(limit)
    counted = select(func.count()).where(visible_to(caller.contract_id, caller.login))
    with fs.database.reading() as tx:
        return [_topic(row, grant) for row in tx.execute(wanted)], int(tx.execute(counted).scalar_one())


def find_topic(tx: Transaction, grant: Grant, topic_id: int) -> Topic:
    """Return a topic the caller reads. Raises NotFound."""
    row = tx.execute(_topics(grant.caller).where(board_topics.c.id == topic_id)).first()
    if row is None:
        raise NotFound(f"topic {topic_id}")
    return _topic(row, grant)


def look(
    fs: FileSystem, grant: Grant, topic_id: int, *, offset: int = 0, limit: int = POST_ROWS
) -> tuple[Topic, list[Post]]:
    """Return a topic and a page of its posts, the oldest first. Three statements. Raises NotFound."""
    with fs.database.reading() as tx:
        topic = find_topic(tx, grant, topic_id)
        in_topic = (board_posts.c.contract_id == grant.caller.contract_id) & (board_posts.c.topic_id == topic_id)
        rows = tx.execute(_posts(in_topic).offset(offset).limit(limit)).all()
        return topic, _with_attachments(tx, grant, rows)


def _posts(wanted: ColumnElement[bool]) -> Select[Any]:
    author = (logins.c.contract_id == board_posts.c.contract_id) & (logins.c.id == board_posts.c.login)
    return select(board_posts, logins.c.login_id).join(logins, author).where(wanted).order_by(board_posts.c.id)


def _with_attachments(tx: Transaction, grant: Grant, rows: Any) -> list[Post]:
    a = board_attachments.c
    ids = [row.id for row in rows]
    found: dict[int, list[Attachment]] = {}
    if ids:
        wanted = select(a.post_id, a.position, a.name).where(
            a.contract_id == grant.caller.contract_id, a.post_id.in_(ids)
        )
        for one in tx.execute(wanted.order_by(a.post_id, a.position)):
            found.setdefault(one.post_id, []).append(Attachment(one.position, one.name))
    return [
        Post(
            row.id, row.login_id, row.login, row.body, row.created_at, row.edited_at, row.deleted_at, row.deleted_by,
            tuple(found.get(row.id, ())),
        )
        for row in rows
    ]  # fmt: skip


def find_post(tx: Transaction, grant: Grant, post_id: int) -> tuple[Topic, Post]:
    """Return a post the caller reads, with its topic. Raises NotFound."""
    of_post = (board_posts.c.contract_id == grant.caller.contract_id) & (board_posts.c.id == post_id)
    row = tx.execute(_posts(of_post)).first()
    if row is None:
        raise NotFound(f"post {post_id}")
    return find_topic(tx, grant, row.topic_id), _with_attachments(tx, grant, [row])[0]


def page_of(tx: Transaction, grant: Grant, topic_id: int, post_id: int) -> int:
    """Return the number of the page, from 1 on, that holds the first post of a topic from an id on."""
    before = select(func.count()).where(
        board_posts.c.contract_id == grant.caller.contract_id,
        board_posts.c.topic_id == topic_id,
        board_posts.c.id < post_id,
    )
    return int(tx.execute(before).scalar_one()) // POST_ROWS + 1


def revisions(fs: FileSystem, grant: Grant, post_id: int) -> tuple[Topic, Post, list[Revision]]:
    """Return a post and what it said before, the latest first. Raises NotFound."""
    r = board_revisions.c
    with fs.database.reading() as tx:
        topic, post = find_post(tx, grant, post_id)
        wanted = select(r.body, r.written_at).where(r.contract_id == grant.caller.contract_id, r.post_id == post_id)
        return topic, post, [Revision(*row) for row in tx.execute(wanted.order_by(r.number.desc()))]


def search(fs: FileSystem, grant: Grant, text: str, *, offset: int = 0, limit: int = FOUND_ROWS) -> list[Hit]:
    """Return the posts that have a text in them or in their topic's title, the latest first. One statement."""
    caller, p = grant.caller, board_posts.c
    author = (logins.c.contract_id == p.contract_id) & (logins.c.id == p.login)
    in_topic = (board_topics.c.contract_id == p.contract_id) & (board_topics.c.id == p.topic_id)
    has_text = or_(p.body.icontains(text, autoescape=True), board_topics.c.title.icontains(text, autoescape=True))
    wanted = (
        select(p.id, p.topic_id, board_topics.c.title, logins.c.login_id, p.created_at, p.body)
        .join(board_topics, in_topic)
        .join(logins, author)
        .where(
            p.contract_id == caller.contract_id, p.deleted_at.is_(None), visible_to(caller.contract_id, caller.login)
        )
        .where(has_text)
        .order_by(p.id.desc())
        .offset(offset)
        .limit(limit)
    )
    with fs.database.reading() as tx:
        return [Hit(*row) for row in tx.execute(wanted)]
