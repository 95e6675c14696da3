"""Sharing by mail, the sender's side: the dialog, one's own shares with their receipts, the contract's (R24)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import cookies, records
from admin_web.browse import place_of
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts, signed_in
from admin_web.places import Place
from admin_web.words import language, t
from auth import links
from auth.access import FolderType, authorize
from auth.accesslog import Entry, entry_of
from auth.callers import Role
from core.errors import GatewayError, NotFound, NotShareable
from core.names import normalise
from quota.limits import parse_size
from sharing import receipts, recipients, rules, shares
from sharing.receipts import Share
from sharing.rules import Terms
from sharing.shares import Item
from sharing.trail import trail
from storage.nodes import Node

blueprint = Blueprint("shares", __name__)

_TRAY_SIZE = "1GB"
_MAX_DIGITS = 6


@blueprint.post("/shares/new/<path:where>")
@for_roles(Role.ADMINISTRATOR, Role.USER)
def new(where: str) -> ResponseReturnValue:
    """Ask with whom and how the picked files are shared."""
    place = place_of(where)
    picked = _picked()
    if not picked:
        flash(t("web.files.nothing_picked"), "warning")
        return redirect(url_for("browse.show", where=place.path), HTTPStatus.SEE_OTHER)
    links.require_linkable(place.grant.folder)
    return _dialog(place, picked)


def _picked() -> list[str]:
    return list(dict.fromkeys(normalise(name) for name in request.form.getlist("pick")))


def _dialog(place: Place, picked: Sequence[str], *, refusal: GatewayError | None = None) -> ResponseReturnValue:
    given = request.form if "recipients" in request.form else {}
    page = render_template(
        "shares/new.html",
        place=place,
        picked=picked,
        given=given,
        most=recipients.MOST_RECIPIENTS,
        default_days=rules.DEFAULT_DAYS,
        longest_days=rules.LONGEST_DAYS,
        least_password=rules.LEAST_PASSWORD,
        most_fetches=rules.MOST_FETCHES,
        longest_message=rules.LONGEST_MESSAGE,
        tray_size=_TRAY_SIZE,
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(page, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/shares/make/<path:where>")
@for_roles(Role.ADMINISTRATOR, Role.USER)
def make(where: str) -> ResponseReturnValue:
    """Share what was picked."""
    place, picked = place_of(where), _picked()
    try:
        addresses = recipients.require_recipients(request.form.get("recipients", ""))
        items = [Item(place.grant, place.below(name).names, place.below(name).path) for name in picked]
        made = shares.make(parts().files, items, addresses, _terms(), base_url=base_url())
    except GatewayError as error:
        records.note_refused(place, "share", error)
        return _dialog(place, picked, refusal=error)
    flash(t("web.share.done", count=len(made.tokens)), "done")
    return redirect(url_for("shares.one", share_id=made.share_id), HTTPStatus.SEE_OTHER)


def _terms() -> Terms:
    form = request.form
    limit = form.get("limit", "").strip()
    size = form.get("tray_size", "") if "tray" in form else None
    return Terms(
        days=_number(form.get("days", ""), "share.days", longest=rules.LONGEST_DAYS),
        message="\n".join(form.get("message", "").strip().splitlines()),
        password=form.get("password") or None,
        download_limit=_number(limit, "share.download_limit", most=rules.MOST_FETCHES) if limit else None,
        tray_limit_bytes=None if size is None else _size(size),
        language=language(),
    )


def _number(given: str, message_id: str, **facts: object) -> int:
    digits = given.strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MAX_DIGITS:
        raise NotShareable(message_id, **facts)
    return int(digits)


def _size(given: str) -> int:
    try:
        return parse_size(given)
    except GatewayError:
        raise NotShareable("share.tray_limit") from None


def base_url() -> str:
    """Return what stands before a token in a mail: this host, where it is one people reach the service by."""
    known, asked = parts().config.server.public_hosts, request.host
    return f"{cookies.public_scheme()}://{asked if not known or asked in known else known[0]}/s/"


@blueprint.get("/shares/suggest")
@for_roles(Role.ADMINISTRATOR, Role.USER)
def suggest() -> ResponseReturnValue:
    """Return past recipients whose address has what was typed in it; nothing of them is filled in by itself (R24)."""
    found = caller()
    with parts().database.reading() as tx:
        known = receipts.suggestions(tx, found.contract_id, found.login, request.args.get("q", "")[:254])
    return {"addresses": known}


@blueprint.get("/shares/")
@for_roles(Role.ADMINISTRATOR, Role.USER)
def mine() -> ResponseReturnValue:
    """Show one's own shares, the newest first."""
    found = caller()
    authorize(found, FolderType.MY)  # names of files: as little as the files themselves without a device (R12)
    return _listing(found.login, "shares.mine")


@blueprint.get("/admin/shares/")
@for_roles(Role.ADMINISTRATOR)
def of_contract() -> ResponseReturnValue:
    """Show the contract's shares, the newest first."""
    return _listing(None, "shares.of_contract")


def _listing(login: int | None, endpoint: str) -> ResponseReturnValue:
    given = request.args.get("page", "1")
    number = max(1, int(given)) if given.isascii() and given.isdigit() and len(given) <= _MAX_DIGITS else 1
    rows = receipts.PAGE_ROWS
    with parts().database.reading() as tx:
        found = receipts.list_shares(tx, caller().contract_id, login=login, offset=(number - 1) * rows, limit=rows + 1)
    return render_template(
        "shares/list.html",
        shares=found[:rows],
        more=len(found) > rows,
        number=number,
        endpoint=endpoint,
        now=parts().clock(),
    )


def scope() -> int | None:
    """Return whose shares the caller may see and end: their own, as administrator all of the contract's (None)."""
    found = caller()
    if found.role is Role.ADMINISTRATOR:
        return None
    authorize(found, FolderType.MY)
    return found.login


@blueprint.get("/shares/<share_id>")
@for_roles(Role.ADMINISTRATOR, Role.USER)
def one(share_id: str) -> ResponseReturnValue:
    """Show one share with its receipts."""
    found, own = caller(), scope()
    with parts().database.reading() as tx:
        share = receipts.get(tx, found.contract_id, share_id, login=own)
    if share is None:
        raise NotFound(f"share {share_id}")
    tray = _tray_path(share) if share.tray_node_id and share.login_id == found.login_id else None
    return render_template("shares/one.html", share=share, now=parts().clock(), tray=tray)


def _tray_path(share: Share) -> str | None:
    """Return where the sender's return tray is, None where it was moved away or deleted."""
    with parts().database.reading() as tx:
        found = trail(tx.cursor, caller().contract_id, share.tray_node_id or 0)
    own = found is not None and found.root == f"{FolderType.MY}/{caller().login}"
    return "/".join((FolderType.MY, *found.names)) if own and found else None


@blueprint.post("/shares/<share_id>")
@for_roles(Role.ADMINISTRATOR, Role.USER)
def change(share_id: str) -> ResponseReturnValue:
    """End a share, or close it for one recipient."""
    contract_id, own = caller().contract_id, scope()
    if (recipient_id := request.form.get("recipient")) is not None:
        by = entry("share.revoke", f"{share_id} {recipient_id}")
        address = parts().database.write(
            lambda tx: shares.revoke(tx, contract_id, share_id, recipient_id, by=by, login=own)
        )
        flash(t("web.shares.revoke_done", address=address), "done")
    elif request.form.get("do") == "end":
        by = entry("share.end", share_id)
        parts().database.write(lambda tx: shares.end(tx, contract_id, share_id, by=by, login=own))
        flash(t("web.shares.end_done"), "done")
    else:
        abort(HTTPStatus.BAD_REQUEST)
    return redirect(url_for("shares.one", share_id=share_id), HTTPStatus.SEE_OTHER)


def entry(act: str, detail: str) -> Entry:
    """Return what the access log says of an act on a share, which belongs to no path."""
    return entry_of(caller(), act, "", now=parts().clock(), detail=detail)


def marks(nodes: Sequence[Node]) -> set[int]:
    """Return which of a listing's nodes are shared by mail at present."""
    found = signed_in()
    if found is None:
        return set()
    with parts().database.reading() as tx:
        return receipts.shared_among(tx, found.contract_id, [one.id for one in nodes], now=parts().clock())
