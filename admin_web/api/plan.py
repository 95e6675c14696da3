"""The plan: what there is, what is held, what a change would mean, and what months cost (R1, R3, R4, R8)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from admin_web import own
from admin_web.api.shapes import Bytes, Instant, Key, Page, Rows, Shape, rows
from admin_web.api.subject import Subject
from admin_web.gate import caller, parts
from admin_web.words import language, t
from auth import accesslog
from auth.tokens import Scope
from core.errors import Conflict
from db.engine import Transaction
from quota import catalogue as units
from quota import contracts, forecast, retention, statement_pages, statements
from quota.catalogue import Plan
from quota.fees import Fee
from quota.months import BillingMonth
from quota.retention import Purge
from quota.statements import Statement

subject = Subject("plan", "Plans, what they cost, and when what is over capacity goes")

Month = Annotated[
    str, Field(pattern=r"^(19(7[1-9]|[89][0-9])|[2-8][0-9]{3})-(0[1-9]|1[0-2])$", description="Such as 2026-04.")
]


class PlanShown(Shape):
    """A plan, at this month's terms; photos and songs are how many the capacity holds (R1)."""

    code: str
    price_yen: int
    capacity_bytes: Bytes
    photos: int
    songs: int
    pro: bool
    on_sale: bool


class PurgeDeadline(Shape):
    """When files go, the oldest stored first, and down to how much."""

    at: Instant
    to_bytes: Bytes
    excess_bytes: Bytes


class PlanHeld(Shape):
    """What the contract holds now. `plan` is null once it has ended; `services` give bonus capacity."""

    plan: str | None
    services: list[str]
    capacity_bytes: Bytes
    used_bytes: Bytes
    available_bytes: Bytes
    ended_at: Instant | None
    deadlines: list[PurgeDeadline]


class MonthFee(Shape):
    """What a month costs, and why."""

    month: str
    plan: str | None
    fee_yen: int
    reason: str


class PlanPreview(Shape):
    """What a change to a plan would mean if it were made now."""

    plan: str
    capacity_bytes: Bytes
    fees: list[MonthFee]
    deadlines: list[PurgeDeadline]
    loses_pro: bool


class PlanChosen(Shape):
    """The plan to hold."""

    plan: Key


class WhichPlan(Shape):
    """A plan by its code."""

    code: Key


class WhichMonth(Shape):
    """A billing month."""

    month: Month


class StatementEvent(Shape):
    """What happened in a month."""

    at: str
    kind: str
    code: str
    channel: str


class StatementShown(MonthFee):
    """A month's statement. `frozen`: the month is closed and nothing of it changes any more."""

    capacity_bytes: Bytes
    services: list[str]
    events: list[StatementEvent]
    frozen: bool


@subject.operation("GET /plans", scope=Scope.CONTRACT_READ, answer=Rows[PlanShown])
def list_plans(query: Page) -> Rows[PlanShown]:
    """List the plans there are; those no longer on sale stay with who holds them."""
    month = BillingMonth.of(parts().clock())
    return rows(query, list(parts().catalogue.plans.values()), lambda plan: shown(plan, month))


def shown(plan: Plan, month: BillingMonth) -> PlanShown:
    """Return a plan at a month's terms."""
    terms = plan.terms_in(month)
    return PlanShown(
        code=plan.code,
        price_yen=terms.price_yen,
        capacity_bytes=terms.capacity_bytes,
        photos=units.photos(terms.capacity_bytes),
        songs=units.songs(terms.capacity_bytes),
        pro=plan.pro,
        on_sale=plan.on_sale,
    )


@subject.operation("GET /plan", scope=Scope.CONTRACT_READ, answer=PlanHeld)
def show_plan() -> PlanHeld:
    """Tell what the contract holds and uses, and what will be deleted when."""
    one, now, catalogue = own.contract(), parts().clock(), parts().catalogue
    capacity_bytes = one.history.capacity_bytes(catalogue, now)
    holding = one.history.at(now)
    return PlanHeld(
        plan=holding.plan,
        services=sorted(holding.services),
        capacity_bytes=capacity_bytes,
        used_bytes=one.used_bytes,
        available_bytes=max(0, capacity_bytes - one.used_bytes),
        ended_at=one.history.ended_at,
        deadlines=deadlines(retention.purges(one.history, catalogue, used_bytes=one.used_bytes, now=now)),
    )


def deadlines(found: Iterable[Purge]) -> list[PurgeDeadline]:
    """Return when files go as the API shows it."""
    return [PurgeDeadline(at=one.at, to_bytes=one.to_bytes, excess_bytes=one.excess_bytes) for one in found]


def _offered(code: str) -> Plan:
    plan = parts().catalogue.plan(code)
    if not plan.on_sale:
        raise Conflict(f"plan {code} is no longer on sale")
    return plan


@subject.operation("GET /plans/<code>/preview", scope=Scope.CONTRACT_READ, answer=PlanPreview)
def preview_plan(path: WhichPlan) -> PlanPreview:
    """Tell what a change to a plan would mean; nothing is changed."""
    one, now, catalogue, plan = own.contract(), parts().clock(), parts().catalogue, _offered(path.code)
    would = forecast.choice(one.history, catalogue, plan.code, used_bytes=one.used_bytes, now=now)
    held = one.history.at(now).plan
    return PlanPreview(
        plan=plan.code,
        capacity_bytes=would.capacity_bytes,
        fees=[_fee(would.this_month), _fee(would.next_month)],
        deadlines=deadlines(would.purges),
        loses_pro=held is not None and catalogue.plan(held).pro and not plan.pro,
    )


def _fee(one: Fee) -> MonthFee:
    return MonthFee(month=str(one.month), plan=one.plan, fee_yen=one.fee_yen, reason=t(one.reason, plan=one.plan))


@subject.operation("PUT /plan", scope=Scope.CONTRACT_WRITE, answer=PlanHeld)
def change_plan(body: PlanChosen) -> PlanHeld:
    """Change the plan at once; holding the same one already changes nothing (R3)."""
    code = _offered(body.plan).code
    found, now, catalogue = caller(), parts().clock(), parts().catalogue

    def operation(tx: Transaction) -> None:
        if contracts.change_plan(tx, found.contract_id, code, catalogue, channel="web", at=now, now=now):
            entry = accesslog.entry_of(found, "plan.change", "", now=now, detail=code)
            accesslog.append(tx.cursor, found.contract_id, [entry])

    parts().database.write(operation)
    return show_plan()


@subject.operation("GET /statements", scope=Scope.CONTRACT_READ, answer=Rows[StatementShown])
def list_statements(query: Page) -> Rows[StatementShown]:
    """List the statements of closed months, the latest first."""
    with parts().database.reading() as tx:
        found = statements.frozen_of(tx, caller().contract_id)
    return rows(query, found, lambda one: _statement(one, frozen=True))


@subject.operation("GET /statements/<month>", scope=Scope.CONTRACT_READ, answer=StatementShown)
def show_statement(path: WhichMonth) -> StatementShown:
    """Tell what a month costs and why; of a month that is not closed, as it stands now."""
    month, contract_id = BillingMonth.parse(path.month), caller().contract_id
    with parts().database.reading() as tx:
        frozen = statements.find(tx, contract_id, month)
        found = frozen or statements.of_month(tx, contract_id, parts().catalogue, month)
    return _statement(found, frozen=frozen is not None)


def _statement(one: Statement, *, frozen: bool) -> StatementShown:
    return StatementShown(
        month=one.month,
        plan=one.plan,
        fee_yen=one.fee_yen,
        reason=statement_pages.reason_of(one, language()),
        capacity_bytes=one.capacity_bytes,
        services=list(one.services),
        events=[StatementEvent(at=line.at, kind=line.kind, code=line.code, channel=line.channel) for line in one.lines],
        frozen=frozen,
    )
