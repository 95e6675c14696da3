"""Statements as CSV and as a page to print."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from lxml import html

from quota.months import BillingMonth
from quota.statement_pages import as_csv, as_html
from quota.statements import Statement, draw_up
from tests.unit.quota.cast import EXAMPLES, past

HISTORY = past("50", "+club 01-05", "100 01-10", "-club 01-20", "end 01-31", sign_up="2026-01-02")
DRAWN = draw_up("sakura", HISTORY, EXAMPLES, BillingMonth(2026, 1))


def test_csv_reads_back_with_one_line_a_statement() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv([DRAWN, DRAWN], "en"))))
    assert len(rows) == 2
    assert (rows[0]["contract"], rows[0]["month"], rows[0]["plan"], rows[0]["fee_yen"]) == (
        "sakura",
        "2026-01",
        "50",
        "300",
    )


def test_no_cell_of_the_csv_acts_as_a_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv([replace(DRAWN, contract="=1+1")], "en"))))
    assert rows[0]["contract"] == "'=1+1"


@pytest.mark.parametrize(("language", "told"), [("en", "Fee: 300 yen"), ("ja", "料金 300円")])
def test_the_page_says_fee_reason_and_what_happened(language: str, told: str) -> None:
    page = html.document_fromstring(as_html(DRAWN, language).encode())
    words = "".join(map(str, page.itertext()))
    assert told in words
    assert "sakura" in words
    assert len(list(page.findall(".//table")[1].iter("tr"))) == len(HISTORY.events)
    assert page.get("lang") == language


def test_the_page_cannot_be_made_to_carry_markup() -> None:
    evil: Statement = replace(DRAWN, contract="<script>alert(1)</script>", services=("<b>",))
    page = html.document_fromstring(as_html(evil, "en").encode())
    assert [*page.iter("script"), *page.iter("b")] == []
    assert "<script>" in "".join(map(str, page.itertext()))
