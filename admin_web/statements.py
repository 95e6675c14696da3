"""What each month cost and why: a list, one month to print, CSV (R2, R3)."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from admin_web.gate import caller, for_roles, parts
from admin_web.words import language
from auth.callers import Role
from core.errors import NotFound
from quota import statement_pages, statements
from quota.history import History
from quota.months import BillingMonth
from quota.standings import standing
from quota.statements import Statement

blueprint = Blueprint("statements", __name__, url_prefix="/admin/statements")


@blueprint.get("/")
@for_roles(Role.ADMINISTRATOR)
def page() -> ResponseReturnValue:
    """Show every month, the latest first; months that are not closed yet as they stand now."""
    found = of_contract(caller().contract_id)
    return render_template("admin/statements.html", statements=found, reason=_reason)


def of_contract(contract_id: int) -> list[tuple[Statement, bool]]:
    """Return a contract's statements, the latest first, each with whether it is frozen."""
    now, catalogue = parts().clock(), parts().catalogue
    with parts().database.reading() as tx:
        frozen = {one.month: one for one in statements.frozen_of(tx, contract_id)}
        one = standing(tx, contract_id)
    return [
        (frozen[str(month)], True)
        if str(month) in frozen
        else (statements.draw_up(one.name, one.history, catalogue, month), False)
        for month in _months(one.history, now)
    ]


def _months(history: History, now: datetime) -> list[BillingMonth]:
    """Return the months that have a statement up to the present one, the latest first."""
    found: list[BillingMonth] = []
    month = BillingMonth.of(now)
    while statements.is_due(history, month) or (history.ended_at is not None and month.start() > history.ended_at):
        if statements.is_due(history, month):
            found.append(month)
        month = month.previous()
    return found


def _reason(one: Statement) -> str:
    return statement_pages.reason_of(one, language())


@blueprint.get("/<month>")
@for_roles(Role.ADMINISTRATOR)
def one_month(month: str) -> ResponseReturnValue:
    """Show one month's statement, made to be printed."""
    for one, frozen in of_contract(caller().contract_id):
        if one.month == month:
            return render_template("admin/statement.html", one=one, frozen=frozen, reason=_reason)
    raise NotFound(f"statement of {month}")


@blueprint.get("/azukari-statements.csv")
@for_roles(Role.ADMINISTRATOR)
def download() -> ResponseReturnValue:
    """Return the closed months as CSV; spreadsheets want the byte order mark."""
    closed = [one for one, frozen in of_contract(caller().contract_id) if frozen]
    headers = {"Content-Disposition": "attachment; filename=azukari-statements.csv"}
    return Response("\ufeff" + statement_pages.as_csv(closed, language()), mimetype="text/csv", headers=headers)
