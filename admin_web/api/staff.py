"""For the operator: contracts, jobs, health. For the support desk: a contract's devices, and their lock (R16)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from admin_web import service
from admin_web.acts import Who
from admin_web.api import devices as own_devices
from admin_web.api.devices import DeviceShown
from admin_web.api.people import FreshPassword, NewLoginId
from admin_web.api.plan import PurgeDeadline, deadlines
from admin_web.api.shapes import Bytes, Instant, InstantGiven, Key, Page, Rows, Shape, Text, rows
from admin_web.api.subject import Subject
from admin_web.gate import caller, parts
from admin_web.machine import JobState
from admin_web.operator import named
from auth import accesslog, devices
from auth.callers import DeviceState
from auth.devices import Device
from auth.tokens import Scope
from core.errors import NotFound
from db.engine import Transaction
from quota import contracts, retention, standings
from quota.standings import Standing

operator = Subject("operator", "The service's contracts, jobs and health")
support = Subject("support", "The support desk: a contract's devices, locked on request")

Channel = Literal["web", "phone", "shop"]


class ContractRow(Shape):
    """A contract with its plan, null once it has ended, and what it uses."""

    name: str
    plan: str | None
    capacity_bytes: Bytes
    used_bytes: Bytes
    ended_at: Instant | None


class ContractShown(ContractRow):
    """A contract with its other services and its deadlines."""

    services: list[str]
    deadlines: list[PurgeDeadline]


class NewContract(Shape):
    """A contract to sign up, with the login that administers it."""

    name: Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    plan: Key
    administrator: NewLoginId


class WhichContract(Shape):
    """A contract by its name."""

    name: Key


class PlanRecord(Shape):
    """A plan change that came by web, telephone or shop; without an instant, now."""

    plan: Key
    channel: Channel
    at: Annotated[InstantGiven | None, Field(description="It may lie in the past, but in no closed month.")] = None


class WhichBonus(WhichContract):
    """A contract, and a service that gives bonus capacity."""

    service: Key


class End(Shape):
    """When a contract ends; without an instant, now."""

    at: InstantGiven | None = None


class JobShown(Shape):
    """A job and its latest run; `result` is what it did."""

    name: str
    started_at: Instant | None
    ended_at: Instant | None
    result: dict[str, Any]
    is_late: bool
    has_failed: bool


class PartShown(Shape):
    """A part of the service, whether it is well, and what it says of itself."""

    name: str
    is_well: bool
    words: str


class Health(Shape):
    """How every part is."""

    is_well: bool
    parts: list[PartShown]


class LockOrder(Shape):
    """Who asks for the lock, and why."""

    asked_by: Annotated[
        str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")
    ]
    reason: Text = ""


class WhichDeviceOf(WhichContract):
    """A contract, and one of its devices."""

    device_id: Key


def _row(one: Standing) -> ContractRow:
    now, history = parts().clock(), one.history
    return ContractRow(
        name=one.name,
        plan=history.at(now).plan,
        capacity_bytes=history.capacity_bytes(parts().catalogue, now),
        used_bytes=one.used_bytes,
        ended_at=history.ended_at,
    )


def _shown(one: Standing) -> ContractShown:
    now = parts().clock()
    coming = retention.purges(one.history, parts().catalogue, used_bytes=one.used_bytes, now=now)
    return ContractShown(**dict(_row(one)), services=sorted(one.history.at(now).services), deadlines=deadlines(coming))


@operator.operation("GET /operator/contracts", scope=Scope.SERVICE, answer=Rows[ContractRow])
def list_contracts(query: Page) -> Rows[ContractRow]:
    """List the contracts, in the order they were signed up."""
    end = query.offset + query.limit
    found = list(islice(standings.standings(parts().database), query.offset, end + 1))
    items = [_row(one) for one in found[: query.limit]]
    return Rows(items=items, next_offset=end if len(found) > query.limit else None)


@operator.operation("POST /operator/contracts", scope=Scope.SERVICE, answer=FreshPassword, status=201)
def sign_up(body: NewContract) -> FreshPassword:
    """Sign a contract up with its administrator, both or neither; the first password is shown this once."""
    password = parts().acts.sign_up(body.name, body.plan, body.administrator, by=caller().login_id)
    return FreshPassword(login_id=body.administrator, password=password)


@operator.operation("GET /operator/contracts/<name>", scope=Scope.SERVICE, answer=ContractShown)
def show_contract(path: WhichContract) -> ContractShown:
    """Tell about one contract."""
    return _shown(named(path.name))


#: Records a change of a contract by an id, from an instant on; False where nothing changes by it.
Change = Callable[[Transaction, int, datetime, datetime], bool]


def _record(path: WhichContract, act: str, detail: str, at: datetime | None, change: Change) -> ContractShown:
    one, now, by = named(path.name), parts().clock(), caller().login_id

    def operation(tx: Transaction) -> None:
        if change(tx, one.contract_id, at or now, now):
            accesslog.record(tx, one.contract_id, by, act, detail, now=now)

    parts().database.write(operation)
    return _shown(named(path.name))


@operator.operation("PUT /operator/contracts/<name>/plan", scope=Scope.SERVICE, answer=ContractShown)
def record_plan(path: WhichContract, body: PlanRecord) -> ContractShown:
    """Record a plan change; holding the same one already changes nothing (R3)."""
    catalogue = parts().catalogue

    def change(tx: Transaction, contract_id: int, at: datetime, now: datetime) -> bool:
        return contracts.change_plan(tx, contract_id, body.plan, catalogue, channel=body.channel, at=at, now=now)

    return _record(path, "plan.change", f"{body.plan} by {body.channel}", body.at, change)


@operator.operation("PUT /operator/contracts/<name>/bonuses/<service>", scope=Scope.SERVICE, answer=ContractShown)
def add_bonus(path: WhichBonus) -> ContractShown:
    """Record that the customer holds another service, which gives bonus capacity from now on (R5)."""
    catalogue, channel = parts().catalogue, contracts.OPERATOR

    def change(tx: Transaction, contract_id: int, at: datetime, now: datetime) -> bool:
        return contracts.add_bonus(tx, contract_id, path.service, catalogue, channel=channel, at=at, now=now)

    return _record(path, "bonus.add", path.service, None, change)


@operator.operation("DELETE /operator/contracts/<name>/bonuses/<service>", scope=Scope.SERVICE, answer=ContractShown)
def remove_bonus(path: WhichBonus) -> ContractShown:
    """Record that the customer no longer holds a service."""

    def change(tx: Transaction, contract_id: int, at: datetime, now: datetime) -> bool:
        return contracts.remove_bonus(tx, contract_id, path.service, channel=contracts.OPERATOR, at=at, now=now)

    return _record(path, "bonus.remove", path.service, None, change)


@operator.operation("POST /operator/contracts/<name>/end", scope=Scope.SERVICE, answer=ContractShown)
def end_contract(path: WhichContract, body: End) -> ContractShown:
    """End a contract; its data is kept to the end of the next month, readable by its administrator (R9)."""

    def change(tx: Transaction, contract_id: int, at: datetime, now: datetime) -> bool:
        contracts.end(tx, contract_id, at=at, now=now)
        return True

    return _record(path, "contract.end", body.at.isoformat() if body.at else "", body.at, change)


@operator.operation("GET /operator/jobs", scope=Scope.SERVICE, answer=Rows[JobShown])
def list_jobs(query: Page) -> Rows[JobShown]:
    """List the background jobs with their latest runs."""
    return rows(query, parts().machine.jobs(), _job)


def _job(one: JobState) -> JobShown:
    return JobShown(
        name=one.name,
        started_at=one.started_at,
        ended_at=one.ended_at,
        result=json.loads(one.result or "{}"),
        is_late=one.is_late,
        has_failed=one.has_failed,
    )


@operator.operation("GET /operator/health", scope=Scope.SERVICE, answer=Health)
def show_health() -> Health:
    """Tell how every part is."""
    found = [PartShown(name=one.name, is_well=one.is_well, words=one.words) for one in service.every_part()]
    return Health(is_well=all(one.is_well for one in found), parts=found)


@support.operation("GET /support/contracts/<name>/devices", scope=Scope.SUPPORT, answer=Rows[DeviceShown])
def find_devices(path: WhichContract, query: Page) -> Rows[DeviceShown]:
    """List the devices of a contract that is known by its whole name; nothing else of it is shown."""
    return rows(query, _devices(path.name), own_devices.shown)


def _devices(name: str) -> list[Device]:
    contract_id = named(name).contract_id
    with parts().database.reading() as tx:
        return devices.list_devices(tx, contract_id)


def _device(path: WhichDeviceOf) -> Device:
    known = next((one for one in _devices(path.name) if one.device_id == path.device_id), None)
    if known is None:
        raise NotFound(f"device {path.device_id}")
    return known


@support.operation("POST /support/contracts/<name>/devices/<device_id>/lock", scope=Scope.SUPPORT, answer=DeviceShown)
def lock_on_request(path: WhichDeviceOf, body: LockOrder) -> DeviceShown:
    """Lock a device on request; only the contract's administrator unlocks it."""
    device = _device(path)
    who = Who(caller().login_id, body.asked_by.strip(), body.reason.strip())
    parts().acts.change_device(device.device_id, DeviceState.LOCKED, who)
    return own_devices.shown(_device(path))
