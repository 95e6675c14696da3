"""For the operator: contracts and jobs. For the support desk: find a contract, lock a device on request (R16)."""

from __future__ import annotations

from http import HTTPStatus
from itertools import islice

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from admin_web.acts import Who
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.words import t
from auth import accesslog, devices
from auth.callers import DeviceState, Role
from core.errors import GatewayError, InvalidInput, NotFound
from db.engine import Transaction
from db.tables import SERVICE_CONTRACT_ID, job_runs
from quota import contracts, standings
from quota.months import BillingMonth
from quota.standings import Standing

operator = Blueprint("operator", __name__, url_prefix="/operator")
support = Blueprint("support", __name__, url_prefix="/support")

_ROWS = 500


@operator.get("/")
@for_roles(Role.OPERATOR)
def contract_list() -> ResponseReturnValue:
    """Show every contract with its plan and what it uses."""
    return _contracts()


def _contracts(*, refusal: GatewayError | None = None) -> ResponseReturnValue:
    now, catalogue = parts().clock(), parts().catalogue
    found = [
        (one, contracts.last_plan(one.history, now), one.history.capacity_bytes(catalogue, now))
        for one in islice(standings.standings(parts().database), _ROWS)
    ]
    page = render_template(
        "staff/contracts.html",
        contracts=found,
        plans=[plan for plan in catalogue.plans.values() if plan.on_sale],
        refusal=explain(refusal) if refusal else None,
        name=request.form.get("name", ""),
    )
    return make_response(page, status_of(refusal) if refusal else HTTPStatus.OK)


@operator.post("/contracts")
@for_roles(Role.OPERATOR)
def sign_up() -> ResponseReturnValue:
    """Sign a contract up and create its administrator; the first password is shown once."""
    name, code = request.form.get("name", "").strip(), request.form.get("plan", "")
    login_id = request.form.get("login_id", "").strip().lower()
    now, catalogue, by = parts().clock(), parts().catalogue, caller().login_id

    def operation(tx: Transaction) -> None:
        contract_id = contracts.sign_up(tx, name, code, catalogue, at=now, now=now)
        accesslog.append(tx.cursor, contract_id, [accesslog.Entry(now, by, "", "", "", "contract.add", "", "ok", code)])

    try:
        parts().database.write(operation)
        password = parts().acts.add_user(name, login_id, Role.ADMINISTRATOR, by=by)
    except GatewayError as error:
        return _contracts(refusal=error)
    return render_template("admin/password.html", login_id=login_id, password=password, fresh=True)


def _named(name: str) -> Standing:
    with parts().database.reading() as tx:
        contract_id = contracts.find(tx, name)
        if contract_id == SERVICE_CONTRACT_ID:
            raise NotFound(f"contract {name}")
        return standings.standing(tx, contract_id)


@operator.get("/contracts/<name>")
@for_roles(Role.OPERATOR)
def contract(name: str) -> ResponseReturnValue:
    """Show one contract's history, and the form that changes its plan."""
    one, now = _named(name), parts().clock()
    return render_template(
        "staff/contract.html",
        contract=one,
        plan=contracts.last_plan(one.history, now),
        capacity_bytes=one.history.capacity_bytes(parts().catalogue, now),
        plans=[plan for plan in parts().catalogue.plans.values() if plan.on_sale],
        channels=contracts.CHANNELS,
        month=BillingMonth.of(now),
    )


@operator.post("/contracts/<name>")
@for_roles(Role.OPERATOR)
def change_plan(name: str) -> ResponseReturnValue:
    """Record a plan change that came by telephone, at a shop or by the web (R8)."""
    one, code, channel = _named(name), request.form.get("plan", ""), request.form.get("channel", "")
    now, catalogue, by = parts().clock(), parts().catalogue, caller().login_id

    def operation(tx: Transaction) -> bool:
        changed = contracts.change_plan(tx, one.contract_id, code, catalogue, channel=channel, at=now, now=now)
        entry = accesslog.Entry(now, by, "", "", "", "plan.change", "", "ok", f"{code} by {channel}")
        accesslog.append(tx.cursor, one.contract_id, [entry] if changed else [])
        return changed

    changed = parts().database.write(operation)
    flash(t("web.plan.changed" if changed else "web.plan.same", plan=code), "done" if changed else "warning")
    return redirect(url_for("operator.contract", name=name), HTTPStatus.SEE_OTHER)


@operator.get("/jobs")
@for_roles(Role.OPERATOR)
def jobs() -> ResponseReturnValue:
    """Show the last run of each job."""
    latest = select(func.max(job_runs.c.id)).group_by(job_runs.c.job)
    with parts().database.reading() as tx:
        runs = tx.execute(select(job_runs).where(job_runs.c.id.in_(latest)).order_by(job_runs.c.job)).all()
    return render_template("staff/jobs.html", runs=runs)


@support.get("/")
@for_roles(Role.SUPPORT)
def find() -> ResponseReturnValue:
    """Find a contract by its whole name, and show its devices; nothing else of it."""
    name = request.args.get("name", "").strip()
    refusal, found = None, []
    if name:
        try:
            with parts().database.reading() as tx:
                found = devices.list_devices(tx, _named(name).contract_id)
        except NotFound:
            refusal = t("web.support.unknown")
    return render_template("staff/support.html", name=name, devices=found, refusal=refusal)


@support.get("/contracts/<name>/devices/<device_id>")
@for_roles(Role.SUPPORT)
def confirm(name: str, device_id: str) -> ResponseReturnValue:
    """Ask who requests the lock."""
    return render_template("staff/lock.html", name=name, device=_device(name, device_id), refusal=None)


def _device(name: str, device_id: str) -> devices.Device:
    with parts().database.reading() as tx:
        found = devices.list_devices(tx, _named(name).contract_id)
    known = next((one for one in found if one.device_id == device_id), None)
    if known is None:
        raise NotFound(f"device {device_id}")
    return known


@support.post("/contracts/<name>/devices/<device_id>")
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
