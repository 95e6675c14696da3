"""For the support desk: find a contract, lock a device on request; nothing else of a contract (R16)."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.acts import Who
from admin_web.errors import status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.operator import named
from admin_web.words import t
from auth import devices
from auth.callers import DeviceState, Role
from core.errors import InvalidInput, NotFound

blueprint = Blueprint("support", __name__, url_prefix="/support")


@blueprint.get("/")
@for_roles(Role.SUPPORT)
def find() -> ResponseReturnValue:
    """Find a contract by its whole name, and show its devices; nothing else of it."""
    name = request.args.get("name", "").strip()
    refusal, found = None, []
    if name:
        try:
            with parts().database.reading() as tx:
                found = devices.list_devices(tx, named(name).contract_id)
        except NotFound:
            refusal = t("web.support.unknown")
    return render_template("staff/support.html", name=name, devices=found, refusal=refusal)


@blueprint.get("/contracts/<name>/devices/<device_id>")
@for_roles(Role.SUPPORT)
def confirm(name: str, device_id: str) -> ResponseReturnValue:
    """Ask who requests the lock."""
    return render_template("staff/lock.html", name=name, device=_device(name, device_id), refusal=None)


def _device(name: str, device_id: str) -> devices.Device:
    with parts().database.reading() as tx:
        found = devices.list_devices(tx, named(name).contract_id)
    known = next((one for one in found if one.device_id == device_id), None)
    if known is None:
        raise NotFound(f"device {device_id}")
    return known


@blueprint.post("/contracts/<name>/devices/<device_id>")
@for_roles(Role.SUPPORT)
def lock(name: str, device_id: str) -> ResponseReturnValue:
    """Lock a device on request; only the contract's administrator unlocks it (R16)."""
    known = _device(name, device_id)
    asked_by, reason = request.form.get("asked_by", "").strip()[:64], request.form.get("reason", "").strip()[:255]
    if not asked_by:
        error = InvalidInput(t("web.support.who"))
        return make_response(
            render_template("staff/lock.html", name=name, device=known, refusal=t("web.support.who")), status_of(error)
        )
    parts().acts.change_device(device_id, DeviceState.LOCKED, Who(caller().login_id, asked_by, reason))
    flash(t("web.devices.lock_done", name=known.name), "done")
    return redirect(url_for("support.find", name=name), HTTPStatus.SEE_OTHER)
