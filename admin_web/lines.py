"""The contract's lines (R17), and what its administrator decides about devices and copies (R14, R23)."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import own
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.words import t
from auth import accesslog, lines, settings
from auth.callers import Role
from auth.settings import Binding, Settings
from core.errors import GatewayError
from db.engine import Transaction

blueprint = Blueprint("lines", __name__, url_prefix="/admin/lines")


@blueprint.get("/")
@for_roles(Role.ADMINISTRATOR)
def page() -> ResponseReturnValue:
    """Show the contract's lines and decisions."""
    return _page()


def _page(*, refusal: GatewayError | None = None) -> ResponseReturnValue:
    contract_id = caller().contract_id
    with parts().database.reading() as tx:
        known, decided = lines.list_lines(tx, contract_id), settings.read(tx, contract_id)
    rendered = render_template(
        "admin/lines.html",
        lines=known,
        decided=decided,
        bindings=list(Binding),
        refusal=explain(refusal) if refusal else None,
        name=request.form.get("name", ""),
        networks=request.form.get("networks", ""),
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/")
@for_roles(Role.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    """Register a line, and show the secret of its tool, once."""
    name, networks = request.form.get("name", ""), request.form.get("networks", "").replace(",", " ").split()
    try:
        added = parts().acts.add_line(own.contract().name, name, networks, by=caller().login_id)
    except GatewayError as error:
        return _page(refusal=error)
    return render_template("admin/line.html", name=name.strip(), added=added)


@blueprint.post("/settings")
@for_roles(Role.ADMINISTRATOR)
def decide() -> ResponseReturnValue:
    """Keep the contract's decisions; they count from the next request on."""
    found, now = caller(), parts().clock()
    if request.form.get("device_binding") not in list(Binding):
        abort(HTTPStatus.BAD_REQUEST)
    chosen = Settings(Binding(request.form["device_binding"]), "copy_out" in request.form)

    def operation(tx: Transaction) -> None:
        settings.write(tx, found.contract_id, chosen)
        detail = f"binding {chosen.device_binding}, copy out {'on' if chosen.copy_out else 'off'}"
        entry = accesslog.entry_of(found, "settings", "", now=now, detail=detail)
        accesslog.append(tx.cursor, found.contract_id, [entry])

    parts().database.write(operation)
    flash(t("web.settings.kept"), "done")
    return redirect(url_for("lines.page"), HTTPStatus.SEE_OTHER)
