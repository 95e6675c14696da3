"""Ways out for mail: a real SMTP server, and a folder."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from core.errors import MailRefused, MailUnavailable
from sharing.outbox import Sent, send_due
from sharing.senders import FolderSender, SmtpSender
from tests.unit.sharing.cast import share, tokens_in
from tests.unit.world import Firm


class Mailbox:
    """What the server does with mail: `answers` by recipient, everything else is taken."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.data_answer = "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get(address, "250 OK")

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        if self.data_answer.startswith("250"):
            self.taken.append(message_from_bytes(content, policy=policy.default))
        return self.data_answer


def free_port() -> int:
    """Return a port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mailbox() -> Mailbox:
    """Return the server's mailbox."""
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[SmtpSender]:
    """Run an SMTP server; yield a sender that speaks to it."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield SmtpSender("127.0.0.1", controller.port, security="none", timeout_seconds=5)
    controller.stop()


def mail(recipient: str = "office@sakura.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "azukari@service.example", recipient
    message["Subject"] = "【Azukari】ファイルの削除について"
    message["Message-ID"] = "<0123@service.example>"
    message.set_content("日本語の本文\nbody\n")
    return message


def test_a_mail_arrives_at_a_real_server_word_for_word(server: SmtpSender, mailbox: Mailbox) -> None:
    server.send(mail())
    (taken,) = mailbox.taken
    assert (taken["Subject"], taken["To"]) == ("【Azukari】ファイルの削除について", "office@sakura.example")
    assert taken.get_content().replace("\r\n", "\n") == "日本語の本文\nbody\n"


@pytest.mark.parametrize("recipient", ["a..b@docomo.example", "a.@docomo.example"])
def test_r24_old_mobile_addresses_pass_through(server: SmtpSender, mailbox: Mailbox, recipient: str) -> None:
    server.send(mail(recipient))
    assert len(mailbox.taken) == 1


def test_a_recipient_refused_for_good_is_a_refusal(server: SmtpSender, mailbox: Mailbox) -> None:
    mailbox.answers["office@sakura.example"] = "550 no such user"
    with pytest.raises(MailRefused, match="550 no such user"):
        server.send(mail())


def test_a_recipient_refused_for_now_is_tried_again(server: SmtpSender, mailbox: Mailbox) -> None:
    mailbox.answers["office@sakura.example"] = "450 mailbox busy"
    with pytest.raises(MailUnavailable, match="450 mailbox busy"):
        server.send(mail())


@pytest.mark.parametrize(("answer", "error"), [("552 too large", MailRefused), ("451 try later", MailUnavailable)])
def test_the_servers_answer_to_the_body_decides(
    server: SmtpSender, mailbox: Mailbox, answer: str, error: type[Exception]
) -> None:
    mailbox.data_answer = answer
    with pytest.raises(error, match=answer):
        server.send(mail())


def test_no_server_is_tried_again_later() -> None:
    sender = SmtpSender("127.0.0.1", free_port(), security="none", timeout_seconds=1)
    with pytest.raises(MailUnavailable, match=r"127\.0\.0\.1"):
        sender.send(mail())
    with pytest.raises(MailUnavailable):
        sender.check()


def test_a_server_that_answers_passes_the_check(server: SmtpSender) -> None:
    server.check()


def test_a_server_without_starttls_gets_no_mail_in_plain(server: SmtpSender, mailbox: Mailbox) -> None:
    careful = SmtpSender(server.host, server.port, security="starttls", timeout_seconds=5)
    with pytest.raises(MailRefused, match="STARTTLS"):
        careful.send(mail())
    assert mailbox.taken == []


def test_a_folder_gets_one_file_a_mail_that_only_its_owner_reads(tmp_path: Path) -> None:
    sender = FolderSender(tmp_path / "mails")
    sender.check()
    sender.send(mail())
    sender.send(mail())
    (path,) = (tmp_path / "mails").iterdir()
    assert path.name == "0123.eml"
    assert path.stat().st_mode & 0o777 == 0o600
    read = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert read["Subject"] == "【Azukari】ファイルの削除について"


def test_a_folder_that_cannot_be_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "mails").write_text("a file")
    with pytest.raises(MailUnavailable):
        FolderSender(tmp_path / "mails").check()
    with pytest.raises(MailUnavailable):
        FolderSender(tmp_path / "mails").send(mail())


def test_r24_a_server_that_is_down_for_an_hour_gets_every_mail_once_when_it_is_back(
    sharer: Firm, mailbox: Mailbox
) -> None:
    recipients = tuple(f"u{number}@fuji.example" for number in range(99))
    made = share(sharer, "plan.txt", to=recipients)
    port = free_port()
    sender, database = SmtpSender("127.0.0.1", port, security="none", timeout_seconds=5), sharer.fs.database

    def run() -> Sent:
        return send_due(database, sender, "azukari@service.example", clock=sharer.clock)

    for minutes in (1, 59):  # in between nothing is due: mails wait longer and longer
        assert run() == Sent(postponed=99)
        sharer.clock.advance(minutes=minutes)
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        assert [run(), run()] == [Sent(sent=99), Sent()]
    finally:
        controller.stop()
    received = {one["To"]: tokens_in(str(one.get_content())) for one in mailbox.taken}
    assert len(mailbox.taken) == 99
    assert received == {address: {token} for address, token in made.tokens.items()}
