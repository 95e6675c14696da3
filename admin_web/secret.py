"""The Secret Folder of one's own (R18): created, unlocked on this device, locked again."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.help import drive_url
from admin_web.words import t
from auth import lockout, secret_folders
from auth.access import FolderType, authorize
from auth.callers import Caller, Role
from core.errors import GatewayError, InvalidInput

blueprint = Blueprint("secret", __name__, url_prefix="/account/secret")

_ROLES = (Role.ADMINISTRATOR, Role.USER)


def _owner() -> Caller:
    """Return a caller who may use online storage from here. Raises DeviceRequired, AccessDenied."""
    return authorize(caller(), FolderType.MY).caller


@blueprint.get("/")
@for_roles(*_ROLES)
def page() -> ResponseReturnValue:
    """Show whether the folder is there, and whether it is open on this device."""
    return _page()


def _page(*, refusal: GatewayError | None = None) -> Response:
    found = _owner()
    with parts().database.reading() as tx:
        exists = secret_folders.exists(tx, found)
    rendered = render_template(
        "secret.html",
        exists=exists,
        is_open=exists and _is_open(found),
        address=drive_url().removesuffix("my/") + "secret/",
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


def _is_open(found: Caller) -> bool:
    key = parts().run_key
    idle, now = parts().secret_idle, parts().clock()
    return secret_folders.unlocked_key(parts().database, found, key, idle=idle, now=now) is not None


@blueprint.post("/create")
@for_roles(*_ROLES)
def create() -> ResponseReturnValue:
    """Create the folder with a secret of its own, and show its recovery code, once."""
    found, chosen = _owner(), request.form.get("secret", "")
    try:
        if chosen != request.form.get("again", ""):
            raise InvalidInput(t("web.secret.differs"))
        code = secret_folders.create(parts().database, found, chosen, now=parts().clock())
    except GatewayError as error:
        return _page(refusal=error)
    return render_template("recovery.html", codes=[code], lead=t("web.secret.recovery"), back=url_for("secret.page"))


@blueprint.post("/unlock")
@for_roles(*_ROLES)
def unlock() -> ResponseReturnValue:
    """Open the folder on this device. Guessing is locked out as at the login page (R19)."""
    found, now, database, policy = _owner(), parts().clock(), parts().database, parts().lockout
    guessed = f"{found.login_id} secret"  # no login ID has a space in it
    try:
        database.write(lambda tx: lockout.attempt(tx, guessed, found.address, policy, now=now))
        secret_folders.unlock(database, found, request.form.get("secret", ""), parts().run_key, now=now)
    except GatewayError as error:
        return _page(refusal=error)
    database.write(lambda tx: lockout.succeeded(tx, guessed, found.address, policy))
    flash(t("web.secret.opened"), "done")
    return redirect(url_for("secret.page"), HTTPStatus.SEE_OTHER)


@blueprint.post("/lock")
@for_roles(*_ROLES)
def lock() -> ResponseReturnValue:
    """Close the folder on this device."""
    secret_folders.lock(parts().database, _owner())
    flash(t("web.secret.closed"), "done")
    return redirect(url_for("secret.page"), HTTPStatus.SEE_OTHER)
