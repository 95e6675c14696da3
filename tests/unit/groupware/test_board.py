"""The board as its readers see it: whose topics are there, pages, what is unread, what a search finds."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from core.errors import NotFound
from db.tables import board_posts, board_topics
from groupware import board, board_marks
from groupware import board_posts as posts
from groupware.board import MOST_UNREAD, POST_ROWS
from groupware.board_posts import Written
from tests.unit.groupware.hall import Hall

_STRANGERS = ("momiji-admin", "jiro", "kaede-admin")


def _unread(hall: Hall, login: str) -> int:
    with hall.fs.database.reading() as tx:
        return board.unread_topics(tx.cursor, hall.grants[login].caller)


def _start(hall: Hall, *, title: str = "連絡", body: str = "はじめます", group: str | None = None) -> Written:
    return posts.start(hall.fs, hall.grants["hanako"], title, body, group=group)


def _titles(hall: Hall, login: str) -> list[str]:
    return [one.title for one in board.list_topics(hall.fs, hall.grants[login])[0]]


def _fill(hall: Hall, count: int) -> int:
    """Start a topic and put posts into it at once, past its own; return its id."""
    written, caller = _start(hall), hall.grants["hanako"].caller
    rows = [
        {
            "contract_id": caller.contract_id, "id": written.post_id + at, "topic_id": written.topic_id,
            "login": caller.login, "body": f"post {at}", "created_at": hall.clock(), "deleted_by": "",
        }
        for at in range(1, count)
    ]  # fmt: skip
    of_topic = board_topics.c.id == written.topic_id
    last = board_topics.update().where(of_topic).values(post_count=count, last_post_id=rows[-1]["id"])

    def operation(tx: object) -> None:
        tx.execute(insert(board_posts), rows)  # type: ignore[attr-defined]
        tx.execute(last)  # type: ignore[attr-defined]

    hall.fs.database.write(operation)
    return written.topic_id


def test_r28_a_contracts_topics_are_its_own(hall: Hall) -> None:
    written = _start(hall)
    for login in ("sakura-admin", "hanako", "taro"):
        topic, (post,) = board.look(hall.fs, hall.grants[login], written.topic_id)
        assert (topic.title, topic.group, topic.post_count, topic.may_post) == ("連絡", None, 1, True)
        assert (post.author, post.body, post.deleted_at) == ("hanako", "はじめます", None)
    for login in _STRANGERS:
        assert board.list_topics(hall.fs, hall.grants[login]) == ([], 0)
        assert board.search(hall.fs, hall.grants[login], "はじめ") == []
        assert _unread(hall, login) == 0
        with pytest.raises(NotFound):
            board.look(hall.fs, hall.grants[login], written.topic_id)
        with pytest.raises(NotFound):
            board.revisions(hall.fs, hall.grants[login], written.post_id)


def test_r22_a_groups_topics_are_its_members_alone(hall: Hall) -> None:
    written = _start(hall, group="eigyo")
    assert board.look(hall.fs, hall.grants["hanako"], written.topic_id)[0].may_post
    reader = board.look(hall.fs, hall.grants["taro"], written.topic_id)[0]
    assert (reader.group, reader.may_post) == ("eigyo", False)
    assert _unread(hall, "taro") == 1
    for login in ("sakura-admin", *_STRANGERS):
        assert _titles(hall, login) == []
        assert _unread(hall, login) == 0
        assert board.search(hall.fs, hall.grants[login], "はじめ") == []
        with pytest.raises(NotFound):
            board.look(hall.fs, hall.grants[login], written.topic_id)


def test_topics_stand_pinned_first_then_by_their_latest_post(hall: Hall) -> None:
    first, second, third = (_start(hall, title=title) for title in ("一", "二", "三"))
    assert _titles(hall, "taro") == ["三", "二", "一"]
    posts.reply(hall.fs, hall.grants["taro"], first.topic_id, "返信")
    assert _titles(hall, "taro") == ["一", "三", "二"]
    posts.pin(hall.fs, hall.grants["sakura-admin"], second.topic_id, pinned=True)
    assert _titles(hall, "taro") == ["二", "一", "三"]
    posts.pin(hall.fs, hall.grants["sakura-admin"], second.topic_id, pinned=False)
    assert _titles(hall, "taro") == ["一", "三", "二"]
    assert third.topic_id


def test_what_others_write_is_unread_until_it_is_looked_at(hall: Hall) -> None:
    written, taro = _start(hall), hall.grants["taro"]
    assert (_unread(hall, "hanako"), _unread(hall, "taro")) == (0, 1)
    topic, (post,) = board.look(hall.fs, taro, written.topic_id)
    assert topic.unread
    board_marks.mark_read(hall.fs, taro, topic, post.id)
    assert _unread(hall, "taro") == 0
    answer = posts.reply(hall.fs, taro, written.topic_id, "了解です")
    assert (_unread(hall, "hanako"), _unread(hall, "taro")) == (1, 0)
    hanako = hall.grants["hanako"]
    seen, _ = board.look(hall.fs, hanako, written.topic_id)
    board_marks.mark_read(hall.fs, hanako, seen, answer.post_id)
    board_marks.mark_read(hall.fs, hanako, seen, written.post_id)  # an older page, looked at again
    hall.fs.database.write(lambda tx: board_marks.note_read(tx, hanako, written.topic_id, written.post_id))
    assert _unread(hall, "hanako") == 0


def test_everything_is_read_at_once_and_what_comes_after_is_not(hall: Hall) -> None:
    for title in ("一", "二", "三"):
        _start(hall, title=title)
    taro = hall.grants["taro"]
    board_marks.mark_all_read(hall.fs, taro)
    assert _unread(hall, "taro") == 0
    assert not any(one.unread for one in board.list_topics(hall.fs, taro)[0])
    _start(hall, title="四")
    assert [one.title for one in board.list_topics(hall.fs, taro)[0] if one.unread] == ["四"]
    assert _unread(hall, "taro") == 1


def test_unread_topics_are_counted_in_one_statement_up_to_a_bound(hall: Hall) -> None:
    template = _start(hall)
    caller = hall.grants["hanako"].caller
    row = {
        "contract_id": caller.contract_id, "title": "t", "created_at": hall.clock(), "post_count": 1,
        "last_post_at": hall.clock(),
    }  # fmt: skip
    rows = [{**row, "id": 10_000 + at, "last_post_id": 10_000 + at} for at in range(MOST_UNREAD + 5)]
    hall.fs.database.write(lambda tx: tx.execute(insert(board_topics), rows).close())
    probe = hall.fs.database.probe  # type: ignore[attr-defined]
    probe.reset()
    assert _unread(hall, "taro") == MOST_UNREAD
    assert len(probe.own) == 1
    assert template.topic_id


def test_ten_thousand_posts_are_paged_by_the_same_few_statements(hall: Hall) -> None:
    topic_id, taro = _fill(hall, 10_000), hall.grants["taro"]
    probe = hall.fs.database.probe  # type: ignore[attr-defined]
    counts = []
    for page in (1, 2, 167, 334):
        probe.reset()
        topic, shown = board.look(hall.fs, taro, topic_id, offset=(page - 1) * POST_ROWS)
        counts.append(len(probe.own))
        assert topic.pages == 334
        assert len(shown) == (POST_ROWS if page < 334 else 10_000 - 333 * POST_ROWS)
        with hall.fs.database.reading() as tx:
            assert board.page_of(tx, taro, topic_id, shown[0].id) == page
            assert board.page_of(tx, taro, topic_id, shown[-1].id) == page
    assert counts == [3, 3, 3, 3]
    probe.reset()
    assert len(board.search(hall.fs, taro, "post 99", limit=20)) == 20
    assert len(board.list_topics(hall.fs, taro)[0]) == 1
    assert len(probe.own) == 3


def test_a_search_takes_words_as_they_are(hall: Hall) -> None:
    hanako = hall.grants["hanako"]
    written = _start(hall, title="100%の力", body="Budget_2026 を確認")
    other = posts.reply(hall.fs, hanako, written.topic_id, "第二報")

    def found(text: str) -> list[int]:
        return [one.post_id for one in board.search(hall.fs, hanako, text)]

    assert found("budget_2026") == [written.post_id]
    assert found("100%") == [other.post_id, written.post_id]
    assert found("b%t") == []
    assert found("Budget.2026") == []
    assert found("第二") == [other.post_id]
    posts.remove(hall.fs, hanako, other.post_id)
    assert found("第二") == []
