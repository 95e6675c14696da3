"""What single logins and groups may hold of the contract's capacity (R22)."""

from __future__ import annotations

import unicodedata
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import holders
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.holders import Holder
from admin_web.words import exact_size, t
from auth import accesslog
from auth.callers import Role
from core.errors import GatewayError, NotFound
from db.engine import Transaction
from quota import limits

blueprint = Blueprint("limits", __name__, url_prefix="/admin/limits")


@blueprint.get("/")
@for_roles(Role.ADMINISTRATOR)
def page() -> ResponseReturnValue:
    """Show what everybody holds and may hold."""
    return _page()


def _page(*, refusal: GatewayError | None = None) -> ResponseReturnValue:
    with parts().database.reading() as tx:
        found = holders.of_contract(tx, caller().contract_id)
    rendered = render_template("admin/limits.html", holders=found, refusal=explain(refusal) if refusal else None)
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/")
@for_roles(Role.ADMINISTRATOR)
def decide() -> ResponseReturnValue:
    """Limit a login or group; an empty size takes the limit away."""
    try:
        flash(decide_for(caller().contract_id, by=caller().login_id), "done")
    except GatewayError as error:
        return _page(refusal=error)
    return redirect(url_for("limits.page"), HTTPStatus.SEE_OTHER)


def decide_for(contract_id: int, *, by: str) -> str:
    """Do what the form asks for one of a contract's logins or groups, and return what was done, in words.

    Raises NotFound, InvalidInput for what is no size.
    """
    kind, name = request.form.get("kind", ""), request.form.get("name", "")
    given = unicodedata.normalize("NFKC", request.form.get("size", "")).strip()
    limit_bytes, now = limits.parse_size(given) if given else None, parts().clock()

    def operation(tx: Transaction) -> None:
        limits.set_limit(tx, contract_id, _holder(tx, contract_id, kind, name).owner, limit_bytes)
        shown = "none" if limit_bytes is None else exact_size(limit_bytes)
        accesslog.record(tx, contract_id, by, "limit.set", f"{kind} {name}: {shown}", now=now)

    parts().database.write(operation)
    if limit_bytes is None:
        return t("web.limits.none_set", name=name)
    return t("web.limits.set", name=name, size=exact_size(limit_bytes))


def _holder(tx: Transaction, contract_id: int, kind: str, name: str) -> Holder:
    for one in holders.of_contract(tx, contract_id):
        if (one.owner.kind, one.name) == (kind, name):
            return one
    raise NotFound(f"{kind} {name}")
