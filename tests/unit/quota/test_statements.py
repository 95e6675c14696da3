"""Monthly statements: frozen at close, reproducible from the history."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.config import PlanConfig
from core.errors import Conflict
from db.engine import Database, Transaction
from quota import contracts, statements
from quota.catalogue import Catalogue
from quota.history import History
from quota.months import BillingMonth
from quota.statements import Closed, Line, draw_up
from tests.unit.quota.cast import EXAMPLES, gb, past, tokyo

JANUARY = BillingMonth(2026, 1)
OVER = JANUARY.end()


@pytest.fixture
def firms(database: Database) -> Database:
    """Return a database with three contracts: one unchanged, one changed in January, one begun in February."""

    def operation(tx: Transaction) -> None:
        for name, begun in (("a", "2025-06-01"), ("b", "2025-06-01"), ("late", "2026-02-01")):
            contracts.sign_up(tx, name, "50", EXAMPLES, at=tokyo(begun), now=OVER)
        contracts.change_plan(
            tx, contracts.find(tx, "b"), "100", EXAMPLES, channel="web", at=tokyo("2026-01-10"), now=OVER
        )

    database.write(operation)
    return database


def close(database: Database, catalogue: Catalogue = EXAMPLES, month: BillingMonth = JANUARY) -> Closed:
    return list(statements.close(database, catalogue, month, now=OVER + timedelta(days=40)))[-1]


def test_a_statement_says_what_the_fee_follows_from() -> None:
    history = past("50", "+club 2025-12-01", "100 2026-01-10T12:00:00", "25 02-01")
    drawn = draw_up("a", history, EXAMPLES, JANUARY)
    assert (drawn.plan, drawn.fee_yen, drawn.reason) == ("50", 300, "fee.one_change")
    assert (drawn.capacity_bytes, drawn.services) == (gb(105), ("club",))
    assert drawn.lines == (Line("2026-01-10T12:00:00+09:00", "plan", "100", "web"),)


@pytest.mark.parametrize(
    ("history", "month", "due"),
    [
        (past("50"), BillingMonth(2025, 5), False),
        (past("50"), BillingMonth(2025, 6), True),
        (past("50", "end 2026-01-01T00:00:00"), BillingMonth(2026, 1), True),
        (past("50", "end 2026-01-01T00:00:00"), BillingMonth(2026, 2), False),
    ],
)
def test_a_month_has_a_statement_while_the_contract_is_there(history: History, month: BillingMonth, due: bool) -> None:
    assert statements.is_due(history, month) is due


def test_closing_freezes_every_contract_of_the_month_once(firms: Database) -> None:
    assert close(firms) == Closed("2026-01", closed=2, already_closed=0, fee_yen=600)
    assert close(firms) == Closed("2026-01", closed=0, already_closed=2, fee_yen=600)


def test_a_frozen_statement_outlives_a_price_edited_in_place_and_the_difference_is_reported(firms: Database) -> None:
    close(firms)
    dearer = Catalogue.from_config(
        {"50": PlanConfig(price_yen=999, capacity_gb=50), "100": PlanConfig(price_yen=999, capacity_gb=100)}
    )
    again = close(firms, dearer)
    assert (again.fee_yen, again.differing) == (600, ("a", "b"))
    with firms.reading() as tx:
        assert statements.of_month(tx, contracts.find(tx, "a"), dearer, JANUARY).fee_yen == 300
        assert statements.of_month(tx, contracts.find(tx, "a"), dearer, JANUARY.next()).fee_yen == 999


def test_a_frozen_statement_is_what_the_history_gives_again(firms: Database) -> None:
    close(firms)
    with firms.reading() as tx:
        contract_id = contracts.find(tx, "b")
        frozen = statements.find(tx, contract_id, JANUARY)
        assert frozen == draw_up("b", contracts.history(tx, contract_id), EXAMPLES, JANUARY)
        assert [one.contract for one in statements.frozen_in(tx, JANUARY)] == ["a", "b"]
        assert [one.month for one in statements.frozen_of(tx, contracts.find(tx, "a"))] == [str(JANUARY)]


def test_a_month_that_is_not_over_is_not_closed(firms: Database) -> None:
    with pytest.raises(Conflict, match="2026-01 is not over"):
        list(statements.close(firms, EXAMPLES, JANUARY, now=OVER - timedelta(microseconds=1)))
    assert list(statements.close(firms, EXAMPLES, JANUARY, now=OVER))[-1].closed == 2
