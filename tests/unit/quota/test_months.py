"""Billing months: Asia/Tokyo, half-open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.clock import TOKYO
from core.errors import InvalidInput
from quota.months import BillingMonth
from tests.unit.quota.cast import tokyo


@pytest.mark.parametrize(
    ("instant", "month"),
    [
        ("2026-01-31T23:59:59.999999", "2026-01"),
        ("2026-02-01T00:00:00", "2026-02"),
        ("2026-01-31T14:59:59.999999+00:00", "2026-01"),
        ("2026-01-31T15:00:00+00:00", "2026-02"),
        ("2028-02-29T23:59:59", "2028-02"),
        ("2026-12-31T15:00:00+00:00", "2027-01"),
    ],
)
def test_an_instant_lies_in_the_month_tokyo_has_then(instant: str, month: str) -> None:
    assert str(BillingMonth.of(tokyo(instant))) == month


def test_a_month_ends_where_the_next_begins_and_has_its_first_instant_only() -> None:
    month = BillingMonth(2026, 12)
    assert month.end() == month.next().start() == tokyo("2027-01-01")
    assert BillingMonth.of(month.start()) == month
    assert BillingMonth.of(month.end()) == month.next()
    assert BillingMonth.of(month.end() - timedelta(microseconds=1)) == month


def test_leap_years_have_a_29th_of_february() -> None:
    lengths = {year: (BillingMonth(year, 2).end() - BillingMonth(year, 2).start()).days for year in (2026, 2028, 2100)}
    assert lengths == {2026: 28, 2028: 29, 2100: 28}


def test_previous_and_next_cross_the_year() -> None:
    assert BillingMonth(2026, 1).previous() == BillingMonth(2025, 12)
    assert BillingMonth(2025, 12).next() == BillingMonth(2026, 1)


def test_months_are_in_the_order_of_time() -> None:
    assert BillingMonth(2025, 12) < BillingMonth(2026, 1) < BillingMonth(2026, 2)


@pytest.mark.parametrize(
    "text", ["2026-4", "2026-13", "2026-00", "202604", "2026-04-01", "1970-12", "9998-01", "", "á"]
)
def test_a_text_that_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="2026-04"):
        BillingMonth.parse(text)


def test_a_month_reads_back_from_its_own_words() -> None:
    assert BillingMonth.parse(str(BillingMonth(2026, 4))) == BillingMonth(2026, 4)
    assert BillingMonth(2026, 4).start().astimezone(TOKYO).isoformat() == "2026-04-01T00:00:00+09:00"
