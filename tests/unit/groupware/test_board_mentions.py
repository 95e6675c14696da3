"""Mentions: one mail for all that came together, each told once, to those who want it and may read it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from auth import groups, logins
from db.tables import outbox
from groupware import board_marks, board_mentions, board_posts
from groupware.board_marks import Telling
from groupware.board_posts import Written
from tests.unit.groupware.hall import Hall


@pytest.fixture
def hall(hall: Hall) -> Hall:
    """Return the firms, where hanako and taro gave an address, and taro reads English."""
    for login, language in (("hanako", "ja"), ("taro", "en")):
        chosen = Telling(True, f"{login}@sakura.example", language)
        board_marks.set_telling(hall.fs, hall.grants[login], chosen)
    return hall


def _post(
    hall: Hall, body: str, *, title: str = "連絡", login: str = "sakura-admin", group: str | None = None
) -> Written:
    return board_posts.start(hall.fs, hall.grants[login], title, body, group=group)


def _tell(hall: Hall) -> int:
    return board_mentions.tell(hall.fs, now=hall.clock())


def _mails(hall: Hall) -> list[tuple[str, str, str]]:
    with hall.fs.database.reading() as tx:
        wanted = select(outbox.c.recipient, outbox.c.subject, outbox.c.body).order_by(outbox.c.recipient)
        return [tuple(row) for row in tx.execute(wanted)]


def test_everybody_called_gets_one_mail_in_their_own_language(hall: Hall) -> None:
    _post(hall, "@hanako さん、@taro さん、秘密の数字は 42 です", title="見積もり")
    _post(hall, "@taro see above", title="Figures")
    with hall.fs.database.reading() as tx:
        assert board_mentions.count_waiting(tx) == 3
    assert _tell(hall) == 2
    (hanako, subject, body), (taro, english, words) = _mails(hall)
    assert (hanako, taro) == ("hanako@sakura.example", "taro@sakura.example")
    assert "1 件" in subject
    assert "「見積もり」 sakura-admin 2026-04-01 12:00" in body
    assert "2 posts" in english
    assert words.index("“見積もり”") < words.index("“Figures”")
    assert "42" not in body + words


def test_each_mention_is_told_once_whoever_runs_the_job(hall: Hall) -> None:
    for number in range(5):
        _post(hall, "@hanako @taro", title=f"{number}")
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(_tell, hall) for _ in range(2)]
        assert sum(run.result() for run in runs) == 2
    assert _tell(hall) == 0
    assert len(_mails(hall)) == 2


def test_an_edit_calls_only_whom_the_post_did_not_call_before(hall: Hall) -> None:
    admin = hall.grants["sakura-admin"]
    written = _post(hall, "@hanako")
    assert _tell(hall) == 1
    board_posts.edit(hall.fs, admin, written.post_id, "@hanako and @taro")
    assert _tell(hall) == 1
    assert [recipient for recipient, *_ in _mails(hall)] == ["hanako@sakura.example", "taro@sakura.example"]


def test_nobody_is_told_of_what_they_cannot_read(hall: Hall) -> None:
    hanako = hall.grants["hanako"]
    _post(hall, "@sakura-admin @taro", login="hanako", group="eigyo")
    with hall.fs.database.reading() as tx:
        assert board_mentions.count_waiting(tx) == 1
    contract_id, group_id = hanako.caller.contract_id, hall.groups["eigyo"].group_id
    hall.fs.database.write(lambda tx: groups.set_member(tx, contract_id, group_id, "taro", may_write=None))
    assert _tell(hall) == 0
    assert _mails(hall) == []


def test_who_switched_it_off_gave_no_address_or_is_kept_out_gets_nothing(hall: Hall) -> None:
    board_marks.set_telling(hall.fs, hall.grants["hanako"], Telling(False, "hanako@sakura.example", "ja"))
    hall.fs.database.write(lambda tx: logins.set_enabled(tx, "taro", False))
    _post(hall, "@sakura-admin @hanako @taro", login="sakura-admin")
    _post(hall, "@sakura-admin", login="hanako")
    assert _tell(hall) == 0
    board_marks.set_telling(hall.fs, hall.grants["hanako"], Telling(True, "hanako@sakura.example", "ja"))
    assert _tell(hall) == 0
    with hall.fs.database.reading() as tx:
        assert board_mentions.count_waiting(tx) == 0


def test_a_deleted_post_is_told_to_nobody(hall: Hall) -> None:
    written = _post(hall, "@hanako")
    board_posts.remove(hall.fs, hall.grants["sakura-admin"], written.post_id)
    assert _tell(hall) == 0


def test_another_contracts_login_and_oneself_are_not_called(hall: Hall) -> None:
    _post(hall, "@jiro @hanako", login="hanako")
    with hall.fs.database.reading() as tx:
        assert board_mentions.count_waiting(tx) == 0


def test_a_mail_names_so_many_posts_and_counts_the_rest(hall: Hall) -> None:
    for number in range(22):
        _post(hall, "@hanako", title=f"話題{number}")
    assert _tell(hall) == 1
    ((_, subject, body),) = _mails(hall)
    assert "22 件" in subject
    assert body.count("「話題") == 20
    assert "ほか 2 件" in body
