"""Jobs about contracts: deleting what is over, reminding, mail, bonuses, closing months, recounting.

Each takes the service, the instant it is run for, and whether only to look; `gateway.jobs` registers them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from core import clock
from core.clock import TOKYO, from_microseconds
from core.config import Config
from core.errors import ClockJumped, InvalidInput
from db.engine import Database, Transaction
from gateway.service import Service
from groupware import contest_results
from quota import bonus_feed, contracts, statements
from quota.months import BillingMonth
from sharing import bounces, outbox, publications, receipts, reminders, transfers
from sharing.outbox import Sender
from sharing.senders import FolderSender, SmtpSender
from storage import fsck, steady_clock
from storage import purge as purging

Result = dict[str, Any]

#: A run for an instant further than this from the clock was asked for by someone who named the instant.
_NAMED = timedelta(minutes=1)
#: A calendar program that was away longer than this loads everything anew.
_KEPT_DELETIONS = timedelta(days=400)
#: So many files a dry run names; it counts all.
_LISTED_FILES = 10_000


def purge(service: Service, at: datetime, dry_run: bool) -> Result:
    """Delete what contracts hold over their capacity when its time has come (R4), and ended ones (R9).

    Raises ClockJumped unless someone names the instant.
    """
    if dry_run:
        return _would_purge(service, at)
    now = clock.now()
    max_step = timedelta(days=service.config.retention.max_clock_step_days)
    if abs(at - now) <= _NAMED:
        with service.database.reading() as tx:
            _require_steady(tx, now, max_step)
    service.database.write(lambda tx: steady_clock.note(tx, "purge", now=now))
    service.database.write(lambda tx: contracts.settle_ends(tx, now=now))
    return asdict(purging.purge(service.files, service.catalogue, at=at))


def _require_steady(tx: Transaction, now: datetime, max_step: timedelta) -> None:
    try:
        steady_clock.require_steady(tx, "purge", now=now, max_step=max_step)
    except ClockJumped as error:
        deadline = BillingMonth.of(now).start().astimezone(TOKYO)
        raise ClockJumped(f"{error.reason}; to go on: --at {deadline.isoformat()}") from error


def _would_purge(service: Service, at: datetime) -> Result:
    files = purging.would_delete(service.files, service.catalogue, at=at)
    listed: list[dict[str, Any]] = [
        {
            "contract": one.name,
            "path": going.path,
            "size_bytes": going.size_bytes,
            "stored_at": from_microseconds(going.stored_us).astimezone(TOKYO).isoformat(),
        }
        for one, going in islice(files, _LISTED_FILES)
    ]
    more_files, more_bytes = 0, 0
    for _, going in files:
        more_files, more_bytes = more_files + 1, more_bytes + going.size_bytes
    return {
        "contracts": len({one["contract"] for one in listed}),
        "deleted_files": len(listed) + more_files,
        "deleted_bytes": sum(one["size_bytes"] for one in listed) + more_bytes,
        "files": listed,
    }


def remind(service: Service, at: datetime, dry_run: bool) -> Result:
    """Write down the reminders that are due; `send-mail` sends them."""
    days = service.config.retention.remind_days_before
    if dry_run:
        coming = reminders.due(service.files, service.catalogue, days_before=days, now=at)
        return {"reminders": sum(1 for _ in coming)}
    return {"reminders": reminders.remind(service.files, service.catalogue, days_before=days, now=at)}


def send_mail(service: Service, at: datetime, dry_run: bool) -> Result:
    """Send the mail that is due."""
    if dry_run:
        with service.database.reading() as tx:
            return {"due": outbox.count_due(tx, now=at)}
    mail = service.config.mail
    return asdict(
        outbox.send_due(service.database, sender_of(service.config, service.database), mail.sender, clock=lambda: at)
    )


def sender_of(config: Config, database: Database) -> Sender:
    """Return the configured way out for mail: an SMTP server, or a folder beside the data."""
    mail = config.mail
    if mail.host is not None:
        return SmtpSender(mail.host, mail.port, mail.security, mail.user, mail.password)
    beside = (
        Path(database.url.database).parent if database.is_sqlite and database.url.database else Path("azukari-data")
    )
    return FolderSender(mail.folder or beside / "mails")


def read_bounces(service: Service, at: datetime, dry_run: bool) -> Result:
    """Note the mails that came back. Raises InvalidInput where the configured folder is no Maildir."""
    folder = service.config.mail.bounces
    if folder is None or dry_run:
        return {"folder": None if folder is None else str(folder)}
    return {"folder": str(folder), **asdict(bounces.read_folder(service.database, folder))}


def forget_shares(service: Service, at: datetime, dry_run: bool) -> Result:
    """Forget shares with their receipts, transfers and public pages that closed long ago."""
    before = at - timedelta(days=service.config.sharing.keep_days)
    if dry_run:
        return {"closed_before": before.isoformat()}
    kinds = {"shares": receipts.forget, "transfers": transfers.forget, "publications": publications.forget}
    return {f"forgotten_{kind}": _forget(service.database, forget, before) for kind, forget in kinds.items()}


def _forget(database: Database, forget: Callable[..., int], before: datetime) -> int:
    """Forget what is older than an instant, a thousand in a transaction; return how many."""
    forgotten = 0
    while done := database.write(lambda tx: forget(tx, before=before)):
        forgotten += done
    return forgotten


def expire_transfers(service: Service, at: datetime, dry_run: bool) -> Result:
    """Let go of the files of transfers that nobody accepted in time."""
    if dry_run:
        with service.database.reading() as tx:
            return {"expired": transfers.count_run_out(tx, now=at)}
    return {"expired": transfers.expire(service.database, now_us=clock.to_microseconds(at))}


def close_contests(service: Service, at: datetime, dry_run: bool) -> Result:
    """Record and tell the results of contests that are over (R27)."""
    if dry_run:
        return {"due": contest_results.count(service.files, contest_results.is_due(at))}
    return {"closed_contests": contest_results.settle(service.files, now=at)}


def forget_contests(service: Service, at: datetime, dry_run: bool) -> Result:
    """Forget contests that ended long ago, with their photos and votes (R27)."""
    if dry_run:
        return {"due": contest_results.count(service.files, contest_results.is_forgettable(at))}
    return {"forgotten_contests": contest_results.forget(service.files, now=at)}


def tell_mentions(service: Service, at: datetime, dry_run: bool) -> Result:
    """Write one mail to everybody whom posts on the board have mentioned since the last run (R28)."""
    # Reading posts takes libraries that no other job needs.
    from groupware import board_mentions

    if dry_run:
        with service.database.reading() as tx:
            return {"mentions": board_mentions.count_waiting(tx)}
    return {"mails": board_mentions.tell(service.files, now=at)}


def import_bonuses(service: Service, at: datetime, dry_run: bool) -> Result:
    """Read the feed of who holds which other service (R5). Raises InvalidInput for one that cannot be read."""
    settings = service.config.bonuses
    if settings.feed is None:
        return {"feed": None}
    try:
        text = settings.feed.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{settings.feed}: cannot be read: {error}") from None
    done = bonus_feed.import_feed(
        service.database,
        service.catalogue,
        bonus_feed.parse(text),
        at=at,
        now=clock.now(),
        max_removed_percent=settings.max_removed_percent,
        dry_run=dry_run,
    )
    return {"feed": str(settings.feed), **asdict(done)}


def close_month(service: Service, at: datetime, dry_run: bool) -> Result:
    """Freeze the statements of the month before."""
    month = BillingMonth.of(at).previous()
    if dry_run:
        return {"month": str(month)}
    done = statements.Closed(str(month))
    for done in statements.close(service.database, service.catalogue, month, now=at):  # noqa: B007
        pass
    return asdict(done)


def recount(service: Service, at: datetime, dry_run: bool) -> Result:
    """Compare every contract's usage with its rows; there must be no drift, and what there is is repaired."""
    report = fsck.recount(service.files, repair=not dry_run)
    return {
        "usage_drift_bytes": report.usage_drift_bytes,
        "wrong_sums": report.wrong_sums,
        "wrong_references": report.wrong_references,
        "repaired": report.repaired,
    }


def calendar_reminders(service: Service, at: datetime, dry_run: bool) -> Result:
    """Write down the reminders of calendars that are due; forget old deletions and the calendars of ended contracts."""
    # Reading calendars takes libraries that no other job needs.
    from groupware.calendars import objects, shelf
    from groupware.calendars import reminders as calendar

    if dry_run:
        with service.database.reading() as tx:
            return {"due": calendar.count_due(tx, now=at)}
    reminded = calendar.remind(service.database, now=at)
    forgotten = service.database.write(lambda tx: objects.forget_deletions(tx, before=at - _KEPT_DELETIONS))
    ended = service.database.write(lambda tx: shelf.forget_ended(tx, now=at))
    return {"reminders": reminded, "forgotten_deletions": forgotten, "deleted_calendars": ended}


#: Name → what it does, the work, and when (a crontab line in Tokyo's time).
CONTRACT_JOBS: dict[str, tuple[str, Callable[[Service, datetime, bool], Result], str]] = {
    "purge": ("Delete what is over capacity when its time has come, and ended contracts' data", purge, "10 0 * * *"),
    "import-bonuses": ("Read who holds which other service from the feed", import_bonuses, "0 1 * * *"),
    "close-month": ("Freeze the statements of the month before", close_month, "0 2 * * *"),
    "recount": ("Compare usage with the rows, report drift and repair it", recount, "20 3 * * *"),
    "remind": ("Write to administrators before files are deleted", remind, "0 9 * * *"),
    "calendar-reminders": ("Write down the reminders of calendars that are due", calendar_reminders, "* * * * *"),
    "send-mail": ("Send the mail that waits", send_mail, "* * * * *"),
    "read-bounces": ("Note the mails that came back", read_bounces, "*/5 * * * *"),
    "expire-transfers": ("Let go of transfers nobody accepted in time", expire_transfers, "25 * * * *"),
    "close-contests": ("Record and tell the results of contests that are over", close_contests, "* * * * *"),
    "forget-contests": ("Forget contests that ended long ago", forget_contests, "20 4 * * *"),
    "tell-mentions": ("Write to those whom posts on the board mention", tell_mentions, "*/30 * * * *"),
    "forget-shares": ("Forget shares, transfers and public pages that closed long ago", forget_shares, "15 4 * * *"),
}
