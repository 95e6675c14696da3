"""`azukari fee` and `azukari statements …`."""

from __future__ import annotations

import csv
import io

import pytest
import typer
from typer.testing import CliRunner

from gateway.commands import contracts, money
from quota.months import BillingMonth
from tests.unit.gateway.commands.conftest import Shell

fee_app = typer.Typer()
fee_app.command()(money.fee)


@pytest.fixture
def aoi(shell: Shell) -> Shell:
    """Return a shell with a contract that changed its plan on 10 January 2024."""
    shell.done(contracts.app, "add", "aoi", "--plan", "paid-100", "--at", "2023-06-01")
    shell.done(contracts.app, "plan", "aoi", "paid-50", "--at", "2024-01-10")
    return shell


def printed(shell: Shell, *words: str) -> str:
    result = CliRunner().invoke(money.app, [*words, "--data", str(shell.data)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_r3_a_fee_is_told_as_the_interface_says(aoi: Shell) -> None:
    assert aoi.done(fee_app, "aoi", "2024-01") == {
        "month": "2024-01",
        "plan": "paid-100",
        "fee_yen": 500,
        "reason": "The plan changed once in this month: the plan before the change, paid-100, is charged.",
    }
    assert aoi.done(fee_app, "aoi", "2024-02")["fee_yen"] == 300


def test_a_month_that_is_none_is_refused(aoi: Shell) -> None:
    assert "2026-04" in aoi.refused(fee_app, "aoi", "January")


def test_closing_counts_contracts_and_yen_and_freezes(aoi: Shell) -> None:
    first, second = (aoi.done(money.app, "close", "2024-01") for _ in range(2))
    assert (first["closed"], first["fee_yen"]) == (1, 500)
    assert (second["closed"], second["already_closed"], second["fee_yen"]) == (0, 1, 500)
    assert "is closed" in aoi.refused(contracts.app, "plan", "aoi", "paid-25", "--at", "2024-01-20")


def test_this_month_is_not_closed(aoi: Shell) -> None:
    from core import clock

    assert "is not over" in aoi.refused(money.app, "close", str(BillingMonth.of(clock.now())))


def test_people_see_the_sums_when_closing(aoi: Shell) -> None:
    assert "fee_yen" in printed(aoi, "close", "2024-01")


def test_a_statement_is_shown_as_csv_as_a_page_and_in_words(aoi: Shell) -> None:
    rows = list(csv.DictReader(io.StringIO(printed(aoi, "show", "aoi", "2024-01", "--format", "csv"))))
    assert [(row["contract"], row["fee_yen"]) for row in rows] == [("aoi", "500")]
    page = printed(aoi, "show", "aoi", "2024-01", "--format", "html", "--language", "ja")
    assert page.startswith('<!doctype html><html lang="ja">')
    assert "500円" in page
    assert "paid-100" in printed(aoi, "show", "aoi", "2024-01")
    assert aoi.done(money.app, "show", "aoi", "2024-01")["lines"][0]["code"] == "paid-50"


def test_all_statements_of_a_month_are_exported(aoi: Shell) -> None:
    assert printed(aoi, "export", "2024-01").splitlines() == [
        "contract,month,plan,fee_yen,reason,capacity_bytes,services"
    ]
    aoi.done(money.app, "close", "2024-01")
    assert len(printed(aoi, "export", "2024-01").splitlines()) == 2
    assert [one["contract"] for one in aoi.done(money.app, "export", "2024-01")] == ["aoi"]
