"""Holding a contest: making it of stored photos, publishing its result, taking it back (R27)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, insert, select, update

from auth import accesslog, links
from auth.access import Grant
from auth.accesslog import entry_of
from auth.callers import Caller
from core.errors import AccessDenied, ContestClosed, DatabaseUnavailable, PhotosRefused, StorageFull
from core.ids import new_object_id
from db.engine import Transaction
from db.tables import contest_entries, contests
from groupware import contest_photos, contest_rules
from groupware.contest_photos import PhotoRefused, Rendered
from groupware.contest_results import drop_pictures
from groupware.contest_rules import Stage, Terms
from groupware.contests import Contest, Lock, find
from quota import contracts
from quota.catalogue import Catalogue
from quota.meter import Ledger
from storage import files, pictures
from storage.files import FileSystem, Names
from storage.pictures import Picture

_CAPTION_CHARACTERS = 255


class Photo(NamedTuple):
    """A photo to take part: names in a folder its host may read, and the path as the access log keeps it."""

    grant: Grant
    names: Names
    path: str

    @property
    def caption(self) -> str:
        """Return what stands below it: its name, less the suffix."""
        return PurePath(self.names[-1]).stem[:_CAPTION_CHARACTERS]


def may_host(fs: FileSystem, catalogue: Catalogue, caller: Caller) -> bool:
    """Return whether a caller may hold contests now (R27)."""
    now = fs.clock()
    with fs.database.reading() as tx:
        code = contracts.plan_code(tx.cursor, caller.contract_id, now_us=fs.now_us())
    plan = None if code is None or not caller.active else catalogue.plan(code)
    return contest_rules.may_host(caller.role, plan, now)


def create(fs: FileSystem, catalogue: Catalogue, host: Grant, terms: Terms, photos: Sequence[Photo]) -> str:
    """Hold a contest and return its id. `host` is the caller's grant on their My Folder.

    Pictures are made and stored first; contest, pictures' rows and log entries are one transaction. Raises
    AccessDenied for who may not hold one, ContestRefused, PhotosRefused with every photo that cannot take part,
    NotFound for one that is gone, ContestClosed where too many are kept.
    """
    if not may_host(fs, catalogue, host.caller):
        raise AccessDenied("contest.may_not_host")
    contest_rules.require_terms(terms, photos=len(photos), now=fs.clock())
    for photo in photos:
        links.require_linkable(photo.grant.folder)
    stored: list[tuple[Photo, Rendered, Picture]] = []
    try:
        _store_pictures(fs, host, photos, stored)
        return fs.database.write(lambda tx: _insert(tx, fs, host.caller, terms, stored))
    except BaseException as error:
        # A database that failed may have committed all the same: then the pictures must stay.
        if not isinstance(error, DatabaseUnavailable | StorageFull):
            pictures.discard(fs, host.caller.contract_id, [one for _, _, one in stored])
        raise


def _store_pictures(
    fs: FileSystem, host: Grant, photos: Sequence[Photo], stored: list[tuple[Photo, Rendered, Picture]]
) -> None:
    """Make and store pictures one by one; once one is refused the others are only looked at, so that all are told."""
    refused: list[tuple[str, str]] = []
    for photo in photos:
        try:
            rendered = contest_photos.render(_bytes_of(fs, photo))
        except PhotoRefused as error:
            refused.append((photo.names[-1], error.reason))
            continue
        if not refused:
            stored.append((photo, rendered, pictures.store(fs, host, rendered.data, purpose="contest")))
    if refused:
        raise PhotosRefused(tuple(refused))


def _bytes_of(fs: FileSystem, photo: Photo) -> bytes:
    node = files.stat(fs, photo.grant, photo.names)
    if node.is_collection:
        raise PhotoRefused("contest.photo.kind")
    if node.size_bytes > contest_photos.MOST_FILE_BYTES:
        raise PhotoRefused("contest.photo.size")
    return b"".join(map(bytes, files.content(fs, photo.grant, node, start=0, length=node.size_bytes)))


def _insert(
    tx: Transaction, fs: FileSystem, caller: Caller, terms: Terms, stored: Sequence[tuple[Photo, Rendered, Picture]]
) -> str:
    now, contest_id, contract_id = fs.clock(), new_object_id(), caller.contract_id
    Ledger.open(tx.cursor, contract_id)
    kept = select(func.count()).where(contests.c.contract_id == contract_id, contests.c.withdrawn_at.is_(None))
    if tx.execute(kept).scalar_one() >= contest_rules.MOST_KEPT:
        raise ContestClosed("contest.too_many", most=contest_rules.MOST_KEPT)
    tx.execute(
        insert(contests).values(
            contract_id=contract_id, id=contest_id, title=terms.title, description=terms.text,
            audience=terms.audience.value, tally=terms.tally.value, host=caller.login_id, created_at=now,
            starts_at=terms.period.starts_at, ends_at=terms.period.ends_at,
            settled_at=None, published_at=None, withdrawn_at=None,
        )
    )  # fmt: skip
    for position, (photo, rendered, picture) in enumerate(stored, start=1):
        pictures.keep(tx, contract_id, picture, now_us=fs.now_us())
        tx.execute(
            insert(contest_entries).values(
                contract_id=contract_id, contest_id=contest_id, position=position, caption=photo.caption,
                object_id=picture.object_id, size_bytes=picture.size_bytes, width=rendered.width,
                height=rendered.height, votes=None,
            )
        )  # fmt: skip
    entries = [entry_of(caller, "contest.create", one.path, now=now, detail=contest_id) for one, _, _ in stored]
    accesslog.append(tx.cursor, contract_id, entries)
    return contest_id


def publish(fs: FileSystem, host: Grant, contest_id: str, *, published: bool) -> None:
    """Show a finished contest's result to everybody it was open to, or no longer.

    Raises NotFound for a contest of another contract, AccessDenied for who is no administrator, ContestClosed
    before the end.
    """

    def operation(tx: Transaction) -> None:
        now = fs.clock()
        found = require_hosted(tx, host, contest_id, now_us=fs.now_us())
        if found.stage(now) is not Stage.OVER:
            raise ContestClosed("contest.not_over")
        tx.execute(update(contests).where(_is(found)).values(published_at=now if published else None))
        act = "contest.publish" if published else "contest.unpublish"
        accesslog.append(tx.cursor, found.contract_id, [entry_of(host.caller, act, "", now=now, detail=found.id)])

    fs.database.write(operation)


def withdraw(fs: FileSystem, host: Grant, contest_id: str) -> None:
    """Take a contest back at any time: pictures and votes go, its title stays on the host's own list.

    Raises NotFound and AccessDenied as `publish`; one that was taken back already stays so.
    """

    def operation(tx: Transaction) -> None:
        now = fs.clock()
        Ledger.open(tx.cursor, host.caller.contract_id)
        found = require_hosted(tx, host, contest_id, now_us=fs.now_us())
        if found.withdrawn_at is not None:
            return
        tx.execute(update(contests).where(_is(found)).values(withdrawn_at=now, settled_at=now))
        drop_pictures(tx, found.contract_id, found.id, now_us=fs.now_us())
        entry = entry_of(host.caller, "contest.withdraw", "", now=now, detail=found.id)
        accesslog.append(tx.cursor, found.contract_id, [entry])

    fs.database.write(operation)


def require_hosted(tx: Transaction, host: Grant, contest_id: str, *, now_us: int) -> Contest:
    """Return a contest of the caller's own contract, held until the transaction ends; for its administrator."""
    found = find(tx, host, contest_id, now_us=now_us, lock=Lock.CHANGE)
    if not found.is_hosted_by(host.caller) or not host.may_write:
        raise AccessDenied("contest.may_not_host")
    return found


def _is(found: Contest) -> ColumnElement[bool]:
    return (contests.c.contract_id == found.contract_id) & (contests.c.id == found.id)
