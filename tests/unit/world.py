"""What unit tests work with: a frozen clock, a firm with a folder, and instruments that count and fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import insert
from typing_extensions import Buffer

from auth.access import FolderType, Grant, my_folder_root
from auth.callers import Caller, Role
from core.clock import to_microseconds
from db.engine import Database
from db.lanes import Transaction
from db.statements import Cursor
from db.tables import contracts
from quota.meter import Ledger
from storage import files, uploads
from storage.files import UNCONDITIONAL, Conditions, FileSystem, Names
from storage.objects import ObjectStore, StoredObject, Upload
from storage.uploads import Announced, Written

#: For what only one of the databases does.
only_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize(
    "dialect", [pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)

NOON = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)


class FrozenClock:
    """A clock that moves only when told."""

    def __init__(self, start: datetime = NOON) -> None:
        self.instant = start

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, **by: float) -> datetime:
        """Move on by a timedelta's arguments and return the new instant."""
        self.instant += timedelta(**by)
        return self.instant

    @property
    def us(self) -> int:
        """Return the instant in microseconds."""
        return to_microseconds(self.instant)


class CountingStore:
    """A real object store that counts what is asked of it, and can be told to fail.

    `requests` counts by method. `before` runs ahead of each request with its method name and may raise.
    """

    def __init__(self, inner: ObjectStore) -> None:
        self.inner = inner
        self.requests: Counter[str] = Counter()
        self.before: Callable[[str], None] = lambda _: None

    def _count(self, method: str) -> None:
        self.requests[method] += 1
        self.before(method)

    def put(self, key: str, data: Buffer, *, metadata: Mapping[str, str]) -> None:
        self._count("put")
        self.inner.put(key, data, metadata=metadata)

    def begin_upload(self, key: str, *, metadata: Mapping[str, str]) -> Upload:
        self._count("begin_upload")
        return _CountingUpload(self.inner.begin_upload(key, metadata=metadata), self._count)

    def begin_parts(self, key: str, *, metadata: Mapping[str, str]) -> str:
        self._count("begin_parts")
        return self.inner.begin_parts(key, metadata=metadata)

    def put_part(self, key: str, upload_id: str, number: int, data: bytes | bytearray) -> str:
        self._count("put_part")
        return self.inner.put_part(key, upload_id, number, data)

    def complete_parts(self, key: str, upload_id: str, tags: Mapping[int, str]) -> None:
        self._count("complete_parts")
        self.inner.complete_parts(key, upload_id, tags)

    def abort_parts(self, key: str, upload_id: str) -> None:
        self._count("abort_parts")
        self.inner.abort_parts(key, upload_id)

    def stream(self, key: str, *, start: int, length: int) -> Iterator[Buffer]:
        self._count("stream")
        return self.inner.stream(key, start=start, length=length)

    def read(self, key: str, *, size_bytes: int) -> bytes:
        self._count("read")
        return self.inner.read(key, size_bytes=size_bytes)

    def metadata(self, key: str) -> dict[str, str]:
        self._count("metadata")
        return self.inner.metadata(key)

    def delete(self, keys: Sequence[str]) -> None:
        self._count("delete")
        self.inner.delete(keys)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        self._count("list")
        return self.inner.list(prefix)

    def check(self) -> None:
        self._count("check")
        self.inner.check()

    def abort_uploads(self, prefix: str, *, begun_before: datetime | None = None) -> int:
        self._count("abort_uploads")
        return self.inner.abort_uploads(prefix, begun_before=begun_before)


class _CountingUpload:
    def __init__(self, inner: Upload, count: Callable[[str], None]) -> None:
        self._inner, self._count = inner, count

    def write(self, data: Buffer) -> None:
        self._count("write")
        self._inner.write(data)

    def complete(self) -> None:
        self._count("complete")
        self._inner.complete()

    def abort(self) -> None:
        self._inner.abort()


class SqlProbe:
    """What a database is asked: every statement's text in order.

    `before` runs ahead of each with their number so far, `after` behind each with its text; both may raise.
    """

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.before: Callable[[int], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None

    def saw(self, sql: str) -> None:
        """Note a statement, and fail where that was asked for."""
        self.statements.append(sql)
        self.before(len(self.statements))

    @property
    def own(self) -> list[str]:
        """Return the statements without those that only frame a transaction."""
        frame = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
        return [sql for sql in self.statements if not sql.startswith(frame)]

    def reset(self) -> None:
        """Forget what was seen and fail no more."""
        self.statements.clear()
        self.before = lambda _: None
        self.after = lambda _: None


class _ProbedCursor:
    """A driver's cursor that tells a probe of each statement."""

    def __init__(self, raw: Any, probe: SqlProbe) -> None:
        self._raw, self._probe = raw, probe

    def execute(self, sql: str, *parameters: Any) -> Any:
        self._probe.saw(sql)
        result = self._raw.execute(sql, *parameters)
        self._probe.after(sql)
        return result

    def executemany(self, sql: str, parameters: Any) -> Any:
        self._probe.saw(sql)
        return self._raw.executemany(sql, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


class ProbedDatabase(Database):
    """A real database whose every statement goes by a probe."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.probe = SqlProbe()

    def _connect(self) -> Transaction:
        lane = super()._connect()
        bare = lane.execute

        def execute(statement: Any, *parameters: Any) -> Any:
            self.probe.saw(str(statement))
            return bare(statement, *parameters)

        lane.cursor = Cursor(_ProbedCursor(lane.cursor.raw, self.probe), lane.cursor.dialect)
        lane.execute = execute  # type: ignore[assignment]
        return lane


@dataclass
class Firm:
    """A contract with one login, its My Folder, and shorthand for what tests do with it."""

    fs: FileSystem
    grant: Grant
    store: CountingStore
    clock: FrozenClock
    room: dict[int, int] = field(default_factory=dict)

    @property
    def contract_id(self) -> int:
        return self.grant.caller.contract_id

    @property
    def capacity_bytes(self) -> int:
        return self.room[self.contract_id]

    @capacity_bytes.setter
    def capacity_bytes(self, value: int) -> None:
        self.room[self.contract_id] = value

    def put(
        self, path: str, data: bytes = b"x", conditions: Conditions = UNCONDITIONAL, *, grant: Grant | None = None
    ) -> Written:
        """Upload a body of announced length."""
        announced = Announced(len(data))
        return uploads.write(self.fs, grant or self.grant, at(path), BytesIO(data).read, announced, conditions)

    def get(self, path: str) -> bytes:
        """Return a file's bytes."""
        node = files.stat(self.fs, self.grant, at(path))
        return b"".join(map(bytes, files.content(self.fs, self.grant, node, start=0, length=node.size_bytes)))

    def mkcol(self, *paths: str) -> None:
        """Create collections."""
        for path in paths:
            files.make_collection(self.fs, self.grant, at(path))

    def names(self, path: str = "") -> list[str]:
        """Return the member names of a collection."""
        collection = files.stat(self.fs, self.grant, at(path))
        return [node.name for node in files.members(self.fs, self.grant, collection)]

    def used_bytes(self) -> int:
        """Return what the contract uses."""
        return files.quota(self.fs, self.grant).used_bytes

    def stored_keys(self) -> set[str]:
        """Return the keys in the object store."""
        return {one.key for one in self.store.inner.list(self.fs.key_prefix + "/")}


def at(path: str) -> Names:
    """Return a slash-separated path as names, as they are."""
    return tuple(name for name in path.split("/") if name)


def found_firm(
    database: Database,
    objects: ObjectStore,
    clock: FrozenClock,
    *,
    contract_id: int = 1,
    capacity_bytes: int = 1 << 40,
) -> Firm:
    """Insert a contract with login 1 and its My Folder, and return it."""
    room = {contract_id: capacity_bytes}
    store = CountingStore(objects)
    fs = FileSystem(database, store, lambda _, contract, __: room[contract], clock, "azukari")

    def operation(tx: Transaction) -> None:
        tx.execute(
            insert(contracts).values(id=contract_id, name=f"firm{contract_id}", state="active", created_at=clock())
        )
        Ledger.create(tx.cursor, contract_id).save()

    database.write(operation)
    firm = Firm(fs, grant_for(1, contract_id=contract_id), store, clock, room)
    open_folder(firm, 1)
    return firm


def grant_for(login: int, *, contract_id: int = 1, may_write: bool = True, root: str | None = None) -> Grant:
    """Return a grant on the My Folder of a login, or on any other root."""
    caller = Caller(contract_id, login, f"login{login}", Role.USER, f"device{login}")
    return Grant(caller, FolderType.MY, root or my_folder_root(login), may_write)


def open_folder(firm: Firm, login: int) -> Grant:
    """Create another login's My Folder in the firm and return its grant."""
    grant = grant_for(login, contract_id=firm.contract_id)
    firm.fs.database.write(lambda tx: files.ensure_root(tx, firm.contract_id, grant.root, now_us=firm.clock.us))
    return grant


def sliced(data: bytes, sizes: Iterable[int]) -> Callable[[int], bytes]:
    """Return a `read` that gives a body in pieces of given sizes at most, then the rest as asked."""
    source, limits = BytesIO(data), iter(sizes)
    return lambda limit: source.read(min(limit, next(limits, limit)))
