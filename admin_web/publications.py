"""Publishing, the publisher's side: the act itself, one's own pages, and whether the contract allows it (R25)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import content, cookies, records
from admin_web.browse import place_of
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.places import Place
from admin_web.transfers import picked_names
from admin_web.words import t
from auth import settings
from auth.access import FolderType, authorize
from auth.callers import Role
from core.errors import GatewayError
from sharing import publications
from sharing.publications import MAX_TITLE_CHARACTERS, Publication, Wanted
from storage import files
from storage.nodes import Node

blueprint = Blueprint("publications", __name__)

_CUSTOMERS = (Role.ADMINISTRATOR, Role.USER)
_PAGE_ROWS = 50
#: Where the two networks take an address to tell of; plain links, nothing of theirs is loaded.
_X, _FACEBOOK = "https://x.com/intent/post", "https://www.facebook.com/sharer/sharer.php"


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"published_among": _published_among, "may_publish": may_publish, "publishing_allowed": _allowed}


def _published_among(nodes: Sequence[Node]) -> set[int]:
    with parts().database.reading() as tx:
        return publications.published_among(tx, caller().contract_id, [node.id for node in nodes])


def _allowed() -> bool:
    with parts().database.reading() as tx:
        return settings.read(tx, caller().contract_id).publishing


def may_publish(place: Place) -> bool:
    """Return whether the caller may publish what is in a place."""
    linkable = place.grant.folder in (FolderType.MY, FolderType.GROUP)
    return linkable and place.grant.may_write and _allowed()


def address_of(one: Publication) -> str:
    """Return the address of a page as people are told it."""
    return absolute(url_for("public.page", token=one.token))


def absolute(path: str) -> str:
    """Return a path with this host before it, where people reach the service by it."""
    known, asked = parts().config.server.public_hosts, request.host
    host = asked if not known or asked in known else known[0]
    return f"{cookies.public_scheme()}://{host}{path}"


@blueprint.post("/publications/new/<path:where>")
@for_roles(*_CUSTOMERS)
def compose(where: str) -> ResponseReturnValue:
    """Say what publishing means, and ask for the page's title."""
    place, picked = place_of(where), picked_names()
    if not picked:
        flash(t("web.files.nothing_picked"), "warning")
        return redirect(url_for("browse.show", where=place.path), HTTPStatus.SEE_OTHER)
    with parts().database.reading() as tx:
        publications.require_publishable(tx, place.grant)
    return _form(place, picked)


def _form(place: Place, picked: list[str], *, refusal: GatewayError | None = None) -> ResponseReturnValue:
    node = files.find(parts().files, place.grant, place.below(picked[0]).names) if len(picked) == 1 else None
    rendered = render_template(
        "publications/new.html",
        place=place,
        picked=picked,
        title=request.form.get("title", picked[0] if len(picked) == 1 else place.name),
        most=MAX_TITLE_CHARACTERS,
        is_folder=node is not None and node.is_collection,
        has_photos=any(content.kind(name) == "image" for name in picked),
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/publications/make/<path:where>")
@for_roles(*_CUSTOMERS)
def make(where: str) -> ResponseReturnValue:
    """Publish what was picked."""
    place, picked = place_of(where), picked_names()
    try:
        wanted = Wanted(place.grant, place.names, picked, request.form.get("title", ""), place.path)
        one = publications.publish(parts().files, wanted)
    except GatewayError as error:
        records.note_refused(place, "publish", error)
        if not picked:
            raise
        return _form(place, picked, refusal=error)
    flash(t("web.publish.done"), "done")
    return redirect(url_for("publications.show", one_id=one.id), HTTPStatus.SEE_OTHER)


@blueprint.get("/publications/")
@for_roles(*_CUSTOMERS)
def mine() -> ResponseReturnValue:
    """Show the caller's pages; to an administrator the contract's."""
    found = caller()
    authorize(found, FolderType.MY)  # names of files: as little as the files themselves without a device (R12)
    given = request.args.get("page", "1")
    number = max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 7 else 1
    with parts().database.reading() as tx:
        rows = publications.listing(tx, found, offset=(number - 1) * _PAGE_ROWS, limit=_PAGE_ROWS + 1)
    return render_template(
        "publications/list.html", rows=rows[:_PAGE_ROWS], more=len(rows) > _PAGE_ROWS, number=number, me=found
    )


@blueprint.get("/publications/<one_id>")
@for_roles(*_CUSTOMERS)
def show(one_id: str) -> ResponseReturnValue:
    """Show a page's address, with what tells X and Facebook of it, and how often it was looked at."""
    found = caller()
    authorize(found, FolderType.MY)
    with parts().database.reading() as tx:
        one = publications.one_of(tx, found, one_id)
    address = address_of(one)
    return render_template(
        "publications/one.html",
        one=one,
        address=address,
        telling=telling(address, one.title),
    )


def telling(address: str, title: str) -> dict[str, str]:
    """Return the links by which somebody tells X and Facebook of a page, by the network's name."""
    return {
        "x": f"{_X}?{urlencode({'url': address, 'text': title})}",
        "facebook": f"{_FACEBOOK}?{urlencode({'u': address})}",
    }


@blueprint.post("/publications/<one_id>/end")
@for_roles(*_CUSTOMERS)
def end(one_id: str) -> ResponseReturnValue:
    """Take a page away."""
    found, now = caller(), parts().clock()
    with parts().database.reading() as tx:
        one = publications.one_of(tx, found, one_id)
    parts().database.write(lambda tx: publications.end(tx, found, one_id, now=now))
    flash(t("web.publications.end_done", title=one.title), "done")
    return redirect(url_for("publications.mine"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/settings/publishing")
@for_roles(Role.ADMINISTRATOR)
def decide() -> ResponseReturnValue:
    """Allow publishing in the contract, or forbid it and end every page."""
    found, now, allowed = caller(), parts().clock(), "publishing" in request.form
    ended = parts().database.write(lambda tx: publications.decide(tx, found, allowed, now=now))
    flash(t("web.publishing.kept", count=ended), "done")
    return redirect(url_for("settings.page"), HTTPStatus.SEE_OTHER)
