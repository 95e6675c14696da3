"""`azukari plans`: the plan catalogue."""

from __future__ import annotations

from typing import Any

from core import clock
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.service import catalogue_of
from quota.catalogue import GB_BYTES, Plan


def plans(config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False) -> None:
    """List the plans with price and capacity, and the bonus each other service gives (R5, R10)."""
    with output.reasons():
        catalogue = catalogue_of(output.configuration(config))
    now = clock.now()
    if json_:
        output.show_json([_document(plan, plan.terms_at(now)) for plan in catalogue.plans.values()])
        return
    rows = []
    for plan in catalogue.plans.values():
        terms = plan.terms_at(now)
        bonuses = ", ".join(f"{name} +{size // GB_BYTES}" for name, size in terms.bonus_bytes.items())
        rows.append(
            {"code": plan.code, "yen/month": terms.price_yen, "GB": terms.capacity_bytes // GB_BYTES,
             "PRO": "yes" if plan.pro else "", "on sale": "yes" if plan.on_sale else "no", "bonus GB": bonuses}
        )  # fmt: skip
    output.show_table(rows, "There are no plans.")


def _document(plan: Plan, terms: Any) -> dict[str, Any]:
    return {
        "code": plan.code,
        "price_yen": terms.price_yen,
        "capacity_bytes": terms.capacity_bytes,
        "pro": plan.pro,
        "on_sale": plan.on_sale,
        "bonuses": dict(terms.bonus_bytes),
    }
