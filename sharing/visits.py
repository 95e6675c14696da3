"""Recipients at the door: from a token to what may be seen, and what is written down of it (R24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, String, bindparam, insert, select, update

from auth import accesslog, links
from auth.accesslog import DONE, Entry
from auth.links import Linked
from core.clock import from_microseconds
from core.errors import LinkClosed, NotFound
from core.ids import secret_hash
from db.engine import Transaction
from db.statements import Cursor, Statement
from db.tables import COLLECTION, logins, share_fetches, share_items, share_recipients, shares
from sharing import rules
from sharing.trail import Trail, trail
from storage.nodes import Node

#: Stands for everything as one archive where fetches are counted.
EVERYTHING = 0

_by_token = Statement(
    select(
        share_recipients.c.contract_id, share_recipients.c.share_id, share_recipients.c.id, share_recipients.c.address,
        share_recipients.c.revoked_at, shares.c.ended_at, share_recipients.c.seen_at, shares.c.expires_at,
        shares.c.login, logins.c.login_id, shares.c.title, shares.c.message,
        shares.c.password_hash, shares.c.download_limit, shares.c.tray_node_id, shares.c.tray_limit_bytes,
    )
    .join(
        shares,
        (shares.c.contract_id == share_recipients.c.contract_id) & (shares.c.id == share_recipients.c.share_id),
    )
    .join(logins, (logins.c.contract_id == shares.c.contract_id) & (logins.c.id == shares.c.login))
    .where(share_recipients.c.token_hash == bindparam("token_hash", type_=String))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """A recipient who holds a token of an open share; `client` is where they come from."""

    contract_id: int
    share_id: str
    recipient_id: str
    recipient: str
    seen_at: datetime | None
    login: int
    sender: str
    title: str
    message: str
    password_hash: str | None
    download_limit: int | None
    tray_node_id: int | None
    tray_limit_bytes: int | None
    expires_at: datetime
    client: str = ""

    def entry(self, act: str, path: str, *, now: datetime, result: str = DONE) -> Entry:
        """Return a log entry of the sender's login, whose rights these are, that names the recipient."""
        detail = f"{self.share_id} {self.recipient}"
        return Entry(now, self.sender, "", "", self.client, act, path, result, detail)


def find(cursor: Cursor, token: str, *, now: datetime, client: str = "") -> Visit:
    """Return who comes with a token. One statement, and one that asks for the sender.

    Raises NotFound for a token there never was, LinkClosed where it is good no more: taken back, expired, or its
    sender may not share any longer.
    """
    row = _by_token.first(cursor, token_hash=secret_hash(token))
    if row is None:
        raise NotFound("share")
    *known, revoked_us, ended_us, seen_us, expires_us, login, sender, title, message = row[:12]
    expires_at = from_microseconds(expires_us)
    rules.require_open(expires_at=expires_at, ended_at=_instant(ended_us), revoked_at=_instant(revoked_us), now=now)
    links.require_maker(cursor, known[0], login)
    return Visit(
        contract_id=known[0],
        share_id=known[1],
        recipient_id=known[2],
        recipient=known[3],
        seen_at=_instant(seen_us),
        login=login,
        sender=sender,
        title=title,
        message=message,
        password_hash=row[12],
        download_limit=row[13],
        tray_node_id=row[14],
        tray_limit_bytes=row[15],
        expires_at=expires_at,
        client=client,
    )


def _instant(value: int | None) -> datetime | None:
    return None if value is None else from_microseconds(value)


class Shown(NamedTuple):
    """One of the things shared. `linked` and `trail` are None where it is gone, or may be shared no longer."""

    node_id: int
    name: str
    is_collection: bool
    linked: Linked | None
    trail: Trail | None

    @property
    def node(self) -> Node | None:
        """Return the node where it is there."""
        return self.trail.node if self.trail is not None and self.linked is not None else None


def shown(tx: Transaction, visit: Visit) -> list[Shown]:
    """Return what was shared, collections first, each as it is at present.

    One statement for each thing, and one or two for each folder these are in.
    """
    rows = tx.execute(
        select(share_items)
        .where(share_items.c.contract_id == visit.contract_id, share_items.c.share_id == visit.share_id)
        .order_by(share_items.c.kind, share_items.c.name)
    ).all()
    folders: dict[str, Linked | None] = {}
    found = []
    for row in rows:
        way = trail(tx.cursor, visit.contract_id, row.node_id)
        if way is not None and way.root not in folders:
            folders[way.root] = _admitted(tx.cursor, visit, way)
        linked = None if way is None else folders[way.root]
        if way is None or linked is None:
            found.append(Shown(row.node_id, row.name, row.kind == COLLECTION, None, None))
        else:
            found.append(Shown(row.node_id, way.node.name, way.node.is_collection, linked, way))
    return found


def _admitted(cursor: Cursor, visit: Visit, found: Trail) -> Linked | None:
    try:
        return authorize(cursor, visit, found)
    except LinkClosed:
        return None


def authorize(cursor: Cursor, visit: Visit, found: Trail) -> Linked:
    """Return the grant by which a recipient reads what is at a place. Raises LinkClosed."""
    return links.authorize_link(cursor, visit.contract_id, visit.login, found.root, address=visit.client)


class Place(NamedTuple):
    """Where a recipient is: below which of the things shared, and by which grant. `names` count from that thing."""

    linked: Linked
    trail: Trail
    names: tuple[str, ...]

    @property
    def path(self) -> str:
        """Return the path as the access log keeps it."""
        return "/".join((self.linked.grant.folder.value, *self.linked.prefix, *self.trail.names))


def locate(tx: Transaction, visit: Visit, node_id: int) -> Place:
    """Return a node that was shared, or is below something that was.

    Raises LinkClosed for something shared that is gone, NotFound for everything else.
    """
    items = select(share_items.c.node_id).where(
        share_items.c.contract_id == visit.contract_id, share_items.c.share_id == visit.share_id
    )
    shared = set(tx.execute(items).scalars())
    found = trail(tx.cursor, visit.contract_id, node_id)
    if found is None:
        raise LinkClosed("link.deleted") if node_id in shared else NotFound(f"node {node_id}")
    top = next((at for at, one in enumerate(found.nodes) if one.id in shared), None)
    if top is None:
        raise NotFound(f"node {node_id}")
    return Place(authorize(tx.cursor, visit, found), found, found.names[top - 1 :])


def note_seen(tx: Transaction, visit: Visit, *, now: datetime) -> None:
    """Write down that a recipient looked: the first time, and once an hour while they go on."""
    if visit.seen_at is not None and now < visit.seen_at + rules.SAME_FETCH:
        return
    mine = (share_recipients.c.contract_id == visit.contract_id) & (share_recipients.c.id == visit.recipient_id)
    tx.execute(update(share_recipients).where(mine).values(seen_at=now))
    tx.execute(update(share_recipients).where(mine, share_recipients.c.opened_at.is_(None)).values(opened_at=now))
    accesslog.append(tx.cursor, visit.contract_id, [visit.entry("share.open", "", now=now)])


def count_fetch(tx: Transaction, visit: Visit, node_id: int, paths: Sequence[str], *, now: datetime) -> None:
    """Count that a recipient fetches a file, or `EVERYTHING`; the same one within an hour counts once.

    Raises LinkClosed where the limit is reached, or the share was closed meanwhile.
    """
    _hold(tx, visit, now)
    which = (
        (share_fetches.c.contract_id == visit.contract_id)
        & (share_fetches.c.recipient_id == visit.recipient_id)
        & (share_fetches.c.node_id == node_id)
    )
    row = tx.execute(select(share_fetches.c.fetches, share_fetches.c.fetched_at).where(which)).first()
    before, last = (0, None) if row is None else (row.fetches, row.fetched_at)
    count = rules.next_fetch(before, last, limit=visit.download_limit, now=now)
    if count == before:
        return
    if row is None:
        key = {"contract_id": visit.contract_id, "recipient_id": visit.recipient_id, "node_id": node_id}
        tx.execute(insert(share_fetches).values(**key, fetches=count, fetched_at=now))
    else:
        tx.execute(update(share_fetches).where(which).values(fetches=count, fetched_at=now))
    entries = [visit.entry("share.download", path, now=now) for path in paths]
    accesslog.append(tx.cursor, visit.contract_id, entries)


def _hold(tx: Transaction, visit: Visit, now: datetime) -> None:
    """Hold the recipient's row, so that fetches at once are counted one after the other; look again at its state."""
    _require_open(tx, visit, _state(visit).with_for_update(of=share_recipients), now)


def require_still_open(tx: Transaction, visit: Visit, *, now: datetime) -> None:
    """Return while a transfer may go on; asked every few seconds of a long one. Raises LinkClosed and NotFound."""
    _require_open(tx, visit, _state(visit), now)
    links.require_maker(tx.cursor, visit.contract_id, visit.login)


def _state(visit: Visit) -> Select[Any]:
    return (
        select(share_recipients.c.revoked_at, shares.c.ended_at)
        .join(
            shares,
            (shares.c.contract_id == share_recipients.c.contract_id) & (shares.c.id == share_recipients.c.share_id),
        )
        .where(share_recipients.c.contract_id == visit.contract_id, share_recipients.c.id == visit.recipient_id)
    )


def _require_open(tx: Transaction, visit: Visit, state: Select[Any], now: datetime) -> None:
    row = tx.execute(state).first()
    if row is None:
        raise NotFound("share")
    rules.require_open(expires_at=visit.expires_at, ended_at=row.ended_at, revoked_at=row.revoked_at, now=now)
