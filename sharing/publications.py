"""Publishing a file or an album on a public page, by an explicit act that can be taken back (R25).

What a page shows is what is there when somebody looks: a file that was replaced shows its new content, one that was
moved into a folder nothing is published from, or deleted, shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, bindparam, delete, func, insert, select, update

from auth import accesslog, links, settings
from auth.access import Grant
from auth.accesslog import DONE, Entry, entry_of
from auth.callers import Caller, Role
from auth.links import Linked
from core.clock import from_microseconds
from core.errors import AccessDenied, LinkClosed, NotFound, NotShareable
from core.ids import new_object_id, readable_token
from db.engine import Transaction
from db.statements import Cursor, Statement
from db.tables import logins, publication_items, publications
from quota.meter import Ledger
from sharing.trail import Trail, trail
from storage import nodes
from storage.files import FileSystem, Names
from storage.nodes import Node

#: 129 random bits: nobody finds a page they were not told of.
_TOKEN_CHARACTERS = 26
MOST_ITEMS = 200
MAX_TITLE_CHARACTERS = 200
#: Members of a published collection that its page shows.
SHOWN_MEMBERS = 500
_FORGOTTEN = 1000

_by_token = Statement(
    select(
        publications.c.contract_id, publications.c.id, publications.c.login, logins.c.login_id, publications.c.title,
        publications.c.created_at, publications.c.ended_at,
    )
    .join(logins, (logins.c.contract_id == publications.c.contract_id) & (logins.c.id == publications.c.login))
    .where(publications.c.token == bindparam("token", type_=String))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Publication:
    """A page as its publisher sees it."""

    id: str
    token: str
    login: int
    login_id: str
    title: str
    views: int
    created_at: datetime
    ended_at: datetime | None
    ended_by: str


@dataclass(frozen=True, slots=True)
class Page:
    """An open page at which somebody looks; `client` is where they come from."""

    contract_id: int
    id: str
    login: int
    login_id: str
    title: str
    created_at: datetime
    client: str = ""

    def entry(self, act: str, path: str, *, now: datetime) -> Entry:
        """Return a log entry of the publisher's login, whose rights these are."""
        return Entry(now, self.login_id, "", "", self.client, act, path, DONE, self.id)


class Exhibit(NamedTuple):
    """A file or collection on a page, where it is at present and by which grant it is read."""

    linked: Linked
    trail: Trail

    @property
    def node(self) -> Node:
        """Return the file or collection."""
        return self.trail.node

    @property
    def path(self) -> str:
        """Return the path as the access log keeps it."""
        return "/".join((self.linked.grant.folder.value, *self.linked.prefix, *self.trail.names))


class Wanted(NamedTuple):
    """What is to be published: names in a collection of a folder, and a title. `path` is the collection's."""

    grant: Grant
    collection: Names
    picked: Sequence[str]
    title: str
    path: str


def publish(fs: FileSystem, wanted: Wanted) -> Publication:
    """Put files, or one collection, on a page of their own and return it.

    Raises AccessDenied where the contract or the folder does not allow it, or the caller may only read;
    NotFound for what is gone; NotShareable for collections among several things.
    """
    return fs.database.write(lambda tx: _publish(tx, fs, wanted))


def _publish(tx: Transaction, fs: FileSystem, wanted: Wanted) -> Publication:
    grant, caller = wanted.grant, wanted.grant.caller
    Ledger.open(tx.cursor, caller.contract_id)  # what is decided of publishing now is decided before or after this
    require_publishable(tx, grant)
    if not 1 <= len(wanted.picked) <= MOST_ITEMS:
        raise NotShareable("publish.items", most=MOST_ITEMS)
    found = [_existing(tx.cursor, wanted, name) for name in wanted.picked]
    if len(found) > 1 and any(node.is_collection for node in found):
        raise NotShareable("publish.mixed")
    now, key = fs.clock(), {"contract_id": caller.contract_id}
    one_id, title = new_object_id(), wanted.title.strip()[:MAX_TITLE_CHARACTERS] or found[0].name
    values = {"login": caller.login, "title": title, "views": 0, "created_at": now, "ended_at": None, "ended_by": ""}
    tx.execute(insert(publications).values(**key, id=one_id, token=readable_token(_TOKEN_CHARACTERS), **values))
    rows = [{**key, "publication_id": one_id, "node_id": node.id, "name": node.name} for node in found]
    tx.execute(insert(publication_items), rows)
    entries = [
        entry_of(caller, "publish", f"{wanted.path}/{node.name}", now=now, detail=f"{one_id} {title}") for node in found
    ]
    accesslog.append(tx.cursor, caller.contract_id, entries)
    return _require(tx, caller, one_id)


def require_publishable(tx: Transaction, grant: Grant) -> None:
    """Return if the caller may publish out of a folder at all. Raises AccessDenied."""
    links.require_linkable(grant.folder)
    if not settings.read(tx, grant.caller.contract_id).publishing:
        raise AccessDenied("publish.forbidden")
    if not grant.may_write:
        raise AccessDenied("access.read_only")


def _existing(cursor: Cursor, wanted: Wanted, name: str) -> Node:
    names = (*wanted.collection, name)
    node = nodes.resolve(cursor, wanted.grant.caller.contract_id, wanted.grant.root, names).node
    if node is None:
        raise NotFound("/".join(names))
    return node


def end(tx: Transaction, caller: Caller, one_id: str, *, now: datetime) -> None:
    """Take a page away at once and for good; a second time does nothing. Raises NotFound for who may not."""
    one = _require(tx, caller, one_id)
    open_one = _own(caller) & (publications.c.id == one.id) & publications.c.ended_at.is_(None)
    if tx.execute(update(publications).where(open_one).values(ended_at=now, ended_by=caller.login_id)).rowcount:
        entry = entry_of(caller, "unpublish", "", now=now, detail=f"{one.id} {one.title}")
        accesslog.append(tx.cursor, caller.contract_id, [entry])


def decide(tx: Transaction, caller: Caller, allowed: bool, *, now: datetime) -> int:
    """Let the contract's logins publish, or forbid it and take every page away; return how many pages went."""
    Ledger.open(tx.cursor, caller.contract_id)
    kept = settings.read(tx, caller.contract_id)
    settings.write(tx, caller.contract_id, settings.Settings(kept.device_binding, kept.copy_out, allowed))
    ended = 0
    if not allowed:
        mine = (publications.c.contract_id == caller.contract_id) & publications.c.ended_at.is_(None)
        ended = tx.execute(update(publications).where(mine).values(ended_at=now, ended_by=caller.login_id)).rowcount
    detail = f"publishing {'on' if allowed else 'off'}, {ended} pages ended"
    accesslog.append(tx.cursor, caller.contract_id, [entry_of(caller, "settings", "", now=now, detail=detail)])
    return int(ended)


def _own(caller: Caller) -> ColumnElement[bool]:
    mine = publications.c.contract_id == caller.contract_id
    return mine if caller.role is Role.ADMINISTRATOR else mine & (publications.c.login == caller.login)


def _wanted() -> Select[Any]:
    return select(publications, logins.c.login_id).join(
        logins, (logins.c.contract_id == publications.c.contract_id) & (logins.c.id == publications.c.login)
    )


def _publication(row: Any) -> Publication:
    return Publication(
        row.id, row.token, row.login, row.login_id, row.title, row.views, row.created_at, row.ended_at, row.ended_by
    )


def _require(tx: Transaction, caller: Caller, one_id: str) -> Publication:
    row = tx.execute(_wanted().where(_own(caller), publications.c.id == one_id)).first()
    if row is None:
        raise NotFound(f"publication {one_id}")
    return _publication(row)


def listing(tx: Transaction, caller: Caller, *, offset: int, limit: int) -> list[Publication]:
    """Return the caller's pages, those that went included, the newest first; to an administrator the contract's."""
    newest = _wanted().where(_own(caller)).order_by(publications.c.created_at.desc(), publications.c.id.desc())
    return [_publication(row) for row in tx.execute(newest.offset(offset).limit(limit))]


def count(tx: Transaction, caller: Caller) -> int:
    """Return how many pages `listing` has."""
    return int(tx.execute(select(func.count()).select_from(publications).where(_own(caller))).scalar_one())


def one_of(tx: Transaction, caller: Caller, one_id: str) -> Publication:
    """Return one of the pages of `listing`. Raises NotFound."""
    return _require(tx, caller, one_id)


def published_among(tx: Transaction, contract_id: int, node_ids: Iterable[int]) -> set[int]:
    """Return those of some nodes that are on an open page."""
    found = (
        select(publication_items.c.node_id)
        .join(
            publications,
            (publications.c.contract_id == publication_items.c.contract_id)
            & (publications.c.id == publication_items.c.publication_id),
        )
        .where(
            publication_items.c.contract_id == contract_id,
            publication_items.c.node_id.in_(list(node_ids)),
            publications.c.ended_at.is_(None),
        )
    )
    return set(tx.execute(found).scalars())


def forget(tx: Transaction, *, before: datetime) -> int:
    """Forget pages that ended before an instant, at most a thousand; return how many."""
    old = (publications.c.contract_id, publications.c.id)
    keys = tx.execute(select(*old).where(publications.c.ended_at < before).limit(_FORGOTTEN)).all()
    for contract_id, one_id in keys:
        item = publication_items.c
        tx.execute(delete(publication_items).where(item.contract_id == contract_id, item.publication_id == one_id))
        tx.execute(delete(publications).where(old[0] == contract_id, old[1] == one_id))
    return len(keys)


def find(tx: Transaction, token: str, *, client: str = "") -> Page:
    """Return the open page of a token.

    Raises NotFound for a token there never was, LinkClosed where the page was taken away, the contract publishes
    nothing any more, or its publisher is not let in.
    """
    row = _by_token.first(tx.cursor, token=token)
    if row is None:
        raise NotFound("publication")
    contract_id, one_id, login, login_id, title, created_us, ended_us = row
    if ended_us is not None or not settings.read(tx, contract_id).publishing:
        raise LinkClosed("publish.ended")
    links.require_maker(tx.cursor, contract_id, login)
    return Page(contract_id, one_id, login, login_id, title, from_microseconds(created_us), client)


def exhibits(tx: Transaction, page: Page) -> list[Exhibit]:
    """Return what is on a page at present, by name: the one collection, or the files. Raises LinkClosed for nothing."""
    ids = select(publication_items.c.node_id).where(*_items_of(page)).order_by(publication_items.c.name)
    trails = [trail(tx.cursor, page.contract_id, node_id) for node_id in list(tx.execute(ids).scalars())]
    there = [found for found in trails if found is not None]
    grants = {root: _linked(tx.cursor, page, root) for root in {found.root for found in there}}
    shown = [Exhibit(linked, found) for found in there if (linked := grants[found.root]) is not None]
    if not shown:
        raise LinkClosed("link.deleted")
    return shown


def _items_of(page: Page) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return publication_items.c.contract_id == page.contract_id, publication_items.c.publication_id == page.id


def _linked(cursor: Cursor, page: Page, root: str) -> Linked | None:
    """Return the grant on the folder with a root's name; None where its publisher publishes nothing of it now."""
    try:
        return links.authorize_link(cursor, page.contract_id, page.login, root, address=page.client)
    except LinkClosed:
        return None


def locate(tx: Transaction, page: Page, node_id: int) -> Exhibit:
    """Return a file that is on a page: one of those published, or in the published collection itself.

    Raises NotFound, also for what is deeper down: an album is not a drive.
    """
    items = set(tx.execute(select(publication_items.c.node_id).where(*_items_of(page))).scalars())
    found = trail(tx.cursor, page.contract_id, node_id)
    if found is None or found.node.is_collection or not {node_id, found.node.parent_id} & items:
        raise NotFound(f"node {node_id}")
    linked = _linked(tx.cursor, page, found.root)
    if linked is None:
        raise NotFound(f"node {node_id}")
    return Exhibit(linked, found)


def count_view(tx: Transaction, page: Page) -> None:
    """Count that somebody looked."""
    mine = (publications.c.contract_id == page.contract_id) & (publications.c.id == page.id)
    tx.execute(update(publications).where(mine).values(views=publications.c.views + 1))
