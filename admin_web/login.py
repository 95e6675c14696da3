"""Signing in and out, this browser as a device (R12-R15), the reader's language."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from admin_web import cookies
from admin_web.errors import explain, status_of
from admin_web.gate import caller, parts, session_ended, shown, signed_in
from admin_web.help import drive_url, platform
from admin_web.security import local_path
from admin_web.words import t
from auth import accesslog, devices, lockout, secret_folders, sessions, totp
from auth.callers import Caller, Role
from auth.devices import Proofs, RegisteredDevice
from auth.lockout import Policy
from core import messages
from core.errors import AccessDenied, GatewayError, LockedOut, NotAuthenticated
from core.ids import secret_hash
from db.engine import Transaction

blueprint = Blueprint("login", __name__)

_HOMES = {
    Role.ADMINISTRATOR: "admin.overview",  # also before it has a device (R15)
    Role.USER: "browse.start",
    Role.OPERATOR: "operator.contract_list",
    Role.SUPPORT: "support.find",
}


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Go to the first page of whoever this is."""
    found = signed_in()
    return redirect(url_for("login.form" if found is None else _HOMES[found.role]), HTTPStatus.SEE_OTHER)


@blueprint.get("/login")
def form() -> ResponseReturnValue:
    """Ask who this is."""
    if signed_in() is not None:
        return redirect(local_path(request.args.get("next")) or url_for("login.home"), HTTPStatus.SEE_OTHER)
    response = _form(refusal=t("session.ended") if session_ended() else None)
    if session_ended():
        cookies.erase(response, cookies.SESSION)
    return response


def _form(
    *, login_id: str = "", refusal: str | None = None, ask_code: bool = False, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    page = render_template(
        "login.html",
        login_id=login_id,
        refusal=refusal,
        ask_code=ask_code,
        next=local_path(request.values.get("next")) or "",
    )
    return make_response(page, status)


@blueprint.post("/login")
def sign_in() -> ResponseReturnValue:
    """Open a session for the right password, and code where the login has an authenticator app."""
    login_id = request.form.get("login_id", "").strip()
    try:
        found = parts().identifier.by_login(login_id, request.form.get("password", ""), shown())
    except NotAuthenticated:
        return _form(login_id=login_id, refusal=t("web.login.wrong"), status=HTTPStatus.UNAUTHORIZED)
    except LockedOut as error:
        return _wait(error, login_id)
    try:
        _check_code(found, request.form.get("code", ""))
        secret = _open(found)
    except LockedOut as error:
        return _wait(error, login_id)
    except (AccessDenied, NotAuthenticated) as error:
        _log_refusal(found, str(error.cause))
        code = isinstance(error, AccessDenied)
        words = explain(error) if code else t("web.login.device_closed")
        return _form(login_id=login_id, refusal=words, ask_code=code, status=status_of(error))
    return _signed_in(secret)


def _wait(error: LockedOut, login_id: str) -> Response:
    response = _form(login_id=login_id, refusal=explain(error), status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(error.retry_seconds)
    return response


def _check_code(found: Caller, code: str) -> None:
    """Return where the login has no authenticator app, or this is its code. Raises AccessDenied, LockedOut.

    Six digits can be guessed by someone who knows the password, so codes have a lockout of their own: no login
    ID has a space in it.
    """
    policy, now, database = parts().lockout, parts().clock(), parts().database
    with database.reading() as tx:
        if not totp.is_enrolled(tx, found):
            return
    if code:
        guessed = f"{found.login_id} code"
        database.write(lambda tx: lockout.attempt(tx, guessed, found.address, policy, now=now))
        database.write(lambda tx: totp.check(tx, found, code, now=now))
        database.write(lambda tx: _come_in(tx, found, guessed, policy))
        return
    raise AccessDenied("totp.required")


def _come_in(tx: Transaction, found: Caller, guessed: str, policy: Policy) -> None:
    lockout.succeeded(tx, guessed, found.address, policy)
    lockout.cleared(tx, found.login_id)


def _open(found: Caller) -> str:
    """Open a session, one of this browser's device where it is one, and return its secret.

    Raises NotAuthenticated for a device that is locked (R16).
    """
    cookie, now, policy = cookies.read(cookies.DEVICE), parts().clock(), parts().sessions

    def operation(tx: Transaction) -> str:
        device_id = sessions.device_of_cookie(tx, found, cookie) if cookie else None
        known = dataclasses.replace(found, device_id=device_id)
        _log(tx, known, "sign-in", now)
        return sessions.open_session(tx, known, now=now, policy=policy)

    return parts().database.write(operation)


def _log(tx: Transaction, found: Caller, act: str, now: datetime) -> None:
    accesslog.append(tx.cursor, found.contract_id, [accesslog.entry_of(found, act, "", now=now)])


def _log_refusal(found: Caller, cause: str) -> None:
    entry = accesslog.entry_of(found, "sign-in", "", now=parts().clock(), result=cause)
    parts().journal.note(found.contract_id, entry)


def _signed_in(secret: str) -> Response:
    _renew_forms()
    going = local_path(request.form.get("next")) or url_for("login.home")
    response = make_response(redirect(going, HTTPStatus.SEE_OTHER))
    cookies.write(response, cookies.SESSION, secret)
    return response


def _renew_forms() -> None:
    """Forget what was handed to whoever used this browser before, but for the language."""
    language = session.get("language")
    session.clear()
    if language in messages.LANGUAGES:
        _keep_language(language)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session. Without one there is nothing to do."""
    secret, found = cookies.read(cookies.SESSION), signed_in()
    if found is not None:
        secret_folders.lock(parts().database, found)  # it closes at logout (R18)
        parts().database.write(lambda tx: sessions.end(tx, found.contract_id, secret))
    _renew_forms()
    response = make_response(redirect(url_for("login.form"), HTTPStatus.SEE_OTHER))
    cookies.erase(response, cookies.SESSION)
    return response


@blueprint.post("/language")
def choose_language() -> ResponseReturnValue:
    """Keep the reader's choice and show the same page again."""
    _keep_language(request.form.get("language", ""))
    return redirect(local_path(request.form.get("next")) or url_for("login.home"), HTTPStatus.SEE_OTHER)


def _keep_language(language: str) -> None:
    if language in messages.LANGUAGES:
        session.permanent = True
        session["language"] = language


@blueprint.get("/login/device")
def device() -> ResponseReturnValue:
    """Ask for the device key."""
    if caller().device_id is not None:
        return redirect(_onward(), HTTPStatus.SEE_OTHER)
    return _device_form()


def _onward() -> str:
    return local_path(request.values.get("next")) or url_for("browse.start")


def _device_form(*, refusal: GatewayError | None = None) -> Response:
    page = render_template(
        "device.html",
        refusal=explain(refusal) if refusal else None,
        device_name=request.form.get("device_name", ""),
        next=local_path(request.values.get("next")) or "",
    )
    return make_response(page, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/login/device")
def register() -> ResponseReturnValue:
    """Make this browser a device by its key (R13), and show the drive's password, once (R14)."""
    found, cookie = caller(), sessions.new_secret()
    try:
        registered = _register(found, cookie)
    except GatewayError as error:
        return _device_form(refusal=error)
    page = render_template(
        "registered.html",
        name=devices.device_name(request.form.get("device_name", "")),
        dav_password=registered.dav_password if "drive" in request.form else None,
        dav_url=drive_url(),
        platform=platform(),
        next=_onward(),
    )
    response = make_response(page)
    cookies.write(response, cookies.DEVICE, cookie, keep=cookies.LONGEST)
    return response


def _register(found: Caller, cookie: str) -> RegisteredDevice:
    now, secret = parts().clock(), cookies.read(cookies.SESSION)
    key, name = request.form.get("device_key", ""), request.form.get("device_name", "")
    proofs = Proofs(cookie_hash=secret_hash(cookie))

    def operation(tx: Transaction) -> RegisteredDevice:
        registered = devices.register(tx, found.contract_id, found.login, key, name, now=now, proofs=proofs)
        sessions.attach_device(tx, found.contract_id, secret, registered.device_id)
        _log(tx, dataclasses.replace(found, device_id=registered.device_id), "device.register", now)
        return registered

    return parts().database.write(operation)
