"""The Secret Folder of one's own (R18): created, unlocked on this device, locked again."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts, secret_key
from admin_web.help import drive_url
from admin_web.words import t
from auth import lockout, secret_folders, secret_keys
from auth.access import FolderType, authorize
from auth.callers import Caller, Role
from core.errors import GatewayError, InvalidInput, NotFound

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
        is_open=exists and secret_key(found) is not None,
        address=drive_url().removesuffix("my/") + "secret/",
        least=secret_keys.MIN_SECRET_CHARACTERS,
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


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
    """Open the folder on this device and go to its files."""
    found, now = _owner(), parts().clock()
    database, given = parts().database, request.form.get("secret", "")
    try:
        _guess(found, lambda: secret_folders.unlock(database, found, given, parts().run_key, now=now))
    except GatewayError as error:
        return _page(refusal=error)
    flash(t("web.secret.opened"), "done")
    return redirect(url_for("browse.show", where=FolderType.SECRET.value), HTTPStatus.SEE_OTHER)


def _guess(found: Caller, attempt: Callable[[], None]) -> None:
    """Try a secret or recovery code. Guessing is locked out as at the login page (R19); raises what trying does."""
    policy, now, database = parts().lockout, parts().clock(), parts().database
    guessed = f"{found.login_id} secret"  # no login ID has a space in it
    database.write(lambda tx: lockout.attempt(tx, guessed, found.address, policy, now=now))
    attempt()
    database.write(lambda tx: lockout.succeeded(tx, guessed, found.address, policy))


@blueprint.get("/change/<by>")
@for_roles(*_ROLES)
def change_form(by: str) -> ResponseReturnValue:
    """Ask for another secret, proved by the present one or by the recovery code."""
    return _change_page(by)


def _change_page(by: str, *, refusal: GatewayError | None = None) -> Response:
    found = _owner()
    with parts().database.reading() as tx:
        if by not in _PROOFS or not secret_folders.exists(tx, found):
            raise NotFound("the Secret Folder")
    least, words = secret_keys.MIN_SECRET_CHARACTERS, explain(refusal) if refusal else None
    rendered = render_template("secret_change.html", by=by, least=least, refusal=words)
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/change/<by>")
@for_roles(*_ROLES)
def change(by: str) -> ResponseReturnValue:
    """Give the folder another secret; it is locked everywhere, and its recovery code stays good."""
    prove = _PROOFS.get(by)
    if prove is None:
        raise NotFound(by)
    found, now, database = _owner(), parts().clock(), parts().database
    given, chosen = request.form.get("proof", ""), request.form.get("secret", "")
    try:
        if chosen != request.form.get("again", ""):
            raise InvalidInput(t("web.secret.differs"))
        _guess(found, lambda: prove(database, found, given, secret_keys.checked(chosen), now=now))
    except GatewayError as error:
        return _change_page(by, refusal=error)
    flash(t("web.secret.changed"), "done")
    return redirect(url_for("secret.page"), HTTPStatus.SEE_OTHER)


_PROOFS = {"secret": secret_folders.change_secret, "code": secret_folders.recover}


@blueprint.post("/lock")
@for_roles(*_ROLES)
def lock() -> ResponseReturnValue:
    """Close the folder on this device."""
    secret_folders.lock(parts().database, _owner())
    flash(t("web.secret.closed"), "done")
    return redirect(url_for("secret.page"), HTTPStatus.SEE_OTHER)
