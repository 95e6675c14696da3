"""WebDAV locks (RFC 4918 §6, §7): who may take one, what it guards, when it ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from auth.access import Grant
from core.errors import NotFound, QuotaExceeded, ResourceLocked
from storage import files, locks, moves
from storage.files import Conditions
from storage.locks import Lock
from storage.moves import End
from tests.unit.world import Firm, at, grant_for


def _lock(
    firm: Firm,
    path: str,
    *,
    login: int = 1,
    infinite: bool = True,
    exclusive: bool = True,
    timeout_seconds: int = 600,
) -> Lock:
    grant = _as(login)
    return firm.fs.database.write(
        lambda tx: locks.acquire(
            tx.cursor,
            grant,
            at(path),
            infinite_depth=infinite,
            exclusive=exclusive,
            owner_xml="<o/>",
            timeout_seconds=timeout_seconds,
            now_us=firm.clock.us,
        )
    )


def _as(login: int) -> Grant:
    """Return the grant of another login on the same folder, as members of a group have it."""
    return grant_for(login, root="my/1")


def _tokens(*held: Lock) -> Conditions:
    return Conditions(frozenset(lock.token for lock in held))


@pytest.fixture
def tree(firm: Firm) -> Firm:
    """Return a firm with a/, a/b/, a/b/f, a/e and g."""
    firm.mkcol("a", "a/b")
    for path in ("a/b/f", "a/e", "g"):
        firm.put(path)
    return firm


Change = Callable[[Firm, Conditions], object]
_CHANGES: dict[str, Change] = {
    "put": lambda firm, held: firm.put("a/b/f", b"new", held),
    "new name": lambda firm, held: firm.put("a/b/new", b"new", held),
    "mkcol": lambda firm, held: files.make_collection(firm.fs, firm.grant, at("a/b/c"), held),
    "delete": lambda firm, held: files.delete(firm.fs, firm.grant, at("a/b/f"), held),
    "delete tree": lambda firm, held: files.delete(firm.fs, firm.grant, at("a"), held),
    "proppatch": lambda firm, held: files.set_properties(firm.fs, firm.grant, at("a/b/f"), {"{x}a": "<a/>"}, held),
    "move away": lambda firm, held: _transfer(firm, "a/b/f", "h", held),
    "move onto": lambda firm, held: _transfer(firm, "g", "a/b/f", held),
    "move into": lambda firm, held: _transfer(firm, "g", "a/b/g", held),
}


def _transfer(firm: Firm, source: str, target: str, held: Conditions) -> bool:
    ends = End(firm.grant, at(source)), End(firm.grant, at(target))
    return moves.move(firm.fs, *ends, overwrite=True, conditions=held)


#: Locked path and depth → the changes it stands in the way of.
_GUARDED = {
    ("a/b/f", False): {"put", "delete", "delete tree", "proppatch", "move away", "move onto"},
    # A collection's own lock guards which names it has, not the content of its members (RFC 4918 §7.4).
    ("a/b", False): {"new name", "mkcol", "delete", "delete tree", "move away", "move onto", "move into"},
    ("a/b", True): set(_CHANGES),
    ("a", False): {"delete tree"},
    ("a", True): set(_CHANGES),
    ("a/e", False): {"delete tree"},
    ("", True): set(_CHANGES),
}


@pytest.mark.parametrize("change", _CHANGES)
@pytest.mark.parametrize(("path", "infinite"), _GUARDED)
def test_a_lock_stands_in_the_way_of_what_it_guards_and_of_nothing_else(
    tree: Firm, change: str, path: str, infinite: bool
) -> None:
    held = _lock(tree, path, infinite=infinite)
    if change in _GUARDED[path, infinite]:
        with pytest.raises(ResourceLocked) as refused:
            _CHANGES[change](tree, Conditions())
        assert (refused.value.path, refused.value.owner_login) == (held.path, "login1")
    _CHANGES[change](tree, _tokens(held))


def test_a_copy_needs_no_token_of_its_source(tree: Firm) -> None:
    _lock(tree, "g")
    ends = End(tree.grant, at("g")), End(tree.grant, at("h"))
    assert moves.copy(tree.fs, *ends, overwrite=False)
    tree.put("h", b"the copy is not locked")


def test_the_token_of_someone_elses_lock_opens_nothing(tree: Firm) -> None:
    held = _lock(tree, "g", login=2)
    with pytest.raises(ResourceLocked) as refused:
        tree.put("g", b"new", _tokens(held))
    assert refused.value.owner_login == "login2"


def test_one_of_several_shared_locks_of_ones_own_is_enough(tree: Firm) -> None:
    _lock(tree, "g", exclusive=False, login=2)
    own = _lock(tree, "g", exclusive=False)
    _lock(tree, "g", exclusive=False)
    with pytest.raises(ResourceLocked):
        tree.put("g", b"new")
    tree.put("g", b"new", _tokens(own))


@pytest.mark.parametrize("first_exclusive", [True, False])
@pytest.mark.parametrize("second_exclusive", [True, False])
def test_only_shared_locks_stand_beside_each_other(tree: Firm, first_exclusive: bool, second_exclusive: bool) -> None:
    _lock(tree, "g", exclusive=first_exclusive, login=2)
    if first_exclusive or second_exclusive:
        with pytest.raises(ResourceLocked):
            _lock(tree, "g", exclusive=second_exclusive)
    else:
        _lock(tree, "g", exclusive=False)


@pytest.mark.parametrize(
    ("first", "first_infinite", "second", "second_infinite", "in_the_way"),
    [
        ("a", True, "a/b/f", False, True),
        ("a", False, "a/b/f", False, False),
        ("a/b/f", False, "a", True, True),
        ("a/b/f", False, "a", False, False),
        ("a/b", True, "a/e", False, False),
        ("a", True, "ab", False, False),  # a name that begins alike is another name
        ("a", True, "a0", False, False),  # "0" follows "/" in order
    ],
)
def test_locks_meet_only_where_one_covers_the_other(
    tree: Firm, first: str, first_infinite: bool, second: str, second_infinite: bool, in_the_way: bool
) -> None:
    _lock(tree, first, infinite=first_infinite, login=2)
    if in_the_way:
        with pytest.raises(ResourceLocked):
            _lock(tree, second, infinite=second_infinite)
    else:
        _lock(tree, second, infinite=second_infinite)


def test_the_longest_path_can_be_locked(firm: Firm) -> None:
    name = "字" * 85  # 255 bytes
    for depth in range(1, 65):
        files.make_collection(firm.fs, firm.grant, (name,) * depth)
    _lock(firm, "/".join([name] * 64))
    with pytest.raises(ResourceLocked):
        _lock(firm, "/".join([name] * 63))


def test_of_many_who_lock_at_once_exactly_one_succeeds(tree: Firm) -> None:
    def attempt(login: int) -> bool:
        try:
            _lock(tree, "g", login=login)
        except ResourceLocked:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(1, 9))) == 1


def test_a_lease_ends_to_the_microsecond(tree: Firm) -> None:
    _lock(tree, "g", timeout_seconds=180)
    tree.clock.advance(seconds=180, microseconds=-1)
    with pytest.raises(ResourceLocked):
        tree.put("g", b"new")
    tree.clock.advance(microseconds=1)
    tree.put("g", b"new")
    _lock(tree, "g", login=2)


def test_a_refreshed_lock_begins_its_lease_anew(tree: Firm) -> None:
    held = _lock(tree, "g", timeout_seconds=180)
    tree.clock.advance(seconds=179)
    refreshed = tree.fs.database.write(
        lambda tx: locks.refresh(tx.cursor, 1, held, timeout_seconds=600, now_us=tree.clock.us)
    )
    assert refreshed.expires_us == tree.clock.us + 600_000_000
    tree.clock.advance(seconds=599)
    with tree.fs.database.reading() as tx:
        assert locks.find(tx.cursor, 1, held.token, now_us=tree.clock.us) == refreshed
    tree.clock.advance(seconds=1)
    with tree.fs.database.reading() as tx:
        assert locks.find(tx.cursor, 1, held.token, now_us=tree.clock.us) is None


def test_a_released_lock_guards_no_more_and_is_released_once(tree: Firm) -> None:
    held = _lock(tree, "g")
    tree.fs.database.write(lambda tx: locks.release(tx.cursor, 1, held.token))
    tree.put("g", b"new")
    with pytest.raises(NotFound):
        tree.fs.database.write(lambda tx: locks.release(tx.cursor, 1, held.token))


def test_deleting_a_tree_ends_the_locks_in_it_and_no_others(tree: Firm) -> None:
    held = [_lock(tree, "a/b/f"), _lock(tree, "a/e")]
    _lock(tree, "g")
    files.delete(tree.fs, tree.grant, at("a"), _tokens(*held))
    tree.mkcol("a", "a/b")
    tree.put("a/b/f", b"not locked any more")
    with pytest.raises(ResourceLocked):
        tree.put("g")


def test_a_lock_does_not_go_with_what_is_moved(tree: Firm) -> None:
    """RFC 4918 §7.5."""
    held = _lock(tree, "g")
    _transfer(tree, "g", "h", _tokens(held))
    tree.put("h", b"free")
    tree.put("g", b"free too")
    assert (tree.get("h"), tree.get("g")) == (b"free", b"free too")


def test_a_locked_collection_locks_what_moves_into_it(tree: Firm) -> None:
    held = _lock(tree, "a")
    _transfer(tree, "g", "a/g", _tokens(held))
    with pytest.raises(ResourceLocked):
        tree.put("a/g", b"new")


def test_a_failed_put_leaves_the_lock(tree: Firm) -> None:
    """CLIENTS W8."""
    held = _lock(tree, "g")
    tree.capacity_bytes = 4
    with pytest.raises(QuotaExceeded):
        tree.put("g", b"far too long", _tokens(held))
    tree.put("g", b"12", _tokens(held))


def test_o4_own_locks_suffice_for_properties_where_asked(tree: Firm) -> None:
    _lock(tree, "g")
    files.set_properties(tree.fs, tree.grant, at("g"), {"{x}a": "<a/>"}, own_locks_suffice=True)
    with pytest.raises(ResourceLocked):
        files.set_properties(tree.fs, _as(2), at("g"), {"{x}a": "<a/>"}, own_locks_suffice=True)


def test_r16_a_locked_device_loses_its_locks_and_no_others(tree: Firm) -> None:
    _lock(tree, "g", login=2)
    _lock(tree, "a", login=3)
    tree.fs.database.write(lambda tx: locks.release_device(tx.cursor, 1, "device2"))
    tree.put("g", b"free")
    with pytest.raises(ResourceLocked):
        tree.put("a/new")


def test_locks_of_another_folder_or_contract_do_not_count(tree: Firm) -> None:
    foreign = grant_for(1, contract_id=1, root="my/2")
    tree.fs.database.write(
        lambda tx: locks.acquire(
            tx.cursor,
            foreign,
            at("g"),
            infinite_depth=True,
            exclusive=True,
            owner_xml="",
            timeout_seconds=600,
            now_us=tree.clock.us,
        )
    )
    tree.put("g", b"new")
