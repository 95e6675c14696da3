"""Photo contests (R27)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Response
from pydantic import Field, StringConstraints

from admin_web.api.shapes import WHOLE, Flag, Instant, InstantGiven, Key, Number, Page, PathWithin, Rows, Shape
from admin_web.api.subject import Subject, media
from admin_web.browse import place_of
from admin_web.contests import grant
from admin_web.gate import caller, parts
from auth.tokens import Scope
from groupware import contest_hosting, contests
from groupware.contest_hosting import Photo
from groupware.contest_rules import (
    LEAST_PHOTOS,
    MOST_PHOTOS,
    MOST_TEXT_CHARACTERS,
    MOST_TITLE_CHARACTERS,
    Audience,
    Period,
    Tally,
    Terms,
)
from groupware.contests import Contest

subject = Subject("contests", "Photos up for a vote")

_Position = Annotated[int, Field(ge=1, le=MOST_PHOTOS)]
_Title = Annotated[
    str, StringConstraints(min_length=1, max_length=MOST_TITLE_CHARACTERS, pattern=r"^[^\x00-\x1f\x7f]*$")
]
_Lines = Annotated[str, StringConstraints(max_length=MOST_TEXT_CHARACTERS, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")]


class ContestKey(Shape):
    """Which contest."""

    contest_id: Key


class ContestPhotoKey(ContestKey):
    """Which photo of it."""

    position: _Position


class ContestGiven(Shape):
    """What a contest is about, when it runs, and which stored photos take part."""

    title: _Title
    text: _Lines = ""
    starts_at: Annotated[InstantGiven, Field(description="Without it, at once.")] | None = None
    ends_at: InstantGiven
    audience: Literal["contract", "everyone"] = "contract"
    tally: Literal["live", "hidden"] = "live"
    photos: Annotated[list[PathWithin], Field(min_length=LEAST_PHOTOS, max_length=MOST_PHOTOS)]


class VoteGiven(Shape):
    """Which photo the vote is for."""

    position: Annotated[Number, Field(ge=1, le=MOST_PHOTOS), WHOLE]


class ContestListed(Shape):
    """A contest. `my_vote` is the position of the photo the caller voted for."""

    contest_id: str
    contract: str
    title: str
    text: str
    audience: Literal["contract", "everyone"]
    tally: Literal["live", "hidden"]
    starts_at: Instant
    ends_at: Instant
    stage: Literal["coming", "running", "over", "withdrawn"]
    published: Flag
    photos: int
    my_vote: int | None


class ContestEntry(Shape):
    """A photo and its votes; null where these are not shown to the caller."""

    position: int
    caption: str
    width: int
    height: int
    votes: int | None


class ContestTold(ContestListed):
    """A contest with its photos, which are told once it has begun."""

    entries: list[ContestEntry]


@subject.operation("GET /contests", scope=Scope.GROUPWARE_READ, answer=Rows[ContestListed])
def list_contests(query: Page) -> Rows[ContestListed]:
    """List the contests open to the caller, those that end last first."""
    found = contests.list_contests(parts().files, grant(), offset=query.offset, limit=query.limit + 1)
    items = [ContestListed(**_facts(one)) for one in found[: query.limit]]
    return Rows(items=items, next_offset=query.offset + query.limit if len(found) > query.limit else None)


@subject.operation("POST /contests", scope=Scope.GROUPWARE_WRITE, answer=ContestTold, status=201)
def create_contest(body: ContestGiven) -> ContestTold:
    """Hold a contest of stored photos; for administrators of contracts on a paid or PRO plan.

    Small pictures are made of the photos, without what the camera noted. The photos may be deleted afterwards.
    """
    starts_at = body.starts_at or parts().clock()
    period = Period(starts_at, body.ends_at)
    terms = Terms(body.title.strip(), body.text, period, Audience(body.audience), Tally(body.tally))
    places = [place_of(path) for path in dict.fromkeys(body.photos)]
    photos = [Photo(one.grant, one.names, one.logged) for one in places]
    return _told(contest_hosting.create(parts().files, parts().catalogue, grant(), terms, photos))


@subject.operation("GET /contests/<contest_id>", scope=Scope.GROUPWARE_READ, answer=ContestTold)
def get_contest(path: ContestKey) -> ContestTold:
    """Tell a contest with its photos, and their votes where the caller sees these."""
    return _told(path.contest_id)


@subject.operation(
    "GET /contests/<contest_id>/photos/<position>",
    scope=Scope.GROUPWARE_READ,
    answer=media("image/jpeg", "The photo.", {"type": "string", "format": "binary"}),
)
def get_contest_photo(path: ContestPhotoKey) -> Response:
    """Return a photo of a contest as JPEG."""
    kept = contests.picture(parts().files, grant(), path.contest_id, path.position)
    return Response(kept.read(parts().files), mimetype="image/jpeg")


@subject.operation("PUT /contests/<contest_id>/vote", scope=Scope.GROUPWARE_WRITE, answer=ContestTold)
def vote_in_contest(path: ContestKey, body: VoteGiven) -> ContestTold:
    """Vote for a photo, in the place of the caller's earlier vote."""
    contests.vote(parts().files, grant(), path.contest_id, body.position)
    return _told(path.contest_id)


@subject.operation("PUT /contests/<contest_id>/publication", scope=Scope.GROUPWARE_WRITE)
def publish_contest(path: ContestKey) -> None:
    """Publish the result of a contest that is over."""
    contest_hosting.publish(parts().files, grant(), path.contest_id, published=True)


@subject.operation("DELETE /contests/<contest_id>/publication", scope=Scope.GROUPWARE_WRITE)
def unpublish_contest(path: ContestKey) -> None:
    """Publish the result no longer."""
    contest_hosting.publish(parts().files, grant(), path.contest_id, published=False)


@subject.operation("DELETE /contests/<contest_id>", scope=Scope.GROUPWARE_WRITE)
def withdraw_contest(path: ContestKey) -> None:
    """Take a contest back: its photos and votes are deleted."""
    contest_hosting.withdraw(parts().files, grant(), path.contest_id)


def _told(contest_id: str) -> ContestTold:
    found, entries = contests.look(parts().files, grant(), contest_id)
    return ContestTold(**_facts(found), entries=[ContestEntry(**one._asdict()) for one in entries])


def _facts(one: Contest) -> dict[str, Any]:
    stage = one.stage(parts().clock())
    return {
        "contest_id": one.id, "contract": one.contract, "title": one.title, "text": one.text,
        "audience": one.audience.value, "tally": one.tally.value, "starts_at": one.period.starts_at,
        "ends_at": one.period.ends_at, "stage": stage.value, "published": one.published_at is not None,
        "photos": one.photos if one.shows_photos_to(caller(), parts().clock()) else 0, "my_vote": one.my_vote,
    }  # fmt: skip
