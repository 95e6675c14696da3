"""Contracts as jobs go through them."""

from __future__ import annotations

import pytest

from core.errors import NotFound
from db.engine import Database, Transaction
from quota import contracts
from quota.standings import standing, standings
from tests.unit.quota.cast import EXAMPLES, tokyo

NOW = tokyo("2026-01-01")


def sign_up(database: Database, count: int) -> list[int]:
    """Sign up contracts and return their ids."""

    def operation(tx: Transaction) -> list[int]:
        contracts.ensure_service(tx, now=NOW)
        return [contracts.sign_up(tx, f"c{i}", "50", EXAMPLES, at=NOW, now=NOW) for i in range(count)]

    return database.write(operation)


@pytest.mark.parametrize("count", [0, 1, 3, 4])
def test_every_contract_is_gone_through_once_page_by_page_but_the_service_itself(
    database: Database, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quota.standings._PAGE", 3)
    ids = sign_up(database, count)
    assert [one.contract_id for one in standings(database)] == ids


def test_a_standing_has_the_whole_history(database: Database) -> None:
    first, second = sign_up(database, 2)
    database.write(
        lambda tx: contracts.change_plan(tx, first, "100", EXAMPLES, channel="web", at=NOW, now=tokyo("2026-01-02"))
    )
    with database.reading() as tx:
        assert [event.code for event in standing(tx, first).history.events] == ["50", "100"]
        assert [event.code for event in standing(tx, second).history.events] == ["50"]
        assert standing(tx, second).name == "c1"


def test_an_unknown_contract_is_said_so(database: Database) -> None:
    with database.reading() as tx, pytest.raises(NotFound):
        standing(tx, 7)
