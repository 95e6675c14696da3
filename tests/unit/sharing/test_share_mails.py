"""The mails of a share: what each says, and what none says."""

from __future__ import annotations

import dataclasses

import pytest

from sharing.share_mails import Letter
from tests.unit.world import NOON

LETTER = Letter("en", "hanako", "sakura", "plan.txt", "", ("plan.txt",), NOON, NOON, tray=False)
URL = "https://files.example/s/t"


def body(letter: Letter, *, has_password: bool = False) -> str:
    return letter.invitation("r1", "a@x.jp", URL, has_password=has_password).body


def test_an_invitation_names_sender_files_address_and_end() -> None:
    said = body(dataclasses.replace(LETTER, names=("a.txt", "b.txt"), message="See you"))
    for words in ("hanako (sakura)", "  a.txt\n  b.txt", URL, "2026-04-01 12:00 (Japan time)", "See you"):
        assert words in said


@pytest.mark.parametrize(
    ("changed", "has_password", "words"),
    [({"tray": True}, False, "send files back to hanako"), ({}, True, "password for it comes in another mail")],
)
def test_a_tray_and_a_password_are_told_where_there_are(
    changed: dict[str, bool], has_password: bool, words: str
) -> None:
    assert words in body(dataclasses.replace(LETTER, **changed), has_password=has_password)  # type: ignore[arg-type]
    assert words not in body(LETTER)


def test_the_password_mail_says_nothing_of_the_address() -> None:
    mail = LETTER.password("r1", "a@x.jp", "correct horse")
    assert "correct horse" in mail.body
    assert "http" not in mail.body + mail.subject


def test_the_two_mails_of_a_recipient_have_topics_of_their_own() -> None:
    invitation = LETTER.invitation("r1", "a@x.jp", URL, has_password=True)
    assert (invitation.topic, LETTER.password("r1", "a@x.jp", "p").topic) == ("share r1", "share r1 password")


@pytest.mark.parametrize("title", ["a\nb", "a\r\nBcc: x@y.jp", "a\u2028b", "a\u0085b", "a\tb", "x" * 300])
def test_a_subject_is_one_line_of_readable_length(title: str) -> None:
    for mail in (
        dataclasses.replace(LETTER, title=title).invitation("r1", "a@x.jp", URL, has_password=False),
        dataclasses.replace(LETTER, title=title).password("r1", "a@x.jp", "p"),
    ):
        assert mail.subject.isprintable()
        assert len(mail.subject) <= 120
