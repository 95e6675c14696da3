"""The bulletin board (R28)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from admin_web.api.shapes import WHOLE, Flag, Instant, Name, Number, Page, PathWithin, Refusal, Rows, Shape, Text
from admin_web.api.subject import Subject
from admin_web.board import grant
from admin_web.browse import place_of
from admin_web.gate import parts
from auth.tokens import Scope
from groupware import board, board_attachments, board_marks, board_posts
from groupware.board import Post, Topic
from groupware.board_posts import Attached, Written
from groupware.board_rules import MOST_ATTACHMENTS, MOST_BODY_CHARACTERS, MOST_TITLE_CHARACTERS

subject = Subject("board", "The contract's bulletin board")

_LARGEST = 2**53 - 1
_Id = Annotated[int, Field(ge=1, le=_LARGEST)]
_Title = Annotated[
    str, StringConstraints(min_length=1, max_length=MOST_TITLE_CHARACTERS, pattern=r"^[^\x00-\x1f\x7f]*$")
]
_LINE = r"[^\x00-\x08\x0b-\x1f\x7f]"
_Body = Annotated[
    str,
    Field(description="Markdown. `@login` calls someone."),
    StringConstraints(min_length=1, max_length=MOST_BODY_CHARACTERS, pattern=rf"^{_LINE}*[^\x00-\x20\x7f]{_LINE}*$"),
]


class TopicKey(Shape):
    """Which topic."""

    topic_id: _Id


class PostKey(Shape):
    """Which post."""

    post_id: _Id


class AttachmentKey(PostKey):
    """Which attachment of it."""

    position: Annotated[int, Field(ge=1, le=MOST_ATTACHMENTS)]


class PostSearch(Page):
    """What to look for."""

    text: Annotated[Text, Field(min_length=1)]


class PostGiven(Shape):
    """A post; what is attached are references to files and folders, which readers open by rights of their own."""

    body: _Body
    attachments: Annotated[list[PathWithin], Field(max_length=MOST_ATTACHMENTS, default_factory=list)]


class TopicGiven(PostGiven):
    """A topic with its first post, for the whole contract or for one group."""

    title: _Title
    group: Name | None = None


class WordsGiven(Shape):
    """What a post says from now on."""

    body: _Body


class ReadGiven(Shape):
    """Up to which post a topic was read."""

    post_id: Annotated[Number, Field(ge=1, le=_LARGEST), WHOLE]


class PostWritten(Shape):
    """A post and its topic."""

    topic_id: int
    post_id: int


class TopicShown(Shape):
    """A topic; `group` is null where it is the whole contract's."""

    topic_id: int
    group: str | None
    title: str
    pinned: Flag
    posts: int
    unread: Flag
    may_post: Flag
    created_at: Instant
    last_post_at: Instant


class AttachmentShown(Shape):
    """A reference to a file or folder, by the name it had."""

    position: int
    name: str


class PostShown(Shape):
    """A post. Of one that was deleted nothing but the mark is left."""

    post_id: int
    author: str
    body: str
    created_at: Instant
    edited_at: Instant | None
    deleted_at: Instant | None
    deleted_by: str
    attachments: list[AttachmentShown]


class TopicTold(TopicShown):
    """A topic with a part of its posts, the oldest first."""

    part: Rows[PostShown]


class PostFound(Shape):
    """A post that was found, with its topic."""

    post_id: int
    topic_id: int
    title: str
    author: str
    created_at: Instant
    body: str


class RevisionShown(Shape):
    """What a post said from an instant on, until it was edited."""

    body: str
    written_at: Instant


class AttachmentPath(Shape):
    """Where an attached file is at present."""

    path: str


def _rows(query: Page, count: int) -> int | None:
    end = query.offset + query.limit
    return end if end < count else None


@subject.operation("GET /board/topics", scope=Scope.GROUPWARE_READ, answer=Rows[TopicShown])
def list_topics(query: Page) -> Rows[TopicShown]:
    """List the topics the caller reads, pinned ones first, then by their latest post."""
    found, count = board.list_topics(parts().files, grant(), offset=query.offset, limit=query.limit)
    return Rows(items=[TopicShown(**_facts(one)) for one in found], next_offset=_rows(query, count))


@subject.operation("POST /board/topics", scope=Scope.GROUPWARE_WRITE, answer=PostWritten, status=201)
def start_topic(body: TopicGiven) -> PostWritten:
    """Start a topic."""
    attached = _attached(body.attachments)
    return _written(board_posts.start(parts().files, grant(), body.title, body.body, attached, group=body.group))


@subject.operation("GET /board/topics/<topic_id>", scope=Scope.GROUPWARE_READ, answer=TopicTold)
def get_topic(path: TopicKey, query: Page) -> TopicTold:
    """Tell a topic and a part of its posts. It is not marked as read by that."""
    topic, posts = board.look(parts().files, grant(), path.topic_id, offset=query.offset, limit=query.limit)
    part = Rows(items=[_post(one) for one in posts], next_offset=_rows(query, topic.post_count))
    return TopicTold(**_facts(topic), part=part)


@subject.operation("POST /board/topics/<topic_id>/posts", scope=Scope.GROUPWARE_WRITE, answer=PostWritten, status=201)
def write_post(path: TopicKey, body: PostGiven) -> PostWritten:
    """Write a post in a topic."""
    attached = _attached(body.attachments)
    return _written(board_posts.reply(parts().files, grant(), path.topic_id, body.body, attached))


@subject.operation("PUT /board/topics/<topic_id>/mark", scope=Scope.GROUPWARE_WRITE)
def mark_topic_read(path: TopicKey, body: ReadGiven) -> None:
    """Mark a topic as read up to a post."""
    with parts().database.reading() as tx:
        topic = board.find_topic(tx, grant(), path.topic_id)
    board_marks.mark_read(parts().files, grant(), topic, min(body.post_id, topic.last_post_id))


@subject.operation("PUT /board/topics/<topic_id>/pin", scope=Scope.GROUPWARE_WRITE)
def pin_topic(path: TopicKey) -> None:
    """Keep a topic above the others; for the administrator."""
    board_posts.pin(parts().files, grant(), path.topic_id, pinned=True)


@subject.operation("DELETE /board/topics/<topic_id>/pin", scope=Scope.GROUPWARE_WRITE)
def unpin_topic(path: TopicKey) -> None:
    """Keep a topic above the others no longer."""
    board_posts.pin(parts().files, grant(), path.topic_id, pinned=False)


@subject.operation("PUT /board/posts/<post_id>", scope=Scope.GROUPWARE_WRITE, answer=PostWritten)
def edit_post(path: PostKey, body: WordsGiven) -> PostWritten:
    """Edit one's own post; what it said before stays in its history."""
    return _written(board_posts.edit(parts().files, grant(), path.post_id, body.body))


@subject.operation("DELETE /board/posts/<post_id>", scope=Scope.GROUPWARE_WRITE)
def delete_post(path: PostKey) -> None:
    """Delete one's own post, or any as the administrator; a mark stays."""
    board_posts.remove(parts().files, grant(), path.post_id)


@subject.operation("GET /board/posts/<post_id>/history", scope=Scope.GROUPWARE_READ, answer=Rows[RevisionShown])
def list_revisions(path: PostKey) -> Rows[RevisionShown]:
    """List what a post said before it was edited, the latest first."""
    _, _, found = board.revisions(parts().files, grant(), path.post_id)
    return Rows(items=[RevisionShown(body=one.body, written_at=one.written_at) for one in found], next_offset=None)


@subject.operation(
    "GET /board/posts/<post_id>/attachments/<position>",
    scope=Scope.GROUPWARE_READ,
    answer=AttachmentPath,
    more={410: Refusal},
)
def get_attachment(path: AttachmentKey) -> AttachmentPath:
    """Tell where an attached file is now, if the caller may go there."""
    return AttachmentPath(path=board_attachments.path_of(parts().files, grant(), path.post_id, path.position))


@subject.operation("GET /board/search", scope=Scope.GROUPWARE_READ, answer=Rows[PostFound])
def search_posts(query: PostSearch) -> Rows[PostFound]:
    """List the posts that have a text in them, or in their topic's title, the latest first."""
    found = board.search(parts().files, grant(), query.text, offset=query.offset, limit=query.limit + 1)
    items = [PostFound(**one._asdict()) for one in found[: query.limit]]
    return Rows(items=items, next_offset=query.offset + query.limit if len(found) > query.limit else None)


def _attached(paths: list[str]) -> list[Attached]:
    places = [place_of(path) for path in dict.fromkeys(paths)]
    return [Attached(one.grant, one.names, one.logged) for one in places]


def _written(found: Written) -> PostWritten:
    return PostWritten(topic_id=found.topic_id, post_id=found.post_id)


def _post(one: Post) -> PostShown:
    attachments = [AttachmentShown(position=each.position, name=each.name) for each in one.attachments]
    return PostShown(
        post_id=one.id, author=one.author, body=one.body, created_at=one.created_at, edited_at=one.edited_at,
        deleted_at=one.deleted_at, deleted_by=one.deleted_by, attachments=attachments,
    )  # fmt: skip


def _facts(one: Topic) -> dict[str, Any]:
    return {
        "topic_id": one.id, "group": one.group, "title": one.title, "pinned": one.pinned, "posts": one.post_count,
        "unread": one.unread, "may_post": one.may_post, "created_at": one.created_at,
        "last_post_at": one.last_post_at,
    }  # fmt: skip
