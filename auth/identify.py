"""From what a request shows to a Caller, with every state read anew.

A device password is found by its hash; one statement tells who, from which device, over which line and of what
contract. Without PRO the login password is taken too (R12): checked slowly once, then remembered in this process
by a keyed hash for a few minutes; the login's state is still read on every request, so that a lock bites at once.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import String, bindparam, select, update

from auth import line_proof, lockout
from auth.callers import ACTIVE, Caller, DeviceState, Role
from auth.clients import program
from auth.line_proof import LineVerifier
from auth.lockout import Policy
from auth.passwords import password_matches
from auth.presented import NOTHING, Presented
from auth.settings import Binding
from auth.sightings import Sightings
from core.clock import Clock, to_microseconds
from core.clock import now as real_now
from core.errors import AccessDenied, NotAuthenticated
from core.ids import secret_hash
from db.engine import Database, Transaction
from db.statements import Cursor, Row, Statement
from db.tables import access_settings, contracts, devices, logins

_REMEMBER = timedelta(minutes=5)
_REMEMBERED_LOGINS = 10_000

#: Answers whether a contract is on a plan with PRO at this instant.
IsPro = Callable[[Cursor, int], bool]

_login_columns = (
    logins.c.contract_id,
    logins.c.id,
    logins.c.login_id,
    logins.c.role,
    logins.c.enabled,
    contracts.c.state,
)
_evidence = tuple(line_proof.columns())
_of_device = (
    devices.join(logins, (logins.c.contract_id == devices.c.contract_id) & (logins.c.id == devices.c.login))
    .join(contracts, contracts.c.id == devices.c.contract_id)
    .outerjoin(access_settings, access_settings.c.contract_id == devices.c.contract_id)
)
_device_columns = (
    devices.c.id,
    devices.c.state,
    devices.c.client,
    devices.c.certificate_sha256,
    access_settings.c.device_binding,
)
_by_device_password = Statement(
    select(*_login_columns, *_evidence, *_device_columns)
    .select_from(line_proof.with_session(_of_device))
    .where(devices.c.password_hash == bindparam("password_hash", type_=String))
)
_by_public_key = Statement(
    select(*_login_columns, *_evidence, *_device_columns)
    .select_from(line_proof.with_session(_of_device))
    .where(devices.c.public_key == bindparam("public_key", type_=String))
)
_by_login_id = Statement(
    select(*_login_columns, *_evidence, logins.c.password_hash)
    .select_from(line_proof.with_session(logins.join(contracts, contracts.c.id == logins.c.contract_id)))
    .where(logins.c.login_id == bindparam("login_id", type_=String))
)


#: How many of a row's columns tell the login, and where those of the line's evidence end.
_LOGIN, _LINE = len(_login_columns), len(_login_columns) + len(_evidence)


class Identifier:
    """Tells who is calling; holds only the memory of login passwords checked a moment ago."""

    def __init__(
        self,
        database: Database,
        is_pro: IsPro,
        *,
        verifiers: Sequence[LineVerifier] = line_proof.chain(("network",)),
        policy: Policy = Policy(),  # noqa: B008 - frozen
        sightings: Sightings | None = None,
        clock: Clock = real_now,
    ) -> None:
        self._database = database
        self._is_pro = is_pro
        self._verifiers = verifiers
        self._policy = policy
        self._sightings = sightings or Sightings()
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._checked: OrderedDict[bytes, tuple[str, datetime]] = OrderedDict()

    def by_basic(self, user_name: str, password: str, presented: Presented = NOTHING) -> Caller:
        """Return the caller of a WebDAV request: a device by its password, or a login by its own.

        What a login without a device may open on PRO is decided by `access` (R12). Explorer's `DOMAIN\\login`
        means `login` (CLIENTS W6). Raises NotAuthenticated for an unknown login, a wrong password, a device, login
        or contract that is locked or disabled: which one is never said. Raises AccessDenied for a device that
        comes with another client or without its certificate where the contract binds it, and LockedOut.
        """
        login_id = user_name.rpartition("\\")[2]
        mark = self._mark(login_id, password)
        if (remembered := self._checked.get(mark)) is not None and remembered[1] > self._clock():
            row = self._login(login_id, presented)
            if row is not None and row[-1] == remembered[0]:
                return self._login_caller(row, presented)
        row = self._row(_by_device_password, presented, password_hash=secret_hash(password))
        if row is not None:
            return self._device_caller(row, presented, login_id)
        row = self._checked_login(login_id, password, presented)
        self._remember(mark, str(row[-1]))
        return self._login_caller(row, presented)

    def by_login(self, login_id: str, password: str, presented: Presented = NOTHING) -> Caller:
        """Return the caller of a login page or device registration. Raises NotAuthenticated and LockedOut."""
        return self._login_caller(self._checked_login(login_id, password, presented), presented)

    def by_public_key(self, public_key: str, presented: Presented) -> Caller:
        """Return the caller whose tool signed the request with this key (R14); the signature was verified.

        Raises as `by_basic`.
        """
        row = self._row(_by_public_key, presented, public_key=public_key)
        if row is None:
            raise NotAuthenticated("device.unknown")
        return self._device_caller(row, presented, row[2])

    def _checked_login(self, login_id: str, password: str, presented: Presented) -> Row:
        """Return the login's row if the password is right; the same work for every login ID there might be."""
        now, policy = self._clock(), self._policy
        self._database.write(lambda tx: lockout.attempt(tx, login_id, presented.address, policy, now=now))
        row = self._login(login_id, presented)
        if not password_matches(None if row is None else row[-1], password) or row is None:
            raise NotAuthenticated("login.unknown" if row is None else "password.wrong")
        self._database.write(lambda tx: lockout.succeeded(tx, login_id, presented.address, policy))
        return row

    def _login(self, login_id: str, presented: Presented) -> Row | None:
        # What no login ID can be is looked up as the empty one, which does not exist: PostgreSQL refuses NUL.
        return self._row(_by_login_id, presented, login_id=login_id if login_id.isprintable() else "")

    def _row(self, statement: Statement, presented: Presented, **key: str) -> Row | None:
        token_hash = secret_hash(presented.line_token) if presented.line_token else ""
        shown = line_proof.parameters(presented, token_hash, now_us=to_microseconds(self._clock()))
        with self._database.reading() as tx:
            return statement.first(tx.cursor, **shown, **key)

    def _login_caller(self, row: Row, presented: Presented) -> Caller:
        _require_open(row)
        return self._caller(row, presented, None, needs_plan=True)

    def _device_caller(self, row: Row, presented: Presented, login_id: str) -> Caller:
        device_id, state, client, certificate, binding = row[_LINE:]
        if row[2] != login_id:
            raise NotAuthenticated("device.of_other_login")
        if state != DeviceState.REGISTERED:
            raise NotAuthenticated(f"device.{state}")
        _require_open(row)
        if binding == Binding.CLIENT and client != program(presented.client):
            bound = program(presented.client)
            if client is not None or not self._database.write(lambda tx: bind(tx, row[0], device_id, bound)):
                raise AccessDenied("device.other_client")
        if binding == Binding.CERTIFICATE and (not certificate or certificate != presented.certificate_sha256):
            raise AccessDenied("device.certificate_missing")
        caller = self._caller(row, presented, device_id, needs_plan=False)
        self._sightings.note(caller, now=self._clock())
        return caller

    def _caller(self, row: Row, presented: Presented, device_id: str | None, *, needs_plan: bool) -> Caller:
        contract_id, login, login_id, role, _, state = row[:_LOGIN]
        line = line_proof.judge(line_proof.evidence_of(row[_LOGIN:_LINE]), self._verifiers)
        pro = False
        if needs_plan or (line.line_id is not None and line.missing is None):
            with self._database.reading() as tx:
                pro = self._is_pro(tx.cursor, contract_id)
        return Caller(
            contract_id,
            login,
            login_id,
            Role(role),
            device_id,
            pro=pro,
            active=state == ACTIVE,
            line=line,
            on_phone=presented.on_phone,
            address=presented.address,
            client=presented.client,
        )

    def _mark(self, login_id: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{login_id}\0{password}".encode("utf-8", "surrogatepass"), "sha256")

    def _remember(self, mark: bytes, password_hash: str) -> None:
        self._checked[mark] = (password_hash, self._clock() + _REMEMBER)
        while len(self._checked) > _REMEMBERED_LOGINS:
            self._checked.popitem(last=False)


def _require_open(row: Row) -> None:
    """Return if login and contract are open; of an ended contract the administrator still reads (R9)."""
    _, _, _, role, enabled, state = row[:_LOGIN]
    if not enabled:
        raise NotAuthenticated("login.disabled")
    if state != ACTIVE and role != Role.ADMINISTRATOR:
        raise NotAuthenticated("contract.ended")


def bind(tx: Transaction, contract_id: int, device_id: str, client: str) -> bool:
    """Bind a device to the client it first comes with; False where it is bound to another already."""
    mine = (devices.c.contract_id == contract_id, devices.c.id == device_id)
    first = tx.execute(update(devices).where(*mine, devices.c.client.is_(None)).values(client=client))
    return first.rowcount == 1 or tx.execute(select(devices.c.client).where(*mine)).scalar() == client
