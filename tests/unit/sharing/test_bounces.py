"""Mail that came back, as mail systems say it (RFC 3464)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import InvalidInput
from db.tables import outbox
from sharing.bounces import Bounce, ReadBack, parse, read_folder
from sharing.outbox import send_due
from tests.unit.sharing.cast import TWO, Post, share
from tests.unit.world import Firm

MAIL_ID = "0" * 31 + "7"


def report(
    mail_id: str = MAIL_ID,
    *,
    to: str = TWO[0],
    action: str = "failed",
    returned: str = "text/rfc822-headers",
    field: str = "Final-Recipient",
) -> bytes:
    """Return a notification such as Postfix writes it."""
    body = "\r\n\r\nthe mail\r\n" if returned == "message/rfc822" else "\r\n"
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: azukari@service.example\r\nSubject: Undelivered Mail\r\n"
        "Message-ID: <20260401@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you…\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"{field}: rfc822; {to}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <user>: user unknown\r\n\r\n"
        f"--B\r\nContent-Type: {returned}\r\n\r\nSubject: x\r\nMessage-ID: <{mail_id}@service.example>{body}"
        "--B--\r\n"
    ).encode()


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
@pytest.mark.parametrize("field", ["Final-Recipient", "Original-Recipient"])
def test_a_notification_tells_mail_recipient_and_reason(returned: str, field: str) -> None:
    expected = Bounce(MAIL_ID, TWO[0], "550 5.1.1 <user>: user unknown")
    assert parse(report(returned=returned, field=field)) == [expected]


@pytest.mark.parametrize(
    "data",
    [
        report(action="delayed"),
        report(action="delivered"),
        report(mail_id="not-ours"),
        report().replace(b"multipart/report", b"multipart/mixed"),
        report()[:200],
        b"Subject: Hello\r\n\r\nI am away.\r\n",
        b"",
        b"\xff\xfe\x00",
    ],
)
def test_other_mail_is_no_bounce(data: bytes) -> None:
    assert parse(data) == []


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """Return a Maildir."""
    for part in ("new", "cur", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    return tmp_path / "box"


def mail_id_of(firm: Firm, address: str) -> str:
    with firm.fs.database.reading() as tx:
        return str(tx.execute(select(outbox.c.id).where(outbox.c.recipient == address)).scalar_one())


def states(firm: Firm) -> dict[str, tuple[str, str]]:
    with firm.fs.database.reading() as tx:
        return {row.recipient: (row.state, row.error) for row in tx.execute(select(outbox))}


def test_a_mail_that_came_back_is_noted_once_at_its_recipient(sharer: Firm, box: Path) -> None:
    share(sharer, "plan.txt")
    send_due(sharer.fs.database, Post(), "azukari@service.example", clock=sharer.clock)
    (box / "new" / "1.x").write_bytes(report(mail_id_of(sharer, TWO[0]), to=TWO[0].upper()))
    (box / "new" / "2.x").write_bytes(report())
    (box / "new" / "3.x").write_bytes(b"Subject: Hello\n\nI am away.\n")
    assert read_folder(sharer.fs.database, box) == ReadBack(bounced=1, unknown=1, other=1)
    assert states(sharer) == {TWO[0]: ("failed", "550 5.1.1 <user>: user unknown"), TWO[1]: ("sent", "")}
    assert read_folder(sharer.fs.database, box) == ReadBack()
    assert sorted(path.name[-4:] for path in (box / "cur").iterdir()) == [":2,S"] * 3


def test_a_notification_about_someone_elses_mail_notes_nothing(sharer: Firm, box: Path) -> None:
    share(sharer, "plan.txt")
    send_due(sharer.fs.database, Post(), "azukari@service.example", clock=sharer.clock)
    (box / "new" / "1.x").write_bytes(report(mail_id_of(sharer, TWO[0]), to=TWO[1]))
    assert read_folder(sharer.fs.database, box) == ReadBack(unknown=1)
    assert {state for state, _ in states(sharer).values()} == {"sent"}


def test_a_folder_that_is_no_maildir_is_said_so(sharer: Firm, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no Maildir"):
        read_folder(sharer.fs.database, tmp_path)
