"""Mail that came back: delivery status notifications (RFC 3464) in a Maildir, noted at the mail they are about."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path
from typing import NamedTuple

from core.errors import InvalidInput
from db.engine import Database
from sharing import outbox

_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@[^<>\s]+>")
_REASON_CHARACTERS = 300


class Bounce(NamedTuple):
    """A mail that did not arrive, by its id in the outbox; the address it did not reach, and why."""

    mail_id: str
    address: str
    reason: str


@dataclass(slots=True)
class ReadBack:
    """What a run found: notifications of mails that failed, and other mail, which stays where it is."""

    bounced: int = 0
    unknown: int = 0
    other: int = 0


def parse(data: bytes) -> list[Bounce]:
    """Return what a notification says of mails that failed for good; nothing for other mail and for delays.

    The mail is known by its Message-ID in the part of it that came back (RFC 3464 §2, RFC 3462).
    """
    message = message_from_bytes(data, policy=policy.compat32)
    if message.get_content_type() != "multipart/report" or message.get_param("report-type") != "delivery-status":
        return []
    found = next(_mail_ids(message), None)
    return [] if found is None else [Bounce(found, *failed) for failed in _failures(message)]


def _mail_ids(message: Message) -> Iterator[str]:
    for part in message.walk():
        kind, text = part.get_content_type(), str(part.get("Message-ID", ""))
        if kind == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            headers = message_from_bytes(payload if isinstance(payload, bytes) else b"", policy=policy.compat32)
            text = str(headers.get("Message-ID", ""))
        elif part is message:
            continue
        if known := _MESSAGE_ID.search(text):
            yield known[1]


def _failures(message: Message) -> Iterator[tuple[str, str]]:
    """Yield address and reason of each recipient that was not reached (RFC 3464 §2.3)."""
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if not isinstance(block, Message) or str(block.get("Action", "")).strip().lower() != "failed":
                continue
            for field in ("Original-Recipient", "Final-Recipient"):
                if address := str(block.get(field, "")).rpartition(";")[2].strip():
                    yield address, _reason(block)
                    break


def _reason(block: Message) -> str:
    said = str(block.get("Diagnostic-Code", "")).rpartition(";")[2] or str(block.get("Status", ""))
    return "".join(one if one.isprintable() else " " for one in said).strip()[:_REASON_CHARACTERS]


def read_folder(database: Database, folder: Path) -> ReadBack:
    """Note every notification in a Maildir that was not read before, and mark it as read.

    Raises InvalidInput where there is no Maildir, DatabaseUnavailable.
    """
    if not (folder / "new").is_dir():
        raise InvalidInput(f"{folder} is no Maildir: it has no folder new/")
    done, box = ReadBack(), mailbox.Maildir(folder, factory=None, create=False)
    for key in list(box.keys()):
        message = box.get_message(key)
        if "S" in message.get_flags():
            continue
        _note(database, parse(box.get_bytes(key)), done)
        message.set_subdir("cur")
        message.add_flag("S")
        box[key] = message
    return done


def _note(database: Database, found: list[Bounce], done: ReadBack) -> None:
    done.other += not found
    for one in found:
        noted = database.write(lambda tx, one=one: outbox.bounced(tx, one.mail_id, one.address, one.reason))  # type: ignore[misc]
        done.bounced += noted
        done.unknown += not noted
