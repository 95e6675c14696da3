"""`azukari token …`: tokens of the HTTP API."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy import select

from auth import accesslog, logins, tokens
from auth.callers import Role
from auth.tokens import IssuedToken, Wish
from core import clock
from core.clock import to_microseconds
from db import tables
from db.engine import Transaction
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from gateway.people import OPERATOR
from gateway.service import catalogue_of
from quota import contracts
from quota.catalogue import Catalogue

app = typer.Typer(no_args_is_help=True, help="Tokens of the HTTP API.")

ScopeOption = Annotated[
    list[str], typer.Option("--scope", help="What the token is for, such as files:read; repeat for more.")
]
DaysOption = Annotated[int, typer.Option("--days", help="How many days the token is good for.")]
DeviceOption = Annotated[
    str | None, typer.Option("--device", help="The login's device it is one of; on PRO it needs one for files.")
]


@app.command(epilog="Example: azukari token add hanako --name backup --scope files:write --device dev-…")
def add(
    login: str,
    name: Annotated[str, typer.Option("--name", help="Which program it is for.")],
    scope: ScopeOption,
    days: DaysOption = 90,
    device: DeviceOption = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Make a token for a login; it is printed once."""
    with output.reasons():
        settings, now = output.configuration(config), clock.now()
        wish = Wish(name, tokens.parse_scopes(scope), timedelta(days=min(days, tokens.LONGEST_DAYS + 1)), device)
        catalogue = catalogue_of(settings)
        issued = database_of(settings, data).write(lambda tx: _issue(tx, login, wish, catalogue, now))
    document = dataclasses.asdict(issued)
    output.show_json(document) if json_ else output.show_fields(document)


def _issue(tx: Transaction, login: str, wish: Wish, catalogue: Catalogue, now: datetime) -> IssuedToken:
    known = logins.find(tx, login)
    wanted = select(tables.logins.c.role).where(tables.logins.c.login_id == login)
    role = Role(tx.execute(wanted).scalar_one())
    pro = contracts.is_pro(tx.cursor, known.contract_id, catalogue, now_us=to_microseconds(now))
    issued = tokens.issue(tx, known.contract_id, known.number, role, wish, pro=pro, now=now)
    detail = f"{issued.token_id} for {login}: {' '.join(sorted(wish.scopes))}"
    accesslog.record(tx, known.contract_id, OPERATOR, "token.add", detail, now=now)
    return issued


@app.command("list", epilog="Example: azukari token list sakura")
def list_(
    contract: str, config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False
) -> None:
    """List a contract's tokens, the newest first; `-` is the staff of the service."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        found = tokens.list_tokens(tx, contracts.find(tx, contract))
    rows = [{**dataclasses.asdict(one), "scopes": " ".join(one.scopes)} for one in found]
    output.show_json(rows) if json_ else output.show_table(rows, "There is no token yet.")


@app.command(epilog="Example: azukari token revoke sakura tok-…")
def revoke(
    contract: str,
    token: str,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Revoke a token, from its next request on."""

    def operation(tx: Transaction) -> None:
        contract_id = contracts.find(tx, contract)
        tokens.revoke(tx, contract_id, token)
        accesslog.record(tx, contract_id, OPERATOR, "token.revoke", token, now=clock.now())

    with output.reasons():
        database_of(output.configuration(config), data).write(operation)
    document = {"token_id": token, "revoked": True}
    output.show_json(document) if json_ else output.show_fields(document)
