"""The web pages in a worker: wired like everything else, built once."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from admin_web import app
from admin_web.acts import Held, LockProof, Who
from admin_web.parts import Parts
from auth.callers import DeviceState, Role
from auth.devices import IssuedKey
from auth.lines import AddedLine
from core import clock
from core.clock import Clock
from core.s3settings import S3Settings
from db.engine import Database
from gateway import people, remote_lock
from gateway.health import Health
from gateway.remote_lock import Order
from gateway.service import Service
from quota.catalogue import Catalogue

#: What signs the forms' cookie has to be the same on every gateway, and secret: it is derived from the one secret
#: all gateways of an installation share. A new S3 key makes open forms stale, and nothing else.
_PURPOSE = b"azukari web forms 1"

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[Any]]


def application(service: Service, s3: S3Settings) -> WsgiApplication:
    """Return the application that serves every page."""
    parts = Parts(
        config=service.config,
        catalogue=service.catalogue,
        database=service.database,
        files=service.files,
        identifier=service.identifier,
        journal=service.entrance.journal,
        acts=GatewayActs(
            service.database, service.catalogue, clock.now, timedelta(days=service.config.devices.key_valid_days)
        ),
        machine=Health(service.config, service.database, clock.now),
        clock=clock.now,
        run_key=service.run_key,
        secret_idle=timedelta(minutes=service.config.secret_folder.idle_minutes),
        sessions=service.entrance.sessions,
        lockout=service.entrance.lockout,
        trusted=service.entrance.trusted,
        signing_key=hmac.digest(s3.secret_key.encode(), _PURPOSE, hashlib.sha256),
    )
    return app.create(parts)


class GatewayActs:
    """The acts behind pages (`admin_web.acts.Acts`): those of the command line, by the login that is signed in."""

    def __init__(self, database: Database, catalogue: Catalogue, now: Clock, key_valid_for: timedelta) -> None:
        self._database = database
        self._catalogue = catalogue
        self._now = now
        self._key_valid_for = key_valid_for

    def sign_up(self, name: str, plan: str, administrator: str, *, by: str) -> str:
        """Sign a contract up with its administrator, both or neither, and return the first password."""
        now, catalogue = self._now(), self._catalogue
        return people.sign_up(self._database, name, plan, administrator, catalogue, now=now, by=by).password

    def add_user(self, contract: str, login_id: str, role: Role, *, by: str) -> str:
        """Create a login with its My Folder and return its first password."""
        return people.add_user(self._database, contract, login_id, role, now=self._now(), by=by).password

    def set_enabled(self, login_id: str, enabled: bool, *, by: str) -> None:
        """Let a login in or keep it out."""
        now = self._now()
        self._database.write(lambda tx: people.set_enabled(tx, login_id, enabled, now=now, by=by))

    def reset_password(self, login_id: str, *, by: str) -> str:
        """Give a login a new password and return it."""
        return people.reset_password(self._database, login_id, now=self._now(), by=by).password

    def add_group(self, contract: str, name: str, *, by: str) -> None:
        """Create a group with its folder."""
        now = self._now()
        self._database.write(lambda tx: people.add_group(tx, contract, name, read=(), write=(), now=now, by=by))

    def set_member(self, contract: str, name: str, login_id: str, may_write: bool | None, *, by: str) -> None:
        """Let a login read, or read and write, a group's folder; None ends its membership."""
        now = self._now()
        self._database.write(lambda tx: people.set_member(tx, contract, name, login_id, may_write, now=now, by=by))

    def issue_key(self, login_id: str, *, by: str) -> IssuedKey:
        """Issue a device key."""
        now, valid_for = self._now(), self._key_valid_for
        return self._database.write(lambda tx: people.issue_key(tx, login_id, now=now, valid_for=valid_for, by=by))

    def withdraw_key(self, contract: str, key_id: str, *, by: str) -> None:
        """Take back a key nobody has used."""
        now = self._now()
        self._database.write(lambda tx: people.revoke_key(tx, contract, key_id, now=now, by=by))

    def add_line(self, contract: str, name: str, networks: Sequence[str], *, by: str) -> AddedLine:
        """Register a line and return it with its tool's secret."""
        now = self._now()
        return self._database.write(lambda tx: people.add_line(tx, contract, name, networks, now=now, by=by))

    def held(self, device_id: str) -> Held:
        """Return what would end if the device were locked now."""
        with self._database.reading() as tx:
            found = remote_lock.preview(tx, device_id)
        return Held(found.web_sessions, found.dav_locks, found.unlocked_secrets)

    def change_device(self, device_id: str, state: DeviceState, who: Who) -> None:
        """Lock, unlock or revoke a device; what it holds ends."""
        order, now = Order(who.by, who.asked_by, who.reason), self._now()
        self._database.write(lambda tx: remote_lock.change(tx, device_id, state, order, now=now))

    def lock_proof(self, device_id: str) -> LockProof:
        """Return the proof of the device's latest lock or revocation."""
        with self._database.reading() as tx:
            found = remote_lock.proof(tx, device_id)
        return LockProof(**{name: getattr(found, name) for name in LockProof.__slots__})
