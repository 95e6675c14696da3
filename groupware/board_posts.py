"""Writing on the bulletin board: topics, posts, edits, deletions, pins, each with its entry in the access log (R28)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from auth import accesslog, groups, links
from auth.access import Grant
from auth.accesslog import entry_of
from auth.callers import Caller, Role
from core.errors import AccessDenied, NotFound, PostRefused
from db.engine import Transaction
from db.tables import (
    board_attachments,
    board_mentions,
    board_posts,
    board_revisions,
    board_topics,
)
from groupware import board_mentions as mentions
from groupware.board import Post, Topic, find_post, find_topic
from groupware.board_marks import note_read
from groupware.board_rules import require_body, require_title
from quota.meter import Ledger
from storage import nodes
from storage.files import FileSystem, Names

#: Each edit keeps what was there before.
MOST_EDITS = 50


class Attached(NamedTuple):
    """A file or folder to attach: names in a folder its author may read, and the path as the access log keeps it."""

    grant: Grant
    names: Names
    path: str


class Written(NamedTuple):
    """A new post and its topic."""

    topic_id: int
    post_id: int


def start(
    fs: FileSystem, grant: Grant, title: str, body: str, attached: Sequence[Attached] = (), *, group: str | None = None
) -> Written:
    """Start a topic for the whole contract, or for one group, with its first post.

    Raises PostRefused, NotFound for a group the caller is no member of and for a file that is gone, AccessDenied for
    a member who reads only, for an ended contract, and for a folder links do not lead into.
    """
    title = title.strip()
    require_title(title)
    _require_post(grant, body, attached)

    def operation(tx: Transaction) -> Written:
        ledger = Ledger.open(tx.cursor, grant.caller.contract_id)
        group_id = None if group is None else _writable_group(tx, grant, group)
        topic_id, now = ledger.take_ids(), fs.clock()
        tx.execute(
            insert(board_topics).values(
                contract_id=ledger.contract_id, id=topic_id, group_id=group_id, title=title, created_at=now,
                pinned_at=None, post_count=0, last_post_id=0, last_post_at=now,
            )
        )  # fmt: skip
        return _write(tx, fs, grant, ledger, topic_id, body, attached, act="board.topic")

    return fs.database.write(operation)


def _writable_group(tx: Transaction, grant: Grant, name: str) -> int:
    found = groups.membership(tx.cursor, grant.caller, name)
    if found is None:
        raise NotFound(f"group {name}")
    if not found.may_write:
        raise AccessDenied("board.read_only")
    return found.group_id


def reply(fs: FileSystem, grant: Grant, topic_id: int, body: str, attached: Sequence[Attached] = ()) -> Written:
    """Write a post in a topic. Raises as `start`, NotFound for a topic the caller does not read."""
    _require_post(grant, body, attached)

    def operation(tx: Transaction) -> Written:
        ledger = Ledger.open(tx.cursor, grant.caller.contract_id)
        _require_may_post(find_topic(tx, grant, topic_id))
        return _write(tx, fs, grant, ledger, topic_id, body, attached, act="board.post")

    return fs.database.write(operation)


def _require_post(grant: Grant, body: str, attached: Sequence[Attached]) -> None:
    _require_active(grant)
    require_body(body, attachments=len(attached))
    for one in attached:
        links.require_linkable(one.grant.folder)


def _require_active(grant: Grant) -> None:
    if not grant.may_write:
        raise AccessDenied("contract.ended")


def _require_may_post(topic: Topic) -> None:
    if not topic.may_post:
        raise AccessDenied("board.read_only")


def _write(
    tx: Transaction, fs: FileSystem, grant: Grant, ledger: Ledger, topic_id: int, body: str,
    attached: Sequence[Attached], *, act: str,
) -> Written:  # fmt: skip
    post_id, now, contract_id = ledger.take_ids(), fs.clock(), ledger.contract_id
    ledger.save()
    tx.execute(
        insert(board_posts).values(
            contract_id=contract_id, id=post_id, topic_id=topic_id, login=grant.caller.login, body=body,
            created_at=now, edited_at=None, deleted_at=None, deleted_by="",
        )
    )  # fmt: skip
    counted = {"post_count": board_topics.c.post_count + 1, "last_post_id": post_id, "last_post_at": now}
    tx.execute(update(board_topics).where(*_topic(contract_id, topic_id)).values(counted))
    _attach(tx, contract_id, post_id, attached)
    mentions.note(tx, grant.caller, topic_id, post_id, body)
    note_read(tx, grant, topic_id, post_id)
    _log(tx, grant.caller, act, f"{topic_id} {post_id}", fs)
    return Written(topic_id, post_id)


def _attach(tx: Transaction, contract_id: int, post_id: int, attached: Sequence[Attached]) -> None:
    for position, one in enumerate(attached, start=1):
        node = nodes.resolve(tx.cursor, contract_id, one.grant.root, one.names).node
        if node is None or not one.names:
            raise NotFound(one.path)
        tx.execute(
            insert(board_attachments).values(
                contract_id=contract_id, post_id=post_id, position=position, node_id=node.id, name=node.name
            )
        )


def edit(fs: FileSystem, grant: Grant, post_id: int, body: str) -> Written:
    """Give one's own post other words; what it said before stays in its history. The same words change nothing.

    Raises PostRefused, NotFound, AccessDenied for another's post and in a group where the caller only reads.
    """
    _require_post(grant, body, ())

    def operation(tx: Transaction) -> Written:
        Ledger.open(tx.cursor, grant.caller.contract_id)
        topic, post = find_post(tx, grant, post_id)
        _require_may_post(topic)
        if post.login != grant.caller.login:
            raise AccessDenied("board.not_yours")
        if post.deleted_at is not None:
            raise PostRefused("board.deleted_post")
        if body != post.body:
            _replace(tx, fs, grant, topic, post, body)
        return Written(topic.id, post.id)

    return fs.database.write(operation)


def _replace(tx: Transaction, fs: FileSystem, grant: Grant, topic: Topic, post: Post, body: str) -> None:
    contract_id, now = grant.caller.contract_id, fs.clock()
    of_post = (board_revisions.c.contract_id == contract_id) & (board_revisions.c.post_id == post.id)
    number = tx.execute(select(func.count()).select_from(board_revisions).where(of_post)).scalar_one() + 1
    if number > MOST_EDITS:
        raise PostRefused("board.edited_often", most=MOST_EDITS)
    tx.execute(
        insert(board_revisions).values(
            contract_id=contract_id, post_id=post.id, number=number, body=post.body,
            written_at=post.edited_at or post.created_at,
        )
    )  # fmt: skip
    tx.execute(update(board_posts).where(*_post(contract_id, post.id)).values(body=body, edited_at=now))
    mentions.note(tx, grant.caller, topic.id, post.id, body)
    _log(tx, grant.caller, "board.edit", f"{topic.id} {post.id}", fs)


def remove(fs: FileSystem, grant: Grant, post_id: int) -> Written:
    """Delete one's own post, or as the administrator any one reads: words, history and attachments go, a mark stays.

    Raises NotFound, AccessDenied. A deleted one stays as it is.
    """
    _require_active(grant)

    def operation(tx: Transaction) -> Written:
        caller, now = grant.caller, fs.clock()
        Ledger.open(tx.cursor, caller.contract_id)
        topic, post = find_post(tx, grant, post_id)
        if post.login != caller.login and caller.role is not Role.ADMINISTRATOR:
            raise AccessDenied("board.may_not_delete")
        if post.deleted_at is not None:
            return Written(topic.id, post.id)
        gone = {"body": "", "edited_at": None, "deleted_at": now, "deleted_by": caller.login_id}
        tx.execute(update(board_posts).where(*_post(caller.contract_id, post.id)).values(gone))
        for table in (board_revisions, board_attachments, board_mentions):
            tx.execute(delete(table).where(table.c.contract_id == caller.contract_id, table.c.post_id == post.id))
        _log(tx, caller, "board.delete", f"{topic.id} {post.id}", fs)
        return Written(topic.id, post.id)

    return fs.database.write(operation)


def pin(fs: FileSystem, grant: Grant, topic_id: int, *, pinned: bool) -> None:
    """Keep a topic above the others, or no longer; the administrator's to decide. Raises NotFound, AccessDenied."""
    _require_active(grant)

    def operation(tx: Transaction) -> None:
        topic = find_topic(tx, grant, topic_id)
        if grant.caller.role is not Role.ADMINISTRATOR:
            raise AccessDenied("board.may_not_pin")
        pinned_at = fs.clock() if pinned else None
        tx.execute(update(board_topics).where(*_topic(grant.caller.contract_id, topic.id)).values(pinned_at=pinned_at))
        _log(tx, grant.caller, "board.pin" if pinned else "board.unpin", str(topic.id), fs)

    fs.database.write(operation)


def _topic(contract_id: int, topic_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return board_topics.c.contract_id == contract_id, board_topics.c.id == topic_id


def _post(contract_id: int, post_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return board_posts.c.contract_id == contract_id, board_posts.c.id == post_id


def _log(tx: Transaction, caller: Caller, act: str, detail: str, fs: FileSystem) -> None:
    entry = entry_of(caller, act, "", now=fs.clock(), detail=detail)
    accesslog.append(tx.cursor, caller.contract_id, [entry])
