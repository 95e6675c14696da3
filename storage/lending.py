"""Objects that files of more than one contract share (R26): one set of bytes, counted by each contract on its own.

Bytes stay under the contract that first stored them, their home. Another contract that holds them has a row of
its own for the object, whose id ends in the home's number, and counts its own files there like those of any object.
To the home it is one more reference, written down as a loan, so that the bytes stay for as long as anybody has a
file of them, whatever becomes of the home's own. When a holder's last file has gone, the loan goes back.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, String, case, cast, delete, exists, func, insert, literal, select, update

from core.clock import from_microseconds
from db.engine import Transaction
from db.tables import loans, objects
from db.types import UtcDateTime
from quota.meter import Ledger
from storage import tree

#: Hexadecimal digits of an object's own id.
OWN_ID_CHARACTERS = 32


def home_of(contract_id: int, object_id: str) -> tuple[int, str]:
    """Return under which contract the bytes of an object lie, and its id there."""
    own_id, _, home = object_id.partition("@")
    return (int(home) if home else contract_id), own_id


def is_own(object_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell, in a statement, the objects of a contract from those it borrowed."""
    return func.length(object_id) == OWN_ID_CHARACTERS


def home_number(object_id: ColumnElement[Any], contract_id: int) -> ColumnElement[int]:
    """Return, in a statement, the home of an object as `contract_id` names it."""
    return case((is_own(object_id), contract_id), else_=cast(func.substr(object_id, OWN_ID_CHARACTERS + 2), Integer))


def own_id(object_id: ColumnElement[Any]) -> ColumnElement[str]:
    """Return, in a statement, an object's id at its home."""
    return func.substr(object_id, 1, OWN_ID_CHARACTERS, type_=String)


def name_for(object_id: ColumnElement[Any], contract_id: int, holder_id: int) -> ColumnElement[str]:
    """Return, in a statement, how a holder names the object that `contract_id` names so."""
    return case(
        (is_own(object_id), object_id + f"@{contract_id}"),
        (object_id.endswith(f"@{holder_id}"), own_id(object_id)),
        else_=object_id,
    )


def lend(tx: Transaction, wanted: Any, contract_id: int, holder_id: int, *, now_us: int) -> None:
    """Give a holder a row, without references yet, for every object of `wanted` it has none for, and write down the
    loans. `wanted` is a statement's column `object_id` as `contract_id` names objects, all of which have references.

    A few statements, however many objects. The caller holds the ledgers of all contracts in question.
    """
    found = wanted.subquery("wanted")
    theirs = objects.alias("theirs")
    name = name_for(found.c.object_id, contract_id, holder_id)
    missing = ~exists().where(theirs.c.contract_id == holder_id, theirs.c.id == name)
    home = home_number(found.c.object_id, contract_id)
    new = (
        select(home.label("home"), own_id(found.c.object_id).label("own"), name.label("name"), found.c.object_id)
        .where(missing, home != holder_id)
        .distinct()
    )
    lent = new.subquery("lent")
    tx.execute(
        insert(loans).from_select(
            ["contract_id", "object_id", "holder_id"], select(lent.c.home, lent.c.own, literal(holder_id))
        )
    )
    tx.execute(
        update(objects)
        .where(objects.c.contract_id == lent.c.home, objects.c.id == lent.c.own)
        .values(reference_count=objects.c.reference_count + 1)
    )
    source = objects.alias("source")
    now = literal(from_microseconds(now_us), UtcDateTime)
    row = select(literal(holder_id), lent.c.name, source.c.size_bytes, source.c.sha256, literal(0), now, now).join_from(
        lent, source, (source.c.contract_id == contract_id) & (source.c.id == lent.c.object_id)
    )
    columns = ["contract_id", "id", "size_bytes", "sha256", "reference_count", "created_at", "freed_at"]
    tx.execute(insert(objects).from_select(columns, row))


def homes(tx: Transaction, wanted: Any, contract_id: int) -> list[int]:
    """Return the homes of the objects of `wanted`, as in `lend`."""
    found = wanted.subquery("wanted")
    return [int(one) for one in tx.execute(select(home_number(found.c.object_id, contract_id)).distinct()).scalars()]


def open_ledgers(tx: Transaction, contract_ids: set[int]) -> dict[int, Ledger]:
    """Take the write mutexes of several contracts, in the order that keeps two takers from waiting crosswise."""
    return {contract_id: Ledger.open(tx.cursor, contract_id) for contract_id in sorted(contract_ids)}


def give_back(tx: Transaction, holder_id: int, home_id: int, object_ids: list[str], *, now_us: int) -> int:
    """Drop a holder's rows for objects of one home that nothing refers to, and their loans; return how many."""
    open_ledgers(tx, {holder_id, home_id})
    dropped = 0
    for object_id in object_ids:
        unused = (objects.c.contract_id == holder_id) & (objects.c.id == object_id) & (objects.c.reference_count == 0)
        if tx.execute(delete(objects).where(unused)).rowcount != 1:
            continue  # it was transferred once more meanwhile
        own = home_of(holder_id, object_id)[1]
        lent = (loans.c.contract_id == home_id) & (loans.c.object_id == own) & (loans.c.holder_id == holder_id)
        if tx.execute(delete(loans).where(lent)).rowcount == 1:
            tree.release_object(tx.cursor, home_id, own, now_us=now_us)
        dropped += 1
    return dropped


class Flaws(NamedTuple):
    """Loans that nobody holds, and loans that are missing for what somebody holds: (home, object id, holder) each."""

    needless: list[tuple[int, str, int]]
    missing: list[tuple[int, str, int]]

    def __len__(self) -> int:
        return len(self.needless) + len(self.missing)


def flaws(tx: Transaction) -> Flaws:
    """Return where loans and borrowed objects do not match. Each list is one statement, true of one instant."""
    unheld = select(loans.c.contract_id, loans.c.object_id, loans.c.holder_id).where(~exists().where(_IS_HELD))
    home, own = home_number(objects.c.id, _NOBODY), own_id(objects.c.id)
    is_lent = (loans.c.contract_id == home) & (loans.c.object_id == own) & (loans.c.holder_id == objects.c.contract_id)
    unlent = select(home, own, objects.c.contract_id).where(~is_own(objects.c.id), ~exists().where(is_lent))
    return Flaws([_key(row) for row in tx.execute(unheld)], [_key(row) for row in tx.execute(unlent)])


def _key(row: Any) -> tuple[int, str, int]:
    return row[0], row[1], row[2]


#: Stands where no contract does: who looks at all contracts' borrowed objects owns none of them.
_NOBODY = -1
_IS_HELD = (objects.c.contract_id == loans.c.holder_id) & (
    objects.c.id == loans.c.object_id + "@" + cast(loans.c.contract_id, String)
)


def mend(tx: Transaction, found: Flaws) -> int:
    """Write missing loans and remove needless ones, where they still are; return how many.

    The holders' rows are what counts: with a loan too few, bytes that somebody holds would be freed.
    """
    mended = 0
    for home_id, object_id, holder_id in found.needless:
        lent = (loans.c.contract_id == home_id) & (loans.c.object_id == object_id) & (loans.c.holder_id == holder_id)
        mended += tx.execute(delete(loans).where(lent, ~exists().where(_IS_HELD))).rowcount
    for home_id, object_id, holder_id in found.missing:
        held = (objects.c.contract_id == holder_id) & (objects.c.id == f"{object_id}@{home_id}")
        row = select(literal(home_id), literal(object_id), literal(holder_id)).where(exists().where(held))
        mended += tx.execute(insert(loans).from_select(["contract_id", "object_id", "holder_id"], row)).rowcount
    return mended
