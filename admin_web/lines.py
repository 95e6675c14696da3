"""The contract's lines (R17)."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from admin_web import own
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from auth import lines
from auth.callers import Role
from core.errors import GatewayError

blueprint = Blueprint("lines", __name__, url_prefix="/admin/lines")


@blueprint.get("/")
@for_roles(Role.ADMINISTRATOR)
def page() -> ResponseReturnValue:
    """Show the contract's lines."""
    return _page()


def _page(*, refusal: GatewayError | None = None) -> ResponseReturnValue:
    with parts().database.reading() as tx:
        known = lines.list_lines(tx, caller().contract_id)
    rendered = render_template(
        "admin/lines.html",
        lines=known,
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
