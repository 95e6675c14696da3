"""`azukari fee`, `azukari statements …`: what months cost, and why. No payment is taken."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from core import clock, messages
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from gateway.service import catalogue_of
from quota import contracts, fees, standings, statement_pages, statements
from quota.months import BillingMonth

app = typer.Typer(no_args_is_help=True, help="Monthly statements.")

MonthArgument = Annotated[str, typer.Argument(help="The month, such as 2026-04.", metavar="YYYY-MM")]


class Format(StrEnum):
    """How a statement is shown."""

    TEXT = "text"
    CSV = "csv"
    HTML = "html"


class Language(StrEnum):
    """The language of a statement."""

    JA = "ja"
    EN = "en"


FormatOption = Annotated[Format, typer.Option("--format", help="text, csv, or html: a page to print.")]
LanguageOption = Annotated[Language, typer.Option("--language", help="ja or en.")]


def fee(
    name: str,
    month: MonthArgument,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Say what a contract's month costs, and why (R2, R3): as its statement says once the month is closed."""
    with output.reasons():
        settings = output.configuration(config)
        billed = BillingMonth.parse(month)
        with database_of(settings, data).reading() as tx:
            one = statements.of_month(tx, contracts.find(tx, name), catalogue_of(settings), billed)
        charged = fees.Fee(billed, one.plan, one.fee_yen, one.reason)
    document = describe(charged)
    output.show_json(document) if json_ else output.show_fields(document)


def describe(charged: fees.Fee, language: str = "en") -> dict[str, Any]:
    """Return what `fee` prints, the reason in words."""
    return {
        "month": str(charged.month),
        "plan": charged.plan,
        "fee_yen": charged.fee_yen,
        "reason": messages.text(charged.reason, language, plan=charged.plan),
    }


@app.command(epilog="Example: azukari statements close 2026-04")
def close(
    month: MonthArgument, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """Freeze the statements of a month that is over, for all contracts. A second run changes nothing."""
    with output.reasons():
        settings = output.configuration(config)
        database, billed = database_of(settings, data), BillingMonth.parse(month)
        with database.reading() as tx:
            total = standings.count(tx)
        done = statements.Closed(month)
        with Progress(console=Console(stderr=True), transient=True, disable=json_) as progress:
            bar = progress.add_task(f"Closing {month}", total=total)
            for done in statements.close(database, catalogue_of(settings), billed, now=clock.now()):
                progress.update(bar, advance=1, description=f"Closing {month}: {done.fee_yen:,} yen")
    document = asdict(done)
    output.show_json(document) if json_ else output.show_fields(document)


@app.command(epilog="Example: azukari statements show sakura 2026-04 --format html > sakura-2026-04.html")
def show(
    name: str,
    month: MonthArgument,
    format_: FormatOption = Format.TEXT,
    language: LanguageOption = Language.EN,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Show a contract's statement; of a month that is not closed, as it stands now."""
    with output.reasons():
        settings = output.configuration(config)
        billed = BillingMonth.parse(month)
        with database_of(settings, data).reading() as tx:
            one = statements.of_month(tx, contracts.find(tx, name), catalogue_of(settings), billed)
    if json_:
        output.show_json({**asdict(one), "reason": statement_pages.reason_of(one, language)})
    elif format_ is Format.HTML:
        typer.echo(statement_pages.as_html(one, language), nl=False)
    elif format_ is Format.CSV:
        typer.echo(statement_pages.as_csv([one], language), nl=False)
    else:
        output.show_fields({**asdict(one), "reason": statement_pages.reason_of(one, language)})


@app.command(epilog="Example: azukari statements export 2026-04 > 2026-04.csv")
def export(
    month: MonthArgument,
    language: LanguageOption = Language.EN,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Print all frozen statements of a month as CSV."""
    with output.reasons():
        billed = BillingMonth.parse(month)
        with database_of(output.configuration(config), data).reading() as tx:
            found = statements.frozen_in(tx, billed)
    if json_:
        output.show_json([asdict(one) for one in found])
    else:
        typer.echo(statement_pages.as_csv(found, language), nl=False)
