"""Random work against a plain tree in memory: after each step both hold the same, and fsck finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.errors import GatewayError
from db.engine import Transaction
from db.tables import metadata
from storage import files, fsck, moves, reclaim
from storage.moves import End
from storage.objects.memory import MemoryStore
from tests.unit.world import Firm, FrozenClock, ProbedDatabase, at, found_firm

_CAPACITY = 60


@dataclass
class _File:
    """A file of the model."""

    data: bytes
    stored_us: int
    properties: dict[str, str] = field(default_factory=dict)


@dataclass
class _Collection:
    """A collection of the model."""

    members: dict[str, _File | _Collection] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)


_Entry = _File | _Collection


class _Refused(Exception):
    """The model says no."""


def _size(entry: _Entry) -> int:
    if isinstance(entry, _File):
        return len(entry.data)
    return sum(map(_size, entry.members.values()))


def _copied(entry: _Entry, now_us: int) -> _Entry:
    if isinstance(entry, _File):
        return _File(entry.data, now_us, dict(entry.properties))
    members = {name: _copied(one, now_us) for name, one in entry.members.items()}
    return _Collection(members, dict(entry.properties))


def _walk(entry: _Entry, path: str = "") -> Iterator[tuple[str, _Entry]]:
    yield path, entry
    if isinstance(entry, _Collection):
        for name, one in entry.members.items():
            yield from _walk(one, f"{path}/{name}" if path else name)


class _Model:
    """What WebDAV says should happen, on dictionaries."""

    def __init__(self) -> None:
        self.root = _Collection()

    def find(self, path: str) -> _Entry | None:
        entry: _Entry | None = self.root
        for name in at(path):
            entry = entry.members.get(name) if isinstance(entry, _Collection) else None
        return entry

    def parent(self, path: str) -> _Collection:
        found = self.find(path.rpartition("/")[0])
        if not isinstance(found, _Collection):
            raise _Refused
        return found

    def require_room(self, more: int) -> None:
        if more > 0 and _size(self.root) + more > _CAPACITY:
            raise _Refused

    def put(self, path: str, data: bytes, now_us: int) -> None:
        parent, name = self.parent(path), path.rpartition("/")[2]
        old = parent.members.get(name)
        if isinstance(old, _Collection):
            raise _Refused
        self.require_room(len(data) - (len(old.data) if old else 0))
        parent.members[name] = _File(data, now_us, old.properties if old else {})

    def mkcol(self, path: str) -> None:
        parent, name = self.parent(path), path.rpartition("/")[2]
        if name in parent.members:
            raise _Refused
        parent.members[name] = _Collection()

    def delete(self, path: str) -> None:
        parent = self.parent(path)
        if parent.members.pop(path.rpartition("/")[2], None) is None:
            raise _Refused

    def transfer(self, source: str, target: str, *, overwrite: bool, copying: bool, now_us: int) -> None:
        if f"{source}/".startswith(f"{target}/") or f"{target}/".startswith(f"{source}/"):
            raise _Refused
        taken, parent, name = self.find(source), self.parent(target), target.rpartition("/")[2]
        replaced = parent.members.get(name)
        if taken is None or (replaced is not None and not overwrite):
            raise _Refused
        if copying:
            self.require_room(_size(taken) - (_size(replaced) if replaced else 0))
            taken = _copied(taken, now_us)
        else:
            self.parent(source).members.pop(source.rpartition("/")[2])
            # What hangs on a name stays when a file is moved over it (CLIENTS O3).
            if isinstance(taken, _File) and isinstance(replaced, _File):
                taken.properties = {**replaced.properties, **taken.properties}
        parent.members[name] = taken


#: Few paths, so that work meets what earlier work left; the first levels twice.
_NAMES = ("a", "が")
_SHORT = [*_NAMES, *("/".join(two) for two in product(_NAMES, repeat=2))]
_ALL = [*_SHORT, *_SHORT, *("/".join(three) for three in product(_NAMES, repeat=3))]
_PATHS = st.sampled_from(_ALL)
#: Where something may move to; that nothing goes into itself is refused without looking, and needs no luck.
_ENDS = st.sampled_from([
    (one, other) for one in _SHORT for other in _ALL
    if not f"{one}/".startswith(f"{other}/") and not f"{other}/".startswith(f"{one}/")
])  # fmt: skip
_BODIES = st.binary(max_size=20)


class _Work(RuleBasedStateMachine):
    """Random operations on both; what one refuses the other refuses, and then nothing changed."""

    database: ProbedDatabase

    @initialize()
    def found(self) -> None:
        def empty(tx: Transaction) -> None:
            for table in reversed(metadata.sorted_tables):
                tx.execute(table.delete())

        self.database.write(empty)
        self.firm: Firm = found_firm(self.database, MemoryStore(), FrozenClock(), capacity_bytes=_CAPACITY)
        self.model = _Model()
        for path in ("a", "a/が"):
            self.mkcol(path)
        for path in ("が", "a/a", "a/が/a"):
            self.put(path, path.encode())

    def _both(self, modelled: object, real: object) -> None:
        self.firm.clock.advance(seconds=1)
        self.firm.store.requests.clear()
        try:
            modelled(self.firm.clock.us)  # type: ignore[operator]
        except _Refused:
            with pytest.raises(GatewayError):
                real()  # type: ignore[operator]
        else:
            real()  # type: ignore[operator]

    @rule(path=_PATHS, data=_BODIES)
    def put(self, path: str, data: bytes) -> None:
        self._both(lambda now: self.model.put(path, data, now), lambda: self.firm.put(path, data))

    @rule(path=_PATHS)
    def mkcol(self, path: str) -> None:
        self._both(lambda now: self.model.mkcol(path), lambda: self.firm.mkcol(path))

    @rule(path=_PATHS)
    def delete(self, path: str) -> None:
        fs, grant = self.firm.fs, self.firm.grant
        self._both(lambda now: self.model.delete(path), lambda: files.delete(fs, grant, at(path)))

    @rule(paths=_ENDS, overwrite=st.sampled_from([True, True, False]), copying=st.booleans())
    def transfer(self, paths: tuple[str, str], overwrite: bool, copying: bool) -> None:
        origin, destination = paths
        ends = End(self.firm.grant, at(origin)), End(self.firm.grant, at(destination))
        operation = moves.copy if copying else moves.move
        self._both(
            lambda now: self.model.transfer(origin, destination, overwrite=overwrite, copying=copying, now_us=now),
            lambda: operation(self.firm.fs, *ends, overwrite=overwrite),
        )
        assert self.firm.store.requests.total() == 0

    @rule(path=_PATHS, name=st.sampled_from(["{x}p", "{x}q"]), value=st.sampled_from(["<v/>", "<w/>"]))
    def set_property(self, path: str, name: str, value: str) -> None:
        entry = self.model.find(path)
        if entry is not None:
            entry.properties[name] = value
            files.set_properties(self.firm.fs, self.firm.grant, at(path), {name: value})

    @rule()
    def reclaim(self) -> None:
        reclaim.reclaim(self.firm.fs, freed_before_us=self.firm.clock.us)
        used = {id(one.data) for _, one in _walk(self.model.root) if isinstance(one, _File) and one.data}
        assert len(self.firm.stored_keys()) >= min(1, len(used))
        report = fsck.check(self.firm.fs)
        assert report.freed_objects == 0

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "model"):
            return
        seen = dict(self._real())
        expected = {
            path: (
                _size(entry),
                entry.data if isinstance(entry, _File) else None,
                entry.stored_us if isinstance(entry, _File) else None,
                entry.properties,
            )
            for path, entry in _walk(self.model.root)
        }
        assert seen == expected
        assert self.firm.used_bytes() == _size(self.model.root)
        report = fsck.check(self.firm.fs)
        assert not report.is_wrong
        assert report.orphan_objects == 0

    def _real(self, path: str = "") -> Iterator[tuple[str, tuple[int, bytes | None, int | None, dict[str, str]]]]:
        fs, grant = self.firm.fs, self.firm.grant
        node = files.stat(fs, grant, at(path))
        dead = files.properties_of(fs, grant, node)
        if not node.is_collection:
            yield path, (node.size_bytes, self.firm.get(path), node.stored_us, dead)
            return
        yield path, (node.size_bytes, None, None, dead)
        for member in files.members(fs, grant, node):
            yield from self._real(f"{path}/{member.name}" if path else member.name)


@pytest.mark.parametrize("examples", [12, pytest.param(60, marks=pytest.mark.slow)])
def test_random_work_agrees_with_a_plain_tree(database: ProbedDatabase, examples: int) -> None:
    work: Any = type("Work", (_Work,), {"database": database})
    run_state_machine_as_test(
        work,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
