"""R18, R23: what is in a Secret Folder is sealed, and leaves or enters it as a copy written anew."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest

from auth import settings
from auth.access import FolderType, Grant, folder_root
from auth.settings import Settings
from core.errors import AccessDenied, NameTaken, QuotaExceeded
from storage import crossing, files, fsck, moves
from storage.moves import End
from storage.sealing import SEGMENT_BYTES, NameCipher, sealed_size
from tests.unit.world import Firm

PLAIN = b"a known plaintext " * 10_000
KEY = secrets.token_bytes(32)
CIPHER = NameCipher(KEY)


@pytest.fixture
def secret(firm: Firm) -> Grant:
    """Return a grant on the login's unlocked Secret Folder, in a contract that lets copies out."""
    root = folder_root(FolderType.SECRET, 1)
    firm.fs.database.write(lambda tx: files.ensure_root(tx, firm.contract_id, root, now_us=firm.clock.us))
    allow(firm, copy_out=True)
    return replace(firm.grant, folder=FolderType.SECRET, root=root, folder_key=KEY)


def allow(firm: Firm, *, copy_out: bool) -> None:
    """Decide whether copies may leave the contract's closed folders."""
    firm.fs.database.write(lambda tx: settings.write(tx, firm.contract_id, Settings(copy_out=copy_out)))


def sealed(*names: str) -> tuple[str, ...]:
    """Return names as the Secret Folder keeps them."""
    return tuple(map(CIPHER.seal, names))


def put(firm: Firm, secret: Grant, name: str, data: bytes) -> None:
    """Store a file in the Secret Folder."""
    firm.put(CIPHER.seal(name), data, grant=secret)


def read(firm: Firm, grant: Grant, *names: str, start: int = 0, length: int | None = None) -> bytes:
    """Return a file's bytes, or a range of them."""
    node = files.stat(firm.fs, grant, names)
    wanted = node.size_bytes if length is None else length
    return b"".join(map(bytes, files.content(firm.fs, grant, node, start=start, length=wanted)))


def everything_stored(firm: Firm) -> bytes:
    """Return all bytes and metadata in the object store, and all rows of names, objects and properties."""
    stored = []
    for one in firm.store.inner.list(firm.fs.key_prefix + "/"):
        stored.append(firm.store.inner.read(one.key, size_bytes=one.size_bytes))
        stored.append(repr(firm.store.inner.metadata(one.key)).encode())
    with firm.fs.database.reading() as tx:
        for table in ("nodes", "objects", "dead_properties", "locks"):
            tx.cursor.execute(f"SELECT * FROM {table}")
            stored.append(repr(tx.cursor.fetchall()).encode())
    return b"".join(stored)


@pytest.mark.parametrize("size_bytes", [1, SEGMENT_BYTES, 300_000, 9 * 1024 * 1024])
def test_r18_a_secret_file_comes_back_whole_and_in_parts(firm: Firm, secret: Grant, size_bytes: int) -> None:
    data = secrets.token_bytes(size_bytes)
    put(firm, secret, "a", data)
    assert read(firm, secret, *sealed("a")) == data
    assert read(firm, secret, *sealed("a"), start=size_bytes // 2, length=1) == data[size_bytes // 2 :][:1]


def test_r18_neither_store_nor_rows_show_name_content_hash_or_property(firm: Firm, secret: Grant) -> None:
    put(firm, secret, "confidential.txt", PLAIN)
    files.set_properties(firm.fs, secret, sealed("confidential.txt"), {"{x:}note": "<note>whisper</note>"})
    assert files.properties_of(firm.fs, secret, files.stat(firm.fs, secret, sealed("confidential.txt"))) == {
        "{x:}note": "<note>whisper</note>"
    }
    shown = everything_stored(firm)
    assert not any(word in shown for word in (b"known plaintext", b"confidential", b"whisper"))


def test_usage_counts_the_file_as_people_know_it(firm: Firm, secret: Grant) -> None:
    put(firm, secret, "a", PLAIN)
    assert firm.used_bytes() == len(PLAIN)
    (stored,) = firm.store.inner.list(firm.fs.key_prefix + "/")
    assert stored.size_bytes == sealed_size(len(PLAIN))
    assert not fsck.check(firm.fs).is_wrong


def test_a_copy_inside_the_secret_folder_copies_no_byte(firm: Firm, secret: Grant) -> None:
    put(firm, secret, "a", PLAIN)
    firm.store.requests.clear()
    moves.copy(firm.fs, End(secret, sealed("a")), End(secret, sealed("b")), overwrite=False)
    assert not firm.store.requests
    assert read(firm, secret, *sealed("b")) == PLAIN


def test_r23_a_tree_is_copied_out_where_the_contract_allows_it(firm: Firm, secret: Grant) -> None:
    files.make_collection(firm.fs, secret, sealed("d"))
    firm.put("/".join(sealed("d", "a")), PLAIN, grant=secret)
    files.set_properties(firm.fs, secret, sealed("d", "a"), {"{x:}p": "<p/>"})
    assert crossing.copy(firm.fs, End(secret, sealed("d")), End(firm.grant, ("out",)), overwrite=False)
    assert firm.get("out/a") == PLAIN
    assert files.properties_of(firm.fs, firm.grant, files.stat(firm.fs, firm.grant, ("out", "a"))) == {"{x:}p": "<p/>"}
    assert firm.names() == ["out"]
    assert not fsck.check(firm.fs).is_wrong


def test_r23_a_tree_is_copied_in(firm: Firm, secret: Grant) -> None:
    firm.mkcol("d")
    firm.put("d/a", PLAIN)
    firm.put("keep", b"old")
    assert crossing.copy(firm.fs, End(firm.grant, ("d",)), End(secret, sealed("in")), overwrite=False)
    assert read(firm, secret, *sealed("in", "a")) == PLAIN
    assert firm.get("d/a") == PLAIN


def test_r23_without_the_contracts_leave_nothing_gets_out(firm: Firm, secret: Grant) -> None:
    put(firm, secret, "a", PLAIN)
    allow(firm, copy_out=False)
    with pytest.raises(AccessDenied) as refused:
        crossing.copy(firm.fs, End(secret, sealed("a")), End(firm.grant, ("a",)), overwrite=False)
    assert refused.value.message_id == "access.no_copy_out"
    assert firm.names() == []


@pytest.mark.parametrize("outwards", [True, False])
def test_r23_nothing_is_moved_in_or_out(firm: Firm, secret: Grant, outwards: bool) -> None:
    put(firm, secret, "a", PLAIN)
    firm.put("a", b"mine")
    inside, outside = End(secret, sealed("a")), End(firm.grant, ("b",))
    ends = (inside, outside) if outwards else (End(firm.grant, ("a",)), End(secret, sealed("b")))
    with pytest.raises(AccessDenied):
        moves.move(firm.fs, *ends, overwrite=True)
    assert read(firm, secret, *sealed("a")) == PLAIN
    assert firm.get("a") == b"mine"


def test_a_name_that_is_taken_stays_unless_it_may_be_replaced(firm: Firm, secret: Grant) -> None:
    put(firm, secret, "a", PLAIN)
    firm.put("a", b"old")
    ends = End(secret, sealed("a")), End(firm.grant, ("a",))
    with pytest.raises(NameTaken):
        crossing.copy(firm.fs, *ends, overwrite=False)
    assert firm.get("a") == b"old"
    assert not crossing.copy(firm.fs, *ends, overwrite=True)
    assert firm.get("a") == PLAIN


def test_r6_a_copy_that_does_not_fit_leaves_nothing(firm: Firm, secret: Grant) -> None:
    files.make_collection(firm.fs, secret, sealed("d"))
    for name in ("a", "b"):
        firm.put("/".join(sealed("d", name)), PLAIN, grant=secret)
    firm.capacity_bytes = 3 * len(PLAIN)
    with pytest.raises(QuotaExceeded):
        crossing.copy(firm.fs, End(secret, sealed("d")), End(firm.grant, ("out",)), overwrite=False)
    assert firm.names() == []
    assert firm.used_bytes() == 2 * len(PLAIN)
