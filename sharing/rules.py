"""When a share is open, and how often its files are fetched: values in, values out (R24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import LinkClosed, NotShareable

#: R24: how long a share lasts by default, and at most.
DEFAULT_DAYS, LONGEST_DAYS = 7, 365
#: A file fetched again within this time is the same download: resumed, in ranges, or looked at page by page.
SAME_FETCH = timedelta(hours=1)
MOST_FETCHES = 1000
#: A password of a share is typed from another mail; guessing it is slowed down besides.
LEAST_PASSWORD, LONGEST_PASSWORD = 8, 128
LONGEST_MESSAGE = 2000
MOST_ITEMS = 100


@dataclass(frozen=True, slots=True)
class Terms:
    """How something is shared. `tray_limit_bytes`: recipients may put in so many bytes; None for no return tray."""

    days: int = DEFAULT_DAYS
    message: str = ""
    password: str | None = None
    download_limit: int | None = None
    tray_limit_bytes: int | None = None
    language: str = "ja"


def require_terms(terms: Terms) -> None:
    """Return for terms something can be shared on. Raises NotShareable."""
    if not 1 <= terms.days <= LONGEST_DAYS:
        raise NotShareable("share.days", longest=LONGEST_DAYS)
    if terms.download_limit is not None and not 1 <= terms.download_limit <= MOST_FETCHES:
        raise NotShareable("share.download_limit", most=MOST_FETCHES)
    if terms.password is not None and not LEAST_PASSWORD <= len(terms.password) <= LONGEST_PASSWORD:
        raise NotShareable("share.password_length", least=LEAST_PASSWORD, longest=LONGEST_PASSWORD)
    if len(terms.message) > LONGEST_MESSAGE:
        raise NotShareable("share.message_long", longest=LONGEST_MESSAGE)
    if terms.tray_limit_bytes is not None and terms.tray_limit_bytes <= 0:
        raise NotShareable("share.tray_limit")


def require_open(
    *, expires_at: datetime, ended_at: datetime | None, revoked_at: datetime | None, now: datetime
) -> None:
    """Return while a recipient may come in. Raises LinkClosed: taken back, or expired at this very instant."""
    if ended_at is not None or revoked_at is not None:
        raise LinkClosed("link.revoked")
    if now >= expires_at:
        raise LinkClosed("link.expired")


def next_fetch(fetches: int, fetched_at: datetime | None, *, limit: int | None, now: datetime) -> int:
    """Return how many fetches of a file there are with this one; the number stays where it is the last one still.

    Raises LinkClosed where the limit is reached.
    """
    if fetched_at is not None and now < fetched_at + SAME_FETCH:
        return fetches
    if limit is not None and fetches >= limit:
        raise LinkClosed("share.limit_reached")
    return fetches + 1


def numbered(name: str, number: int, *, max_bytes: int) -> str:
    """Return the name a file gets where `number - 1` others have its own: `plan.txt`, `plan (2).txt`, `plan (3).txt`.

    The stem is cut where the name would be longer than `max_bytes` in UTF-8.
    """
    if number == 1:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > 16:
        stem, dot, suffix = name, "", ""
    tail = f" ({number}){dot}{suffix}"
    kept = stem.encode()[: max_bytes - len(tail.encode())].decode(errors="ignore")
    return kept + tail
