"""Mails to a contract's administrator before its files go (R4, R9); silence where no address is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from core import messages
from core.clock import TOKYO
from quota.catalogue import Catalogue
from quota.forecast import Reminder, reminder_of
from quota.standings import Standing, standings
from sharing.outbox import Mail, enqueue
from storage.files import FileSystem
from storage.purge import going_first

_SHOWN_FILES = 10


def remind(fs: FileSystem, catalogue: Catalogue, *, days_before: tuple[int, ...], now: datetime) -> int:
    """Write down the reminders that are due and return how many; each once. Raises DatabaseUnavailable."""
    written = 0
    for one, address, reminder in due(fs, catalogue, days_before=days_before, now=now):
        mail = compose(fs, one, address, reminder)
        written += fs.database.write(lambda tx, one=one, mail=mail: enqueue(tx, one.contract_id, mail, now=now))  # type: ignore[misc]
    return written


def due(
    fs: FileSystem, catalogue: Catalogue, *, days_before: tuple[int, ...], now: datetime
) -> Iterator[tuple[Standing, str, Reminder]]:
    """Yield the contracts that have a reminder coming and the address for it, those written down included."""
    for one in standings(fs.database):
        reminder = reminder_of(one.history, catalogue, used_bytes=one.used_bytes, days_before=days_before, now=now)
        if one.notify_address is not None and reminder is not None:
            yield one, one.notify_address, reminder


def compose(fs: FileSystem, one: Standing, address: str, reminder: Reminder) -> Mail:
    """Return a reminder in Japanese and English: what goes when, and the first files."""
    files, size_bytes, first = 0, 0, []
    if not reminder.ended:
        for going in going_first(fs, one, to_bytes=reminder.purge.to_bytes):
            files, size_bytes = files + 1, size_bytes + going.size_bytes
            first += [f"  {going.path}"] if files <= _SHOWN_FILES else []
    facts: dict[str, object] = {
        "name": one.name,
        "days": reminder.days,
        "at": reminder.purge.at.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M"),
        "excess_bytes": f"{reminder.purge.excess_bytes:,}",
        "files": f"{files:,}",
        "size_bytes": f"{reminder.purge.excess_bytes if reminder.ended else size_bytes:,}",
        "paths": "\n".join(first),
    }
    body_id = "reminder.body_ended" if reminder.ended else "reminder.body"
    bodies = [messages.text(body_id, language, **facts) for language in messages.LANGUAGES]
    return Mail(
        f"purge {reminder.purge.at.astimezone(TOKYO).date().isoformat()} {reminder.days}",
        address,
        messages.text("reminder.subject", "ja", **facts) + " / " + messages.text("reminder.subject", "en", **facts),
        "\n――――――――\n\n".join(bodies),
    )
