"""Statements as people keep them: CSV for many, a page to print for one."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterable

from core import messages
from quota.catalogue import GB_BYTES
from quota.history import BONUS_ADD, BONUS_REMOVE, END, PLAN, SIGN_UP
from quota.statements import Statement

_COLUMNS = ("contract", "month", "plan", "fee_yen", "reason", "capacity_bytes", "services")
#: A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_HAPPENED = {
    SIGN_UP: "statement.sign-up",
    PLAN: "statement.plan-change",
    BONUS_ADD: "statement.bonus-add",
    BONUS_REMOVE: "statement.bonus-remove",
    END: "statement.end",
}
_STYLE = (
    "@page{size:A4;margin:20mm}body{font-family:sans-serif;color:#222;max-width:40rem;margin:2rem auto}"
    "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #bbb;padding:.4rem;text-align:left}"
    ".fee{font-size:1.6rem;font-weight:bold}"
)


def reason_of(one: Statement, language: str) -> str:
    """Return the fee's reason in words."""
    return messages.text(one.reason, language, plan=one.plan)


def as_csv(found: Iterable[Statement], language: str) -> str:
    """Return statements as CSV (RFC 4180) with a header line; no cell can act as a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for one in found:
        cells = (one.contract, one.month, one.plan or "", one.fee_yen, reason_of(one, language))
        writer.writerow(map(_cell, (*cells, one.capacity_bytes, " ".join(one.services))))
    return text.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def as_html(one: Statement, language: str) -> str:
    """Return a statement as a page of its own to print or keep as PDF."""

    def say(message_id: str, **facts: object) -> str:
        return html.escape(messages.text(message_id, language, **facts))

    rows = "".join(
        f"<tr><td>{html.escape(line.at)}</td><td>{say(_HAPPENED[line.kind], code=line.code)}</td></tr>"
        for line in one.lines
    )
    happened = rows or f"<tr><td colspan=2>{say('statement.nothing')}</td></tr>"
    facts = (
        ("statement.contract", one.contract),
        ("statement.month", one.month),
        ("statement.plan", one.plan or "–"),
        ("statement.capacity", f"{one.capacity_bytes / GB_BYTES:g} GB"),
        ("statement.services", ", ".join(one.services) or "–"),
    )
    table = "".join(f"<tr><th>{say(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in facts)
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{say("statement.title")} '
        f"{html.escape(one.contract)} {one.month}</title><style>{_STYLE}</style>"
        f"<h1>{say('statement.title')}</h1><table>{table}</table>"
        f'<p class="fee">{say("statement.fee", fee_yen=f"{one.fee_yen:,}")}</p>'
        f"<p>{html.escape(reason_of(one, language))}</p>"
        f"<h2>{say('statement.happened')}</h2><table>{happened}</table></html>\n"
    )
