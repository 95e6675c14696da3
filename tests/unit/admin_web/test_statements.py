"""What each month cost and why, for the contract's administrator (R2, R3)."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest

from core.clock import TOKYO
from quota import contracts, statements
from quota.months import BillingMonth
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def admin(site: Site) -> Browser:
    """Return the browser of sakura's administrator in June: April is closed, May not yet."""
    site.clock.instant = datetime(2026, 6, 10, tzinfo=TOKYO)
    for _ in statements.close(site.parts.database, site.parts.catalogue, BillingMonth(2026, 4), now=site.clock()):
        pass
    return site.at_work("sakura-admin")


def _months(page: str) -> list[str]:
    return [one.partition('"')[0] for one in page.split('href="/admin/statements/2')[1:]]


def test_every_month_is_listed_the_latest_first(admin: Browser) -> None:
    page = admin.get("/admin/statements/").text
    assert _months(page) == ["026-06", "026-05", "026-04"]
    assert page.count(">settled<") == 1
    assert page.index("300 yen") < page.index("0 yen</span>"), "R2: the month of sign-up is free"


def test_a_month_has_a_page_to_print_that_says_why(admin: Browser) -> None:
    page = admin.get("/admin/statements/2026-04").text
    assert "signed up pro-50" in page
    assert "may change the amount" not in page
    assert "may change the amount" in admin.get("/admin/statements/2026-05").text


@pytest.mark.parametrize("month", ["2026-03", "2026-07", "x", "2026-13"])
def test_a_month_without_a_statement_has_no_page(admin: Browser, month: str) -> None:
    assert admin.get(f"/admin/statements/{month}").status_code == 404


def test_the_csv_has_the_settled_months(admin: Browser) -> None:
    answer = admin.get("/admin/statements/azukari-statements.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=azukari-statements.csv"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[:4] for row in rows] == [["contract", "month", "plan", "fee_yen"], ["sakura", "2026-04", "pro-50", "0"]]


def test_r9_the_months_of_an_ended_contract_stay_readable(site: Site, admin: Browser) -> None:
    contract_id, now = site.caller("sakura-admin").contract_id, site.clock()
    site.parts.database.write(lambda tx: contracts.end(tx, contract_id, at=now, now=now))
    site.clock.instant = datetime(2026, 7, 5, tzinfo=TOKYO)
    page = site.at_work("sakura-admin").get("/admin/statements/").text
    assert _months(page) == ["026-06", "026-05", "026-04"]
