"""The sample firm of `azukari demo`: made once with the product's own commands, kept on the next start."""

from __future__ import annotations

import contextlib
import io
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from auth import devices, groups
from auth.access import FolderType, authorize
from auth.callers import Caller, Role
from core import clock
from core.errors import AlreadyExists, NotFound
from core.ids import readable_token
from db.engine import Transaction
from gateway import people
from gateway.service import Service
from quota import contracts
from storage import uploads
from storage.uploads import Announced

_FILE = "demo.json"
_PASSWORD_CHARACTERS = 16
_WELCOME = "はじめにお読みください.txt"
_WELCOME_TEXT = """\
Azukari へようこそ。
ここに置いたファイルは、登録した端末からだけ開けます。エクスプローラーや Finder からそのままお使いください。

Welcome to Azukari.
What you put here opens only on registered devices. Work with it from Explorer, Finder or any WebDAV client.
"""


@dataclass(frozen=True, slots=True)
class _Person:
    login_id: str
    contract: str
    role: Role
    device_name: str | None = None


_PLANS = {"sakura": "pro-50", "momiji": "pro-10"}
_PEOPLE = (
    _Person("sakura-admin", "sakura", Role.ADMINISTRATOR),
    _Person("hanako", "sakura", Role.USER, "花子のPC"),
    _Person("taro", "sakura", Role.USER, "太郎のPC"),
    _Person("momiji-admin", "momiji", Role.ADMINISTRATOR),
    _Person("jiro", "momiji", Role.USER, "次郎のPC"),
    _Person("operator", contracts.SERVICE_NAME, Role.OPERATOR),
    _Person("support", contracts.SERVICE_NAME, Role.SUPPORT),
)
_GROUPS = {"eigyo": {"contract": "sakura", "write": ["hanako"], "read": ["taro"]}}


def ensure(service: Service, data: Path) -> dict[str, Any]:
    """Return the sample firm with its passwords: the one kept in the data directory, else a new one.

    A password is written down before it comes into force, so that a start cut short can go on.
    """
    kept = _Kept(data / _FILE)
    for name, code in _PLANS.items():
        _ensure_contract(service, name, code)
    for person in _PEOPLE:
        _ensure_person(service, kept, person)
    for name in _GROUPS:
        _ensure_group(service, name)
    logins = {person.login_id: _shown(person, kept.of(person.login_id)) for person in _PEOPLE}
    plans = {name: {"plan": code} for name, code in _PLANS.items()}
    return {"contracts": plans, "logins": logins, "groups": _GROUPS}


class _Kept:
    """Passwords of the sample logins, readable by the owner of the data directory alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._values: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self._values = {}

    def of(self, login_id: str) -> dict[str, str]:
        """Return what is kept of a login."""
        return self._values.setdefault(login_id, {})

    def save(self) -> None:
        """Write everything back in one step."""
        temporary = self._path.with_suffix(".tmp")
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(self._values, file, ensure_ascii=False, indent=1)
        temporary.replace(self._path)


def _ensure_contract(service: Service, name: str, code: str) -> None:
    now = clock.now()

    def operation(tx: Transaction) -> None:
        try:
            contracts.find(tx, name)
        except NotFound:
            contracts.sign_up(tx, name, code, service.catalogue, at=now, now=now)

    service.database.write(operation)


def _ensure_person(service: Service, kept: _Kept, person: _Person) -> None:
    known = kept.of(person.login_id)
    if "password" not in known:
        known["password"] = readable_token(_PASSWORD_CHARACTERS)
        kept.save()
    with contextlib.suppress(AlreadyExists):
        people.add_user(
            service.database,
            person.contract,
            person.login_id,
            person.role,
            now=clock.now(),
            password=known["password"],
        )
    if person.device_name is not None and "dav_password" not in known:
        caller = service.identifier.by_login(person.login_id, known["password"])
        known.update(_register(service, caller, person.device_name))
        kept.save()
        _write_welcome(service, replace(caller, device_id=known["device"]))


def _register(service: Service, caller: Caller, device_name: str) -> dict[str, str]:
    now = clock.now()
    device = service.database.write(
        lambda tx: devices.add_device(tx, caller.contract_id, caller.login, device_name, now=now)
    )
    return {"device": device.device_id, "dav_password": device.dav_password}


def _write_welcome(service: Service, caller: Caller) -> None:
    body = _WELCOME_TEXT.encode()
    grant = authorize(caller, FolderType.MY)
    uploads.write(service.files, grant, (_WELCOME,), io.BytesIO(body).read, Announced(len(body)))


def _ensure_group(service: Service, name: str) -> None:
    described = _GROUPS[name]
    now = clock.now()

    def operation(tx: Transaction) -> None:
        contract = str(described["contract"])
        contract_id = contracts.find(tx, contract)
        if name not in {one.name for one in groups.list_groups(tx, contract_id)}:
            people.add_group(tx, contract, name, read=list(described["read"]), write=list(described["write"]), now=now)

    service.database.write(operation)


def _shown(person: _Person, known: dict[str, str]) -> dict[str, Any]:
    staff = person.contract == contracts.SERVICE_NAME
    shown: dict[str, Any] = {} if staff else {"contract": person.contract}
    return {**shown, "role": person.role.value, **known}
