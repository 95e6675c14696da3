"""Return trays: a share's recipients put files into a folder that its sender alone sees (R24)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, NamedTuple

from auth import accesslog, links
from auth.access import Grant, my_folder_root
from auth.accesslog import Entry
from auth.callers import Caller
from core import messages
from core.clock import TOKYO
from core.errors import AlreadyExists, IncompleteUpload, LinkClosed, QuotaExceeded, TrayFull
from core.names import MAX_NAME_BYTES, normalise
from db.engine import Transaction
from db.statements import Cursor
from db.tables import COLLECTION
from quota.meter import Ledger
from sharing import rules
from sharing.scanning import Scanner
from sharing.share_mails import Letter
from sharing.trail import trail
from sharing.visits import Visit
from storage import nodes, tree, uploads
from storage.files import Conditions, FileSystem, Names
from storage.locks import Lock
from storage.nodes import Node
from storage.nodes import Place as Found
from storage.uploads import Announced, Read

#: So many files of one name are told apart.
_MOST_OF_A_NAME = 1000
_BLOCK_BYTES = 256 * 1024


def open_folder(tx: Transaction, fs: FileSystem, caller: Caller, letter: Letter) -> int:
    """Create a tray's folder in the sender's My Folder, in the share's own transaction, and return its node's id."""
    ledger = Ledger.open(tx.cursor, caller.contract_id)
    root, now_us = my_folder_root(caller.login), fs.now_us()
    all_trays = messages.text("share.tray_folder", letter.language)
    above, _ = _collection(tx.cursor, ledger, root, (), all_trays, now_us=now_us)
    day = letter.made_at.astimezone(TOKYO).strftime("%Y-%m-%d")
    _, node_id = _collection(tx.cursor, ledger, root, above, f"{day} {letter.title}", now_us=now_us, fresh=True)
    ledger.save()
    return node_id


def _collection(
    cursor: Cursor, ledger: Ledger, root: str, above: Names, name: str, *, now_us: int, fresh: bool = False
) -> tuple[Names, int]:
    """Return names and id of a collection; a new one where there is none, or `fresh` asks for one of its own."""
    for number in range(1, _MOST_OF_A_NAME):
        names = (*above, rules.numbered(name, number, max_bytes=MAX_NAME_BYTES))
        place = nodes.resolve(cursor, ledger.contract_id, root, names)
        if place.node is None:
            made = Node(ledger.take_ids(), place.parents[-1], names[-1], COLLECTION, 0, None, now_us, now_us, now_us)
            tree.add_node(cursor, ledger.contract_id, made)
            return names, made.id
        if place.node.is_collection and not fresh:
            return names, place.node.id
    raise AlreadyExists(name)


class Tray(NamedTuple):
    """An open tray: its folder, the sender's grant on it, and what may be in it."""

    grant: Grant
    names: Names
    node: Node
    limit_bytes: int

    @property
    def free_bytes(self) -> int:
        """Return what the tray itself still takes; the contract's room is asked besides."""
        return max(0, self.limit_bytes - self.node.size_bytes)

    @property
    def path(self) -> str:
        """Return the path as the access log keeps it."""
        return "/".join((self.grant.folder.value, *self.names))


def find(cursor: Cursor, visit: Visit) -> Tray:
    """Return a visit's tray. Raises LinkClosed where there is none, or its folder is the sender's own no more."""
    if visit.tray_node_id is None or visit.tray_limit_bytes is None:
        raise LinkClosed("share.tray_closed")
    found = trail(cursor, visit.contract_id, visit.tray_node_id)
    if found is None or found.root != my_folder_root(visit.login) or not found.node.is_collection:
        raise LinkClosed("share.tray_closed")
    linked = links.authorize_link(cursor, visit.contract_id, visit.login, found.root, address=visit.client)
    return Tray(linked.grant, found.names, found.node, visit.tray_limit_bytes)


def put(
    fs: FileSystem, visit: Visit, name: str, read: Read, scanner: Scanner | None, *, announced_bytes: int | None = None
) -> str:
    """Store a recipient's file in the tray, whole or not at all, and return the name it got.

    The body is taken in first and shown to the scanner; what it does not let pass is stored nowhere. A taken name
    gets a number. Raises LinkClosed, TrayFull, InvalidName, IncompleteUpload, FileInfected, ScannerUnavailable.
    """
    with fs.database.reading() as tx:
        tray = find(tx.cursor, visit)
    kept = normalise(name)
    if announced_bytes is not None and announced_bytes > tray.free_bytes:
        raise TrayFull
    with tempfile.NamedTemporaryFile(prefix="azukari-tray-") as file:
        size_bytes = _take_in(read, file, most_bytes=tray.free_bytes)
        if announced_bytes is not None and size_bytes != announced_bytes:
            raise IncompleteUpload(expected_bytes=announced_bytes, received_bytes=size_bytes)
        if scanner is not None:
            file.flush()
            scanner.scan(Path(file.name))
        return _store(fs, visit, tray, kept, file, size_bytes)


def _take_in(read: Read, file: IO[bytes], *, most_bytes: int) -> int:
    """Write a body into a file and return its size. Raises TrayFull as soon as it is too large."""
    size_bytes = 0
    while block := read(_BLOCK_BYTES):
        size_bytes += len(block)
        if size_bytes > most_bytes:
            raise TrayFull
        file.write(block)
    return size_bytes


def _store(fs: FileSystem, visit: Visit, tray: Tray, name: str, file: IO[bytes], size_bytes: int) -> str:
    for number in range(1, _MOST_OF_A_NAME):
        called = rules.numbered(name, number, max_bytes=MAX_NAME_BYTES)
        entry = visit.entry("share.put", f"{tray.path}/{called}", now=fs.clock())
        conditions = _conditions(visit, entry, size_bytes)
        file.seek(0)
        try:
            uploads.write(fs, tray.grant, (*tray.names, called), file.read, Announced(size_bytes), conditions)
        except AlreadyExists:
            continue
        except QuotaExceeded:
            raise TrayFull from None
        return called
    raise TrayFull


def _conditions(visit: Visit, entry: Entry, size_bytes: int) -> Conditions:
    def check(cursor: Cursor, place: Found, _locks: list[Lock]) -> None:
        # Asked again in the transaction that stores the file: two recipients fill the last room once.
        if find(cursor, visit).free_bytes < size_bytes:
            raise TrayFull
        if place.node is not None:
            raise AlreadyExists("the name is taken")

    def record(cursor: Cursor) -> None:
        accesslog.append(cursor, visit.contract_id, [entry])

    return Conditions(check=check, record=record)
