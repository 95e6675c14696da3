"""Who gets in, wired from the configuration: everything that stands before a folder's door, once per process."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from auth import accesslog, certificates, devices, line_proof, lines, lockout, presented, settings
from auth.accesslog import entry_of
from auth.addresses import Network
from auth.callers import Caller
from auth.certificates import Certified
from auth.devices import PASSWORD_ALONE, Proofs, RegisteredDevice
from auth.edge import EdgeKeys
from auth.identify import Identifier, IsPro
from auth.journal import Journal
from auth.lines import LineSession
from auth.lockout import Policy
from auth.presented import Presented
from auth.recorder import Recorder
from auth.sessions import SessionPolicy
from auth.settings import Binding
from auth.sightings import Sightings
from core.clock import Clock
from core.clock import now as real_now
from core.config import Config
from core.errors import AccessDenied, NotAuthenticated
from db.engine import Database, Transaction
from providers.http import Environ


@dataclass(frozen=True, slots=True)
class Entrance:
    """The parts that know people. `edge_keys` is None where no carrier signs for lines."""

    database: Database
    identifier: Identifier
    journal: Journal
    recorder: Recorder
    lockout: Policy
    sessions: SessionPolicy
    edge_keys: EdgeKeys | None
    line_session: timedelta
    certificate_valid_for: timedelta
    trusted: tuple[Network, ...]
    clock: Clock

    def presented(self, environ: Environ) -> Presented:
        """Return what a request shows beside a password."""
        return presented.of_environ(environ, self.trusted)


def build(config: Config, database: Database, is_pro: IsPro, *, clock: Clock = real_now) -> Entrance:
    """Return the parts, wired; a worker starts `recorder` and stops it at its end."""
    journal, sightings, policy = Journal(database), Sightings(), policy_of(config)
    lines_config = config.lines
    identifier = Identifier(
        database,
        is_pro,
        verifiers=line_proof.chain(lines_config.verifiers),
        policy=policy,
        sightings=sightings,
        journal=journal,
        clock=clock,
    )
    edge_keys = EdgeKeys(lines_config.edge_keys, timedelta(seconds=lines_config.edge_max_age_seconds))
    return Entrance(
        database=database,
        identifier=identifier,
        journal=journal,
        recorder=Recorder(database, journal, sightings),
        lockout=policy,
        sessions=SessionPolicy(
            idle=timedelta(minutes=config.sessions.idle_minutes), longest=timedelta(hours=config.sessions.longest_hours)
        ),
        edge_keys=edge_keys if "edge" in lines_config.verifiers else None,
        line_session=timedelta(hours=lines_config.session_hours),
        certificate_valid_for=timedelta(days=config.devices.certificate_valid_days),
        trusted=tuple(ipaddress.ip_network(one) for one in config.server.trusted_proxies),
        clock=clock,
    )


def policy_of(config: Config) -> Policy:
    """Return how much guessing the configuration bears."""
    given = config.lockout
    return Policy(
        login_attempts=given.login_attempts,
        address_attempts=given.address_attempts,
        first_delay=timedelta(seconds=given.first_delay_seconds),
        longest_delay=timedelta(seconds=given.longest_delay_seconds),
        forget_after=timedelta(hours=given.forget_hours),
    )


class Registration(NamedTuple):
    """A new device, and its client certificate where the contract binds devices to one (R13)."""

    device: RegisteredDevice
    certificate: Certified | None


def register_device(
    entrance: Entrance,
    shown: Presented,
    *,
    login_id: str,
    password: str,
    device_key: str,
    device_name: str,
    proofs: Proofs = PASSWORD_ALONE,
) -> Registration:
    """Register a device by its key and its login's password; done or refused, it is in the access log (R13).

    Raises AccessDenied where key, login ID or password is not right (which one is not said), InvalidInput for
    the name, LockedOut.
    """
    try:
        caller = entrance.identifier.by_login(login_id, password, shown)
    except NotAuthenticated as error:
        raise AccessDenied("device.key_refused", cause=error.cause) from None
    now = entrance.clock()

    def operation(tx: Transaction) -> Registration:
        made = devices.register(tx, caller.contract_id, caller.login, device_key, device_name, now=now, proofs=proofs)
        bound = settings.read(tx, caller.contract_id).device_binding is Binding.CERTIFICATE
        valid_for = entrance.certificate_valid_for
        certificate = certificates.certify(tx, made.device_id, now=now, valid_for=valid_for) if bound else None
        entry = entry_of(caller, "device.register", "", now=now, detail=f"{made.device_id} {device_name}")
        accesslog.append(tx.cursor, caller.contract_id, [entry])
        return Registration(made, certificate)

    try:
        return entrance.database.write(operation)
    except AccessDenied as error:
        note_refusal(entrance, caller, "device.register", "", error.cause)
        raise


def open_line(entrance: Entrance, caller: Caller, shown: Presented, *, line_id: str, code: str) -> LineSession:
    """Open a line session by a code of the line's tool; done or refused, it is in the access log (R17).

    Codes are six digits, so guessing them is slowed down like guessing passwords. Raises AccessDenied, LockedOut.
    """
    now, policy = entrance.clock(), entrance.lockout
    guessed = f"{caller.login_id} line"
    entrance.database.write(lambda tx: lockout.attempt(tx, guessed, shown.address, policy, now=now))

    def operation(tx: Transaction) -> LineSession | AccessDenied:
        try:
            session = lines.open_session(
                tx, caller, line_id, code, shown, entrance.edge_keys, now=now, valid_for=entrance.line_session
            )
        except AccessDenied as error:
            return error  # not raised here: a code that was shown is used up, whatever else was wrong
        lockout.succeeded(tx, guessed, shown.address, policy)
        accesslog.append(tx.cursor, caller.contract_id, [entry_of(caller, "line.open", "", now=now, detail=line_id)])
        return session

    opened = entrance.database.write(operation)
    if isinstance(opened, AccessDenied):
        note_refusal(entrance, caller, "line.open", "", opened.cause)
        raise opened
    return opened


def note_refusal(entrance: Entrance, caller: Caller, act: str, path: str, cause: str) -> None:
    """Note in the access log that a caller who is known was refused something, and why."""
    entrance.journal.note(caller.contract_id, entry_of(caller, act, path, now=entrance.clock(), result=cause))
