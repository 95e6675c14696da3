"""Attachments: references that follow a file, open by the reader's own rights, and say when it is gone."""

from __future__ import annotations

from io import BytesIO

import pytest

from auth import groups
from auth.access import Grant
from core.errors import AccessDenied, LinkClosed, NotFound
from groupware import board, board_posts
from groupware.board_attachments import path_of
from groupware.board_posts import Attached
from storage import files, uploads
from storage.files import Names
from storage.moves import End, move
from storage.uploads import Announced
from tests.unit.groupware.hall import Hall


def _attach(hall: Hall, grant: Grant, *names: Names) -> int:
    """Store files in a folder of hanako's, post them, and return the post's id."""
    for one in names:
        uploads.write(hall.fs, grant, one, BytesIO(b"x").read, Announced(1))
    attached = [Attached(grant, one, "/".join(one)) for one in names]
    return board_posts.start(hall.fs, hall.grants["hanako"], "連絡", "添付です", attached).post_id


def _eigyo(hall: Hall) -> Grant:
    return hall.group_grant("hanako", hall.groups["eigyo"])


def test_members_of_the_group_open_what_lies_in_its_folder(hall: Hall) -> None:
    post_id = _attach(hall, _eigyo(hall), ("plan.txt",), ("map.png",))
    _, post = _read(hall, post_id)
    assert [(one.position, one.name) for one in post.attachments] == [(1, "plan.txt"), (2, "map.png")]
    for login in ("hanako", "taro"):
        assert path_of(hall.fs, hall.grants[login], post_id, 1) == "group/eigyo/plan.txt"
        assert path_of(hall.fs, hall.grants[login], post_id, 2) == "group/eigyo/map.png"
        with pytest.raises(NotFound):
            path_of(hall.fs, hall.grants[login], post_id, 3)
    with pytest.raises(AccessDenied) as refused:
        path_of(hall.fs, hall.grants["sakura-admin"], post_id, 1)
    assert refused.value.message_id == "board.attachment_closed"
    with pytest.raises(NotFound):
        path_of(hall.fs, hall.grants["jiro"], post_id, 1)


def _read(hall: Hall, post_id: int) -> tuple[board.Topic, board.Post]:
    with hall.fs.database.reading() as tx:
        return board.find_post(tx, hall.grants["taro"], post_id)


def test_rights_are_asked_again_each_time(hall: Hall) -> None:
    post_id, taro = _attach(hall, _eigyo(hall), ("plan.txt",)), hall.grants["taro"]
    contract_id, group_id = taro.caller.contract_id, hall.groups["eigyo"].group_id
    assert path_of(hall.fs, taro, post_id, 1)
    hall.fs.database.write(lambda tx: groups.set_member(tx, contract_id, group_id, "taro", may_write=None))
    with pytest.raises(AccessDenied):
        path_of(hall.fs, taro, post_id, 1)


def test_what_lies_in_ones_own_folder_opens_for_oneself_alone(hall: Hall) -> None:
    post_id = _attach(hall, hall.grants["hanako"], ("draft.txt",))
    assert path_of(hall.fs, hall.grants["hanako"], post_id, 1) == "my/draft.txt"
    with pytest.raises(AccessDenied):
        path_of(hall.fs, hall.grants["taro"], post_id, 1)


def test_an_attachment_follows_its_file_and_says_when_it_is_gone(hall: Hall) -> None:
    grant, fs = _eigyo(hall), hall.fs
    post_id = _attach(hall, grant, ("plan.txt",))
    files.make_collection(fs, grant, ("2026",))
    move(fs, End(grant, ("plan.txt",)), End(grant, ("2026", "final.txt")), overwrite=False)
    assert path_of(fs, hall.grants["taro"], post_id, 1) == "group/eigyo/2026/final.txt"
    assert _read(hall, post_id)[1].attachments[0].name == "plan.txt"
    files.delete(fs, grant, ("2026",))
    with pytest.raises(LinkClosed) as closed:
        path_of(fs, hall.grants["taro"], post_id, 1)
    assert closed.value.message_id == "board.attachment_gone"
