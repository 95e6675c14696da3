"""`azukari fee`: what a month costs, and why."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from core import messages
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from gateway.service import catalogue_of
from quota import contracts, fees
from quota.months import BillingMonth


def fee(
    name: str,
    month: Annotated[str, typer.Argument(help="The month, such as 2026-04.", metavar="YYYY-MM")],
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Say what a contract's month costs, and why (R2, R3). No payment is taken."""
    with output.reasons():
        settings = output.configuration(config)
        billed = BillingMonth.parse(month)
        with database_of(settings, data).reading() as tx:
            past = contracts.history(tx, contracts.find(tx, name))
        document = describe(fees.fee(past, catalogue_of(settings), billed))
    output.show_json(document) if json_ else output.show_fields(document)


def describe(charged: fees.Fee, language: str = "en") -> dict[str, Any]:
    """Return what `fee` prints, the reason in words."""
    return {
        "month": str(charged.month),
        "plan": charged.plan,
        "fee_yen": charged.fee_yen,
        "reason": messages.text(charged.reason, language, plan=charged.plan),
    }
