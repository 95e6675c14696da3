"""Transfers with other contracts: sending, accepting into a folder, declining, withdrawing, and the code (R26)."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import cookies, records
from admin_web.browse import memberships, place_of
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts, signed_in
from admin_web.places import Place
from admin_web.words import instant, t
from auth.access import FolderType, authorize
from auth.callers import Role
from core.clock import to_microseconds
from core.errors import GatewayError, InvalidInput
from core.names import normalise
from sharing import transfer_codes, transfers
from sharing.transfer_rules import MAX_DAYS, MAX_MESSAGE_CHARACTERS, State, Transfer, is_receiver, is_sender
from sharing.transfers import Letter, Origin, Target
from storage import files, listing
from storage.listing import Order
from storage.nodes import Node

blueprint = Blueprint("transfers", __name__)

_CUSTOMERS = (Role.ADMINISTRATOR, Role.USER)
_MAX_PICKED = 1000
_TARGET_ROWS = 500
_DAYS = (1, 3, 7, 14, MAX_DAYS)


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"transfers_waiting": waiting, "transfer_code": _code}


def waiting() -> int:
    """Return how many transfers wait for the caller's word; 0 where nobody is signed in."""
    found = signed_in()
    if found is None or found.role not in _CUSTOMERS:
        return 0
    if "transfers_waiting" not in g:
        with parts().database.reading() as tx:
            g.transfers_waiting = transfers.waiting(tx, found, now=parts().clock())
    return int(g.transfers_waiting)


def _code() -> str | None:
    with parts().database.reading() as tx:
        return transfer_codes.code_of(tx, caller().contract_id)


@blueprint.get("/transfers/")
@for_roles(*_CUSTOMERS)
def page() -> ResponseReturnValue:
    """Show what came in and what was sent."""
    found = caller()
    authorize(found, FolderType.MY)  # names of files: as little as the files themselves without a device (R12)
    with parts().database.reading() as tx:
        came, sent = transfers.incoming(tx, found), transfers.outgoing(tx, found)
    return render_template("transfers/page.html", incoming=came, outgoing=sent, now=parts().clock(), me=found)


@blueprint.post("/transfers/new/<path:where>")
@for_roles(*_CUSTOMERS)
def compose(where: str) -> ResponseReturnValue:
    """Ask to whom the picked files go."""
    place, picked = place_of(where), picked_names()
    if not picked:
        flash(t("web.files.nothing_picked"), "warning")
        return redirect(url_for("browse.show", where=place.path), HTTPStatus.SEE_OTHER)
    return _form(place, picked)


def picked_names() -> list[str]:
    """Return what the form's page had picked. Raises InvalidInput for too many."""
    picked = list(dict.fromkeys(normalise(name) for name in request.form.getlist("pick")))
    if len(picked) > _MAX_PICKED:
        raise InvalidInput(f"at most {_MAX_PICKED} at a time")
    return picked


def _form(place: Place, picked: list[str], *, refusal: GatewayError | None = None) -> ResponseReturnValue:
    rendered = render_template(
        "transfers/send.html",
        place=place,
        picked=picked,
        given=request.form,
        days=sorted({*_DAYS, parts().config.transfers.valid_days}),
        default_days=parts().config.transfers.valid_days,
        most=MAX_MESSAGE_CHARACTERS,
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/transfers/send/<path:where>")
@for_roles(*_CUSTOMERS)
def send(where: str) -> ResponseReturnValue:
    """Send what was picked."""
    place, picked = place_of(where), picked_names()
    try:
        letter = letter_of(
            request.form.get("code", ""), request.form.get("addressee", ""), request.form.get("message", ""), _days()
        )
        one = transfers.send(parts().files, origin_of(place, picked), letter)
    except GatewayError as error:
        records.note_refused(place, "transfer.send", error)
        return _form(place, picked, refusal=error)
    flash(t("web.transfers.sent", receiver=one.receiver, at=instant(one.expires_at)), "done")
    return redirect(url_for("transfers.page"), HTTPStatus.SEE_OTHER)


def _days() -> int:
    given = request.form.get("days", "")
    days = int(given) if given.isascii() and given.isdigit() and len(given) <= 2 else 0
    if not 1 <= days <= MAX_DAYS:
        raise InvalidInput(f"days: 1 to {MAX_DAYS}")
    return days


def origin_of(place: Place, picked: list[str]) -> Origin:
    """Return what is picked in a place; in a Secret Folder, from which nothing is sent, as people read it."""
    return Origin(place.grant, place.names, picked, place.path)


def letter_of(code: str, addressee: str, message: str, days: int) -> Letter:
    """Return what goes with the files; its page is on the host this request came to."""
    page = url_for("transfers.page", _external=True, _scheme=cookies.public_scheme())
    message = "\n".join(message.strip().splitlines())
    return Letter(code, addressee, message, parts().clock() + timedelta(days=days), page)


@blueprint.get("/transfers/<one_id>")
@for_roles(*_CUSTOMERS)
def show(one_id: str) -> ResponseReturnValue:
    """Show a transfer, and to its receiver the folders it could be put into."""
    return _one(one_id)


def _one(one_id: str, *, into: Place | None = None, refusal: GatewayError | None = None) -> ResponseReturnValue:
    found, now = caller(), parts().clock()
    authorize(found, FolderType.MY)
    with parts().database.reading() as tx:
        one = transfers.find(tx, found, one_id)
        tops = transfers.tops(tx, one)
    can_accept = is_receiver(found, one) and one.state_at(now) is State.SENT
    into = (into or place_of(request.args.get("into", "my"))) if can_accept else None
    rendered = render_template(
        "transfers/one.html",
        one=one,
        tops=tops,
        state=one.state_at(now),
        into=into,
        collections=[] if into is None else _collections(into),
        groups=[each for each in memberships() if each.may_write],
        may_withdraw=is_sender(found, one),
        given=request.form,
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


def _collections(into: Place) -> list[Node]:
    fs = parts().files
    node = files.stat(fs, into.grant, into.names)
    rows = listing.page(fs, into.grant, node, order=Order.NAME, descending=False, offset=0, limit=_TARGET_ROWS)
    return [into.opened(one) for one in rows if one.is_collection]


@blueprint.post("/transfers/<one_id>")
@for_roles(*_CUSTOMERS)
def settle(one_id: str) -> ResponseReturnValue:
    """Accept, decline or withdraw a transfer."""
    act, fs, now_us = request.form.get("do"), parts().files, to_microseconds(parts().clock())
    if act == "decline":
        transfers.decline(fs.database, caller(), one_id, now_us=now_us)
        flash(t("web.transfers.declined"), "done")
    elif act == "withdraw":
        transfers.withdraw(fs.database, caller(), one_id, now_us=now_us)
        flash(t("web.transfers.withdrawn"), "done")
    elif act == "accept":
        return _accept(one_id)
    else:
        abort(HTTPStatus.BAD_REQUEST)
    return redirect(url_for("transfers.page"), HTTPStatus.SEE_OTHER)


def _accept(one_id: str) -> ResponseReturnValue:
    into, name = place_of(request.form.get("into", "my")), request.form.get("new_folder", "").strip()
    try:
        one = accept_into(one_id, into, name)
    except GatewayError as error:
        records.note_refused(into, "transfer.accept", error)
        return _one(one_id, into=into, refusal=error)
    flash(t("web.transfers.accepted", count=f"{one.files:,}"), "done")
    target = into.below(normalise(name)) if name else into
    return redirect(url_for("browse.show", where=target.path), HTTPStatus.SEE_OTHER)


def accept_into(one_id: str, into: Place, new_folder: str) -> Transfer:
    """Accept a transfer into a place, or with a name into a new folder there. Raises as `transfers.accept`."""
    target = Target(into.grant, into.names, into.path, normalise(new_folder) if new_folder else None)
    return transfers.accept(parts().files, one_id, target)


@blueprint.post("/admin/transfer-code")
@for_roles(Role.ADMINISTRATOR)
def change_code() -> ResponseReturnValue:
    """Make, replace or remove the code by which other contracts send files here."""
    found, now = caller(), parts().clock()
    if request.form.get("do") == "remove":
        parts().database.write(lambda tx: transfer_codes.remove(tx, found, now=now))
        flash(t("web.transfers.code_removed"), "done")
    else:
        code = parts().database.write(lambda tx: transfer_codes.renew(tx, found, now=now))
        flash(t("web.transfers.code_renewed", code=code), "done")
    return redirect(url_for("admin.overview"), HTTPStatus.SEE_OTHER)
