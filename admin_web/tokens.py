"""One's own tokens of the HTTP API: made and shown once, listed, revoked."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.errors import explain, status_of
from admin_web.gate import caller, parts, shown
from admin_web.words import t
from auth import accesslog, tokens
from auth.callers import Caller
from auth.tokens import LONGEST_DAYS, OF_ROLE, IssuedToken, Scope, Wish
from core.errors import AccessDenied, GatewayError, InvalidInput, NotAuthenticated
from db.engine import Transaction

blueprint = Blueprint("tokens", __name__, url_prefix="/account/tokens")

_DAYS = 90


@blueprint.get("/")
def page() -> ResponseReturnValue:
    """Show one's tokens, and the form that makes another."""
    return _page()


def _page(*, refusal: GatewayError | None = None) -> Response:
    found = caller()
    with parts().database.reading() as tx:
        known = tokens.list_tokens(tx, found.contract_id, login=found.login)
    rendered = render_template(
        "tokens.html",
        tokens=known,
        now=parts().clock(),
        scopes=[one.value for one in Scope if one in OF_ROLE[found.role]],
        chosen=request.form.getlist("scope"),
        name=request.form.get("name", ""),
        days=request.form.get("days", str(_DAYS)),
        most=LONGEST_DAYS,
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/")
def make() -> ResponseReturnValue:
    """Make a token for the device this browser is, and show it, once; the password proves who asks."""
    found = caller()
    try:
        wish = _wish(found)
        _prove(found)
        issued = parts().database.write(lambda tx: _issue(tx, found, wish))
    except GatewayError as error:
        return _page(refusal=error)
    return render_template("token.html", issued=issued, name=wish.name, scopes=sorted(wish.scopes))


def _wish(found: Caller) -> Wish:
    days = request.form.get("days", "")
    if not (days.isascii() and days.isdigit() and len(days) <= 3):
        raise InvalidInput(f"a token lives 1 to {LONGEST_DAYS} days")
    scopes = tokens.parse_scopes(request.form.getlist("scope"))
    return Wish(request.form.get("name", ""), scopes, timedelta(days=int(days)), found.device_id)


def _prove(found: Caller) -> None:
    """Return for the right password. Raises AccessDenied, LockedOut."""
    try:
        parts().identifier.by_login(found.login_id, request.form.get("password", ""), shown())
    except NotAuthenticated:
        raise AccessDenied("web.account.wrong") from None


def _issue(tx: Transaction, found: Caller, wish: Wish) -> IssuedToken:
    now = parts().clock()
    issued = tokens.issue(tx, found.contract_id, found.login, found.role, wish, pro=found.pro, now=now)
    _log(tx, found, "token.add", f"{issued.token_id} for {' '.join(sorted(wish.scopes))}")
    return issued


def _log(tx: Transaction, found: Caller, act: str, detail: str) -> None:
    entry = accesslog.entry_of(found, act, "", now=parts().clock(), detail=detail)
    accesslog.append(tx.cursor, found.contract_id, [entry])


@blueprint.post("/<token_id>/revoke")
def revoke(token_id: str) -> ResponseReturnValue:
    """Revoke one of one's own tokens."""
    found = caller()

    def operation(tx: Transaction) -> None:
        tokens.revoke(tx, found.contract_id, token_id, login=found.login)
        _log(tx, found, "token.revoke", token_id)

    parts().database.write(operation)
    flash(t("web.tokens.revoked_done"), "done")
    return redirect(url_for("tokens.page"), HTTPStatus.SEE_OTHER)
