"""Who has to wait after failed guesses, and letting them try again at once (R19)."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.gate import caller, for_roles, parts
from admin_web.words import t
from auth import accesslog, lockout
from auth.callers import Role
from auth.lockout import Kind, Lockout
from core.errors import NotFound
from db.engine import Transaction

blueprint = Blueprint("lockouts", __name__)

#: What was guessed, by the word behind the login ID; alone it is the password.
GUESSED = ("code", "line", "secret")


def waiting(contract_id: int | None) -> list[Lockout]:
    """Return who has to wait: of one contract its logins; of all, addresses too."""
    with parts().database.reading() as tx:
        return lockout.list_lockouts(tx, now=parts().clock(), contract_id=contract_id)


def guessed(one: Lockout) -> tuple[str, str]:
    """Return whose guesses these were, and what was guessed in words."""
    who, _, what = one.subject.partition(" ")
    if one.kind is Kind.ADDRESS:
        return one.subject, t("web.lockouts.address")
    return who, t(f"web.lockouts.{what}") if what in GUESSED else t("web.lockouts.password")


@blueprint.get("/admin/lockouts/")
@for_roles(Role.ADMINISTRATOR)
def page() -> ResponseReturnValue:
    """Show which of the contract's logins have to wait."""
    return render_template("admin/lockouts.html", waiting=waiting(caller().contract_id), guessed=guessed)


@blueprint.post("/admin/lockouts/")
@for_roles(Role.ADMINISTRATOR)
def release() -> ResponseReturnValue:
    """Let one of the contract's logins try again at once."""
    _release(caller().contract_id)
    return redirect(url_for("lockouts.page"), HTTPStatus.SEE_OTHER)


@blueprint.get("/operator/lockouts/")
@for_roles(Role.OPERATOR)
def service_page() -> ResponseReturnValue:
    """Show which logins and addresses have to wait, of all contracts."""
    return render_template("staff/lockouts.html", waiting=waiting(None), guessed=guessed)


@blueprint.post("/operator/lockouts/")
@for_roles(Role.OPERATOR)
def service_release() -> ResponseReturnValue:
    """Let a login or an address try again at once."""
    _release(None)
    return redirect(url_for("lockouts.service_page"), HTTPStatus.SEE_OTHER)


def _release(contract_id: int | None) -> None:
    kind, subject = request.form.get("kind", ""), request.form.get("subject", "")
    if not any((one.kind, one.subject) == (kind, subject) for one in waiting(contract_id)):
        raise NotFound(f"{kind} {subject}")
    found, now = caller(), parts().clock()

    def operation(tx: Transaction) -> None:
        lockout.release(tx, Kind(kind), subject)
        entry = accesslog.entry_of(found, "lockout.release", "", now=now, detail=f"{kind} {subject}")
        accesslog.append(tx.cursor, found.contract_id, [entry])

    parts().database.write(operation)
    flash(t("web.users.released", login=subject.partition(" ")[0]), "done")
