"""Devices of a contract: keys issued and printed, lost devices locked (R13, R15, R16)."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import own
from admin_web.acts import Who
from admin_web.gate import caller, for_roles, parts
from admin_web.help import drive_url
from admin_web.words import t
from auth import devices
from auth.callers import DeviceState, Role

blueprint = Blueprint("keys", __name__, url_prefix="/admin/devices")

STATES = {"lock": DeviceState.LOCKED, "unlock": DeviceState.REGISTERED, "revoke": DeviceState.REVOKED}


@blueprint.get("/")
@for_roles(Role.ADMINISTRATOR)
def device_list() -> ResponseReturnValue:
    """Show the contract's devices, and the form that issues a key."""
    with parts().database.reading() as tx:
        waiting = devices.list_keys(tx, caller().contract_id)
    return render_template(
        "admin/devices.html",
        devices=own.device_list(),
        waiting=waiting,
        now=parts().clock(),
        people=[one for one in own.people() if one.enabled],
    )


@blueprint.post("/keys")
@for_roles(Role.ADMINISTRATOR)
def issue() -> ResponseReturnValue:
    """Issue a key to a login and show its slip, once; it is made to be printed."""
    known = own.login(request.form.get("login_id", ""))
    issued = parts().acts.issue_key(known.login_id, by=caller().login_id)
    login_page = drive_url().removesuffix("dav/my/")
    return render_template("admin/slip.html", login_id=known.login_id, issued=issued, login_page=login_page)


@blueprint.post("/keys/<key_id>/withdraw")
@for_roles(Role.ADMINISTRATOR)
def withdraw(key_id: str) -> ResponseReturnValue:
    """Take back a key nobody has used."""
    parts().acts.withdraw_key(own.contract().name, key_id, by=caller().login_id)
    flash(t("web.devices.withdrawn"), "done")
    return redirect(url_for("keys.device_list"), HTTPStatus.SEE_OTHER)


@blueprint.get("/<device_id>/proof")
@for_roles(Role.ADMINISTRATOR)
def proof(device_id: str) -> ResponseReturnValue:
    """Show that a lock took hold: who asked, who did it, the last access before, the first refusal after (R16)."""
    device = own.device(device_id)
    parts().journal.flush()  # the refusal may have happened just now
    return render_template("admin/proof.html", device=device, proof=parts().acts.lock_proof(device_id))


@blueprint.get("/<device_id>/<act>")
@for_roles(Role.ADMINISTRATOR)
def confirm(device_id: str, act: str) -> ResponseReturnValue:
    """Show what locking or revoking a device would end, and ask for the reason."""
    if act not in ("lock", "revoke"):
        abort(HTTPStatus.NOT_FOUND)
    device = own.device(device_id)
    return render_template("admin/lock.html", device=device, act=act, held=parts().acts.held(device_id))


@blueprint.post("/<device_id>/<act>")
@for_roles(Role.ADMINISTRATOR)
def change(device_id: str, act: str) -> ResponseReturnValue:
    """Lock, unlock or revoke a device, from its next request on."""
    if act not in STATES:
        abort(HTTPStatus.NOT_FOUND)
    device = own.device(device_id)
    reason = request.form.get("reason", "").strip()[:255]
    parts().acts.change_device(device_id, STATES[act], Who(caller().login_id, reason=reason))
    flash(t(f"web.devices.{act}_done", name=device.name), "done")
    return redirect(url_for("keys.device_list"), HTTPStatus.SEE_OTHER)
