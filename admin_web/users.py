"""Logins and groups of a contract (R12, R22), and who has to wait after failed guesses (R19)."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import own
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.words import t
from auth import groups, lockout
from auth.callers import Role
from auth.lockout import Kind
from core.errors import Conflict, GatewayError

blueprint = Blueprint("users", __name__, url_prefix="/admin")


@blueprint.get("/users/")
@for_roles(Role.ADMINISTRATOR)
def user_list() -> ResponseReturnValue:
    """Show the contract's logins."""
    return _users()


def _users(*, refusal: GatewayError | None = None) -> ResponseReturnValue:
    with parts().database.reading() as tx:
        waiting = lockout.list_lockouts(tx, now=parts().clock(), contract_id=caller().contract_id)
    page = render_template(
        "admin/users.html",
        people=own.people(),
        waiting={one.subject: one for one in waiting},
        refusal=explain(refusal) if refusal else None,
        login_id=request.form.get("login_id", ""),
    )
    return make_response(page, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/users/")
@for_roles(Role.ADMINISTRATOR)
def add_user() -> ResponseReturnValue:
    """Create a login and show its first password, once."""
    login_id = request.form.get("login_id", "").strip().lower()
    role = Role.ADMINISTRATOR if request.form.get("role") == "administrator" else Role.USER
    try:
        password = parts().acts.add_user(own.contract().name, login_id, role, by=caller().login_id)
    except GatewayError as error:
        return _users(refusal=error)
    return render_template("admin/password.html", login_id=login_id, password=password, fresh=True)


@blueprint.post("/users/<login_id>")
@for_roles(Role.ADMINISTRATOR)
def change_user(login_id: str) -> ResponseReturnValue:
    """Let a login in or keep it out, give it a new password, or end its waiting."""
    known, act, by = own.login(login_id), request.form.get("do"), caller().login_id
    if act == "password":
        password = parts().acts.reset_password(known.login_id, by=by)
        return render_template("admin/password.html", login_id=login_id, password=password, fresh=False)
    if act == "release":
        parts().database.write(lambda tx: lockout.release(tx, Kind.LOGIN, known.login_id))
        flash(t("web.users.released", login=login_id), "done")
    elif act in ("enable", "disable"):
        if act == "disable" and known.login_id == by:
            raise Conflict(t("web.users.not_yourself"))
        parts().acts.set_enabled(known.login_id, act == "enable", by=by)
        flash(t("web.users.enabled" if act == "enable" else "web.users.disabled", login=login_id), "done")
    else:
        abort(HTTPStatus.BAD_REQUEST)
    return redirect(url_for("users.user_list"), HTTPStatus.SEE_OTHER)


@blueprint.get("/groups/")
@for_roles(Role.ADMINISTRATOR)
def group_list() -> ResponseReturnValue:
    """Show the contract's groups with their members."""
    return _groups()


def _groups(*, refusal: GatewayError | None = None) -> ResponseReturnValue:
    with parts().database.reading() as tx:
        found = groups.list_groups(tx, caller().contract_id)
    page = render_template(
        "admin/groups.html",
        groups=found,
        people=own.people(),
        refusal=explain(refusal) if refusal else None,
        name=request.form.get("name", ""),
    )
    return make_response(page, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/groups/")
@for_roles(Role.ADMINISTRATOR)
def add_group() -> ResponseReturnValue:
    """Create a group with its folder."""
    name = request.form.get("name", "").strip()
    try:
        parts().acts.add_group(own.contract().name, name, by=caller().login_id)
    except GatewayError as error:
        return _groups(refusal=error)
    flash(t("web.groups.added", name=name), "done")
    return redirect(url_for("users.group_list"), HTTPStatus.SEE_OTHER)


@blueprint.post("/groups/member")
@for_roles(Role.ADMINISTRATOR)
def set_member() -> ResponseReturnValue:
    """Say what a login may do in a group's folder."""
    rights = {"read": False, "write": True, "none": None}
    right = request.form.get("right", "")
    if right not in rights:
        abort(HTTPStatus.BAD_REQUEST)
    login_id, name = own.login(request.form.get("login_id", "")).login_id, request.form.get("name", "")
    parts().acts.set_member(own.contract().name, name, login_id, rights[right], by=caller().login_id)
    flash(t("web.groups.set", name=name, login=login_id), "done")
    return redirect(url_for("users.group_list"), HTTPStatus.SEE_OTHER)
