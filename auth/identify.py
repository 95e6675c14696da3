"""From what a request shows to a Caller, with every state read anew.

A device password is found by its hash; one statement tells who, from which device, over which line and of what
contract. Without PRO the login password is taken too (R12): checked slowly once, then remembered in this process
by a keyed hash for a few minutes; the login's state is still read on every request, so that a lock bites at once.
"""

from __future__ import annotations

import functools
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from auth import devices, line_proof, lockout, lookups, sessions, signatures, tokens, totp
from auth.accesslog import Entry
from auth.callers import ACTIVE, Caller, DeviceState, Role
from auth.clients import program
from auth.journal import Journal
from auth.line_proof import LineVerifier
from auth.lockout import Policy
from auth.lookups import LINE, LOGIN, Lookup
from auth.passwords import password_matches
from auth.presented import NOTHING, Presented
from auth.sessions import SessionPolicy
from auth.settings import Binding
from auth.sightings import Sightings
from auth.tokens import Scope
from core.clock import Clock, to_microseconds
from core.clock import now as real_now
from core.errors import AccessDenied, GatewayError, LockedOut, NotAuthenticated
from core.ids import secret_hash
from db.engine import Database, Transaction
from db.statements import Cursor, Row
from db.tables import SERVICE_CONTRACT_ID

_REMEMBER = timedelta(minutes=5)
_REMEMBERED_LOGINS = 10_000

#: A session in use is written down at most this often.
_TOUCH_US = 60 * 1_000_000

#: Answers whether a contract is on a plan with PRO at this instant.
IsPro = Callable[[Cursor, int], bool]


class Identifier:
    """Tells who is calling; holds only the memory of login passwords checked a moment ago."""

    def __init__(
        self,
        database: Database,
        is_pro: IsPro,
        *,
        verifiers: tuple[LineVerifier, ...] = line_proof.chain(("network",)),
        policy: Policy = Policy(),  # noqa: B008 - frozen
        sightings: Sightings | None = None,
        journal: Journal | None = None,
        clock: Clock = real_now,
    ) -> None:
        self._database = database
        self._is_pro = is_pro
        self._verifiers = verifiers
        self._policy = policy
        self._sightings = sightings or Sightings()
        self._journal = journal
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._checked: OrderedDict[bytes, tuple[str, datetime]] = OrderedDict()

    def by_basic(self, user_name: str, password: str, presented: Presented = NOTHING) -> Caller:
        """Return the caller of a WebDAV request: a device by its password, or a login by its own.

        What a login without a device may open on PRO is decided by `access` (R12). Explorer's `DOMAIN\\login`
        means `login` (CLIENTS W6). The password of a device that has a private key counts only on requests it
        signed (R14). Raises NotAuthenticated for an unknown login, a wrong password or signature, a device, login
        or contract that is locked or disabled: which one is never said. Raises AccessDenied for a device that
        comes with another client or without its certificate where the contract binds it, and LockedOut.
        """
        login_id = user_name.rpartition("\\")[2]
        row = self._row(lookups.by_device_password, presented, password_hash=secret_hash(password))
        if row is not None:
            return self._device_caller(row, presented, login_id)
        mark = self._mark(login_id, password)
        row = self._remembered_login(mark, login_id, presented)
        if row is None:
            row = self._checked_login(login_id, password, presented)
            self._remember(mark, str(row[-1]))
        return self._login_caller(row, presented)

    def by_login(self, login_id: str, password: str, presented: Presented = NOTHING) -> Caller:
        """Return the caller of a login page or device registration. Raises NotAuthenticated and LockedOut.

        Where the login has an authenticator app, earlier failures still count until its code was right
        (`lockout.cleared`).
        """
        return self._login_caller(self._checked_login(login_id, password, presented), presented)

    def by_session(self, secret: str, presented: Presented, policy: SessionPolicy) -> Caller:
        """Return the caller of a web session by its cookie's secret; it counts as in use from now on.

        Raises NotAuthenticated for a session that ended, was idle too long, or whose login or device is closed.
        """
        now = self._clock()
        idle_since = to_microseconds(now - policy.idle)
        row = self._row(lookups.by_session, presented, session_hash=secret_hash(secret), idle_since=idle_since)
        if row is None:
            raise NotAuthenticated("session.ended")
        seen_us, device_id, state = row[LINE:]
        closed = _why_closed(row) or (f"device.{state}" if state not in (None, DeviceState.REGISTERED) else None)
        if closed is not None:
            raise self._refused(NotAuthenticated(closed), presented, row[2], row, device_id or "")
        if to_microseconds(now) - seen_us >= _TOUCH_US:
            self._database.write(lambda tx: sessions.touch(tx, row[0], secret, now=now))
        caller = self._caller(row, presented, device_id, needs_plan=True)
        self._sightings.note(caller, now=now)
        return caller

    def by_token(self, token: str, presented: Presented) -> tuple[Caller, frozenset[Scope]]:
        """Return the caller of the HTTP API by a token, and what the token may be used for.

        A token of a device that has a certificate counts only with it, where the contract binds devices so (R14).
        Raises NotAuthenticated for a token that expired, was revoked or never was, and where login, contract or
        device is closed: which one is never said. Raises AccessDenied for a missing certificate.
        """
        now = self._clock()
        row = self._row(lookups.by_token, presented, token_hash=secret_hash(token))
        if row is None:
            raise self._refused(NotAuthenticated("token.unknown"), presented, "", None)
        token_id, scopes, expires_us, used_us, revoked, device_id, state, certificate, binding = row[LINE:]
        closed = _why_closed(row)
        if revoked or expires_us <= to_microseconds(now):
            closed = "token.revoked" if revoked else "token.expired"
        elif state not in (None, DeviceState.REGISTERED):
            closed = f"device.{state}"
        if closed is not None:
            raise self._refused(NotAuthenticated(closed), presented, row[2], row, device_id or "")
        if binding == Binding.CERTIFICATE and certificate and certificate != presented.certificate_sha256:
            raise self._refused(AccessDenied("device.certificate_missing"), presented, row[2], row, device_id)
        if used_us is None or to_microseconds(now) - used_us >= _TOUCH_US:
            self._database.write(lambda tx: tokens.touch(tx, row[0], token_id, now=now))
        caller = self._caller(row, presented, device_id, needs_plan=True)
        self._sightings.note(caller, now=now)
        return caller, tokens.scopes_of(scopes) & tokens.OF_ROLE[caller.role]

    def require_still_open(self, caller: Caller) -> None:
        """Return while login, contract and device are open; asked every few seconds of a running transfer (R16).

        One statement. Raises NotAuthenticated.
        """
        with self._database.reading() as tx:
            row = lookups.still_open.first(
                tx.cursor, contract=caller.contract_id, login_number=caller.login, device=caller.device_id or ""
            )
        if row is None or not row[0]:
            raise NotAuthenticated("login.disabled")
        if (row[1] == ACTIVE) != caller.active:
            raise NotAuthenticated("contract.ended")
        if caller.device_id is not None and row[2] != DeviceState.REGISTERED:
            raise NotAuthenticated(f"device.{row[2]}")

    def _remembered_login(self, mark: bytes, login_id: str, presented: Presented) -> Row | None:
        """Return the login's row if this password was found right a moment ago and is still its password."""
        remembered = self._checked.get(mark)
        if remembered is None or remembered[1] <= self._clock():
            return None
        row = self._login(login_id, presented)
        return row if row is not None and row[-1] == remembered[0] else None

    def _checked_login(self, login_id: str, password: str, presented: Presented) -> Row:
        """Return the login's row if the password is right; the same work for every login ID there might be."""
        now, policy = self._clock(), self._policy
        try:
            self._database.write(lambda tx: lockout.attempt(tx, login_id, presented.address, policy, now=now))
        except LockedOut as error:
            raise self._refused(error, presented, login_id, self._login(login_id, presented)) from None
        row = self._login(login_id, presented)
        matches = password_matches(None if row is None else row[-1], password)
        if row is None or not matches:
            cause = "login.unknown" if row is None else "password.wrong"
            raise self._refused(NotAuthenticated(cause), presented, login_id, row)
        if (closed := _why_closed(row)) is not None:
            # Before the attempt is taken back: the right password of a closed login costs what a wrong one does.
            raise self._refused(NotAuthenticated(closed), presented, login_id, row)
        self._database.write(lambda tx: self._take_back(tx, row, login_id, presented.address))
        return row

    def _take_back(self, tx: Transaction, row: Row, login_id: str, address: str) -> None:
        """Take an attempt back. Half of what it takes to come in does not let guessing begin anew (R19)."""
        halfway = totp.has_app(tx, row[0], row[1])
        (lockout.taken_back if halfway else lockout.succeeded)(tx, login_id, address, self._policy)

    def _login(self, login_id: str, presented: Presented) -> Row | None:
        # What no login ID can be is looked up as the empty one, which does not exist: PostgreSQL refuses NUL.
        return self._row(lookups.by_login_id, presented, login_id=login_id if login_id.isprintable() else "")

    def _row(self, lookup: Lookup, presented: Presented, **key: str | int) -> Row | None:
        now_us = to_microseconds(self._clock())
        with self._database.reading() as tx:
            return lookup.first(tx.cursor, presented, now_us=now_us, **key)

    def _login_caller(self, row: Row, presented: Presented) -> Caller:
        if (closed := _why_closed(row)) is not None:
            raise self._refused(NotAuthenticated(closed), presented, row[2], row)
        return self._caller(row, presented, None, needs_plan=True)

    def _device_caller(self, row: Row, presented: Presented, login_id: str) -> Caller:
        device_id, state, client, certificate, public_key, binding = row[LINE:]
        closed = _why_closed(row)
        if row[2] != login_id:
            closed = "device.of_other_login"
        elif state != DeviceState.REGISTERED:
            closed = f"device.{state}"
        if closed is not None:
            raise self._refused(NotAuthenticated(closed), presented, login_id, row, device_id)
        if public_key is not None:
            try:
                signatures.verify(presented.signed, device_id, public_key, now=self._clock())
            except NotAuthenticated as error:
                raise self._refused(error, presented, login_id, row, device_id) from None
        if binding == Binding.CLIENT and client != (bound := program(presented.client)):
            mine = client is None and self._database.write(lambda tx: devices.bind_client(tx, row[0], device_id, bound))
            if not mine:
                raise self._refused(AccessDenied("device.other_client"), presented, login_id, row, device_id)
        if binding == Binding.CERTIFICATE and (not certificate or certificate != presented.certificate_sha256):
            raise self._refused(AccessDenied("device.certificate_missing"), presented, login_id, row, device_id)
        caller = self._caller(row, presented, device_id, needs_plan=False)
        self._sightings.note(caller, now=self._clock())
        return caller

    def _refused(
        self, error: GatewayError, presented: Presented, login_id: str, row: Row | None, device_id: str = ""
    ) -> GatewayError:
        """Return the error, its cause noted in the log of the contract it concerns, else of the service."""
        if self._journal is not None:
            contract_id, line_id = SERVICE_CONTRACT_ID, ""
            if row is not None:
                evidence = line_proof.evidence_of(row[LOGIN:LINE])
                contract_id, line_id = row[0], evidence.session_line or evidence.line_here or ""
            cause = str(getattr(error, "cause", error.message_id))
            entry = Entry(
                self._clock(), login_id, device_id, line_id, presented.address, "sign-in", presented.path, cause
            )
            self._journal.note(contract_id, entry)
        return error

    def _caller(self, row: Row, presented: Presented, device_id: str | None, *, needs_plan: bool) -> Caller:
        caller = _caller_of(
            row[:LINE], device_id, self._verifiers, presented.on_phone, presented.address, presented.client
        )
        line = caller.line
        if needs_plan or (line.line_id is not None and line.missing is None):
            with self._database.reading() as tx:
                if self._is_pro(tx.cursor, caller.contract_id):
                    return replace(caller, pro=True)
        return caller

    def _mark(self, login_id: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{login_id}\0{password}".encode("utf-8", "surrogatepass"), "sha256")

    def _remember(self, mark: bytes, password_hash: str) -> None:
        self._checked[mark] = (password_hash, self._clock() + _REMEMBER)
        while len(self._checked) > _REMEMBERED_LOGINS:
            self._checked.popitem(last=False)


@functools.lru_cache(maxsize=4096)
def _caller_of(
    row: Row,
    device_id: str | None,
    verifiers: tuple[LineVerifier, ...],
    on_phone: bool,
    address: str,
    client: str,
) -> Caller:
    """Return the caller of a row, without what its plan says; the same row comes with every request of a device."""
    contract_id, login, login_id, role, _, state = row[:LOGIN]
    return Caller(
        contract_id,
        login,
        login_id,
        Role(role),
        device_id,
        active=state == ACTIVE,
        line=line_proof.judge(line_proof.evidence_of(row[LOGIN:]), verifiers),
        on_phone=on_phone,
        address=address,
        client=client,
    )


def _why_closed(row: Row) -> str | None:
    """Return why a login may not come in, or None; of an ended contract the administrator still reads (R9)."""
    _, _, _, role, enabled, state = row[:LOGIN]
    if not enabled:
        return "login.disabled"
    return "contract.ended" if state != ACTIVE and role != Role.ADMINISTRATOR else None
