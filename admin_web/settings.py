"""What the contract's administrator decides: devices, copies (R14, R23), and where reminders go (R4)."""

from __future__ import annotations

import dataclasses
from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import own
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.words import t
from auth import accesslog, settings
from auth.callers import Role
from auth.settings import Binding
from core.errors import GatewayError
from db.engine import Transaction
from quota import contracts

blueprint = Blueprint("settings", __name__, url_prefix="/admin/settings")


@blueprint.get("/")
@for_roles(Role.ADMINISTRATOR)
def page() -> ResponseReturnValue:
    """Show the contract's decisions."""
    return _page()


def _page(*, refusal: GatewayError | None = None) -> ResponseReturnValue:
    with parts().database.reading() as tx:
        decided = settings.read(tx, caller().contract_id)
    kept = own.contract().notify_address or ""
    rendered = render_template(
        "admin/settings.html",
        decided=decided,
        bindings=list(Binding),
        address=request.form.get("address", kept),
        days=parts().config.retention.remind_days_before,
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/")
@for_roles(Role.ADMINISTRATOR)
def decide() -> ResponseReturnValue:
    """Keep the decisions on devices and copies; they count from the next request on."""
    found, now = caller(), parts().clock()
    if request.form.get("device_binding") not in list(Binding):
        abort(HTTPStatus.BAD_REQUEST)
    binding, copy_out = Binding(request.form["device_binding"]), "copy_out" in request.form

    def operation(tx: Transaction) -> None:
        kept = settings.read(tx, found.contract_id)
        chosen = dataclasses.replace(kept, device_binding=binding, copy_out=copy_out)
        settings.write(tx, found.contract_id, chosen)
        detail = f"binding {binding}, copy out {'on' if copy_out else 'off'}"
        entry = accesslog.entry_of(found, "settings", "", now=now, detail=detail)
        accesslog.append(tx.cursor, found.contract_id, [entry])

    parts().database.write(operation)
    return _kept()


@blueprint.post("/notify")
@for_roles(Role.ADMINISTRATOR)
def notify() -> ResponseReturnValue:
    """Keep the address that is told before files are deleted; an empty one for silence."""
    found, now, address = caller(), parts().clock(), request.form.get("address", "").strip() or None

    def operation(tx: Transaction) -> None:
        contracts.notify(tx, found.contract_id, address)
        entry = accesslog.entry_of(found, "settings", "", now=now, detail=f"reminders to {address or 'nobody'}")
        accesslog.append(tx.cursor, found.contract_id, [entry])

    try:
        parts().database.write(operation)
    except GatewayError as error:
        return _page(refusal=error)
    return _kept()


def _kept() -> ResponseReturnValue:
    flash(t("web.settings.kept"), "done")
    return redirect(url_for("settings.page"), HTTPStatus.SEE_OTHER)
