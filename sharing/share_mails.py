"""The mails of a share: one to each recipient, in the sender's language; the password in a second one (R24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import messages
from core.clock import TOKYO
from sharing.outbox import Mail

#: A subject is read in a list; some servers cut long ones.
_SUBJECT_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Letter:
    """What the mails of one share have in common."""

    language: str
    sender: str
    contract: str
    title: str
    message: str
    names: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    tray: bool

    def invitation(self, recipient_id: str, address: str, url: str, *, has_password: bool) -> Mail:
        """Return the mail with a recipient's own address of the share."""
        parts = [
            self._text("share.mail.lead", sender=self.sender, contract=self.contract),
            *([self.message] if self.message else []),
            "\n".join(f"  {name}" for name in self.names),
            self._text("share.mail.url", url=url),
            self._text("share.mail.until", at=self._instant()),
            *([self._text("share.mail.tray", sender=self.sender)] if self.tray else []),
            *([self._text("share.mail.password_follows")] if has_password else []),
            self._text("share.mail.own"),
        ]
        subject = self._text("share.mail.subject", sender=self.sender, title=self.title)
        return Mail(topics_of(recipient_id)[0], address, _one_line(subject), "\n\n".join(parts) + "\n")

    def password(self, recipient_id: str, address: str, password: str) -> Mail:
        """Return the second mail, which does not say where the password is good."""
        subject = self._text("share.mail.password_subject", title=self.title)
        body = self._text("share.mail.password_body", sender=self.sender, contract=self.contract, password=password)
        return Mail(topics_of(recipient_id)[1], address, _one_line(subject), body + "\n")

    def _text(self, message_id: str, **facts: object) -> str:
        return messages.text(message_id, self.language, **facts)

    def _instant(self) -> str:
        return self.expires_at.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M")


def topics_of(recipient_id: str) -> tuple[str, str]:
    """Return the topics under which a recipient's mails stand in the outbox: the invitation's, the password's."""
    return f"share {recipient_id}", f"share {recipient_id} password"


def _one_line(text: str) -> str:
    """Return a text as a header can carry it: whatever could end a line is a space (RFC 5322 §2.2)."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= _SUBJECT_CHARACTERS else line[: _SUBJECT_CHARACTERS - 1] + "…"
