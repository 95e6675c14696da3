"""Photo contests: the list, the gallery to vote in, the result, and holding one (R27)."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import content, picking
from admin_web.browse import place_of
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.words import t
from auth.access import FolderType, Grant, authorize
from auth.callers import Role
from core.clock import TOKYO
from core.errors import ContestClosed, ContestRefused, GatewayError, PhotosRefused
from groupware import contest_hosting, contests
from groupware.contest_hosting import Photo
from groupware.contest_rules import (
    MOST_PHOTOS,
    MOST_TEXT_CHARACTERS,
    MOST_TITLE_CHARACTERS,
    Audience,
    Period,
    Tally,
    Terms,
)
from groupware.contests import PAGE_ROWS, Entry

blueprint = Blueprint("contests", __name__, url_prefix="/contests")

_POSITION = "int(min=1,max=1000)"
_FOR_CUSTOMERS = for_roles(Role.ADMINISTRATOR, Role.USER)
_MINUTES = "%Y-%m-%dT%H:%M"
_DEFAULT_DAYS = 7


class Bar(NamedTuple):
    """One row of a result: its place, which equals share, and its part of the most votes in percent."""

    place: int
    entry: Entry
    percent: int


def grant() -> Grant:
    """Return what lets the caller in: who may enter My Folder may enter here. Raises DeviceRequired (R12)."""
    return authorize(caller(), FolderType.MY)


@blueprint.get("/")
@_FOR_CUSTOMERS
def listing() -> ResponseReturnValue:
    """Show the contests open to the caller, those that end last first."""
    given = request.args.get("page", "1")
    number = max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 7 else 1
    found = contests.list_contests(parts().files, grant(), offset=(number - 1) * PAGE_ROWS, limit=PAGE_ROWS + 1)
    return render_template(
        "contests/list.html",
        contests=found[:PAGE_ROWS],
        more=len(found) > PAGE_ROWS,
        number=number,
        now=parts().clock(),
        may_host=contest_hosting.may_host(parts().files, parts().catalogue, caller()),
    )


@blueprint.get("/<contest_id>")
@_FOR_CUSTOMERS
def show(contest_id: str) -> ResponseReturnValue:
    """Show a contest: its photos to vote for, or its result."""
    return _page(contest_id)


def _page(contest_id: str, *, refusal: GatewayError | None = None) -> Response:
    found, entries = contests.look(parts().files, grant(), contest_id)
    now = parts().clock()
    rendered = render_template(
        "contests/contest.html",
        contest=found,
        stage=found.stage(now).value,
        entries=entries,
        bars=bars(entries) if found.shows_tally_to(caller(), now) else [],
        hosting=found.is_hosted_by(caller()),
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


def bars(entries: list[Entry]) -> list[Bar]:
    """Return a result, most votes first; photos with as many votes share a place."""
    ranked = sorted(entries, key=lambda one: (-(one.votes or 0), one.position))
    most = max((one.votes or 0 for one in entries), default=0) or 1
    counts = [one.votes or 0 for one in ranked]
    return [Bar(counts.index(count) + 1, one, count * 100 // most) for one, count in zip(ranked, counts, strict=True)]


@blueprint.get(f"/<contest_id>/photos/<{_POSITION}:position>")
@_FOR_CUSTOMERS
def photo(contest_id: str, position: int) -> ResponseReturnValue:
    """Return a photo; browsers keep it and ask each time whether they may show it still (R16)."""
    kept = contests.picture(parts().files, grant(), contest_id, position)
    headers = {"ETag": f'"{kept.object_id}"', "Cache-Control": "private, no-cache"}
    if kept.object_id in request.if_none_match:
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(kept.read(parts().files), mimetype="image/jpeg", headers=headers)


@blueprint.post("/<contest_id>/vote")
@_FOR_CUSTOMERS
def vote(contest_id: str) -> ResponseReturnValue:
    """Vote for a photo, or change one's vote."""
    given = request.form.get("position", "")
    position = int(given) if given.isascii() and given.isdigit() and len(given) < 5 else 0
    try:
        contests.vote(parts().files, grant(), contest_id, position)
    except ContestClosed as error:
        return _page(contest_id, refusal=error)
    _, entries = contests.look(parts().files, grant(), contest_id)
    flash(t("web.contests.thanks", caption=entries[position - 1].caption), "done")
    return redirect(url_for("contests.show", contest_id=contest_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/<contest_id>/publish")
@_FOR_CUSTOMERS
def publish(contest_id: str) -> ResponseReturnValue:
    """Publish a result, or no longer."""
    published = request.form.get("published") == "1"
    try:
        contest_hosting.publish(parts().files, grant(), contest_id, published=published)
    except ContestClosed as error:
        return _page(contest_id, refusal=error)
    flash(t("web.contests.published" if published else "web.contests.not_published"), "done")
    return redirect(url_for("contests.show", contest_id=contest_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/<contest_id>/withdraw")
@_FOR_CUSTOMERS
def withdraw(contest_id: str) -> ResponseReturnValue:
    """Take a contest back."""
    contest_hosting.withdraw(parts().files, grant(), contest_id)
    flash(t("web.contests.withdrawn"), "done")
    return redirect(url_for("contests.listing"), HTTPStatus.SEE_OTHER)


@blueprint.get("/new")
@_FOR_CUSTOMERS
def new() -> ResponseReturnValue:
    """Ask what the contest is about and which photos take part."""
    return _form([])


@blueprint.post("/new")
@_FOR_CUSTOMERS
def create() -> ResponseReturnValue:
    """Hold a contest, or open another place to choose photos from."""
    chosen = picking.chosen_paths()
    if picking.is_picking():
        return _form(chosen)
    try:
        terms = _terms()
        places = [place_of(path) for path in chosen[: MOST_PHOTOS + 1]]
        photos = [Photo(one.grant, one.names, one.logged) for one in places]
        contest_id = contest_hosting.create(parts().files, parts().catalogue, grant(), terms, photos)
    except GatewayError as error:
        return _form(chosen, refusal=error)
    flash(t("web.contests.created", title=terms.title), "done")
    return redirect(url_for("contests.show", contest_id=contest_id), HTTPStatus.SEE_OTHER)


def _form(chosen: list[str], *, refusal: GatewayError | None = None) -> Response:
    may_host = contest_hosting.may_host(parts().files, parts().catalogue, caller())
    ends = (parts().clock().astimezone(TOKYO) + timedelta(days=_DEFAULT_DAYS)).replace(hour=18, minute=0)
    rendered = render_template(
        "contests/new.html",
        picking=picking.picking(_is_photo, chosen),
        given=request.form,
        ends=ends.strftime(_MINUTES),
        most_title=MOST_TITLE_CHARACTERS,
        most_text=MOST_TEXT_CHARACTERS,
        may_host=may_host,
        refused=refusal.refused if isinstance(refusal, PhotosRefused) else (),
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


def _is_photo(name: str) -> bool:
    return content.kind(name) == "image" and not name.lower().endswith(".svg")


def _terms() -> Terms:
    form, now = request.form, parts().clock()
    starts = form.get("starts", "").strip()
    return Terms(
        title=form.get("title", "").strip(),
        text="\n".join(form.get("text", "").strip().splitlines()),
        period=Period(_instant(starts) if starts else now, _instant(form.get("ends", ""))),
        audience=Audience.EVERYONE if form.get("audience") == Audience.EVERYONE.value else Audience.CONTRACT,
        tally=Tally.HIDDEN if form.get("tally") == Tally.HIDDEN.value else Tally.LIVE,
    )


def _instant(given: str) -> datetime:
    """Return the instant a field for date and time says, in Tokyo. Raises ContestRefused."""
    try:
        return datetime.strptime(given.strip()[:16], _MINUTES).replace(tzinfo=TOKYO)
    except ValueError:
        raise ContestRefused("web.contests.no_time") from None
