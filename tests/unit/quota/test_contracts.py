"""Contracts over time in SQL: an append-only history, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import insert, select

from core.clock import to_microseconds
from core.config import PlanConfig
from core.errors import AlreadyExists, Conflict, GatewayError, InvalidInput, NotFound
from db.engine import Transaction
from db.tables import contracts as rows
from db.tables import statements
from quota import contracts
from quota.catalogue import Catalogue
from tests.unit.quota.cast import EXAMPLES, gb, tokyo
from tests.unit.world import ProbedDatabase

NOW = tokyo("2026-06-15T12:00:00")
BEGUN = tokyo("2026-01-05")


@pytest.fixture
def sakura(database: ProbedDatabase) -> int:
    """Return a contract on plan 50 since 5 January."""

    def operation(tx: Transaction) -> int:
        contracts.ensure_service(tx, now=NOW)
        return contracts.sign_up(tx, "sakura", "50", EXAMPLES, at=BEGUN, now=NOW)

    return database.write(operation)


def change(
    database: ProbedDatabase,
    contract_id: int,
    code: str,
    at: datetime = NOW,
    *,
    channel: str = "web",
    now: datetime = NOW,
) -> bool:
    return database.write(
        lambda tx: contracts.change_plan(tx, contract_id, code, EXAMPLES, channel=channel, at=at, now=now)
    )


def capacity(database: ProbedDatabase, contract_id: int, at: datetime) -> int:
    with database.reading() as tx:
        return contracts.capacity_bytes(tx.cursor, contract_id, EXAMPLES, now_us=to_microseconds(at)) // gb(1)


def test_r8_the_channel_and_both_times_of_a_change_are_recorded(database: ProbedDatabase, sakura: int) -> None:
    assert change(database, sakura, "100", tokyo("2026-03-01"), channel="phone")
    with database.reading() as tx:
        last = contracts.history(tx, sakura).events[-1]
    assert (last.kind, last.code, last.channel) == ("plan", "100", "phone")
    assert (last.effective_at, last.recorded_at) == (tokyo("2026-03-01"), NOW)


def test_r8_an_unknown_channel_is_refused(database: ProbedDatabase, sakura: int) -> None:
    with pytest.raises(InvalidInput, match="web, phone, shop"):
        change(database, sakura, "100", channel="fax")


def test_r3_a_change_to_the_plan_held_is_not_recorded(database: ProbedDatabase, sakura: int) -> None:
    assert not change(database, sakura, "50")
    with database.reading() as tx:
        assert len(contracts.history(tx, sakura).events) == 1


def test_r3_capacity_follows_at_once_and_not_a_microsecond_earlier(database: ProbedDatabase, sakura: int) -> None:
    change(database, sakura, "100")
    assert [capacity(database, sakura, NOW - timedelta(microseconds=1)), capacity(database, sakura, NOW)] == [50, 100]


def test_capacity_is_one_statement_with_bonuses_and_all(database: ProbedDatabase, sakura: int) -> None:
    for service in ("club", "support"):
        database.write(
            lambda tx, service=service: contracts.add_bonus(  # type: ignore[misc]
                tx, sakura, service, EXAMPLES, channel="operator", at=NOW, now=NOW
            )
        )
    database.probe.reset()
    assert capacity(database, sakura, NOW) == 62
    assert len(database.probe.own) == 1


def test_r5_a_bonus_counts_from_its_instant_and_goes_from_its_instant(database: ProbedDatabase, sakura: int) -> None:
    def add(tx: Transaction) -> bool:
        return contracts.add_bonus(tx, sakura, "club", EXAMPLES, channel="feed", at=tokyo("2026-03-01"), now=NOW)

    def remove(tx: Transaction) -> bool:
        return contracts.remove_bonus(tx, sakura, "club", channel="feed", at=tokyo("2026-04-01"), now=NOW)

    assert [database.write(add), database.write(add)] == [True, False]
    assert [database.write(remove), database.write(remove)] == [True, False]
    assert [capacity(database, sakura, tokyo(day)) for day in ("2026-02-28", "2026-03-01", "2026-04-01")] == [
        50,
        55,
        50,
    ]


def test_r5_an_unknown_service_is_refused_with_those_there_are(database: ProbedDatabase, sakura: int) -> None:
    with pytest.raises(NotFound, match="club, support"):
        database.write(
            lambda tx: contracts.add_bonus(tx, sakura, "golf", EXAMPLES, channel="operator", at=NOW, now=NOW)
        )


def test_r9_an_end_takes_the_capacity_and_notes_until_when_the_data_is_readable(
    database: ProbedDatabase, sakura: int
) -> None:
    database.write(lambda tx: contracts.end(tx, sakura, at=tokyo("2026-05-01"), now=NOW))
    assert [capacity(database, sakura, tokyo("2026-04-30T23:59:59")), capacity(database, sakura, NOW)] == [50, 0]
    with database.reading() as tx:
        row = tx.execute(select(rows).where(rows.c.id == sakura)).one()
    assert (row.state, row.ended_at, row.readable_until_at) == ("ended", tokyo("2026-05-01"), tokyo("2026-07-01"))


def test_r9_an_end_recorded_for_later_is_settled_when_its_instant_has_come(
    database: ProbedDatabase, sakura: int
) -> None:
    later = NOW + timedelta(days=10)
    database.write(lambda tx: contracts.end(tx, sakura, at=later, now=NOW))

    def settle(at: datetime) -> tuple[int, str]:
        return database.write(
            lambda tx: (
                contracts.settle_ends(tx, now=at),
                tx.execute(select(rows.c.state).where(rows.c.id == sakura)).scalar_one(),
            )
        )

    assert settle(later - timedelta(microseconds=1)) == (0, "active")
    assert settle(later) == (1, "ended")


def test_an_ended_contract_takes_no_change_and_no_second_end(database: ProbedDatabase, sakura: int) -> None:
    database.write(lambda tx: contracts.end(tx, sakura, at=NOW, now=NOW))
    with pytest.raises(Conflict, match="has ended"):
        change(database, sakura, "100")
    with pytest.raises(Conflict, match="ends at"):
        database.write(lambda tx: contracts.end(tx, sakura, at=NOW - timedelta(days=1), now=NOW))


@pytest.mark.parametrize("at", [BEGUN, BEGUN - timedelta(days=1)])
def test_a_contract_cannot_end_before_it_began(database: ProbedDatabase, sakura: int, at: datetime) -> None:
    with pytest.raises(InvalidInput):
        database.write(lambda tx: contracts.end(tx, sakura, at=at, now=NOW))


def test_a_change_before_the_sign_up_is_refused(database: ProbedDatabase, sakura: int) -> None:
    with pytest.raises(InvalidInput, match="did not exist"):
        change(database, sakura, "100", BEGUN - timedelta(microseconds=1))


@pytest.mark.parametrize("name", ["Sakura", "", "a b", "-a", "a" * 65, "さくら"])
def test_a_name_people_could_not_type_is_refused(database: ProbedDatabase, name: str) -> None:
    with pytest.raises(InvalidInput):
        database.write(lambda tx: contracts.sign_up(tx, name, "50", EXAMPLES, at=NOW, now=NOW))


def test_a_name_is_given_once(database: ProbedDatabase, sakura: int) -> None:
    with pytest.raises(AlreadyExists):
        database.write(lambda tx: contracts.sign_up(tx, "sakura", "50", EXAMPLES, at=NOW, now=NOW))


def test_a_plan_no_longer_on_sale_stays_with_its_holders_and_takes_no_new_ones(
    database: ProbedDatabase, sakura: int
) -> None:
    withdrawn = Catalogue.from_config(
        {"50": PlanConfig(price_yen=1, capacity_gb=50, on_sale=False), "25": PlanConfig(price_yen=1, capacity_gb=25)}
    )
    with database.reading() as tx:
        assert contracts.capacity_bytes(tx.cursor, sakura, withdrawn, now_us=to_microseconds(NOW)) == gb(50)
    with pytest.raises(Conflict, match="no longer on sale"):
        database.write(lambda tx: contracts.sign_up(tx, "momiji", "50", withdrawn, at=NOW, now=NOW))


def test_a_closed_month_takes_no_change_and_the_next_does(database: ProbedDatabase, sakura: int) -> None:
    frozen = {"contract_id": sakura, "month": "2026-03", "fee_yen": 300, "document": "{}", "closed_at": NOW}
    database.write(lambda tx: tx.execute(insert(statements).values(frozen)).rowcount)
    with pytest.raises(Conflict, match="2026-03 is closed"):
        change(database, sakura, "100", tokyo("2026-03-31T23:59:59.999999"))
    assert change(database, sakura, "100", tokyo("2026-04-01"))


@pytest.mark.parametrize("year", ["1900", "9998"])
def test_an_instant_no_calendar_can_count_is_refused(database: ProbedDatabase, year: str) -> None:
    with pytest.raises(InvalidInput, match="not an instant"):
        database.write(lambda tx: contracts.sign_up(tx, "old", "50", EXAMPLES, at=tokyo(f"{year}-01-01"), now=NOW))


def test_changes_at_once_are_decided_one_after_the_other(database: ProbedDatabase, sakura: int) -> None:
    refused: list[GatewayError] = []

    def attempt(code: str) -> None:
        try:
            change(database, sakura, code)
        except GatewayError as error:
            refused.append(error)

    threads = [threading.Thread(target=attempt, args=(code,)) for code in ["100", "25", "10"] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as tx:
        codes = [event.code for event in contracts.history(tx, sakura).events]
    assert refused == []
    assert len(codes) >= 4
    assert all(before != after for before, after in pairwise(codes))


@pytest.mark.parametrize("address", ["office@sakura.example", "a..b@docomo.example", "a.@docomo.example", None])
def test_reminders_go_where_the_contract_says(database: ProbedDatabase, sakura: int, address: str | None) -> None:
    database.write(lambda tx: contracts.notify(tx, sakura, address))
    with database.reading() as tx:
        assert tx.execute(select(rows.c.notify_address).where(rows.c.id == sakura)).scalar_one() == address


@pytest.mark.parametrize("address", ["", "office", "a@b\r\nBcc: c@d", "a b@c", "<a@b>", "a@b,c@d", "a@b@c"])
def test_what_is_no_mail_address_is_refused(database: ProbedDatabase, sakura: int, address: str) -> None:
    with pytest.raises(InvalidInput, match="not a mail address"):
        database.write(lambda tx: contracts.notify(tx, sakura, address))


def test_is_pro_follows_the_plan_in_force(database: ProbedDatabase, sakura: int) -> None:
    pro = Catalogue.from_config(
        {"50": PlanConfig(price_yen=1, capacity_gb=50), "100": PlanConfig(price_yen=1, capacity_gb=100, pro=True)}
    )
    change(database, sakura, "100")
    with database.reading() as tx:
        answers = [
            contracts.is_pro(tx.cursor, sakura, pro, now_us=to_microseconds(at))
            for at in (BEGUN - timedelta(days=1), BEGUN, NOW)
        ]
    assert answers == [True, False, True]
