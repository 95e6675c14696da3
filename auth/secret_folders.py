"""Secret Folders: created, unlocked for a while on one device, locked again (R18, R16).

An unlocked folder's key lies in its row sealed by the run key, which only running gateways have: the
database alone opens nothing, and after a restart every folder is locked.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Integer, String, bindparam, delete, insert, select, update

from auth import accesslog, secret_keys
from auth.accesslog import entry_of
from auth.callers import Caller
from auth.secret_keys import Wrapped
from core.clock import to_microseconds
from core.errors import AlreadyExists, NotFound
from db.engine import Database, Transaction
from db.statements import Statement
from db.tables import secret_folders, unlocked_folders

#: Use is noted at most this often, so that reading a folder does not write a row a request.
_NOTE_EVERY = timedelta(minutes=1)

_mine = (
    unlocked_folders.c.contract_id == bindparam("contract", type_=Integer),
    unlocked_folders.c.login == bindparam("login_number", type_=BigInteger),
    unlocked_folders.c.device_id == bindparam("device", type_=String),
)
_unlocked = Statement(select(unlocked_folders.c.sealed_key, unlocked_folders.c.used_at).where(*_mine))
_used = Statement(update(unlocked_folders).where(*_mine).values(used_at=bindparam("new_used", type_=BigInteger)))


def create(database: Database, caller: Caller, secret: str, *, now: datetime) -> str:
    """Create the caller's Secret Folder and return its recovery code, shown once.

    Raises AlreadyExists, InvalidInput for a secret that is too short.
    """
    made = secret_keys.create(secret)  # slow on purpose, so outside the transaction

    def operation(tx: Transaction) -> None:
        if _row(tx, caller) is not None:
            raise AlreadyExists("the Secret Folder")
        tx.execute(
            insert(secret_folders).values(
                contract_id=caller.contract_id,
                login=caller.login,
                salt=made.wrapped.salt,
                wrapped_by_secret=made.wrapped.by_secret,
                wrapped_by_recovery=made.wrapped.by_recovery,
                created_at=now,
                changed_at=now,
            )
        )
        _log(tx, caller, "secret.create", now)

    database.write(operation)
    return made.recovery_code


def exists(tx: Transaction, caller: Caller) -> bool:
    """Return whether the caller has a Secret Folder."""
    return _row(tx, caller) is not None


def unlock(database: Database, caller: Caller, secret: str, run_key: bytes, *, now: datetime) -> None:
    """Open the caller's folder on their device. Raises NotFound without one, AccessDenied for a wrong secret."""
    with database.reading() as tx:
        wrapped = _wrapped(tx, caller)
    key = secret_keys.by_secret(wrapped, secret)
    sealed = secret_keys.seal(run_key, key)

    def operation(tx: Transaction) -> None:
        _close(tx, caller)
        tx.execute(
            insert(unlocked_folders).values(
                contract_id=caller.contract_id,
                login=caller.login,
                device_id=caller.device_id or "",
                sealed_key=sealed,
                unlocked_at=now,
                used_at=now,
            )
        )
        _log(tx, caller, "secret.unlock", now)

    database.write(operation)


def change_secret(database: Database, caller: Caller, old: str, new: str, *, now: datetime) -> None:
    """Give the folder another secret; it is locked everywhere.

    Raises NotFound, AccessDenied for a wrong old secret, InvalidInput for a new one that is too short.
    """
    with database.reading() as tx:
        wrapped = _wrapped(tx, caller)
    _rewrap(database, caller, wrapped, secret_keys.by_secret(wrapped, old), new, now=now)


def recover(database: Database, caller: Caller, code: str, new: str, *, now: datetime) -> None:
    """Give the folder another secret by its recovery code; it is locked everywhere. Raises as `change_secret`."""
    with database.reading() as tx:
        wrapped = _wrapped(tx, caller)
    _rewrap(database, caller, wrapped, secret_keys.by_recovery_code(wrapped, code), new, now=now)


def unlocked_key(database: Database, caller: Caller, run_key: bytes, *, idle: timedelta, now: datetime) -> bytes | None:
    """Return the key of the caller's folder while it is open on their device; None once it was idle too long.

    One statement; at most once a minute a second one that notes the use.
    """
    whose = {"contract": caller.contract_id, "login_number": caller.login, "device": caller.device_id or ""}
    with database.reading() as tx:
        row = _unlocked.first(tx.cursor, **whose)
    if row is None:
        return None
    unused = timedelta(microseconds=to_microseconds(now) - row[1])
    if unused > idle:
        return None
    if unused > _NOTE_EVERY:
        database.write(lambda tx: _used.run(tx.cursor, new_used=to_microseconds(now), **whose))
    return secret_keys.unseal(run_key, bytes(row[0]))


def lock(database: Database, caller: Caller) -> None:
    """Lock the caller's folder on their device: at logout, or when they say so."""
    database.write(lambda tx: _close(tx, caller))


def lock_device(tx: Transaction, contract_id: int, device_id: str) -> int:
    """Lock what a device has unlocked (R16); return how many folders that were."""
    closed = tx.execute(
        delete(unlocked_folders).where(
            unlocked_folders.c.contract_id == contract_id, unlocked_folders.c.device_id == device_id
        )
    )
    return closed.rowcount


def lock_everything(tx: Transaction) -> None:
    """Lock every folder: at the start of the service."""
    tx.execute(delete(unlocked_folders))


def _row(tx: Transaction, caller: Caller) -> Wrapped | None:
    row = tx.execute(
        select(secret_folders).where(
            secret_folders.c.contract_id == caller.contract_id, secret_folders.c.login == caller.login
        )
    ).first()
    return None if row is None else Wrapped(row.salt, row.wrapped_by_secret, row.wrapped_by_recovery)


def _wrapped(tx: Transaction, caller: Caller) -> Wrapped:
    wrapped = _row(tx, caller)
    if wrapped is None:
        raise NotFound("the Secret Folder")
    return wrapped


def _rewrap(database: Database, caller: Caller, old: Wrapped, key: bytes, secret: str, *, now: datetime) -> None:
    wrapped = secret_keys.rewrap(old, key, secret)

    def operation(tx: Transaction) -> None:
        changed = tx.execute(
            update(secret_folders)
            .where(
                secret_folders.c.contract_id == caller.contract_id,
                secret_folders.c.login == caller.login,
                secret_folders.c.salt == old.salt,  # of two changes at once the second starts over
            )
            .values(salt=wrapped.salt, wrapped_by_secret=wrapped.by_secret, changed_at=now)
        )
        if changed.rowcount != 1:
            raise NotFound("the Secret Folder")
        tx.execute(
            delete(unlocked_folders).where(
                unlocked_folders.c.contract_id == caller.contract_id, unlocked_folders.c.login == caller.login
            )
        )
        _log(tx, caller, "secret.change", now)

    database.write(operation)


def _log(tx: Transaction, caller: Caller, act: str, now: datetime) -> None:
    accesslog.append(tx.cursor, caller.contract_id, [entry_of(caller, act, "secret", now=now)])


def _close(tx: Transaction, caller: Caller) -> None:
    tx.execute(
        delete(unlocked_folders).where(
            unlocked_folders.c.contract_id == caller.contract_id,
            unlocked_folders.c.login == caller.login,
            unlocked_folders.c.device_id == (caller.device_id or ""),
        )
    )
