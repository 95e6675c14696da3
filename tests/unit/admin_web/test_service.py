"""The operator's service: plans, statements, health, jobs, mails."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import insert

from core.clock import TOKYO
from core.errors import StoreUnavailable
from core.ids import new_object_id
from db.tables import job_runs
from sharing import outbox
from sharing.outbox import Mail
from tests.unit.admin_web.cast import Browser, Site
from tests.unit.world import CountingStore


@pytest.fixture
def operator(site: Site) -> Browser:
    """Return the operator's browser."""
    return site.at_work("operator")


def test_r10_the_catalogue_shows_prices_capacities_and_bonuses(operator: Browser) -> None:
    page = operator.get("/operator/plans").text
    for shown in ("free-5", "pro-100", "500 yen", "100 GB", "office-it-support", "+ 10 GB", "No terms change."):
        assert shown in page


def test_a_month_is_settled_once_it_is_over(site: Site, operator: Browser) -> None:
    assert operator.post("/operator/statements", {"month": "2026-04"}).status_code == 409
    assert "This month is not over." in operator.get("/operator/statements?month=2026-04").text
    site.clock.instant = datetime(2026, 5, 1, tzinfo=TOKYO)
    operator = site.at_work("operator")
    answer = operator.post("/operator/statements", {"month": "2026-04"})
    assert answer.location == "/operator/statements?month=2026-04"
    page = operator.get("/operator/statements").text
    assert "3 statements of 2026-04 are settled." in page
    assert "3 statements, 0 yen in all" in page, "R2: the month of sign-up is free"
    rows = list(csv.reader(io.StringIO(operator.get("/operator/statements/2026-04.csv").data.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["contract", "kaede", "momiji", "sakura"]
    operator.post("/operator/statements", {"month": "2026-04"})
    assert "0 statements of 2026-04 are settled." in operator.get("/operator/statements").text, "what stands, stays"


@pytest.mark.parametrize("month", ["", "x", "2026-13", "0001-01"])
def test_a_month_there_is_not_is_told(operator: Browser, month: str) -> None:
    assert operator.post("/operator/statements", {"month": month}).status_code == 400
    assert operator.get(f"/operator/statements?month={month}").status_code == (400 if month else 200)


def _part(page: str, name: str) -> str:
    """Return what the health page says of a part."""
    return page.partition(f"<strong>{name}</strong>")[2].partition("</li>")[0]


def test_everything_is_well_where_nothing_ever_happened(operator: Browser) -> None:
    page = operator.get("/operator/health").text
    assert "Everything is well." in page
    assert "SQLite answers." in _part(page, "Database")
    assert "free of" in _part(page, "Disk")


def test_a_store_that_does_not_answer_stands_first(site: Site, operator: Browser) -> None:
    store = CountingStore(site.parts.files.objects)

    def fail(_: str) -> None:
        raise StoreUnavailable("down")

    store.before = fail
    object.__setattr__(site.parts.files, "objects", store)
    page = operator.get("/operator/health").text
    assert "Something needs attention." in page
    assert "look here" in _part(page, "Object store")
    assert page.index("Object store") < page.index("<strong>Database")


def test_mail_that_should_have_left_is_told(site: Site, operator: Browser) -> None:
    mail = Mail("topic", "a@b.example", "subject", "body")
    contract_id = site.caller("hanako").contract_id
    site.parts.database.write(lambda tx: outbox.enqueue(tx, contract_id, mail, now=site.clock()))
    site.clock.advance(minutes=9, seconds=59)
    assert "1 wait, 0 of them overdue" in _part(operator.get("/operator/health").text, "Mail")
    site.clock.advance(seconds=1)
    assert "1 wait, 1 of them overdue" in _part(operator.get("/operator/health").text, "Mail")
    assert "look here" in _part(operator.get("/operator/health").text, "Mail")


def _ran(site: Site, job: str, result: str = "{}") -> None:
    now = site.clock()
    row = {"job": job, "started_at": now, "ended_at": now, "result": result}
    site.parts.database.write(lambda tx: tx.execute(insert(job_runs), row))


def test_a_job_is_late_once_its_next_time_has_passed(site: Site, operator: Browser) -> None:
    _ran(site, "send-mail")
    site.clock.advance(minutes=11)
    assert "Late or failed" not in operator.get("/operator/health").text, "a minute, and ten of grace"
    site.clock.advance(seconds=1)
    assert "Late or failed: send-mail." in _part(operator.get("/operator/health").text, "Jobs")
    assert ">late<" in operator.get("/operator/jobs").text


def test_a_job_that_failed_is_told_until_it_went_well(site: Site, operator: Browser) -> None:
    _ran(site, "purge", '{"error": "down"}')
    assert "Late or failed: purge." in operator.get("/operator/health").text
    assert ">failed<" in operator.get("/operator/jobs").text
    _ran(site, "purge")
    assert "Everything is well." in operator.get("/operator/health").text


def test_the_last_run_of_each_job_is_shown_and_what_it_is_for(site: Site, operator: Browser) -> None:
    _ran(site, "purge", '{"run": 1}')
    _ran(site, "purge", '{"run": 2}')
    page = operator.get("/operator/jobs").text
    assert "&#34;run&#34;: 2" in page
    assert "&#34;run&#34;: 1" not in page
    assert "deletes what is over capacity when its time has come" in page
    assert "It has not run yet." in page


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """Return the folder in which mails are kept, beside the database, with one mail in it."""
    folder = tmp_path / "mails"
    folder.mkdir()
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "azukari@localhost", "a@b.example", "お知らせ <b>"
    message.set_content("本文 <script>alert(1)</script>")
    (folder / f"{new_object_id()}.eml").write_bytes(message.as_bytes())
    (folder / "other.eml").write_bytes(b"Subject: none of ours")
    return folder


def test_the_operator_reads_the_mails_no_server_took(operator: Browser, mails: Path) -> None:
    page = operator.get("/operator/mails/").text
    assert "お知らせ &lt;b&gt;" in page
    assert "none of ours" not in page
    name = next(one.stem for one in mails.glob("*.eml") if one.stem != "other")
    shown = operator.get(f"/operator/mails/{name}").text
    assert "a@b.example" in shown
    assert "本文 &lt;script&gt;" in shown


@pytest.mark.parametrize("name", ["other", "..%2Fazukari", "0" * 32, "x" * 32])
def test_no_address_leads_out_of_the_folder(operator: Browser, mails: Path, name: str) -> None:
    assert operator.get(f"/operator/mails/{name}").status_code == 404


def test_where_there_is_no_mail_yet_the_page_says_so(operator: Browser) -> None:
    assert "There is no mail yet." in operator.get("/operator/mails/").text


def test_r19_the_operator_sees_addresses_too_and_lets_them_in(site: Site, operator: Browser) -> None:
    for number in range(31):
        site.browser().post("/login", {"login_id": f"nobody{number}", "password": "x"})
    page = operator.get("/operator/lockouts/").text
    assert "127.0.0.1" in page
    assert "address" in page
    assert operator.post("/operator/lockouts/", {"kind": "address", "subject": "127.0.0.1"}).status_code == 303
    assert "Nobody has to wait." in operator.get("/operator/lockouts/").text
    assert operator.post("/operator/lockouts/", {"kind": "address", "subject": "127.0.0.1"}).status_code == 404
