"""Making and ending shares by mail (R24)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, insert, select, update

from auth import accesslog, links
from auth.access import Grant
from auth.accesslog import Entry, entry_of
from auth.callers import Caller
from auth.passwords import hash_password
from core.errors import AccessDenied, NotFound, NotShareable
from core.ids import new_object_id, readable_token, secret_hash
from db.engine import Transaction
from db.statements import Cursor
from db.tables import contracts, share_items, share_recipients, shares
from sharing import rules, trays
from sharing.outbox import enqueue
from sharing.rules import Terms
from sharing.share_mails import Letter
from storage import nodes
from storage.files import FileSystem, Names
from storage.nodes import Node

#: 33 random characters of 31 kinds are 163 bits.
_TOKEN_CHARACTERS = 33


class Item(NamedTuple):
    """Something to be shared: names in a folder its sender may read, and the path as the access log keeps it."""

    grant: Grant
    names: Names
    path: str


class Made(NamedTuple):
    """A share that was made, and each recipient's token, which is stored nowhere."""

    share_id: str
    tokens: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Making:
    """One share on its way into the tables."""

    caller: Caller
    share_id: str
    terms: Terms
    password_hash: str | None
    base_url: str
    now: datetime

    @property
    def key(self) -> dict[str, object]:
        """Return what every row of the share begins with."""
        return {"contract_id": self.caller.contract_id, "share_id": self.share_id}

    @property
    def expires_at(self) -> datetime:
        """Return the instant from which nobody comes in any more."""
        return self.now + timedelta(days=self.terms.days)


def make(fs: FileSystem, items: Sequence[Item], recipients: Sequence[str], terms: Terms, *, base_url: str) -> Made:
    """Share files and collections with recipients whose list was checked (`recipients.require_recipients`).

    Share, tokens, mails and the entries in the access log are one transaction: all of it is there, or nothing.
    `base_url` is what stands before a token in an address. Raises AccessDenied for a folder nothing is shared
    from and for an ended contract (R9), NotFound for what is gone, NotShareable for terms out of range and for a
    folder as a whole.
    """
    rules.require_terms(terms)
    if any(not item.grant.caller.active for item in items):
        raise AccessDenied("contract.ended")
    if not 1 <= len(items) <= rules.MOST_ITEMS:
        raise NotShareable("share.items", most=rules.MOST_ITEMS)
    for item in items:
        links.require_linkable(item.grant.folder)
        if not item.names:
            raise NotShareable("share.whole_folder")
    password_hash = None if terms.password is None else hash_password(terms.password)
    made = Made(new_object_id(), {one: readable_token(_TOKEN_CHARACTERS) for one in recipients})
    making = _Making(items[0].grant.caller, made.share_id, terms, password_hash, base_url, fs.clock())

    def operation(tx: Transaction) -> None:
        found = [_existing(tx.cursor, item) for item in items]
        letter = _letter(tx, making, [node.name for node in found])
        tray_node_id = None if terms.tray_limit_bytes is None else trays.open_folder(tx, fs, making.caller, letter)
        _insert_share(tx, making, letter.title, tray_node_id)
        _insert_items(tx, making, found)
        for position, (address, token) in enumerate(made.tokens.items()):
            _invite(tx, making, letter, position, address, token)
        detail = f"{made.share_id} to {len(made.tokens)}"
        entries = [entry_of(making.caller, "share", one.path, now=making.now, detail=detail) for one in items]
        accesslog.append(tx.cursor, making.caller.contract_id, entries)

    fs.database.write(operation)
    return made


def _existing(cursor: Cursor, item: Item) -> Node:
    node = nodes.resolve(cursor, item.grant.caller.contract_id, item.grant.root, item.names).node
    if node is None:
        raise NotFound("/".join(item.names))
    return node


def _letter(tx: Transaction, making: _Making, names: Sequence[str]) -> Letter:
    contract = tx.execute(select(contracts.c.name).where(contracts.c.id == making.caller.contract_id)).scalar_one()
    return Letter(
        language=making.terms.language,
        sender=making.caller.login_id,
        contract=contract,
        title=names[0] if len(names) == 1 else f"{names[0]} (+{len(names) - 1})",
        message=making.terms.message,
        names=tuple(names),
        made_at=making.now,
        expires_at=making.expires_at,
        tray=making.terms.tray_limit_bytes is not None,
    )


def _insert_share(tx: Transaction, making: _Making, title: str, tray_node_id: int | None) -> None:
    terms = making.terms
    tx.execute(
        insert(shares).values(
            contract_id=making.caller.contract_id, id=making.share_id, login=making.caller.login, title=title,
            message=terms.message, language=terms.language, password_hash=making.password_hash,
            download_limit=terms.download_limit, tray_node_id=tray_node_id, tray_limit_bytes=terms.tray_limit_bytes,
            created_at=making.now, expires_at=making.expires_at, ended_at=None, ended_by="",
        )
    )  # fmt: skip


def _insert_items(tx: Transaction, making: _Making, found: Iterable[Node]) -> None:
    for node in {one.id: one for one in found}.values():
        tx.execute(insert(share_items).values(**making.key, node_id=node.id, name=node.name, kind=node.kind))


def _invite(tx: Transaction, making: _Making, letter: Letter, position: int, address: str, token: str) -> None:
    """Insert a recipient and write the mails down, the password in one of its own."""
    recipient_id, password, contract_id = new_object_id(), making.terms.password, making.caller.contract_id
    tx.execute(
        insert(share_recipients).values(
            **making.key, id=recipient_id, position=position, address=address, token_hash=secret_hash(token),
            revoked_at=None, opened_at=None, seen_at=None,
        )
    )  # fmt: skip
    mail = letter.invitation(recipient_id, address, making.base_url + token, has_password=password is not None)
    enqueue(tx, contract_id, mail, now=making.now)
    if password is not None:
        enqueue(tx, contract_id, letter.password(recipient_id, address, password), now=making.now)


def end(tx: Transaction, contract_id: int, share_id: str, *, by: Entry, login: int | None = None) -> None:
    """End a share for all its recipients, from their next request on; `by` goes into the access log.

    With `login` only a share of that login's. Raises NotFound; one that has ended stays as it is.
    """
    title = tx.execute(select(shares.c.title).where(*_of(contract_id, share_id, login))).scalar()
    if title is None:
        raise NotFound(f"share {share_id}")
    ended = tx.execute(
        update(shares)
        .where(*_of(contract_id, share_id, login), shares.c.ended_at.is_(None))
        .values(ended_at=by.at, ended_by=by.login_id)
    )
    if ended.rowcount:
        accesslog.append(tx.cursor, contract_id, [by])


def revoke(
    tx: Transaction, contract_id: int, share_id: str, recipient_id: str, *, by: Entry, login: int | None = None
) -> str:
    """Close a share for one recipient, from the next request on, and return the address. As `end`."""
    owned = select(shares.c.id).where(*_of(contract_id, share_id, login))
    mine = (
        (share_recipients.c.contract_id == contract_id)
        & (share_recipients.c.id == recipient_id)
        & share_recipients.c.share_id.in_(owned)
    )
    address = tx.execute(select(share_recipients.c.address).where(mine)).scalar()
    if address is None:
        raise NotFound(f"recipient {recipient_id}")
    revoked = tx.execute(
        update(share_recipients).where(mine, share_recipients.c.revoked_at.is_(None)).values(revoked_at=by.at)
    )
    if revoked.rowcount:
        accesslog.append(tx.cursor, contract_id, [replace(by, detail=f"{share_id} {address}")])
    return str(address)


def _of(contract_id: int, share_id: str, login: int | None) -> list[ColumnElement[bool]]:
    which = [shares.c.contract_id == contract_id, shares.c.id == share_id]
    return which if login is None else [*which, shares.c.login == login]
