"""Two ways out for mail: an SMTP server, or a folder where nothing else is configured."""

from __future__ import annotations

import functools
import os
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Literal

from core.errors import MailRefused, MailUnavailable

_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """An SMTP server (RFC 5321), in plain, with STARTTLS or in TLS from the start (RFC 8314)."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 30.0

    def send(self, message: EmailMessage) -> None:
        """Hand a mail over. Raises MailRefused for a permanent refusal (5xx), MailUnavailable else."""
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _refusal(code, words) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused(str(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnavailable(f"{self.host}:{self.port}: {error}") from error

    def check(self) -> None:
        """Return if the server answers and takes our credentials. Raises MailUnavailable."""
        try:
            with self._connect() as server:
                server.noop()
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnavailable(f"{self.host}:{self.port}: {error}") from error

    def _connect(self) -> smtplib.SMTP:
        server: smtplib.SMTP
        if self.security == "tls":
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_seconds, context=_tls())
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
        try:
            if self.security == "starttls":
                server.starttls(context=_tls())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            with suppress(OSError):
                server.close()
            raise
        return server


@functools.cache
def _tls() -> ssl.SSLContext:
    # Reading the system's certificates takes longer than handing over a mail.
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class FolderSender:
    """A folder that gets one `.eml` file a mail; the same mail sent again replaces itself."""

    folder: Path

    def send(self, message: EmailMessage) -> None:
        """Write a mail down, readable by its owner alone, in one step. Raises MailUnavailable."""
        name = parseaddr(str(message["Message-ID"]))[1].partition("@")[0] or "mail"
        path = self.folder / f"{name}.eml"
        temporary = path.with_suffix(".tmp")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(message.as_bytes(policy=policy.SMTP))
            temporary.replace(path)
        except OSError as error:
            raise MailUnavailable(f"{self.folder}: {error.strerror}") from error

    def check(self) -> None:
        """Return if the folder can be written. Raises MailUnavailable."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise MailUnavailable(f"{self.folder}: {error.strerror}") from error
        if not os.access(self.folder, os.W_OK):
            raise MailUnavailable(f"{self.folder}: cannot be written")


def _refusal(code: int, words: bytes | str) -> MailRefused | MailUnavailable:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    return MailRefused(f"{code} {said}") if code >= _PERMANENT else MailUnavailable(f"{code} {said}")
