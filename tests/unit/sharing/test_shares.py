"""Making shares: all or nothing, one mail and one token each, ended at once."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import func, select

from auth import accesslog
from auth.access import FolderType
from auth.accesslog import Entry, Query
from core.errors import AccessDenied, LinkClosed, NotFound, NotShareable
from core.ids import secret_hash
from db.engine import Transaction
from db.tables import outbox, share_items, share_recipients, shares
from sharing import shares as sharing
from sharing.outbox import send_due
from sharing.recipients import require_recipients
from sharing.rules import Terms
from sharing.senders import FolderSender
from sharing.shares import Item
from tests.unit.sharing.cast import BASE, TWO, Post, add_login, mails, share, tokens_in, visit
from tests.unit.world import Firm, at

MANY = require_recipients(",".join(f"u{number}@x.jp" for number in range(99)))


def count(tx: Transaction, table: object) -> int:
    return int(tx.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_r24_99_recipients_get_99_mails_with_99_tokens_and_none_of_another(sharer: Firm) -> None:
    made = share(sharer, "plan.txt", to=MANY)
    assert len(set(made.tokens.values())) == 99
    with sharer.fs.database.reading() as tx:
        sent = mails(tx)
    assert sorted(address for address, _, _ in sent) == sorted(MANY)
    for address, subject, body in sent:
        assert tokens_in(body) == {made.tokens[address]}
        assert not [other for other in MANY if other != address and other in f" {subject} {body} ".split()]


def test_r24_a_token_has_128_bits_and_more_and_only_its_hash_is_kept(sharer: Firm) -> None:
    made = share(sharer, "plan.txt")
    with sharer.fs.database.reading() as tx:
        kept = set(tx.execute(select(share_recipients.c.token_hash)).scalars())
    assert kept == {secret_hash(token) for token in made.tokens.values()}
    assert all(len(token) == 33 and len(set(token)) > 8 for token in made.tokens.values())


def test_a_mail_that_was_sent_keeps_no_token_behind(sharer: Firm) -> None:
    made, post = share(sharer, "plan.txt", terms=Terms(password="correct horse")), Post()
    send_due(sharer.fs.database, post, "azukari@service.example", clock=sharer.clock)
    assert len(post.messages) == 4
    with sharer.fs.database.reading() as tx:
        kept = mails(tx)
    assert {body for _, _, body in kept} == {""}
    assert {token for one in post.messages for token in tokens_in(str(one.get_content()))} == set(made.tokens.values())


def test_the_password_goes_in_a_mail_of_its_own_and_is_kept_as_argon2(sharer: Firm) -> None:
    share(sharer, "plan.txt", terms=Terms(password="correct horse"))
    with sharer.fs.database.reading() as tx:
        sent = mails(tx)
        kept = tx.execute(select(shares.c.password_hash)).scalar_one()
    assert kept.startswith("$argon2id$")
    for address in TWO:
        bodies = [body for to, _, body in sent if to == address]
        assert sorted(("correct horse" in body, bool(tokens_in(body))) for body in bodies) == [
            (False, True),
            (True, False),
        ]


@pytest.mark.parametrize(("language", "words"), [("ja", "共有しました"), ("en", "shares these files with you")])
def test_mails_speak_the_senders_language(sharer: Firm, language: str, words: str) -> None:
    share(sharer, "plan.txt", terms=Terms(language=language, message="よろしく"))
    with sharer.fs.database.reading() as tx:
        body = mails(tx)[0][2]
    assert words in body
    assert "よろしく" in body
    assert "plan.txt" in body
    assert "2026-04-08 12:00" in body


@pytest.mark.parametrize("name", ["a\u2028Bcc: x@y.jp", "a\x85Bcc: x@y.jp", "あ" * 80])
def test_whatever_a_file_is_called_its_mail_has_one_subject_line(sharer: Firm, name: str) -> None:
    sharer.put(name, b"x")
    share(sharer, name)
    post = Post()
    send_due(sharer.fs.database, post, "azukari@service.example", clock=sharer.clock)
    assert len(post.messages) == 2
    for message in post.messages:
        assert message["Bcc"] is None
        assert len(message["Subject"]) <= 120
        assert b"\nBcc" not in message.as_bytes()


def test_a_share_whose_transaction_fails_leaves_nothing_behind(sharer: Firm) -> None:
    with pytest.raises(NotFound):
        share(sharer, "plan.txt", "gone.txt")
    with sharer.fs.database.reading() as tx:
        assert [count(tx, one) for one in (shares, share_items, share_recipients, outbox)] == [0, 0, 0, 0]


@pytest.mark.parametrize("folder", [FolderType.SECRET, FolderType.SECURITY])
def test_r18_nothing_is_shared_from_secret_and_security_folders(sharer: Firm, folder: FolderType) -> None:
    grant = dataclasses.replace(sharer.grant, folder=folder)
    with pytest.raises(AccessDenied):
        sharing.make(sharer.fs, [Item(grant, at("plan.txt"), "secret/plan.txt")], TWO, Terms(), base_url=BASE)


def test_a_whole_folder_is_not_shared(sharer: Firm) -> None:
    with pytest.raises(NotShareable) as refused:
        share(sharer, "")
    assert refused.value.message_id == "share.whole_folder"


@pytest.mark.parametrize("paths", [0, 101])
def test_none_and_more_than_a_hundred_things_are_refused(sharer: Firm, paths: int) -> None:
    with pytest.raises(NotShareable) as refused:
        share(sharer, *["plan.txt"] * paths)
    assert refused.value.message_id == "share.items"


def test_a_share_is_in_the_access_log_with_every_file(sharer: Firm) -> None:
    made = share(sharer, "plan.txt", "trip")
    with sharer.fs.database.reading() as tx:
        entries = list(accesslog.search(tx, sharer.contract_id, Query(act="share")))
    assert [(one.login_id, one.path, one.detail) for one in entries] == [
        ("login1", "my/plan.txt", f"{made.share_id} to 2"),
        ("login1", "my/trip", f"{made.share_id} to 2"),
    ]


def _by(firm: Firm, act: str) -> Entry:
    return Entry(firm.clock(), "login1", "", "", "", act, "", "ok")


def test_revoking_closes_one_recipient_and_ending_all(sharer: Firm) -> None:
    made = share(sharer, "plan.txt")
    first, second = (made.tokens[one] for one in TWO)
    database, mine = sharer.fs.database, visit(sharer, first)
    revoked = _by(sharer, "share.revoke")
    assert (
        database.write(lambda tx: sharing.revoke(tx, 1, made.share_id, mine.recipient_id, by=revoked, login=1))
        == TWO[0]
    )
    with pytest.raises(LinkClosed, match="revoked"):
        visit(sharer, first)
    visit(sharer, second)
    database.write(lambda tx: sharing.end(tx, 1, made.share_id, by=_by(sharer, "share.end"), login=1))
    with pytest.raises(LinkClosed, match="revoked"):
        visit(sharer, second)
    with database.reading() as tx:
        acts = [one.act for one in accesslog.search(tx, 1, Query()) if one.act.startswith("share.")]
    assert acts == ["share.revoke", "share.end"]


def test_a_share_is_ended_and_revoked_by_its_own_login_alone(sharer: Firm) -> None:
    add_login(sharer, 2)
    made = share(sharer, "plan.txt")
    mine, database = visit(sharer, made.tokens[TWO[0]]), sharer.fs.database
    by = _by(sharer, "share.end")
    for contract_id, login in ((1, 2), (2, None)):
        with pytest.raises(NotFound):
            database.write(lambda tx, c=contract_id, o=login: sharing.end(tx, c, made.share_id, by=by, login=o))  # type: ignore[misc]
        with pytest.raises(NotFound):
            database.write(
                lambda tx, c=contract_id, o=login: sharing.revoke(  # type: ignore[misc]
                    tx, c, made.share_id, mine.recipient_id, by=by, login=o
                )
            )
    visit(sharer, made.tokens[TWO[0]])


_KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from db.engine import Database
from sharing.outbox import send_due
from sharing.senders import FolderSender
from pathlib import Path

class Dying(FolderSender):
    def send(self, message):
        if len(list(self.folder.glob("*.eml"))) == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
        super().send(message)

send_due(Database(sys.argv[1]), Dying(Path(sys.argv[2])), "a@b.jp", clock=lambda: datetime.fromisoformat(sys.argv[4]))
"""


@pytest.mark.parametrize("sent_before", [0, 40])
def test_r24_a_process_killed_between_share_and_mail_loses_no_mail_and_doubles_none(
    sharer: Firm, tmp_path: Path, sent_before: int
) -> None:
    made = share(sharer, "plan.txt", to=MANY)
    database, folder = sharer.fs.database, tmp_path / "mails"
    folder.mkdir()
    url = database.url.render_as_string(hide_password=False)
    arguments = [url, str(folder), str(sent_before), sharer.clock().isoformat()]
    killed = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(folder.glob("*.eml"))) == sent_before
    sharer.clock.advance(minutes=10)
    assert send_due(database, FolderSender(folder), "a@b.jp", clock=sharer.clock).sent == 99 - sent_before
    received = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]
    assert len(received) == 99
    assert {one["To"]: tokens_in(str(one.get_content())) for one in received} == {
        address: {token} for address, token in made.tokens.items()
    }
