"""What a contest is allowed to be, who may hold it, and who sees its tally when (R27). Values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from auth.callers import Role
from core.errors import ContestRefused
from quota.catalogue import Plan

#: A contest compares at least two photos, and is one page.
LEAST_PHOTOS, MOST_PHOTOS = 2, 50
MOST_TITLE_CHARACTERS, MOST_TEXT_CHARACTERS = 100, 2000
#: Contests of a contract that are kept, over or not; with the bound on pictures this bounds what they hold.
MOST_KEPT = 20
LONGEST = timedelta(days=366)
#: A contest is forgotten, pictures and votes, so long after its end.
KEPT_FOR = timedelta(days=366)


class Audience(StrEnum):
    """Who may vote."""

    CONTRACT = "contract"
    EVERYONE = "everyone"


class Tally(StrEnum):
    """Whether the votes so far are shown while a contest runs."""

    LIVE = "live"
    HIDDEN = "hidden"


class Stage(StrEnum):
    """Where a contest stands."""

    COMING = "coming"
    RUNNING = "running"
    OVER = "over"
    WITHDRAWN = "withdrawn"


class Period(NamedTuple):
    """From `starts_at` on votes are taken, from `ends_at` on no longer."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """What a host decides about a contest."""

    title: str
    text: str
    period: Period
    audience: Audience
    tally: Tally


def may_host(role: Role, plan: Plan | None, at: datetime) -> bool:
    """Return whether a login may hold contests: an administrator's, on a plan that costs something or is PRO (R27)."""
    if plan is None or role is not Role.ADMINISTRATOR:
        return False
    return plan.pro or plan.terms_at(at).price_yen > 0


def require_terms(terms: Terms, *, photos: int, now: datetime) -> None:
    """Return for a contest that can be held. Raises ContestRefused with what to change."""
    if not 1 <= len(terms.title) <= MOST_TITLE_CHARACTERS or not terms.title.isprintable():
        raise ContestRefused("contest.title", most=MOST_TITLE_CHARACTERS)
    if len(terms.text) > MOST_TEXT_CHARACTERS:
        raise ContestRefused("contest.text", most=MOST_TEXT_CHARACTERS)
    if not LEAST_PHOTOS <= photos <= MOST_PHOTOS:
        raise ContestRefused("contest.photo_count", least=LEAST_PHOTOS, most=MOST_PHOTOS)
    starts_at, ends_at = terms.period
    if ends_at <= starts_at or ends_at <= now:
        raise ContestRefused("contest.period")
    if ends_at - max(starts_at, now) > LONGEST or starts_at - now > LONGEST:
        raise ContestRefused("contest.too_long", days=LONGEST.days)


def stage(period: Period, withdrawn_at: datetime | None, now: datetime) -> Stage:
    """Return where a contest stands; it is over from `ends_at` on, whether or not a job has run since."""
    if withdrawn_at is not None:
        return Stage.WITHDRAWN
    if now < period.starts_at:
        return Stage.COMING
    return Stage.RUNNING if now < period.ends_at else Stage.OVER


def may_see_tally(found: Stage, tally: Tally, *, published: bool, hosting: bool) -> bool:
    """Return whether someone sees how many votes each photo has.

    While a contest runs everybody does or nobody, its host included: a hidden tally is hidden. Once it is over its
    host does, and everybody it was open to as soon as the host has published it.
    """
    if found is Stage.RUNNING:
        return tally is Tally.LIVE
    return found is Stage.OVER and (published or hosting)
