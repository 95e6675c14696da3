"""Contests as those see them who may vote: the list, one contest with its photos, one's own vote, the tally (R27).

Every function takes the caller's grant on their My Folder: whoever may enter online storage may enter here, on PRO
from a registered device (R12). A contest of another contract that is not open to everyone is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from auth import accesslog
from auth.access import Grant
from auth.accesslog import entry_of
from auth.callers import ACTIVE, Caller, Role
from core.errors import AccessDenied, ContestClosed, NotFound
from db.engine import Transaction
from db.tables import contest_entries, contest_votes, contests, contracts
from groupware import contest_rules
from groupware.contest_rules import Audience, Period, Stage, Tally
from storage import pictures
from storage.files import FileSystem

PAGE_ROWS = 20

_KEY = [
    contest_votes.c.contract_id,
    contest_votes.c.contest_id,
    contest_votes.c.voter_contract_id,
    contest_votes.c.voter,
]
_CHANGED = ("position", "voted_at")


def _upsert(dialect: Any) -> Any:
    inserted = dialect.insert(contest_votes)
    return inserted.on_conflict_do_update(
        index_elements=_KEY, set_={name: inserted.excluded[name] for name in _CHANGED}
    )


# One statement, so that a login's parallel votes end in one row, whatever their number.
_vote = {"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)}


class Lock(Enum):
    """How a contest's row is held to the end of a transaction: votes beside each other, changes alone."""

    NONE = "none"
    VOTE = "vote"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Contest:
    """One contest. `contract` is its host's name, `host` the administrator who made it, `photos` their number.

    `my_vote` is the position the caller voted for, or None.
    """

    contract_id: int
    id: str
    contract: str
    host: str
    title: str
    text: str
    period: Period
    audience: Audience
    tally: Tally
    settled_at: datetime | None
    published_at: datetime | None
    withdrawn_at: datetime | None
    photos: int
    my_vote: int | None

    def stage(self, now: datetime) -> Stage:
        """Return where the contest stands."""
        return contest_rules.stage(self.period, self.withdrawn_at, now)

    def is_hosted_by(self, caller: Caller) -> bool:
        """Return whether a caller is an administrator of the contract that holds it."""
        return caller.contract_id == self.contract_id and caller.role is Role.ADMINISTRATOR

    def shows_tally_to(self, caller: Caller, now: datetime) -> bool:
        """Return whether a caller sees how many votes each photo has."""
        published = self.published_at is not None
        return contest_rules.may_see_tally(
            self.stage(now), self.tally, published=published, hosting=self.is_hosted_by(caller)
        )

    def shows_photos_to(self, caller: Caller, now: datetime) -> bool:
        """Return whether a caller sees the photos: from its start on, its host before."""
        return self.stage(now) in (Stage.RUNNING, Stage.OVER) or (
            self.stage(now) is Stage.COMING and self.is_hosted_by(caller)
        )


class Entry(NamedTuple):
    """A photo of a contest and its votes; None where the caller does not see them."""

    position: int
    caption: str
    width: int
    height: int
    votes: int | None


def _selected(caller: Caller, now_us: int) -> Select[Any]:
    """Return the statement for all contests a caller may know of; the caller's own vote beside each."""
    mine = contests.c.contract_id == caller.contract_id
    theirs = and_(contests.c.audience == Audience.EVERYONE.value, contracts.c.state == ACTIVE)
    allowed: ColumnElement[bool] = or_(mine, theirs)
    kept: ColumnElement[bool] = contests.c.withdrawn_at.is_(None)
    if caller.role is Role.ADMINISTRATOR:
        kept = or_(kept, mine)
    of_contest = contest_entries.c.contract_id == contests.c.contract_id
    photos = (
        select(func.count())
        .where(of_contest, contest_entries.c.contest_id == contests.c.id)
        .correlate(contests)
        .scalar_subquery()
    )
    voted = and_(
        contest_votes.c.contract_id == contests.c.contract_id,
        contest_votes.c.contest_id == contests.c.id,
        contest_votes.c.voter_contract_id == caller.contract_id,
        contest_votes.c.voter == caller.login,
    )
    return (
        select(contests, contracts.c.name, photos.label("photos"), contest_votes.c.position)
        .join(contracts, contracts.c.id == contests.c.contract_id)
        .outerjoin(contest_votes, voted)
        .where(allowed, kept)
    )


def _contest(row: Row[Any]) -> Contest:
    return Contest(
        row.contract_id, row.id, row.name, row.host, row.title, row.description, Period(row.starts_at, row.ends_at),
        Audience(row.audience), Tally(row.tally), row.settled_at, row.published_at, row.withdrawn_at, row.photos,
        row.position,
    )  # fmt: skip


def list_contests(fs: FileSystem, grant: Grant, *, offset: int = 0, limit: int = PAGE_ROWS) -> list[Contest]:
    """Return the contests a caller may know of, those that end last first. One statement."""
    wanted = _selected(grant.caller, fs.now_us()).order_by(contests.c.ends_at.desc(), contests.c.id)
    with fs.database.reading() as tx:
        return [_contest(row) for row in tx.execute(wanted.offset(offset).limit(limit))]


def find(tx: Transaction, grant: Grant, contest_id: str, *, now_us: int, lock: Lock = Lock.NONE) -> Contest:
    """Return a contest a caller may know of. Raises NotFound."""
    wanted = _selected(grant.caller, now_us).where(contests.c.id == contest_id)
    if lock is not Lock.NONE:
        wanted = wanted.with_for_update(of=contests, read=lock is Lock.VOTE)
    row = tx.execute(wanted).first()
    if row is None:
        raise NotFound(f"contest {contest_id}")
    return _contest(row)


def look(fs: FileSystem, grant: Grant, contest_id: str) -> tuple[Contest, list[Entry]]:
    """Return a contest and its photos in their order, with their votes where the caller sees these.

    Raises NotFound.
    """
    now = fs.clock()
    with fs.database.reading() as tx:
        found = find(tx, grant, contest_id, now_us=fs.now_us())
        if not found.shows_photos_to(grant.caller, now):
            return found, []
        entries = tally(tx, found)
    if found.shows_tally_to(grant.caller, now):
        return found, entries
    return found, [one._replace(votes=None) for one in entries]


def tally(tx: Transaction, found: Contest) -> list[Entry]:
    """Return a contest's photos in their order with their votes: the recorded result, or the rows counted now."""
    e, v = contest_entries.c, contest_votes.c
    counted = (
        select(v.position, func.count().label("number"))
        .where(v.contract_id == found.contract_id, v.contest_id == found.id)
        .group_by(v.position)
        .subquery()
    )
    rows = tx.execute(
        select(e.position, e.caption, e.width, e.height, func.coalesce(e.votes, counted.c.number, 0))
        .outerjoin(counted, counted.c.position == e.position)
        .where(e.contract_id == found.contract_id, e.contest_id == found.id)
        .order_by(e.position)
    )
    return [Entry(*row) for row in rows]


class Kept(NamedTuple):
    """Where a photo of a contest lies; its id never names other bytes."""

    contract_id: int
    object_id: str
    size_bytes: int

    def read(self, fs: FileSystem) -> bytes:
        """Return the photo as JPEG. Raises NotFound where the contest was taken back meanwhile."""
        return pictures.read(fs, self.contract_id, self.object_id, size_bytes=self.size_bytes)


def picture(fs: FileSystem, grant: Grant, contest_id: str, position: int) -> Kept:
    """Return where a photo of a contest lies. Raises NotFound, also where the caller does not see it yet."""
    with fs.database.reading() as tx:
        found = find(tx, grant, contest_id, now_us=fs.now_us())
        row = tx.execute(
            select(contest_entries.c.object_id, contest_entries.c.size_bytes).where(
                contest_entries.c.contract_id == found.contract_id,
                contest_entries.c.contest_id == found.id,
                contest_entries.c.position == position,
            )
        ).first()
    if row is None or not found.shows_photos_to(grant.caller, fs.clock()):
        raise NotFound(f"photo {position} of contest {contest_id}")
    return Kept(found.contract_id, row.object_id, row.size_bytes)


def vote(fs: FileSystem, grant: Grant, contest_id: str, position: int) -> None:
    """Vote for a photo, in the place of the login's earlier vote; the log says that it voted, never for what.

    Raises NotFound for a contest or photo that is not there, ContestClosed outside its period, AccessDenied for a
    contract that has ended.
    """
    caller = grant.caller
    if not grant.may_write:
        raise AccessDenied("contract.ended")

    def operation(tx: Transaction) -> None:
        now = fs.clock()
        # Held against `settle`: a vote is either counted, or finds the result recorded.
        found = find(tx, grant, contest_id, now_us=fs.now_us(), lock=Lock.VOTE)
        if found.stage(now) is not Stage.RUNNING or found.settled_at is not None:
            raise ContestClosed("contest.not_open")
        if not 1 <= position <= found.photos:
            raise NotFound(f"photo {position} of contest {contest_id}")
        values = {
            "contract_id": found.contract_id, "contest_id": found.id, "voter_contract_id": caller.contract_id,
            "voter": caller.login, "position": position, "voted_at": now,
        }  # fmt: skip
        tx.execute(_vote[tx.connection.dialect.name], values)
        entry = entry_of(caller, "contest.vote", "", now=now, detail=found.id)
        accesslog.append(tx.cursor, caller.contract_id, [entry])

    fs.database.write(operation)
