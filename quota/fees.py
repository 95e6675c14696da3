"""What a billing month costs, and why (R2, R3, R11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quota.catalogue import Catalogue
from quota.history import JUST_BEFORE, History
from quota.months import BillingMonth


@dataclass(frozen=True, slots=True)
class Fee:
    """The fee of one month. `plan`: whose price it is, None outside the contract; `reason`: a message id."""

    month: BillingMonth
    plan: str | None
    fee_yen: int
    reason: str


def fee(history: History, catalogue: Catalogue, month: BillingMonth) -> Fee:
    """Return the fee of a month and its reason.

    The sign-up month is free unless the contract ends within it; the month in which it ends is charged in
    full (R2). No plan change: the plan held; one: the plan before it; more: the dearest plan held (R3).
    """
    if history.signed_up_at is None or month < (first := BillingMonth.of(history.signed_up_at)):
        return Fee(month, None, 0, "fee.before")
    last = None if history.ended_at is None else BillingMonth.of(history.ended_at)
    if last is not None and last < month:
        return Fee(month, None, 0, "fee.ended")
    held = list(plans_held(history, month))
    if month == first and month != last:
        return Fee(month, held[-1], 0, "fee.sign_up")
    charged, reason = _charged(held, catalogue, month)
    fee_yen = catalogue.plan(charged).terms_in(month).price_yen
    if month == last:
        reason = "fee.first_and_last" if month == first else "fee.last"
    return Fee(month, charged, fee_yen, reason)


def _charged(held: list[str], catalogue: Catalogue, month: BillingMonth) -> tuple[str, str]:
    if len(held) == 1:
        return held[0], "fee.unchanged"
    if len(held) == 2:
        return held[0], "fee.one_change"
    return max(held, key=lambda code: catalogue.plan(code).terms_in(month).price_yen), "fee.dearest"


def plans_held(history: History, month: BillingMonth) -> Iterator[str]:
    """Yield the plans held in a month in order, the one it opens with first; a change to the same plan is none."""
    start, end = month.start(), month.end()
    held = history.at(start - JUST_BEFORE).plan
    if held is not None:
        yield held
    for since, holding in history.holdings:
        if start <= since < end and holding.plan is not None and holding.plan != held:
            yield holding.plan
            held = holding.plan
