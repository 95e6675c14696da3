"""The plan: compare in everyday units, see what a change would mean, confirm it (R1, R3, R4, R8)."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from admin_web import own
from admin_web.admin import GOING_SHOWN, going
from admin_web.gate import caller, for_roles, parts
from admin_web.words import t
from auth import accesslog
from auth.callers import Role
from core.errors import Conflict
from db.engine import Transaction
from quota import catalogue as units
from quota import contracts, fees, retention
from quota.catalogue import Catalogue, Plan
from quota.fees import Fee
from quota.history import PLAN, Event, History
from quota.months import BillingMonth

blueprint = Blueprint("plan", __name__, url_prefix="/admin/plan")


@blueprint.get("/")
@for_roles(Role.ADMINISTRATOR)
def compare() -> ResponseReturnValue:
    """Show the plans on sale side by side."""
    one, now = own.contract(), parts().clock()
    return render_template(
        "admin/plans.html",
        current=contracts.last_plan(one.history, now),
        services=one.history.at(now).services,
        plans=[plan for plan in parts().catalogue.plans.values() if plan.on_sale],
        month=BillingMonth.of(now),
        now=now,
        photos=units.photos,
        songs=units.songs,
        fees=_fees(one.history, now),
    )


def _fees(history: History, now: datetime) -> list[Fee]:
    month = BillingMonth.of(now)
    return [fees.fee(history, parts().catalogue, one) for one in (month, month.next())]


def _offered(code: str) -> Plan:
    plan = parts().catalogue.plan(code)
    if not plan.on_sale:
        raise Conflict(f"plan {code} is no longer on sale")
    return plan


@blueprint.get("/<code>")
@for_roles(Role.ADMINISTRATOR)
def preview(code: str) -> ResponseReturnValue:
    """Show what a change to a plan would mean; nothing is changed."""
    one, now, plan = own.contract(), parts().clock(), _offered(code)
    changed = one.history.with_event(Event(PLAN, code, "web", now, now))
    coming = retention.purges(changed, parts().catalogue, used_bytes=one.used_bytes, now=now)
    return render_template(
        "admin/plan_preview.html",
        contract=one,
        plan=plan,
        current=contracts.last_plan(one.history, now),
        before_bytes=one.history.capacity_bytes(parts().catalogue, now),
        after_bytes=changed.capacity_bytes(parts().catalogue, now),
        photos=units.photos,
        songs=units.songs,
        fees=_fees(changed, now),
        coming=coming,
        going=going(one, coming),
        going_shown=GOING_SHOWN,
        names=own.folder_names(),
        loses_pro=_is_pro(parts().catalogue, contracts.last_plan(one.history, now)) and not plan.pro,
    )


def _is_pro(catalogue: Catalogue, code: str | None) -> bool:
    return code is not None and catalogue.plan(code).pro


@blueprint.post("/<code>")
@for_roles(Role.ADMINISTRATOR)
def change(code: str) -> ResponseReturnValue:
    """Change the plan at once; the channel is recorded as the web (R8)."""
    _offered(code)
    found, now, catalogue = caller(), parts().clock(), parts().catalogue

    def operation(tx: Transaction) -> bool:
        changed = contracts.change_plan(tx, found.contract_id, code, catalogue, channel="web", at=now, now=now)
        if changed:
            entry = accesslog.entry_of(found, "plan.change", "", now=now, detail=code)
            accesslog.append(tx.cursor, found.contract_id, [entry])
        return changed

    changed = parts().database.write(operation)
    flash(t("web.plan.changed" if changed else "web.plan.same", plan=code), "done" if changed else "warning")
    return redirect(url_for("plan.compare"), HTTPStatus.SEE_OTHER)


def explain_fee(one: Fee) -> str:
    """Return why a month costs what it does."""
    return t(one.reason, plan=one.plan)
