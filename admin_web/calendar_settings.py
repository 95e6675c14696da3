"""Settings of the scheduler (R28): calendars, where their mail goes, and how a calendar program subscribes."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import cookies
from admin_web.calendar import CUSTOMERS, blueprint, calendars, grant, known_people, record, title, today
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.words import language, t
from auth.access import Grant
from core.errors import GatewayError, InvalidInput
from core.ids import new_object_id
from db.engine import Transaction
from groupware.calendars import people, shelf

_NAME_CHARACTERS = 60


@blueprint.get("/settings")
@for_roles(*CUSTOMERS)
def settings() -> ResponseReturnValue:
    """Show the caller's calendars, where their mail goes, and how a calendar program subscribes."""
    return _settings()


def _settings(refusal: GatewayError | None = None) -> ResponseReturnValue:
    me = next((one for one in known_people() if one.login == caller().login), None)
    host = f"{cookies.public_scheme()}://{request.host}"
    page = render_template(
        "calendar/settings.html",
        on=today(),
        calendars=calendars(), title=title, mail_address=(me.mail_address if me else None) or "",
        address=f"{host}/dav/calendars/", direct=f"{host}/dav/calendars/{caller().login_id}/",
        grant=grant(), refusal=explain(refusal) if refusal else None, everyone=shelf.EVERYONE,
    )  # fmt: skip
    return make_response(page, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/settings")
@for_roles(*CUSTOMERS)
def change_settings() -> ResponseReturnValue:
    """Set where mail goes, add or delete a calendar, or say who writes the contract's."""
    act = _ACTS.get(request.form.get("do", ""))
    if act is None:
        abort(HTTPStatus.BAD_REQUEST)
    try:
        done = act(grant(), request.form.get("name", "").strip())
    except GatewayError as error:
        return _settings(error)
    flash(done, "done")
    return redirect(url_for("calendar.settings"), HTTPStatus.SEE_OTHER)


def _set_mail(allowed: Grant, _name: str) -> str:
    found, given, logged = allowed.caller, request.form.get("mail_address", ""), record("properties")
    chosen = language()

    def operation(tx: Transaction) -> None:
        people.set_mail(tx, found.contract_id, found.login, given, chosen)
        logged(tx.cursor)

    parts().database.write(operation)
    return t("calendar.mail_set")


def _add(allowed: Grant, name: str) -> str:
    if not name or len(name) > _NAME_CHARACTERS:
        raise InvalidInput(t("calendar.field.title"))
    address, now = new_object_id(), parts().clock()
    logged = record("folder", address)
    parts().database.write(lambda tx: shelf.create(tx, allowed, address, title=name, record=logged, now=now))
    return t("calendar.added", title=name)


def _remove(allowed: Grant, name: str) -> str:
    logged = record("delete", name)
    parts().database.write(lambda tx: shelf.remove(tx, allowed, shelf.find(tx, allowed, name), record=logged))
    return t("calendar.removed")


def _set_writers(allowed: Grant, _name: str) -> str:
    chosen = shelf.EVERYONE if request.form.get("writers") == shelf.EVERYONE else shelf.ADMINISTRATORS
    logged = record("properties", shelf.SHARED)
    parts().database.write(
        lambda tx: shelf.set_writers(tx, allowed, shelf.find(tx, allowed, shelf.SHARED), chosen, record=logged)
    )
    return t("calendar.writers_set")


_ACTS: dict[str, Callable[[Grant, str], str]] = {
    "mail": _set_mail, "add": _add, "remove": _remove, "writers": _set_writers,
}  # fmt: skip
