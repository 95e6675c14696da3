"""One's own password, and the authenticator app that makes it two steps (R15)."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from admin_web import cookies
from admin_web.errors import explain, status_of
from admin_web.gate import caller, parts, shown
from admin_web.words import t
from auth import accesslog, logins, sessions, totp
from auth.callers import Caller
from auth.passwords import hash_password
from core.errors import AccessDenied, GatewayError, InvalidInput, NotAuthenticated
from db.engine import Transaction

blueprint = Blueprint("account", __name__, url_prefix="/account")

#: Long rather than strange: what people can remember, and guessing cannot reach under lockout.
MIN_CHARACTERS, MAX_CHARACTERS = 12, 1024


@blueprint.get("/")
def page() -> ResponseReturnValue:
    """Show what can be changed about one's own login."""
    return _page()


def _page(*, refusal: GatewayError | None = None) -> Response:
    found = caller()
    with parts().database.reading() as tx:
        enrolled = totp.is_enrolled(tx, found)
    rendered = render_template(
        "account.html", enrolled=enrolled, refusal=explain(refusal) if refusal else None, least=MIN_CHARACTERS
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


def _prove(found: Caller) -> None:
    """Return for the right password. Raises AccessDenied, LockedOut."""
    try:
        parts().identifier.by_login(found.login_id, request.form.get("password", ""), shown())
    except NotAuthenticated:
        raise AccessDenied("web.account.wrong") from None


def _log(tx: Transaction, found: Caller, act: str, now: datetime) -> None:
    accesslog.append(tx.cursor, found.contract_id, [accesslog.entry_of(found, act, "", now=now)])


@blueprint.post("/password")
def change_password() -> ResponseReturnValue:
    """Choose another password; every other session of the login ends."""
    found, chosen = caller(), request.form.get("new_password", "")
    try:
        if not MIN_CHARACTERS <= len(chosen) <= MAX_CHARACTERS:
            raise InvalidInput(t("web.account.length", least=MIN_CHARACTERS))
        _prove(found)
    except GatewayError as error:
        return _page(refusal=error)
    password_hash, now, policy = hash_password(chosen), parts().clock(), parts().sessions

    def operation(tx: Transaction) -> str:
        logins.set_password(tx, found.contract_id, found.login, password_hash)
        _log(tx, found, "user.password", now)
        return sessions.open_session(tx, found, now=now, policy=policy)

    secret = parts().database.write(operation)
    flash(t("web.account.changed"), "done")
    response = make_response(redirect(url_for("account.page"), HTTPStatus.SEE_OTHER))
    cookies.write(response, cookies.SESSION, secret)
    return response


@blueprint.post("/app")
def begin() -> ResponseReturnValue:
    """Show the QR code for an authenticator app; nothing counts before its first code was entered."""
    found = caller()
    try:
        _prove(found)
        enrolment = parts().database.write(lambda tx: totp.begin(tx, found))
    except GatewayError as error:
        return _page(refusal=error)
    return _enrol(enrolment)


def _enrol(enrolment: totp.Enrolment) -> Response:
    code = Markup(totp.qr_svg(enrolment.uri))  # noqa: S704 - drawn by segno from our own text
    return make_response(render_template("enrol.html", code=code, secret=enrolment.secret))


@blueprint.post("/app/confirm")
def confirm() -> ResponseReturnValue:
    """Confirm the app by its code, and show the recovery codes, once."""
    found, now, code = caller(), parts().clock(), request.form.get("code", "")

    def operation(tx: Transaction) -> list[str]:
        recovery = totp.confirm(tx, found, code, now=now)
        _log(tx, found, "user.add-totp", now)
        return recovery

    try:
        recovery = parts().database.write(operation)
    except GatewayError as error:
        return _page(refusal=error)
    lead, back = t("web.account.recovery_lead"), url_for("account.page")
    return render_template("recovery.html", codes=recovery, lead=lead, back=back)


@blueprint.post("/app/remove")
def remove() -> ResponseReturnValue:
    """Take the authenticator app away."""
    found, now = caller(), parts().clock()
    try:
        _prove(found)
    except GatewayError as error:
        return _page(refusal=error)

    def operation(tx: Transaction) -> None:
        totp.remove(tx, found.contract_id, found.login)
        _log(tx, found, "user.remove-totp", now)

    parts().database.write(operation)
    flash(t("web.account.removed"), "done")
    return redirect(url_for("account.page"), HTTPStatus.SEE_OTHER)
