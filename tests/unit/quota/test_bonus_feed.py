"""The feed of who holds which other service: R5."""

from __future__ import annotations

import json

import pytest

from core.errors import Conflict, InvalidInput
from db.engine import Database, Transaction
from quota import contracts
from quota.bonus_feed import Holdings, Imported, import_feed, parse
from tests.unit.quota.cast import EXAMPLES, tokyo

AT = tokyo("2026-03-02")
FEED = {("a", "club"), ("a", "support"), ("b", "club")}


@pytest.fixture
def firms(database: Database) -> Database:
    """Return a database with contracts a, b and one that ended."""

    def operation(tx: Transaction) -> None:
        for name in ("a", "b", "gone"):
            contracts.sign_up(tx, name, "50", EXAMPLES, at=tokyo("2026-01-01"), now=AT)
        contracts.end(tx, contracts.find(tx, "gone"), at=tokyo("2026-02-01"), now=AT)

    database.write(operation)
    return database


def read(database: Database, feed: Holdings, *, dry_run: bool = False, percent: int = 50) -> Imported:
    return import_feed(database, EXAMPLES, feed, at=AT, now=AT, max_removed_percent=percent, dry_run=dry_run)


def services(database: Database, name: str) -> frozenset[str]:
    with database.reading() as tx:
        return contracts.history(tx, contracts.find(tx, name)).at(AT).services


@pytest.mark.parametrize(
    "text",
    [
        "contract,service\na,club\na,support\nb,club\n",
        "\ufeffservice,contract,since\r\nclub,a,x\r\nsupport,a,\r\nclub, b ,\r\n",
        json.dumps([{"contract": name, "service": service} for name, service in sorted(FEED)]),
        '{"a": ["club", "support"], "b": "club"}',
    ],
)
def test_csv_and_json_say_the_same(text: str) -> None:
    assert parse(text) == FEED


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "contract,service"),
        ("name,service\na,club", "contract,service"),
        ("contract,service\na,club\n,club", "line 3"),
        ("contract,service\na", "line 2"),
        ("[1]", "entry 1"),
        ('[{"contract": "a", "service": 5}]', "entry 1"),
        ("[", "not JSON"),
    ],
)
def test_a_feed_that_cannot_be_read_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        parse(text)


def test_r5_joining_adds_leaving_removes_and_a_second_run_changes_nothing(firms: Database) -> None:
    assert read(firms, FEED).added == sorted(FEED)
    again = read(firms, FEED)
    assert (again.added, again.removed, again.unchanged) == ([], [], 3)
    left = read(firms, FEED - {("a", "support")})
    assert left.removed == [("a", "support")]
    assert services(firms, "a") == {"club"}


def test_a_dry_run_reports_the_same_and_changes_nothing(firms: Database) -> None:
    assert read(firms, FEED, dry_run=True) == read(firms, FEED, dry_run=True)
    assert services(firms, "a") == frozenset()
    assert read(firms, FEED, dry_run=True) == read(firms, FEED)


def test_unknown_names_are_reported_and_passed_over(firms: Database) -> None:
    done = read(firms, FEED | {("nobody", "club"), ("a", "golf"), ("gone", "club")})
    assert (done.unknown_contracts, done.unknown_services) == (["gone", "nobody"], ["golf"])
    assert services(firms, "a") == {"club", "support"}


@pytest.mark.parametrize(("percent", "refused"), [(66, True), (67, False)])
def test_a_feed_that_looks_cut_short_is_refused_whole(firms: Database, percent: int, refused: bool) -> None:
    read(firms, FEED)
    shorter = {("b", "club"), ("b", "support")}
    if not refused:
        assert len(read(firms, shorter, percent=percent).removed) == 2
        return
    with pytest.raises(Conflict, match="2 of 3"):
        read(firms, shorter, percent=percent)
    assert services(firms, "b") == {"club"}
