"""The access log on its page and as CSV."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest

from auth import accesslog
from auth.accesslog import Entry
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def admin(site: Site) -> Browser:
    """Return the browser of sakura's administrator, with three entries in the log of hanako and taro."""
    now, contract_id = site.clock(), site.caller("hanako").contract_id
    entries = [
        Entry(now - timedelta(days=30), "hanako", "", "", "192.0.2.1", "read", "/dav/my/古い.txt", "ok"),
        Entry(now - timedelta(hours=2), "hanako", "", "", "192.0.2.1", "read", "/dav/my/見積.txt", "ok"),
        Entry(now - timedelta(hours=1), "taro", "", "", "192.0.2.2", "write", "=1+1", "access.read_only"),
    ]
    site.parts.database.write(lambda tx: accesslog.append(tx.cursor, contract_id, entries))
    return site.at_work("sakura-admin")


def test_r21_the_last_week_is_shown_the_newest_first(admin: Browser) -> None:
    page = admin.get("/admin/log/").text
    assert page.index("access.read_only") < page.index("見積.txt")
    assert "古い.txt" not in page


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("login=taro", "access.read_only", "見積.txt"),
        ("path=/dav/my/", "見積.txt", "access.read_only"),
        ("since=2026-03-01", "古い.txt", "nothing"),
        ("since=2026-03-01&until=2026-03-03", "古い.txt", "見積.txt"),
        ("since=2026-04-01&until=2026-04-01", "見積.txt", "古い.txt"),
    ],
)
def test_r21_the_log_is_searched(admin: Browser, query: str, shown: str, hidden: str) -> None:
    page = admin.get(f"/admin/log/?{query}").text
    assert shown in page
    assert hidden not in page.partition("<tbody>")[2]


@pytest.mark.parametrize("date", ["x", "2026-13-01", "9999-12-31", "0001-01-01"])
def test_a_date_that_cannot_be_read_is_told(admin: Browser, date: str) -> None:
    assert admin.get(f"/admin/log/?since={date}").status_code == 200
    assert admin.get(f"/admin/log/?until={date}").status_code == 200
    assert admin.get(f"/admin/log/azukari-log.csv?until={date}").status_code == 200


def test_r21_the_csv_has_every_entry_that_matches_and_no_formula(admin: Browser) -> None:
    answer = admin.get("/admin/log/azukari-log.csv?since=2026-03-01")
    assert answer.headers["Content-Disposition"] == "attachment; filename=azukari-log.csv"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[6] for row in rows if row[6]] == ["path", "/dav/my/古い.txt", "/dav/my/見積.txt", "'=1+1"]


def test_a_contract_sees_its_own_log_alone(site: Site, admin: Browser) -> None:
    stranger = site.at_work("momiji-admin")
    assert "hanako" not in stranger.get("/admin/log/?since=2026-03-01").text
    assert "hanako" not in stranger.get("/admin/log/azukari-log.csv?since=2026-03-01").text


def test_r21_the_whole_log_is_paged_through(site: Site, admin: Browser) -> None:
    now, contract_id = site.clock(), site.caller("hanako").contract_id
    more = [Entry(now, "jun", "", "", "192.0.2.3", "read", f"/dav/my/{number:03d}.txt", "ok") for number in range(250)]
    site.parts.database.write(lambda tx: accesslog.append(tx.cursor, contract_id, more))
    seen, address = [], "/admin/log/?login=jun"
    for _ in range(3):
        page = admin.get(address).text
        seen += re.findall(r"/dav/my/(\d{3})\.txt", page)
        address = unescape(page.partition('rel="next" href="')[2].partition('"')[0])
    assert seen == [f"{number:03d}" for number in reversed(range(250))]
    assert address == "", "the last page leads no further"
    assert 'rel="next"' not in admin.get("/admin/log/?login=taro").text


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "1.5"])
def test_nonsense_in_a_pages_number_shows_the_first(admin: Browser, before: str) -> None:
    assert "access.read_only" in admin.get(f"/admin/log/?before={before}").text


@pytest.mark.parametrize(("query", "shown", "hidden"), [
    ("result=refused", "access.read_only", "見積.txt"),
    ("path=積", "見積.txt", "access.read_only"),
    ("device=dev-none", "There is no such entry.", "見積.txt"),
])  # fmt: skip
def test_r21_refusals_devices_and_parts_of_names_are_searched(
    admin: Browser, query: str, shown: str, hidden: str
) -> None:
    page = admin.get(f"/admin/log/?{query}").text
    assert shown in page
    assert hidden not in page.partition("<tbody>")[2]
