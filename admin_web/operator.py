"""The operator's contracts: signing up, plan, bonuses, limits, the end (R5, R8, R9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from itertools import islice

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web import holders, statements
from admin_web.admin import going
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.limits import decide_for
from admin_web.words import t
from auth import accesslog
from auth.callers import Role
from core.clock import parse_instant
from core.errors import GatewayError, InvalidInput, NotFound
from db.engine import Transaction
from db.tables import SERVICE_CONTRACT_ID
from quota import contracts, fees, retention, standings
from quota.history import END, Event
from quota.months import BillingMonth
from quota.standings import Standing

blueprint = Blueprint("operator", __name__, url_prefix="/operator")

ROWS = 500


@blueprint.get("/")
@for_roles(Role.OPERATOR)
def contract_list() -> ResponseReturnValue:
    """Show every contract with its plan and what it uses, or those with a text in their name."""
    return _contracts()


def _contracts(*, refusal: GatewayError | None = None) -> ResponseReturnValue:
    now, catalogue, text = parts().clock(), parts().catalogue, request.args.get("q", "").strip().lower()
    matching = (one for one in standings.standings(parts().database) if text in one.name)
    found = [
        (one, contracts.last_plan(one.history, now), one.history.capacity_bytes(catalogue, now))
        for one in islice(matching, ROWS)
    ]
    page = render_template(
        "staff/contracts.html",
        contracts=found,
        rows=ROWS,
        now=now,
        text=text,
        plans=[plan for plan in catalogue.plans.values() if plan.on_sale],
        refusal=explain(refusal) if refusal else None,
        name=request.form.get("name", ""),
        login_id=request.form.get("login_id", ""),
    )
    return make_response(page, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/contracts")
@for_roles(Role.OPERATOR)
def sign_up() -> ResponseReturnValue:
    """Sign a contract up with its administrator, both or neither; the first password is shown once."""
    name, code = request.form.get("name", "").strip(), request.form.get("plan", "")
    login_id = request.form.get("login_id", "").strip().lower()
    try:
        password = parts().acts.sign_up(name, code, login_id, by=caller().login_id)
    except GatewayError as error:
        return _contracts(refusal=error)
    back = url_for("operator.contract", name=name)
    return render_template("admin/password.html", login_id=login_id, password=password, fresh=True, back=back)


def named(name: str) -> Standing:
    """Return a customer's contract by its name. Raises NotFound, for the service's own too."""
    with parts().database.reading() as tx:
        contract_id = contracts.find(tx, name)
        if contract_id == SERVICE_CONTRACT_ID:
            raise NotFound(f"contract {name}")
        return standings.standing(tx, contract_id)


@blueprint.get("/contracts/<name>")
@for_roles(Role.OPERATOR)
def contract(name: str) -> ResponseReturnValue:
    """Show one contract: what it holds and uses, its deadlines, limits, fees and history."""
    return _contract(named(name))


def _contract(one: Standing, *, refusal: GatewayError | None = None) -> ResponseReturnValue:
    now, catalogue = parts().clock(), parts().catalogue
    with parts().database.reading() as tx:
        everyone = holders.of_contract(tx, one.contract_id)
    page = render_template(
        "staff/contract.html",
        contract=one,
        plan=contracts.last_plan(one.history, now),
        capacity_bytes=one.history.capacity_bytes(catalogue, now),
        plans=[plan for plan in catalogue.plans.values() if plan.on_sale],
        channels=contracts.CHANNELS,
        services=catalogue.services(),
        held=one.history.at(now).services,
        coming=retention.purges(one.history, catalogue, used_bytes=one.used_bytes, now=now),
        readable_until=retention.readable_until(one.history.ended_at) if one.history.ended_at else None,
        has_ended=one.history.at(now).ended,
        holders=everyone,
        fees=[drawn for drawn, _ in statements.of_contract(one.contract_id)[:3]],
        refusal=explain(refusal) if refusal else None,
        at=request.form.get("at", ""),
    )
    return make_response(page, status_of(refusal) if refusal else HTTPStatus.OK)


def _at(given: str, now: datetime) -> datetime:
    """Return the instant a form names in Tokyo's time, the present where it names none. Raises InvalidInput."""
    try:
        return parse_instant(given) if given else now
    except (ValueError, OverflowError):
        raise InvalidInput(t("web.staff.no_instant")) from None


#: Records a change of a contract from an instant on; False where nothing changes by it.
Change = Callable[[Transaction, datetime, datetime], bool]


def _change(one: Standing, act: str, detail: str, change: Change) -> ResponseReturnValue:
    """Make a change with its entry in the contract's access log, and show the contract again."""
    now, by = parts().clock(), caller().login_id

    def operation(tx: Transaction) -> bool:
        changed = change(tx, _at(request.form.get("at", ""), now), now)
        if changed:
            accesslog.record(tx, one.contract_id, by, act, detail, now=now)
        return changed

    try:
        changed = parts().database.write(operation)
    except GatewayError as error:
        return _contract(one, refusal=error)
    flash(t("web.staff.recorded" if changed else "web.staff.unchanged"), "done" if changed else "warning")
    return redirect(url_for("operator.contract", name=one.name), HTTPStatus.SEE_OTHER)


@blueprint.post("/contracts/<name>")
@for_roles(Role.OPERATOR)
def change_plan(name: str) -> ResponseReturnValue:
    """Record a plan change that came by telephone, at a shop or by the web (R8)."""
    one, code, channel = named(name), request.form.get("plan", ""), request.form.get("channel", "")

    def change(tx: Transaction, at: datetime, now: datetime) -> bool:
        return contracts.change_plan(tx, one.contract_id, code, parts().catalogue, channel=channel, at=at, now=now)

    return _change(one, "plan.change", f"{code} by {channel}", change)


@blueprint.post("/contracts/<name>/bonus")
@for_roles(Role.OPERATOR)
def change_bonus(name: str) -> ResponseReturnValue:
    """Record that the customer holds another service, or no longer holds it (R5)."""
    one, service, act = named(name), request.form.get("service", ""), request.form.get("do", "")
    catalogue, channel = parts().catalogue, contracts.OPERATOR

    def change(tx: Transaction, at: datetime, now: datetime) -> bool:
        if act == "add":
            return contracts.add_bonus(tx, one.contract_id, service, catalogue, channel=channel, at=at, now=now)
        if act == "remove":
            return contracts.remove_bonus(tx, one.contract_id, service, channel=channel, at=at, now=now)
        raise InvalidInput(f"{act!r} is neither add nor remove")

    return _change(one, f"bonus.{act}", service, change)


@blueprint.post("/contracts/<name>/limits")
@for_roles(Role.OPERATOR)
def limit(name: str) -> ResponseReturnValue:
    """Limit what a login or group of a contract may hold."""
    one = named(name)
    try:
        flash(decide_for(one.contract_id, by=caller().login_id), "done")
    except GatewayError as error:
        return _contract(one, refusal=error)
    return redirect(url_for("operator.contract", name=name), HTTPStatus.SEE_OTHER)


@blueprint.get("/contracts/<name>/end")
@for_roles(Role.OPERATOR)
def preview_end(name: str) -> ResponseReturnValue:
    """Show what ending a contract would mean: the last fee, and when everything is deleted (R2, R9)."""
    one, now, catalogue = named(name), parts().clock(), parts().catalogue
    if one.history.ended_at is not None:
        return _contract(one)
    try:
        at = _at(request.args.get("at", ""), now)
        if one.history.signed_up_at is None or at <= one.history.signed_up_at:
            raise InvalidInput(t("web.staff.ends_first"))
    except InvalidInput as error:
        return _contract(one, refusal=error)
    ended = one.history.with_event(Event(END, "", "shop", at, now))
    coming = retention.purges(ended, catalogue, used_bytes=one.used_bytes, now=now)
    return render_template(
        "staff/end.html",
        contract=one,
        at=at,
        given=request.args.get("at", ""),
        fee=fees.fee(ended, catalogue, BillingMonth.of(at)),
        readable_until=retention.readable_until(at),
        coming=coming,
        going=going(one, coming),
    )


@blueprint.post("/contracts/<name>/end")
@for_roles(Role.OPERATOR)
def end(name: str) -> ResponseReturnValue:
    """End a contract, after the page that told what it means."""
    one = named(name)

    def change(tx: Transaction, at: datetime, now: datetime) -> bool:
        contracts.end(tx, one.contract_id, at=at, now=now)
        return True

    return _change(one, "contract.end", request.form.get("at", ""), change)
