"""What operations cost, counted in statements and store requests, never in time (invariants 4 and 5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from db.tables import nodes, objects, usage
from storage import files, locks, moves
from storage.moves import End
from storage.nodes import COLLECTION, FILE
from tests.unit.world import Firm, ProbedDatabase, at


@pytest.fixture(params=[10, 2_500, pytest.param(10_000, marks=pytest.mark.slow)])
def many(request: pytest.FixtureRequest, firm: Firm, database: ProbedDatabase) -> Firm:
    """Return a firm whose collection `many` holds a few files, then thousands, of one byte each."""
    count: int = request.param
    firm.mkcol("many", "elsewhere", "elsewhere/deep")
    parent = files.stat(firm.fs, firm.grant, at("many"))
    when = firm.clock()
    rows = [
        {
            "contract_id": 1, "parent_id": parent.id, "name": f"{i:05}.txt", "id": 1_000 + i, "kind": FILE,
            "size_bytes": 1, "object_id": f"{i:032x}", "created_at": when, "modified_at": when, "stored_at": when,
        }
        for i in range(count)
    ]  # fmt: skip
    known = [
        {"contract_id": 1, "id": row["object_id"], "size_bytes": 1, "sha256": "", "reference_count": 1,
         "created_at": when, "freed_at": None}
        for row in rows
    ]  # fmt: skip

    def operation(tx: object) -> None:
        tx.execute(sa.insert(nodes), rows)  # type: ignore[attr-defined]
        tx.execute(sa.insert(objects), known)  # type: ignore[attr-defined]
        above = sa.update(nodes).where(nodes.c.kind == COLLECTION, nodes.c.name.in_(("many", firm.grant.root)))
        tx.execute(above.values(size_bytes=count))  # type: ignore[attr-defined]
        tx.execute(sa.update(usage).values(used_bytes=count, next_id=100_000))  # type: ignore[attr-defined]

    database.write(operation)
    firm.store.requests.clear()
    database.probe.reset()
    return firm


def _ends(firm: Firm, source: str, target: str) -> tuple[End, End]:
    return End(firm.grant, at(source)), End(firm.grant, at(target))


def _lock(firm: Firm) -> locks.Lock:
    return firm.fs.database.write(
        lambda tx: locks.acquire(
            tx.cursor, firm.grant, at("many"), infinite_depth=True, exclusive=True, owner_xml="",
            timeout_seconds=600, now_us=firm.clock.us,
        )
    )  # fmt: skip


#: Operation on the collection → how many statements it may take, whatever the collection holds.
_OPERATIONS: dict[str, tuple[Callable[[Firm], object], int]] = {
    "rename": (lambda firm: moves.move(firm.fs, *_ends(firm, "many", "renamed"), overwrite=False), 6),
    "move": (lambda firm: moves.move(firm.fs, *_ends(firm, "many", "elsewhere/many"), overwrite=False), 8),
    "move over": (lambda firm: moves.move(firm.fs, *_ends(firm, "many", "elsewhere"), overwrite=True), 9),
    "delete": (lambda firm: files.delete(firm.fs, firm.grant, at("many")), 7),
    "copy": (lambda firm: moves.copy(firm.fs, *_ends(firm, "many", "copy"), overwrite=False), 12),
    "make": (lambda firm: files.make_collection(firm.fs, firm.grant, at("many/new")), 4),
    "find": (lambda firm: files.find(firm.fs, firm.grant, at("many/00001.txt")), 1),
    "quota": (lambda firm: files.quota(firm.fs, firm.grant), 1),
    "lock": (_lock, 5),
}


@pytest.mark.parametrize("name", _OPERATIONS)
def test_a_collection_of_any_size_costs_the_same_statements_and_no_request(
    many: Firm, database: ProbedDatabase, name: str
) -> None:
    operation, statements = _OPERATIONS[name]
    operation(many)
    assert len(database.probe.own) == statements, database.probe.own
    assert many.store.requests.total() == 0


def test_a_listing_costs_one_statement_a_page_and_no_request(many: Firm, database: ProbedDatabase) -> None:
    collection = files.stat(many.fs, many.grant, at("many"))
    database.probe.reset()
    page, listed = files.members(many.fs, many.grant, collection), 0
    while page:
        listed += len(page)
        page = files.members(many.fs, many.grant, collection, after=page[-1].name)
    assert len(database.probe.own) == -(-listed // 1000) + 1
    assert many.store.requests.total() == 0


@pytest.mark.parametrize(
    ("path", "early", "in_commit"),
    [
        ("new", 2, 7),  # ledger, name, limit; object, node, sums, ledger
        ("a/b/c/new", 2, 7),
    ],
)
def test_a_new_file_costs_few_statements(
    firm: Firm, database: ProbedDatabase, path: str, early: int, in_commit: int
) -> None:
    firm.mkcol("a", "a/b", "a/b/c")
    database.probe.reset()
    firm.put(path, b"words")
    frame = database.probe.statements.index("BEGIN IMMEDIATE" if database.is_sqlite else "BEGIN")
    own = database.probe.own
    assert (frame, len(own) - frame) == (early, in_commit), own
    assert firm.store.requests == {"put": 1}


@pytest.mark.parametrize(("size", "early", "in_commit"), [(1, 1, 6), (5, 2, 8)])
def test_an_overwrite_costs_few_statements(
    firm: Firm, database: ProbedDatabase, size: int, early: int, in_commit: int
) -> None:
    """What does not grow needs no room, so nobody asks how much there is."""
    firm.put("f", b"x")
    database.probe.reset()
    firm.put("f", bytes(size))
    frame = database.probe.statements.index("BEGIN IMMEDIATE" if database.is_sqlite else "BEGIN")
    own = database.probe.own
    assert (frame, len(own) - frame) == (early, in_commit), own


def test_a_tree_is_copied_with_a_few_statements_for_each_collection(firm: Firm, database: ProbedDatabase) -> None:
    firm.mkcol("a", "a/1", "a/2", "a/1/3")
    for path in ("a/f", "a/1/f", "a/2/f", "a/1/3/f"):
        firm.put(path)
    database.probe.reset()
    firm.store.requests.clear()
    moves.copy(firm.fs, *_ends(firm, "a", "b"), overwrite=False)
    assert len(database.probe.own) <= 10 + 4 * 4
    assert firm.store.requests.total() == 0
