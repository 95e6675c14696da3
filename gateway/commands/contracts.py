"""`azukari contract …`: contracts over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from auth import groups, logins
from core import clock, messages
from core.clock import TOKYO
from core.errors import NotFound
from db.engine import Database, Transaction
from gateway.commands import money, output
from gateway.commands.output import DEFAULT_DATA, AtOption, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of, service_without_store
from gateway.service import Service, catalogue_of
from quota import catalogue as everyday
from quota import contracts, fees, forecast, limits, meter, retention
from quota.catalogue import Catalogue
from quota.history import History
from quota.limits import Owner, OwnerKind
from quota.months import BillingMonth
from quota.standings import Standing, standing
from storage import purge as purging
from storage import purge_log, usage

app = typer.Typer(no_args_is_help=True, help="Contracts and their plans.")

#: The first files to go are named, and no more.
_SHOWN_FILES = 20
_NOT_IN_LINES = ("purges", "folders", "limits", "files_to_go", "deleted", "history", "fee")

#: A change of one contract: takes the transaction, its id, the catalogue, the effective and the present instant.
Change = Callable[[Transaction, int, Catalogue, datetime, datetime], object]


@app.command(epilog="Example: azukari contract add sakura --plan pro-50")
def add(
    name: str,
    plan: Annotated[str, typer.Option("--plan", help="A code from `azukari plans`.")],
    at: AtOption = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Sign up a contract."""
    with output.reasons():
        settings = output.configuration(config)
        catalogue, now = catalogue_of(settings), clock.now()
        database = database_of(settings, data)
        at_ = output.instant(at) or now
        database.write(lambda tx: contracts.sign_up(tx, name, plan, catalogue, at=at_, now=now))
        document = describe(database, name, catalogue, clock.now())
    output.show_json(document) if json_ else output.show_fields(_in_lines(document))


def _change(name: str, change: Change, at: str | None, config: Path | None, data: Path, json_: bool) -> None:
    with output.reasons():
        settings = output.configuration(config)
        catalogue, now = catalogue_of(settings), clock.now()
        database = database_of(settings, data)
        at_ = output.instant(at) or now
        database.write(lambda tx: change(tx, contracts.find(tx, name), catalogue, at_, now))
        document = describe(database, name, catalogue, clock.now())
    output.show_json(document) if json_ else output.show_fields(_in_lines(document))


@app.command(epilog="Example: azukari contract plan sakura pro-100 --channel phone")
def plan(
    name: str,
    code: Annotated[str, typer.Argument(help="A code from `azukari plans`.")],
    channel: Annotated[str, typer.Option("--channel", help="web, phone or shop: how the change came.")] = "shop",
    at: AtOption = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Change a contract's plan; it takes effect at once, or at --at."""

    def change(tx: Transaction, contract_id: int, catalogue: Catalogue, at_: datetime, now: datetime) -> object:
        return contracts.change_plan(tx, contract_id, code, catalogue, channel=channel, at=at_, now=now)

    _change(name, change, at, config, data, json_)


@app.command(epilog="Example: azukari contract bonus sakura add members-club")
def bonus(
    name: str,
    action: Annotated[str, typer.Argument(help="add or remove.", metavar="add|remove")],
    code: Annotated[str, typer.Argument(help="A service from `azukari plans`.")],
    at: AtOption = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Record that the customer holds another service, or no longer holds it (R5)."""
    if action not in ("add", "remove"):
        raise typer.BadParameter(f"{action!r} is neither add nor remove")

    def change(tx: Transaction, contract_id: int, catalogue: Catalogue, at_: datetime, now: datetime) -> object:
        if action == "remove":
            return contracts.remove_bonus(tx, contract_id, code, channel=contracts.OPERATOR, at=at_, now=now)
        return contracts.add_bonus(tx, contract_id, code, catalogue, channel=contracts.OPERATOR, at=at_, now=now)

    _change(name, change, at, config, data, json_)


@app.command(epilog="Example: azukari contract notify sakura office@sakura.example")
def notify(
    name: str,
    address: Annotated[str | None, typer.Argument(help="Where reminders go; nothing for silence.")] = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Say where mails about coming deletions go; without an address there are none."""
    with output.reasons():
        database = database_of(output.configuration(config), data)
        database.write(lambda tx: contracts.notify(tx, contracts.find(tx, name), address))
    document = {"name": name, "notify_address": address}
    output.show_json(document) if json_ else output.show_fields(document)


@app.command(epilog="Example: azukari contract limit sakura 5GB --login hanako")
def limit(
    name: str,
    size: Annotated[str, typer.Argument(help="Bytes, or as 500MB or 5GB; none for no limit.", metavar="SIZE|none")],
    login: Annotated[str | None, typer.Option("--login", help="A login: all its folders together.")] = None,
    group: Annotated[str | None, typer.Option("--group", help="A group: its folder.")] = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Limit what one login, or one group, may hold of the contract's capacity."""
    if (login is None) == (group is None):
        raise typer.BadParameter("name either --login or --group")
    with output.reasons():
        limit_bytes = None if size == "none" else limits.parse_size(size)
        database = database_of(output.configuration(config), data)
        database.write(lambda tx: _set_limit(tx, contracts.find(tx, name), login, group, limit_bytes))
    document = {"name": name, "login": login, "group": group, "limit_bytes": limit_bytes}
    output.show_json(document) if json_ else output.show_fields(document)


def _set_limit(
    tx: Transaction, contract_id: int, login: str | None, group: str | None, limit_bytes: int | None
) -> None:
    if group is not None:
        owner = Owner(OwnerKind.GROUP, groups.find(tx, contract_id, group))
    else:
        known = logins.find(tx, str(login))
        if known.contract_id != contract_id:
            raise NotFound(f"login {login}")
        owner = Owner(OwnerKind.LOGIN, known.number)
    limits.set_limit(tx, contract_id, owner, limit_bytes)


@app.command(epilog="Example: azukari contract preview sakura pro-10")
def preview(
    name: str,
    code: Annotated[str | None, typer.Argument(help="A plan's code; all of them without it.")] = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Say what a change to another plan would cost from when, and what it would delete. Changes nothing."""
    with output.reasons():
        settings = output.configuration(config)
        service = service_without_store(settings, data)
        documents = foresee(service, name, code, clock.now())
    if json_:
        output.show_json(documents if code is None else documents[0])
        return
    output.show_table([_in_cells(one) for one in documents], "The contract has ended: no plan can be chosen.")


def foresee(service: Service, name: str, code: str | None, now: datetime) -> list[dict[str, Any]]:
    """Return what a change to one plan, or to each other plan on sale, would mean. Raises NotFound."""
    with service.database.reading() as tx:
        one = standing(tx, contracts.find(tx, name))
    if code is None:
        found = forecast.choices(one.history, service.catalogue, used_bytes=one.used_bytes, now=now)
    else:
        found = [forecast.choice(one.history, service.catalogue, code, used_bytes=one.used_bytes, now=now)]
    return [_choice(service, one, choice) for choice in found]


def _choice(service: Service, one: Standing, choice: forecast.Choice) -> dict[str, Any]:
    document: dict[str, Any] = {
        "plan": choice.plan,
        "capacity_bytes": choice.capacity_bytes,
        "fee_this_month_yen": choice.this_month.fee_yen,
        "fee_next_month_yen": choice.next_month.fee_yen,
        "next_month": str(choice.next_month.month),
        "purge": None,
        "words": messages.text("preview.nothing", "en"),
    }
    if not choice.purges:
        return document
    first = choice.purges[0]
    going = list(purging.going_first(service.files, one, to_bytes=first.to_bytes))
    files, size_bytes = len(going), sum(file.size_bytes for file in going)
    at = first.at.astimezone(TOKYO)
    words = messages.text("preview.deletes", "en", at=at.isoformat(), files=files, size_bytes=size_bytes)
    purge = {**asdict(first), "files": files, "size_bytes": size_bytes}
    return {**document, "purge": purge, "words": words}


def _in_cells(one: dict[str, Any]) -> dict[str, Any]:
    shown = ("plan", "fee_this_month_yen", "fee_next_month_yen", "words")
    return {name: one[name] for name in shown}


@app.command(epilog="Example: azukari contract end sakura --at 2026-04-30T18:00:00+09:00")
def end(
    name: str,
    at: AtOption = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """End a contract; its data is kept to the end of the next month, readable by its administrator (R9)."""

    def change(tx: Transaction, contract_id: int, _catalogue: Catalogue, at_: datetime, now: datetime) -> None:
        contracts.end(tx, contract_id, at=at_, now=now)

    _change(name, change, at, config, data, json_)


@app.command(epilog="Example: azukari contract show sakura --at 2026-04-01")
def show(
    name: str,
    at: AtOption = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Show a contract's plan, room and what will be deleted when, as at an instant."""
    with output.reasons():
        settings = output.configuration(config)
        at_ = output.instant(at) or clock.now()
        service = service_without_store(settings, data)
        document = describe(service.database, name, service.catalogue, at_)
        document |= details(service, name, at_)
    output.show_json(document) if json_ else output.show_fields(_in_lines(document))


def details(service: Service, name: str, at: datetime) -> dict[str, Any]:
    """Return what `show` adds: this month's fee, the first files that would go, what went, and the history."""
    with service.database.reading() as tx:
        one = standing(tx, contracts.find(tx, name))
        gone = purge_log.entries(tx, one.contract_id)
        folders = usage.by_folder(tx, one.contract_id)
        limited = limits.list_limits(tx, one.contract_id)
    coming = retention.purges(one.history, service.catalogue, used_bytes=one.used_bytes, now=at)
    going = purging.going_first(service.files, one, to_bytes=coming[0].to_bytes) if coming else iter(())
    files = [{"path": file.path, "size_bytes": file.size_bytes} for file in islice(going, _SHOWN_FILES)]
    return {
        "notify_address": one.notify_address,
        "fee": money.describe(fees.fee(one.history, service.catalogue, BillingMonth.of(at))),
        "folders": [asdict(folder) for folder in folders],
        "limits": [limit._asdict() for limit in limited],
        "files_to_go": files,
        "deleted": [asdict(entry) for entry in gone],
        "history": [asdict(event) for event in one.history.events],
    }


def describe(database: Database, name: str, catalogue: Catalogue, at: datetime) -> dict[str, Any]:
    """Return what `show` prints: the contract as at an instant. Raises NotFound.

    What is used is what is used now; there is no history of it.
    """
    with database.reading() as tx:
        contract_id = contracts.find(tx, name)
        past = contracts.history(tx, contract_id)
        used_bytes = meter.used_bytes(tx.cursor, contract_id)
    held = past.at(at)
    capacity_bytes = held.capacity_bytes(catalogue, at)
    available_bytes = max(0, capacity_bytes - used_bytes)
    coming = retention.purges(past, catalogue, used_bytes=used_bytes, now=at)
    ended_at = past.ended_at
    return {
        "name": name,
        "plan": held.plan or contracts.last_plan(past, at),
        "state": state_of(past, at),
        "services": sorted(held.services),
        "capacity_bytes": capacity_bytes,
        "used_bytes": used_bytes,
        "available_bytes": available_bytes,
        "available_photos": everyday.photos(available_bytes),
        "available_songs": everyday.songs(available_bytes),
        "purge": asdict(coming[0]) if coming else None,
        "purges": [asdict(one) for one in coming],
        "signed_up_at": past.signed_up_at,
        "ended_at": ended_at,
        "readable_until": retention.readable_until(ended_at) if ended_at else None,
    }


def state_of(past: History, at: datetime) -> str:
    """Return `active`, `ended`, or `not-begun` for an instant before the sign-up."""
    if past.at(at).ended:
        return "ended"
    return "active" if past.signed_up_at is not None and past.signed_up_at <= at else "not-begun"


def _in_lines(document: dict[str, Any]) -> dict[str, Any]:
    """Return the facts as people read them, one a line."""
    coming = document["purge"]
    purge = f"at {coming['at'].isoformat()}: {coming['excess_bytes']:,} bytes, the oldest first" if coming else "none"
    lines = {name: value for name, value in document.items() if name not in _NOT_IN_LINES and value not in (None, [])}
    lines["purge"] = purge
    if "fee" in document:
        lines["fee"] = f"{document['fee']['fee_yen']:,} yen in {document['fee']['month']}. {document['fee']['reason']}"
    for folder in document.get("folders", ()):
        lines[f"used in {folder['root']}"] = f"{folder['used_bytes']:,} bytes"
    for limit in document.get("limits", ()):
        lines[f"limit of {limit['kind']} {limit['name']}"] = f"{limit['limit_bytes']:,} bytes"
    for file in document.get("files_to_go", ()):
        lines[f"would go: {file['path']}"] = f"{file['size_bytes']:,} bytes"
    return lines
