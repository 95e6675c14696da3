"""`azukari share …`: what a contract shares by mail (R24)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from auth.accesslog import Entry
from core import clock
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from gateway.people import OPERATOR
from quota import contracts
from sharing import receipts, shares
from sharing.receipts import Share

app = typer.Typer(no_args_is_help=True, help="What a contract shares by mail.")


@app.command("list", epilog="Example: azukari share list sakura")
def list_(
    contract: str,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Shares to leave out before the first.")] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="Shares at most.")] = 100,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """List a contract's shares, the newest first, with how many opened and downloaded them."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        found = receipts.list_shares(tx, contracts.find(tx, contract), offset=offset, limit=limit)
    rows = [_row(one) for one in found]
    output.show_json(rows) if json_ else output.show_table(rows, "Nothing is shared.")


def _row(one: Share) -> dict[str, Any]:
    state = "ended" if one.ended_at else "open" if one.is_open(clock.now()) else "expired"
    return {
        "share_id": one.share_id,
        "login": one.login_id,
        "title": one.title,
        "state": state,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "recipients": len(one.receipts),
        "opened": sum(receipt.opened_at is not None for receipt in one.receipts),
        "downloaded": sum(receipt.fetches > 0 for receipt in one.receipts),
        "undelivered": sum(receipt.mail == "failed" for receipt in one.receipts),
    }


@app.command(epilog="Example: azukari share end sakura 01a21061d68173b3829c3829844e6428")
def end(
    contract: str,
    share: Annotated[str, typer.Argument(help="The share's id, as `list` shows it.")],
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """End a share for all its recipients, from their next request on."""
    with output.reasons():
        database = database_of(output.configuration(config), data)
        by = Entry(clock.now(), OPERATOR, "", "", "", "share.end", "", "ok", share)
        database.write(lambda tx: shares.end(tx, contracts.find(tx, contract), share, by=by))
    document = {"share_id": share, "state": "ended"}
    output.show_json(document) if json_ else output.show_fields(document)
