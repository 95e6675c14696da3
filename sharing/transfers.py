"""Files from one contract to another: sent, then accepted or declined there; no byte moves (R26).

What is sent is what is there at the sending, and it stays what it is whatever the sender does with the files
(docs/adr/0011). Every step is one transaction, written to the access logs of both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update

from auth import access, accesslog, settings
from auth.access import FolderType, Grant
from auth.accesslog import DONE, Entry, entry_of
from auth.callers import Caller, Role
from core import messages
from core.clock import TOKYO, from_microseconds
from core.errors import AccessDenied, NotAllowedHere, NotFound, TransferRefused
from core.ids import new_object_id
from db.engine import Database, Transaction
from db.tables import COLLECTION, contracts, transfers
from sharing import transfer_codes
from sharing.outbox import Mail, enqueue
from sharing.transfer_rules import (
    MAX_MESSAGE_CHARACTERS,
    State,
    Transfer,
    is_receiver,
    is_sender,
    require_open,
    require_sendable,
)
from storage import files, handover, lending, locks
from storage.files import UNCONDITIONAL, FileSystem, Names
from storage.handover import Parcel, Shelf
from storage.nodes import Node

_senders, _receivers = contracts.alias("senders"), contracts.alias("receivers")
#: Transfers, and things in one, that a page shows.
SHOWN = 200
_FORGOTTEN = 1000


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes with the files: to whom, a message, until when it can be accepted, and the page where it is."""

    code: str
    addressee: str
    message: str
    expires_at: datetime
    page: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What is picked: names in a collection of a folder. `path` is the collection as people read it."""

    grant: Grant
    collection: Names
    picked: list[str]
    path: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where files are put: a collection, or with `new_folder` a new one in it. `path` is as people read it."""

    grant: Grant
    collection: Names
    path: str
    new_folder: str | None = None


def send(fs: FileSystem, origin: Origin, letter: Letter) -> Transfer:
    """Hold what was picked as it is now, and tell the receiver.

    Raises CodeUnknown, NotFound where something picked is gone, AccessDenied out of a Security Folder unless copies
    may leave it (R23), and TransferRefused: out of a Secret Folder, to the own contract, or too much on its way.
    """
    return fs.database.write(lambda tx: _send(tx, fs, origin, letter))


def _send(tx: Transaction, fs: FileSystem, origin: Origin, letter: Letter) -> Transfer:
    caller, now_us = origin.grant.caller, fs.now_us()
    _require_may_leave(tx, origin.grant)
    receiver_id = transfer_codes.contract_of(tx, letter.code, now=fs.clock())
    if receiver_id == caller.contract_id:
        raise TransferRefused("transfer.to_yourself")
    lending.open_ledgers(tx, {caller.contract_id})
    collection = files.look(tx, origin.grant, origin.collection, UNCONDITIONAL, now_us=now_us).place.node
    if collection is None:
        raise NotFound(origin.path)
    one_id = new_object_id()
    _insert(tx, one_id, origin, receiver_id, letter, now=from_microseconds(now_us))
    held = handover.hold(tx, Parcel(caller.contract_id, one_id), collection.id, origin.picked, now_us=now_us)
    if held.tops != len(origin.picked):
        raise NotFound(origin.path)
    _require_sendable(tx, fs, caller.contract_id, held, now_us=now_us)
    sizes = {"files": held.files, "size_bytes": held.size_bytes}
    tx.execute(update(transfers).where(transfers.c.id == one_id).values(**sizes))
    one = _find(tx, one_id)
    _announce(tx, one, letter.page)
    detail = f"to {one.receiver}, {one.files} files, {one.size_bytes} bytes, {one.id}"
    _log(tx, one, entry_of(caller, "transfer.send", origin.path, now=one.sent_at, detail=detail), "arrive", one.sent_at)
    return one


def _require_may_leave(tx: Transaction, grant: Grant) -> None:
    if grant.folder is FolderType.SECRET:
        raise TransferRefused("transfer.from_secret")
    copy_out = settings.read(tx, grant.caller.contract_id).copy_out
    access.require_crossing(grant.folder, FolderType.MY, moving=False, copy_out=copy_out)


def _insert(tx: Transaction, one_id: str, origin: Origin, receiver_id: int, letter: Letter, *, now: datetime) -> None:
    caller = origin.grant.caller
    tx.execute(
        insert(transfers).values(
            contract_id=caller.contract_id,
            id=one_id,
            login=caller.login,
            login_id=caller.login_id,
            receiver_id=receiver_id,
            addressee=letter.addressee.strip()[:64],
            message=letter.message.strip()[:MAX_MESSAGE_CHARACTERS],
            source="\n".join(f"{origin.path}/{name}" for name in origin.picked[:SHOWN]),
            files=0,
            size_bytes=0,
            state=State.SENT.value,
            sent_at=now,
            expires_at=letter.expires_at,
            settled_at=None,
            settled_by="",
        )
    )


def _require_sendable(tx: Transaction, fs: FileSystem, contract_id: int, held: handover.Held, *, now_us: int) -> None:
    """The new transfer's row is there already, with no size yet."""
    open_ones = select(func.count(), func.coalesce(func.sum(transfers.c.size_bytes), 0)).where(
        transfers.c.contract_id == contract_id, transfers.c.state == State.SENT.value
    )
    count, size_bytes = tx.execute(open_ones).one()
    require_sendable(
        files=held.files,
        size_bytes=held.size_bytes,
        open_count=count - 1,
        open_bytes=int(size_bytes),
        capacity_bytes=fs.capacity(tx.cursor, contract_id, now_us),
    )


def _announce(tx: Transaction, one: Transfer, page: str) -> None:
    """Write to the receiver's administrator, in both languages; silence where no address is given."""
    address = tx.execute(select(contracts.c.notify_address).where(contracts.c.id == one.receiver_id)).scalar()
    if address is None:
        return
    facts: dict[str, object] = {
        "sender": one.sender,
        "login": one.login_id,
        "files": f"{one.files:,}",
        "size_bytes": f"{one.size_bytes:,}",
        "until": one.expires_at.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M"),
        "message": one.message or "–",
        "page": page,
    }
    subjects = [messages.text("transfer.mail.subject", language, **facts) for language in messages.LANGUAGES]
    bodies = [messages.text("transfer.mail.body", language, **facts) for language in messages.LANGUAGES]
    mail = Mail(f"transfer {one.id}", address, " / ".join(subjects), "\n――――――――\n\n".join(bodies))
    enqueue(tx, one.receiver_id, mail, now=one.sent_at)


def accept(fs: FileSystem, one_id: str, target: Target) -> Transfer:
    """Put a transfer's files into a folder of the receiver, all or nothing, and return it as it is then.

    Raises NotFound for whom it is not meant, TransferRefused where it was settled or ran out, QuotaExceeded and
    LimitExceeded, AlreadyExists where a name is taken, AccessDenied, ParentMissing, ResourceLocked, InvalidName.
    """
    return fs.database.write(lambda tx: _accept(tx, fs, one_id, target))


def _accept(tx: Transaction, fs: FileSystem, one_id: str, target: Target) -> Transfer:
    caller, now_us = target.grant.caller, fs.now_us()
    one = _require(tx, one_id, lambda found: is_receiver(caller, found))
    _settle(tx, one, State.ACCEPTED, caller.login_id, now=from_microseconds(now_us))
    parcel = Parcel(one.sender_id, one.id)
    lending.open_ledgers(tx, handover.contracts_of(tx, parcel, one.receiver_id))
    shelf = _shelf(tx, fs, target, now_us=now_us)
    ledgers = lending.open_ledgers(tx, {one.receiver_id})  # read anew: a new folder has taken an id
    ledger = ledgers[one.receiver_id]
    files.charge(tx.cursor, fs, ledger, target.grant.root, one.size_bytes, now_us=now_us)
    handover.deliver(tx, parcel, ledger, shelf, one.size_bytes, now_us=now_us)
    handover.let_go(tx, parcel, now_us=now_us)
    ledger.save()
    now = from_microseconds(now_us)
    detail = f"from {one.sender} ({one.login_id}), {one.files} files, {one.size_bytes} bytes, {one.id}"
    _log(tx, one, entry_of(caller, "transfer.accept", target.path, now=now, detail=detail), "accepted", now)
    return _find(tx, one_id)


def _shelf(tx: Transaction, fs: FileSystem, target: Target, *, now_us: int) -> Shelf:
    grant, names = target.grant, target.collection
    if not grant.may_write:
        raise AccessDenied("access.read_only")
    if grant.folder is FolderType.SECRET:
        raise TransferRefused("transfer.into_secret")
    if target.new_folder is not None:
        names = (*names, target.new_folder)
        files.create(tx, fs, grant, names, UNCONDITIONAL, kind=COLLECTION)
    site = files.look(tx, grant, names, UNCONDITIONAL, now_us=now_us)
    found: Node | None = site.place.node
    if found is None:
        raise NotFound(target.path)
    if not found.is_collection:
        raise NotAllowedHere("a file")
    locks.require(site.guards.covering, grant, frozenset())
    return Shelf(found, site.place.parents, len(names))


def decline(database: Database, caller: Caller, one_id: str, *, now_us: int) -> Transfer:
    """Refuse a transfer; the sender sees that. Raises NotFound for whom it is not meant, TransferRefused."""
    return database.write(
        lambda tx: _close(tx, _require(tx, one_id, lambda found: is_receiver(caller, found)), caller, now_us=now_us)
    )


def withdraw(database: Database, caller: Caller, one_id: str, *, now_us: int) -> Transfer:
    """Take a transfer back before it was accepted. Raises NotFound for whom it is not, TransferRefused."""
    return database.write(
        lambda tx: _close(tx, _require(tx, one_id, lambda found: is_sender(caller, found)), caller, now_us=now_us)
    )


def _close(tx: Transaction, one: Transfer, caller: Caller, *, now_us: int) -> Transfer:
    now = from_microseconds(now_us)
    theirs = caller.contract_id == one.receiver_id
    _settle(tx, one, State.DECLINED if theirs else State.WITHDRAWN, caller.login_id, now=now)
    _let_go(tx, one, now_us=now_us)
    act, told = ("transfer.decline", "declined") if theirs else ("transfer.withdraw", "withdrawn")
    _log(tx, one, entry_of(caller, act, "", now=now, detail=one.id), told, now)
    return _find(tx, one.id)


def expire(database: Database, *, now_us: int) -> int:
    """Let go of the files of every transfer that ran out; return how many. Raises DatabaseUnavailable."""
    now, expired = from_microseconds(now_us), 0
    wanted = select(transfers.c.id).where(transfers.c.state == State.SENT.value, transfers.c.expires_at <= now)
    while True:
        with database.reading() as tx:
            ids = list(tx.execute(wanted.limit(SHOWN)).scalars())
        if not ids:
            return expired
        for one_id in ids:
            expired += database.write(lambda tx, one_id=one_id: _expire(tx, one_id, now_us=now_us))  # type: ignore[misc]


def count_run_out(tx: Transaction, *, now: datetime) -> int:
    """Return how many transfers `expire` would let go of."""
    run_out = (transfers.c.state == State.SENT.value) & (transfers.c.expires_at <= now)
    return int(tx.execute(select(func.count()).select_from(transfers).where(run_out)).scalar_one())


def forget(tx: Transaction, *, before: datetime) -> int:
    """Forget transfers that were settled before an instant, at most a thousand; return how many."""
    old = select(transfers.c.id).where(transfers.c.settled_at < before).limit(_FORGOTTEN)
    return tx.execute(delete(transfers).where(transfers.c.id.in_(old))).rowcount


def _expire(tx: Transaction, one_id: str, *, now_us: int) -> bool:
    now = from_microseconds(now_us)
    mine = (transfers.c.id == one_id) & (transfers.c.state == State.SENT.value)
    values = {"state": State.EXPIRED.value, "settled_at": now}
    if tx.execute(update(transfers).where(mine).values(**values)).rowcount != 1:
        return False  # it was settled just now
    _let_go(tx, _find(tx, one_id), now_us=now_us)
    return True


def _let_go(tx: Transaction, one: Transfer, *, now_us: int) -> None:
    lending.open_ledgers(tx, {one.sender_id})
    handover.let_go(tx, Parcel(one.sender_id, one.id), now_us=now_us)


def _settle(tx: Transaction, one: Transfer, state: State, login_id: str, *, now: datetime) -> None:
    """Settle a transfer once and for all: of any number who try at the same time one gets through."""
    is_open = (transfers.c.state == State.SENT.value) & (transfers.c.expires_at > now)
    values = {"state": state.value, "settled_at": now, "settled_by": login_id}
    if tx.execute(update(transfers).where(transfers.c.id == one.id, is_open).values(**values)).rowcount != 1:
        require_open(_find(tx, one.id), now)
        raise TransferRefused(f"transfer.closed.{State.EXPIRED}")


def _log(tx: Transaction, one: Transfer, entry: Entry, told: str, now: datetime) -> None:
    """Write an act into the log of who did it, and what it means to the other side into theirs."""
    acted = one.sender_id if entry.act in ("transfer.send", "transfer.withdraw") else one.receiver_id
    other = one.receiver_id if acted == one.sender_id else one.sender_id
    name = one.sender if acted == one.sender_id else one.receiver
    theirs = Entry(now, "", "", "", "", f"transfer.{told}", "", DONE, f"{name} ({entry.login_id}): {one.id}")
    for contract_id, line in sorted([(acted, entry), (other, theirs)], key=lambda pair: pair[0]):
        accesslog.append(tx.cursor, contract_id, [line])


def _wanted() -> Select[Any]:
    return (
        select(transfers, _senders.c.name.label("sender"), _receivers.c.name.label("receiver"))
        .join(_senders, _senders.c.id == transfers.c.contract_id)
        .join(_receivers, _receivers.c.id == transfers.c.receiver_id)
    )


def _transfer(row: Any) -> Transfer:
    return Transfer(
        row.id, row.contract_id, row.sender, row.login, row.login_id, row.receiver_id, row.receiver, row.addressee,
        row.message, row.source, row.files, row.size_bytes, State(row.state), row.sent_at, row.expires_at,
        row.settled_at, row.settled_by,
    )  # fmt: skip


def _find(tx: Transaction, one_id: str) -> Transfer:
    row = tx.execute(_wanted().where(transfers.c.id == one_id)).first()
    if row is None:
        raise NotFound(f"transfer {one_id}")
    return _transfer(row)


def _require(tx: Transaction, one_id: str, may: Callable[[Transfer], bool]) -> Transfer:
    one = _find(tx, one_id)
    if not may(one):
        raise NotFound(f"transfer {one_id}")
    return one


def find(tx: Transaction, caller: Caller, one_id: str) -> Transfer:
    """Return a transfer that is the caller's to see, on either side. Raises NotFound."""
    return _require(tx, one_id, lambda one: is_sender(caller, one) or is_receiver(caller, one))


def incoming(tx: Transaction, caller: Caller, *, offset: int = 0, limit: int = SHOWN) -> list[Transfer]:
    """Return what came for the caller, the newest first: for an administrator all that came for the contract."""
    mine = transfers.c.receiver_id == caller.contract_id
    if caller.role is not Role.ADMINISTRATOR:
        mine &= transfers.c.addressee == caller.login_id
    return _newest(tx, mine, offset, limit)


def outgoing(tx: Transaction, caller: Caller, *, offset: int = 0, limit: int = SHOWN) -> list[Transfer]:
    """Return what the caller sent, the newest first; an administrator sees what anybody of the contract sent."""
    mine = transfers.c.contract_id == caller.contract_id
    if caller.role is not Role.ADMINISTRATOR:
        mine &= transfers.c.login == caller.login
    return _newest(tx, mine, offset, limit)


def _newest(tx: Transaction, mine: Any, offset: int, limit: int) -> list[Transfer]:
    newest = _wanted().where(mine).order_by(transfers.c.sent_at.desc(), transfers.c.id.desc())
    return [_transfer(row) for row in tx.execute(newest.offset(offset).limit(limit))]


def waiting(tx: Transaction, caller: Caller, *, now: datetime) -> int:
    """Return how many transfers wait for the caller's word: the number beside the menu."""
    mine = (transfers.c.receiver_id == caller.contract_id) & (transfers.c.state == State.SENT.value)
    if caller.role is not Role.ADMINISTRATOR:
        mine &= transfers.c.addressee == caller.login_id
    counted = select(func.count()).select_from(transfers).where(mine, transfers.c.expires_at > now)
    return int(tx.execute(counted).scalar_one())


def tops(tx: Transaction, one: Transfer) -> list[handover.Item]:
    """Return what was picked, while it is held: by name, at most so many as pages show."""
    return handover.tops(tx, Parcel(one.sender_id, one.id), limit=SHOWN)
