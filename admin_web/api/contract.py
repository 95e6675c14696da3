"""What a contract's administrator decides: lines (R17), settings (R14, R23), limits (R22)."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from admin_web import own
from admin_web.api.shapes import WHOLE, Bytes, Flag, Instant, Key, Network, Page, Rows, Shape, rows
from admin_web.api.subject import Subject
from admin_web.gate import caller, parts
from auth import accesslog, groups, lines, logins, settings
from auth.lines import Line
from auth.settings import Binding
from auth.tokens import Scope
from core.errors import NotFound
from db.engine import Transaction
from quota import limits
from quota.limits import Limit, Owner, OwnerKind

subject = Subject("contract", "The contract's lines, settings and limits")


class LineShown(Shape):
    """A line of the contract."""

    line_id: str
    name: str
    networks: list[str]
    created_at: Instant


class NewLine(Shape):
    """A line to register, with the address prefixes it has."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]
    networks: Annotated[
        tuple[Network, ...],
        Field(max_length=100, description="Such as 192.0.2.0/24 or 2001:db8:1::/48."),
    ] = ()


class LineAdded(Shape):
    """A fresh line and the secret of its tool, shown this once."""

    line_id: str
    tool_secret: str


class ContractSettings(Shape):
    """What counts for every device and folder of the contract."""

    device_binding: Literal["none", "client", "certificate"]
    copy_out: Flag


class LimitShown(Shape):
    """What a login's or a group's folders may hold."""

    kind: Literal["login", "group"]
    name: str
    limit_bytes: Bytes


class Whose(Shape):
    """One of the contract's logins or groups."""

    kind: Literal["login", "group"]
    name: Key


class LimitGiven(Shape):
    """What may be held."""

    limit_bytes: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1), WHOLE]


@subject.operation("GET /lines", scope=Scope.CONTRACT_READ, answer=Rows[LineShown])
def list_lines(query: Page) -> Rows[LineShown]:
    """List the contract's lines."""
    with parts().database.reading() as tx:
        found = lines.list_lines(tx, caller().contract_id)
    return rows(query, found, _line)


def _line(one: Line) -> LineShown:
    return LineShown(line_id=one.line_id, name=one.name, networks=list(one.networks), created_at=one.created_at)


@subject.operation("POST /lines", scope=Scope.CONTRACT_WRITE, answer=LineAdded, status=201)
def add_line(body: NewLine) -> LineAdded:
    """Register a line; the secret its tool is provisioned with is shown this once."""
    added = parts().acts.add_line(own.contract().name, body.name, body.networks, by=caller().login_id)
    return LineAdded(line_id=added.line_id, tool_secret=added.tool_secret)


@subject.operation("GET /settings", scope=Scope.CONTRACT_READ, answer=ContractSettings)
def show_settings() -> ContractSettings:
    """Tell what the contract's administrator has decided."""
    with parts().database.reading() as tx:
        found = settings.read(tx, caller().contract_id)
    return ContractSettings(device_binding=found.device_binding.value, copy_out=found.copy_out)


@subject.operation("PUT /settings", scope=Scope.CONTRACT_WRITE, answer=ContractSettings)
def decide(body: ContractSettings) -> ContractSettings:
    """Decide anew; it counts from the next request on."""
    found, now = caller(), parts().clock()

    def operation(tx: Transaction) -> None:
        kept = settings.read(tx, found.contract_id)
        binding = Binding(body.device_binding)
        settings.write(tx, found.contract_id, dataclasses.replace(kept, device_binding=binding, copy_out=body.copy_out))
        detail = f"binding {binding}, copy out {'on' if body.copy_out else 'off'}"
        accesslog.append(
            tx.cursor, found.contract_id, [accesslog.entry_of(found, "settings", "", now=now, detail=detail)]
        )

    parts().database.write(operation)
    return body


@subject.operation("GET /limits", scope=Scope.CONTRACT_READ, answer=Rows[LimitShown])
def list_limits(query: Page) -> Rows[LimitShown]:
    """List the limits within the contract: logins', then groups'."""
    with parts().database.reading() as tx:
        found = limits.list_limits(tx, caller().contract_id)
    return rows(query, found, _limit)


def _limit(one: Limit) -> LimitShown:
    kind: Literal["login", "group"] = "group" if one.kind == OwnerKind.GROUP else "login"
    return LimitShown(kind=kind, name=one.name, limit_bytes=one.limit_bytes)


@subject.operation("PUT /limits/<kind>/<name>", scope=Scope.CONTRACT_WRITE)
def set_limit(path: Whose, body: LimitGiven) -> None:
    """Limit what a login's or a group's folders may hold; what is there already stays."""
    _set_limit(path, body.limit_bytes)


@subject.operation("DELETE /limits/<kind>/<name>", scope=Scope.CONTRACT_WRITE)
def end_limit(path: Whose) -> None:
    """Let a login or group hold whatever the contract has room for."""
    _set_limit(path, None)


def _set_limit(path: Whose, limit_bytes: int | None) -> None:
    contract_id, by, now = caller().contract_id, caller().login_id, parts().clock()

    def operation(tx: Transaction) -> None:
        limits.set_limit(tx, contract_id, _owner(tx, contract_id, path), limit_bytes)
        shown = "none" if limit_bytes is None else f"{limit_bytes} bytes"
        accesslog.record(tx, contract_id, by, "limit.set", f"{path.kind} {path.name}: {shown}", now=now)

    parts().database.write(operation)


def _owner(tx: Transaction, contract_id: int, path: Whose) -> Owner:
    if path.kind == "group":
        return Owner(OwnerKind.GROUP, groups.find(tx, contract_id, path.name))
    known = logins.find(tx, path.name)
    if known.contract_id != contract_id:
        raise NotFound(f"login {path.name}")
    return Owner(OwnerKind.LOGIN, known.number)
