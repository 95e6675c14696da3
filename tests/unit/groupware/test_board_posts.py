"""Writing on the board: by whom, with what trace, and what is left of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from auth.access import FolderType, Grant
from core.errors import AccessDenied, NotFound, PostRefused
from db.tables import access_log, board_attachments, board_revisions
from groupware import board, board_posts
from groupware.board_posts import MOST_EDITS, Attached, Written
from tests.unit.groupware.hall import Hall


def _start(hall: Hall, login: str = "hanako", group: str | None = None) -> Written:
    return board_posts.start(hall.fs, hall.grants[login], "連絡", "はじめます", group=group)


def _post(hall: Hall, written: Written, login: str = "taro") -> board.Post:
    return board.look(hall.fs, hall.grants[login], written.topic_id)[1][-1]


def _refused(kind: type[Exception], reason: str, act: object, *arguments: object, **named: object) -> None:
    with pytest.raises(kind) as refused:
        act(*arguments, **named)  # type: ignore[operator]
    assert refused.value.message_id == reason  # type: ignore[attr-defined]


def test_who_reads_a_group_writes_only_where_it_may(hall: Hall) -> None:
    fs, taro = hall.fs, hall.grants["taro"]
    _refused(AccessDenied, "board.read_only", board_posts.start, fs, taro, "t", "b", group="eigyo")
    written = _start(hall, group="eigyo")
    _refused(AccessDenied, "board.read_only", board_posts.reply, fs, taro, written.topic_id, "b")
    for login in ("sakura-admin", "jiro"):
        with pytest.raises(NotFound):
            board_posts.start(fs, hall.grants[login], "t", "b", group="eigyo")
        with pytest.raises(NotFound):
            board_posts.reply(fs, hall.grants[login], written.topic_id, "b")
        with pytest.raises(NotFound):
            board_posts.remove(fs, hall.grants[login], written.post_id)
        with pytest.raises(NotFound):
            board_posts.pin(fs, hall.grants[login], written.topic_id, pinned=True)


def test_r9_in_an_ended_contract_nothing_is_written(hall: Hall) -> None:
    written, admin = _start(hall), hall.grants["sakura-admin"]
    ended = Grant(admin.caller, admin.folder, admin.root, may_write=False)
    fs = hall.fs
    _refused(AccessDenied, "contract.ended", board_posts.start, fs, ended, "t", "b")
    _refused(AccessDenied, "contract.ended", board_posts.reply, fs, ended, written.topic_id, "b")
    _refused(AccessDenied, "contract.ended", board_posts.edit, fs, ended, written.post_id, "b")
    _refused(AccessDenied, "contract.ended", board_posts.remove, fs, ended, written.post_id)
    _refused(AccessDenied, "contract.ended", board_posts.pin, fs, ended, written.topic_id, pinned=True)
    assert not board.look(fs, ended, written.topic_id)[0].may_post


def test_an_edit_is_ones_own_marked_and_within_a_history(hall: Hall) -> None:
    written, hanako = _start(hall), hall.grants["hanako"]
    begun = hall.clock()
    hall.clock.advance(minutes=5)
    board_posts.edit(hall.fs, hanako, written.post_id, "はじめます")
    assert _post(hall, written).edited_at is None
    board_posts.edit(hall.fs, hanako, written.post_id, "二稿")
    second = hall.clock()
    hall.clock.advance(minutes=5)
    board_posts.edit(hall.fs, hanako, written.post_id, "三稿")
    _, post, before = board.revisions(hall.fs, hall.grants["taro"], written.post_id)
    assert (post.body, post.created_at, post.edited_at) == ("三稿", begun, hall.clock())
    assert before == [("二稿", second), ("はじめます", begun)]
    for login in ("taro", "sakura-admin"):
        _refused(AccessDenied, "board.not_yours", board_posts.edit, hall.fs, hall.grants[login], written.post_id, "x")


def test_a_post_is_edited_so_often_and_no_more(hall: Hall) -> None:
    written, hanako = _start(hall), hall.grants["hanako"]
    for number in range(MOST_EDITS):
        board_posts.edit(hall.fs, hanako, written.post_id, f"{number}")
    _refused(PostRefused, "board.edited_often", board_posts.edit, hall.fs, hanako, written.post_id, "more")


@pytest.mark.parametrize("login", ["hanako", "sakura-admin"])
def test_who_wrote_a_post_or_the_administrator_deletes_it_and_a_mark_stays(hall: Hall, login: str) -> None:
    photo = hall.write("hanako", "plan.txt", b"x")
    attached = Attached(photo.grant, photo.names, photo.path)
    written = board_posts.start(hall.fs, hall.grants["hanako"], "連絡", "見積もり", [attached])
    board_posts.edit(hall.fs, hall.grants["hanako"], written.post_id, "見積もり二")
    _refused(AccessDenied, "board.may_not_delete", board_posts.remove, hall.fs, hall.grants["taro"], written.post_id)
    board_posts.remove(hall.fs, hall.grants[login], written.post_id)
    board_posts.remove(hall.fs, hall.grants["hanako"], written.post_id)
    post = _post(hall, written)
    assert (post.body, post.attachments, post.edited_at) == ("", (), None)
    assert (post.deleted_by, post.deleted_at) == (login, hall.clock())
    with hall.fs.database.reading() as tx:
        assert tx.execute(select(board_revisions)).all() == []
        assert tx.execute(select(board_attachments)).all() == []
    hanako = hall.grants["hanako"]
    _refused(PostRefused, "board.deleted_post", board_posts.edit, hall.fs, hanako, written.post_id, "again")


def test_the_administrator_pins(hall: Hall) -> None:
    written = _start(hall)
    for login in ("hanako", "taro"):
        _refused(
            AccessDenied, "board.may_not_pin", board_posts.pin, hall.fs, hall.grants[login], written.topic_id,
            pinned=True,
        )  # fmt: skip
    board_posts.pin(hall.fs, hall.grants["sakura-admin"], written.topic_id, pinned=True)
    assert board.look(hall.fs, hall.grants["taro"], written.topic_id)[0].pinned


def test_r21_every_act_is_in_the_access_log(hall: Hall) -> None:
    hanako, admin = hall.grants["hanako"], hall.grants["sakura-admin"]
    topic_id, post_id = _start(hall)
    reply = board_posts.reply(hall.fs, hanako, topic_id, "追記")
    board_posts.edit(hall.fs, hanako, post_id, "二稿")
    board_posts.pin(hall.fs, admin, topic_id, pinned=True)
    board_posts.pin(hall.fs, admin, topic_id, pinned=False)
    board_posts.remove(hall.fs, admin, reply.post_id)
    log = access_log.c
    with hall.fs.database.reading() as tx:
        rows = tx.execute(
            select(log.login_id, log.act, log.detail).where(log.act.like("board.%")).order_by(log.sequence)
        ).all()
    assert rows == [
        ("hanako", "board.topic", f"{topic_id} {post_id}"),
        ("hanako", "board.post", f"{topic_id} {reply.post_id}"),
        ("hanako", "board.edit", f"{topic_id} {post_id}"),
        ("sakura-admin", "board.pin", f"{topic_id}"),
        ("sakura-admin", "board.unpin", f"{topic_id}"),
        ("sakura-admin", "board.delete", f"{topic_id} {reply.post_id}"),
    ]


def test_what_is_attached_has_to_be_there_and_in_a_folder_links_lead_into(hall: Hall) -> None:
    hanako = hall.grants["hanako"]
    for names in (("none.txt",), ()):
        with pytest.raises(NotFound):
            board_posts.start(hall.fs, hanako, "t", "b", [Attached(hanako, names, "my/none.txt")])
    secret = Grant(hanako.caller, FolderType.SECRET, hanako.root, may_write=True)
    with pytest.raises(AccessDenied):
        board_posts.start(hall.fs, hanako, "t", "b", [Attached(secret, ("x",), "secret/x")])
    assert board.list_topics(hall.fs, hanako) == ([], 0)
