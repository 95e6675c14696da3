"""A feed of who holds which other service, and what it changes (R5).

CSV with the header line `contract,service`, one line a holding; or JSON, a list of such objects, or an object
from contract to a list of services. The feed is the whole truth: who is not in it holds nothing.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.errors import Conflict, InvalidInput
from db.engine import Database
from quota import contracts
from quota.catalogue import Catalogue
from quota.contracts import FEED
from quota.standings import Standing, standings

#: (contract, service)
Holdings = set[tuple[str, str]]


@dataclass(slots=True)
class Imported:
    """What a feed changes, or would; pairs of contract and service."""

    added: list[tuple[str, str]] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    unknown_contracts: list[str] = field(default_factory=list)
    unknown_services: list[str] = field(default_factory=list)


def parse(text: str) -> Holdings:
    """Return the holdings of a feed, JSON or CSV. Raises InvalidInput, naming the line, for anything else."""
    stripped = text.lstrip("\ufeff").strip()
    return _parse_json(stripped) if stripped[:1] in ("[", "{") else _parse_csv(stripped)


def _parse_csv(text: str) -> Holdings:
    reader = csv.DictReader(io.StringIO(text))
    if not {"contract", "service"} <= set(reader.fieldnames or ()):
        raise InvalidInput("the feed has to begin with the line contract,service")
    return {_pair(row, f"line {reader.line_num}") for row in reader}


def _parse_json(text: str) -> Holdings:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"the feed is not JSON: {error}") from None
    if isinstance(values, dict):
        values = [{"contract": name, "service": service} for name, held in values.items() for service in _list(held)]
    return {_pair(row, f"entry {number}") for number, row in enumerate(values, 1)}


def _list(held: Any) -> list[Any]:
    return held if isinstance(held, list) else [held]


def _pair(row: Any, place: str) -> tuple[str, str]:
    pair = (row.get("contract"), row.get("service")) if isinstance(row, dict) else (None, None)
    contract, service = (value.strip() if isinstance(value, str) else "" for value in pair)
    if not contract or not service:
        raise InvalidInput(f"the feed's {place} names no contract or no service")
    return contract, service


def import_feed(
    database: Database,
    catalogue: Catalogue,
    feed: Holdings,
    *,
    at: datetime,
    now: datetime,
    max_removed_percent: int,
    dry_run: bool = False,
) -> Imported:
    """Record what a feed changes, from `at` on, and return it; with `dry_run` only return it.

    A feed that would take away more than `max_removed_percent` of all bonuses held looks cut short: it is
    refused whole (Conflict). Names nobody knows are reported and passed over. Idempotent.
    """
    everyone = [one for one in standings(database) if one.history.at(at).plan is not None]
    done = _compare(everyone, catalogue, feed, at)
    held = len(done.removed) + done.unchanged
    if held and len(done.removed) * 100 > held * max_removed_percent:
        raise Conflict(f"the feed would take away {len(done.removed)} of {held} bonuses; it looks cut short")
    if not dry_run:
        ids = {one.name: one.contract_id for one in everyone}
        _record(database, catalogue, done, ids, at=at, now=now)
    return done


def _compare(everyone: Iterable[Standing], catalogue: Catalogue, feed: Holdings, at: datetime) -> Imported:
    wanted: dict[str, set[str]] = {}
    for contract, service in sorted(feed):
        wanted.setdefault(contract, set()).add(service)
    known, done = set(catalogue.services()), Imported()
    done.unknown_services = sorted({service for _, service in feed} - known)
    for one in everyone:
        held, now_held = one.history.at(at).services, wanted.pop(one.name, set()) & known
        done.added += [(one.name, service) for service in sorted(now_held - held)]
        done.removed += [(one.name, service) for service in sorted(held - now_held)]
        done.unchanged += len(held & now_held)
    done.unknown_contracts = sorted(wanted)
    return done


def _record(
    database: Database, catalogue: Catalogue, done: Imported, ids: dict[str, int], *, at: datetime, now: datetime
) -> None:
    """Record the changes one by one; each looks again at what is held, so that a run cut short may be repeated."""
    for name, service in done.added:
        database.write(
            lambda tx, name=name, service=service: contracts.add_bonus(  # type: ignore[misc]
                tx, ids[name], service, catalogue, channel=FEED, at=at, now=now
            )
        )
    for name, service in done.removed:
        database.write(
            lambda tx, name=name, service=service: contracts.remove_bonus(  # type: ignore[misc]
                tx, ids[name], service, channel=FEED, at=at, now=now
            )
        )
