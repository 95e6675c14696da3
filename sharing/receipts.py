"""What became of shares: whom the mails reached, who opened and fetched what, and when (R24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, select

from db.engine import Transaction
from db.tables import COLLECTION, logins, outbox, share_fetches, share_items, share_recipients, shares
from sharing.share_mails import topics_of

#: Shares on a page, each with up to 99 recipients.
PAGE_ROWS = 20
#: So many past recipients are offered at a time, while someone types.
SUGGESTIONS = 8


@dataclass(frozen=True, slots=True)
class Receipt:
    """One recipient. `mail` is queued, sent or failed, with the mail server's `refusal`."""

    recipient_id: str
    address: str
    mail: str
    refusal: str
    revoked_at: datetime | None
    opened_at: datetime | None
    seen_at: datetime | None
    fetches: int
    fetched_at: datetime | None


@dataclass(frozen=True, slots=True)
class Share:
    """One share as its sender and the administrator see it; `items` are (name then, whether a collection)."""

    share_id: str
    login_id: str
    title: str
    message: str
    has_password: bool
    download_limit: int | None
    tray_node_id: int | None
    tray_limit_bytes: int | None
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str
    items: tuple[tuple[str, bool], ...]
    receipts: tuple[Receipt, ...]

    def is_open(self, now: datetime) -> bool:
        """Return whether anyone may come in."""
        return self.ended_at is None and now < self.expires_at


def list_shares(
    tx: Transaction, contract_id: int, *, login: int | None = None, offset: int = 0, limit: int = PAGE_ROWS
) -> list[Share]:
    """Return a contract's shares, or one login's, the newest first, with their receipts."""
    wanted = shares.c.contract_id == contract_id
    if login is not None:
        wanted &= shares.c.login == login
    return _read(tx, contract_id, wanted, offset=offset, limit=limit)


def get(tx: Transaction, contract_id: int, share_id: str, *, login: int | None = None) -> Share | None:
    """Return one share, with `login` only where it is that login's; else None."""
    wanted = (shares.c.contract_id == contract_id) & (shares.c.id == share_id)
    if login is not None:
        wanted &= shares.c.login == login
    return next(iter(_read(tx, contract_id, wanted, offset=0, limit=1)), None)


def _read(tx: Transaction, contract_id: int, wanted: ColumnElement[bool], *, offset: int, limit: int) -> list[Share]:
    rows = tx.execute(
        select(shares, logins.c.login_id)
        .join(logins, (logins.c.contract_id == shares.c.contract_id) & (logins.c.id == shares.c.login))
        .where(wanted)
        .order_by(shares.c.created_at.desc(), shares.c.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()
    ids = [row.id for row in rows]
    items, receipts = _items(tx, contract_id, ids), _receipts(tx, contract_id, ids)
    return [_share(row, tuple(items.get(row.id, ())), tuple(receipts.get(row.id, ()))) for row in rows]


def _share(row: Row[Any], items: tuple[tuple[str, bool], ...], receipts: tuple[Receipt, ...]) -> Share:
    return Share(
        row.id, row.login_id, row.title, row.message, row.password_hash is not None, row.download_limit,
        row.tray_node_id, row.tray_limit_bytes, row.created_at, row.expires_at, row.ended_at, row.ended_by,
        items, receipts,
    )  # fmt: skip


def _items(tx: Transaction, contract_id: int, ids: Sequence[str]) -> dict[str, list[tuple[str, bool]]]:
    found: dict[str, list[tuple[str, bool]]] = {}
    rows = tx.execute(
        select(share_items)
        .where(share_items.c.contract_id == contract_id, share_items.c.share_id.in_(ids))
        .order_by(share_items.c.kind, share_items.c.name)
    )
    for row in rows:
        found.setdefault(row.share_id, []).append((row.name, row.kind == COLLECTION))
    return found


def _receipts(tx: Transaction, contract_id: int, ids: Sequence[str]) -> dict[str, list[Receipt]]:
    recipients = tx.execute(
        select(share_recipients)
        .where(share_recipients.c.contract_id == contract_id, share_recipients.c.share_id.in_(ids))
        .order_by(share_recipients.c.share_id, share_recipients.c.position)
    ).all()
    fetched = _fetches(tx, contract_id, ids)
    mails = _mails(tx, contract_id, [one.id for one in recipients])
    found: dict[str, list[Receipt]] = {}
    for one in recipients:
        state, refusal = mails.get(one.id, ("sent", ""))
        fetches, fetched_at = fetched.get(one.id, (0, None))
        found.setdefault(one.share_id, []).append(
            Receipt(
                one.id, one.address, state, refusal, one.revoked_at, one.opened_at, one.seen_at, fetches, fetched_at
            )
        )
    return found


def _fetches(tx: Transaction, contract_id: int, ids: Sequence[str]) -> dict[str, tuple[int, datetime]]:
    last = func.max(share_fetches.c.fetched_at).label("last")
    rows = tx.execute(
        select(share_fetches.c.recipient_id, func.sum(share_fetches.c.fetches).label("total"), last)
        .join(
            share_recipients,
            (share_recipients.c.contract_id == share_fetches.c.contract_id)
            & (share_recipients.c.id == share_fetches.c.recipient_id),
        )
        .where(share_fetches.c.contract_id == contract_id, share_recipients.c.share_id.in_(ids))
        .group_by(share_fetches.c.recipient_id)
    )
    return {row.recipient_id: (int(row.total), row.last) for row in rows}


def _mails(tx: Transaction, contract_id: int, recipient_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return what became of recipients' mails, state and refusal; of two what is worse."""
    owners = {topic: one for one in recipient_ids for topic in topics_of(one)}
    rows = tx.execute(
        select(outbox.c.topic, outbox.c.state, outbox.c.error)
        .where(outbox.c.contract_id == contract_id, outbox.c.topic.in_(owners))
        .order_by(outbox.c.state.desc())  # sent, queued, failed: what comes later stays
    )
    return {owners[row.topic]: (row.state, row.error if row.state == "failed" else "") for row in rows}


def shared_among(tx: Transaction, contract_id: int, node_ids: Sequence[int], *, now: datetime) -> set[int]:
    """Return which of some nodes are shared at present."""
    if not node_ids:
        return set()
    rows = tx.execute(
        select(share_items.c.node_id)
        .distinct()
        .join(shares, (shares.c.contract_id == share_items.c.contract_id) & (shares.c.id == share_items.c.share_id))
        .where(
            share_items.c.contract_id == contract_id,
            share_items.c.node_id.in_(node_ids),
            shares.c.ended_at.is_(None),
            shares.c.expires_at > now,
        )
    )
    return set(rows.scalars())


def suggestions(tx: Transaction, contract_id: int, login: int, typed: str) -> list[str]:
    """Return past recipients of a login whose address has a text in it, those named last first; never all at once."""
    if len(typed) < 2:
        return []
    address = func.lower(share_recipients.c.address)
    rows = tx.execute(
        select(func.min(share_recipients.c.address).label("address"), func.max(shares.c.created_at).label("last"))
        .join(
            shares,
            (shares.c.contract_id == share_recipients.c.contract_id) & (shares.c.id == share_recipients.c.share_id),
        )
        .where(
            shares.c.contract_id == contract_id,
            shares.c.login == login,
            address.contains(typed.lower(), autoescape=True),
        )
        .group_by(address)
        .order_by(func.max(shares.c.created_at).desc(), address)
        .limit(SUGGESTIONS)
    )
    return [row.address for row in rows]


def forget(tx: Transaction, *, before: datetime, most: int = 1000) -> int:
    """Remove shares that closed before an instant, with receipts and mails; return how many, `most` at a time."""
    closed = func.coalesce(shares.c.ended_at, shares.c.expires_at) < before
    old = tx.execute(select(shares.c.contract_id, shares.c.id).where(closed).limit(most)).all()
    for contract_id, share_id in old:
        _forget_one(tx, contract_id, share_id)
    return len(old)


def _forget_one(tx: Transaction, contract_id: int, share_id: str) -> None:
    recipients = select(share_recipients.c.id).where(
        share_recipients.c.contract_id == contract_id, share_recipients.c.share_id == share_id
    )
    topics = [topic for one in tx.execute(recipients).scalars() for topic in topics_of(one)]
    tx.execute(delete(outbox).where(outbox.c.contract_id == contract_id, outbox.c.topic.in_(topics)))
    tx.execute(
        delete(share_fetches).where(
            share_fetches.c.contract_id == contract_id, share_fetches.c.recipient_id.in_(recipients)
        )
    )
    for table in (share_recipients, share_items):
        tx.execute(delete(table).where(table.c.contract_id == contract_id, table.c.share_id == share_id))
    tx.execute(delete(shares).where(shares.c.contract_id == contract_id, shares.c.id == share_id))
