"""The jobs of contracts, as `gateway.jobs` runs them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from core import clock
from core.clock import to_microseconds
from core.config import BonusesConfig, Config, MailConfig
from core.errors import ClockJumped, InvalidInput
from core.s3settings import S3Settings
from db.engine import Transaction
from db.tables import contests, job_clocks, outbox, usage
from gateway import contract_jobs
from gateway.contract_jobs import CONTRACT_JOBS
from gateway.service import Service, build
from quota import contracts, meter
from quota.catalogue import GB_BYTES, shipped
from quota.months import BillingMonth
from sharing.senders import SmtpSender
from tests.unit.storage.purging import fill
from tests.unit.world import ProbedDatabase

THIS_MONTH = BillingMonth.of(clock.now())
#: A plan change that long ago has its deadline behind it.
LONG_AGO = THIS_MONTH.previous().previous().start() - timedelta(days=1)
DEADLINE = BillingMonth.of(LONG_AGO).next().end()


def service_of(database: ProbedDatabase, config: Config | None = None) -> Service:
    """Return a service whose object store nobody asks."""
    return build(config or Config(), database, S3Settings("http://127.0.0.1:9", "none", "none", "none"))


@pytest.fixture
def service(database: ProbedDatabase) -> Service:
    """Return a service with a contract that holds three files of 3 GB and has had a plan of 5 GB for months."""

    def operation(tx: Transaction) -> None:
        now, catalogue = clock.now(), shipped()
        contracts.ensure_service(tx, now=now)
        sakura = contracts.sign_up(tx, "sakura", "free-10", catalogue, at=LONG_AGO - timedelta(days=40), now=now)
        contracts.change_plan(tx, sakura, "free-5", catalogue, channel="web", at=LONG_AGO, now=now)
        stored_us = [to_microseconds(LONG_AGO) - 3 + i for i in range(3)]
        fill(tx, sakura, [3 * GB_BYTES] * 3, stored_us)

    database.write(operation)
    return service_of(database)


def used_gb(service: Service) -> int:
    with service.database.reading() as tx:
        return meter.used_bytes(tx.cursor, contracts.find(tx, "sakura")) // GB_BYTES


def test_r4_the_purge_says_what_it_deleted_and_a_second_run_nothing(service: Service) -> None:
    done = contract_jobs.purge(service, clock.now(), False)
    assert (done["deleted_files"], done["deleted_bytes"], used_gb(service)) == (2, 6 * GB_BYTES, 3)
    assert contract_jobs.purge(service, clock.now(), False)["deleted_files"] == 0


def test_r4_a_dry_run_lists_what_would_go_and_changes_nothing(service: Service) -> None:
    done = contract_jobs.purge(service, clock.now(), True)
    assert (done["contracts"], done["deleted_files"], done["deleted_bytes"]) == (1, 2, 6 * GB_BYTES)
    assert [one["contract"] for one in done["files"]] == ["sakura", "sakura"]
    assert used_gb(service) == 9


def test_a_dry_run_counts_also_what_it_does_not_list(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract_jobs, "_LISTED_FILES", 1)
    done = contract_jobs.purge(service, clock.now(), True)
    assert (len(done["files"]), done["deleted_files"], done["deleted_bytes"]) == (1, 2, 6 * GB_BYTES)


@pytest.mark.parametrize("shift", [timedelta(days=8), timedelta(minutes=-5)])
def test_a_clock_that_jumped_deletes_nothing_until_the_instant_is_named(service: Service, shift: timedelta) -> None:
    ran = {"job": "purge", "ran_at": clock.now() - shift}
    service.database.write(lambda tx: tx.execute(insert(job_clocks).values(ran)).rowcount)
    with pytest.raises(ClockJumped, match="to go on: --at"):
        contract_jobs.purge(service, clock.now(), False)
    assert used_gb(service) == 9
    assert contract_jobs.purge(service, DEADLINE, False)["deleted_files"] == 2
    assert contract_jobs.purge(service, clock.now(), False)["deleted_files"] == 0


def test_r4_a_run_for_an_instant_before_the_deadline_deletes_nothing(service: Service) -> None:
    assert contract_jobs.purge(service, DEADLINE - timedelta(microseconds=1), False)["deleted_files"] == 0
    assert used_gb(service) == 9


def test_reminders_go_from_the_contract_to_the_mail_folder(service: Service, tmp_path: Path) -> None:
    def operation(tx: Transaction) -> None:
        sakura = contracts.find(tx, "sakura")
        contracts.notify(tx, sakura, "office@sakura.example")
        contracts.end(tx, sakura, at=THIS_MONTH.previous().start(), now=clock.now())

    service.database.write(operation)
    config = service.config.model_copy(update={"mail": MailConfig(folder=tmp_path / "post")})
    with_folder = service_of(service.database, config)  # type: ignore[arg-type]
    contract_jobs.purge(with_folder, clock.now(), False)
    at = THIS_MONTH.end() - timedelta(days=1)
    assert contract_jobs.remind(with_folder, at, True) == {"reminders": 1}
    assert contract_jobs.remind(with_folder, at, False) == {"reminders": 1}
    assert contract_jobs.remind(with_folder, at, False) == {"reminders": 0}
    assert contract_jobs.send_mail(with_folder, at, True) == {"due": 1}
    assert contract_jobs.send_mail(with_folder, at, False) == {"sent": 1, "postponed": 0, "failed": 0}
    (letter,) = (tmp_path / "post").glob("*.eml")
    assert b"To: office@sakura.example" in letter.read_bytes()
    with service.database.reading() as tx:
        assert tx.execute(select(outbox.c.state)).scalar_one() == "sent"


def test_mail_leaves_by_smtp_where_a_server_is_named(service: Service) -> None:
    config = Config(mail=MailConfig(host="mail.example", port=25, security="none"))
    assert contract_jobs.sender_of(config, service.database) == SmtpSender("mail.example", 25, "none", "", "")


def test_r5_the_feed_is_read_and_reported(service: Service, tmp_path: Path) -> None:
    feed = tmp_path / "holdings.csv"
    feed.write_text("contract,service\nsakura,members-club\nnobody,members-club\n", encoding="utf-8")
    importing = service_of(service.database, Config(bonuses=BonusesConfig(feed=feed)))  # type: ignore[arg-type]
    for dry_run in (True, False):
        done = contract_jobs.import_bonuses(importing, clock.now(), dry_run)
        assert (done["added"], done["unknown_contracts"]) == ([("sakura", "members-club")], ["nobody"])
    assert contract_jobs.import_bonuses(importing, clock.now(), False)["unchanged"] == 1


def test_a_feed_that_is_not_there_is_said_so_and_none_is_no_error(service: Service, tmp_path: Path) -> None:
    assert contract_jobs.import_bonuses(service, clock.now(), False) == {"feed": None}
    missing = service_of(service.database, Config(bonuses=BonusesConfig(feed=tmp_path / "no.csv")))  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"no\.csv"):
        contract_jobs.import_bonuses(missing, clock.now(), False)


def test_the_month_before_is_closed_once(service: Service) -> None:
    month = str(THIS_MONTH.previous())
    done = [contract_jobs.close_month(service, clock.now(), dry_run) for dry_run in (True, False, False)]
    assert done[0] == {"month": month}
    assert [(one["month"], one["closed"], one["already_closed"]) for one in done[1:]] == [(month, 1, 0), (month, 0, 1)]


def test_r7_the_recount_reports_drift_and_repairs_it(service: Service) -> None:
    assert contract_jobs.recount(service, clock.now(), False)["usage_drift_bytes"] == 0
    service.database.write(lambda tx: tx.execute(usage.update().values(used_bytes=7)).rowcount)
    expected = 9 * GB_BYTES - 7
    assert contract_jobs.recount(service, clock.now(), True)["usage_drift_bytes"] >= expected
    assert contract_jobs.recount(service, clock.now(), False)["repaired"] > 0
    assert contract_jobs.recount(service, clock.now(), False)["usage_drift_bytes"] == 0
    assert used_gb(service) == 9


def test_every_job_of_contracts_only_looks_in_a_dry_run(service: Service) -> None:
    for _, work, _ in CONTRACT_JOBS.values():
        service.database.probe.reset()  # type: ignore[attr-defined]
        work(service, clock.now(), True)
        changes = [sql for sql in service.database.probe.own if sql.startswith(("UPDATE", "INSERT", "DELETE"))]  # type: ignore[attr-defined]
        assert changes == []


def test_mail_that_came_back_is_read_where_a_maildir_is_configured(
    service: Service, database: ProbedDatabase, tmp_path: Path
) -> None:
    for part in ("new", "cur", "tmp"):
        (tmp_path / part).mkdir()
    (tmp_path / "new" / "1.x").write_bytes(b"Subject: Hello\n\nI am away.\n")
    assert contract_jobs.read_bounces(service, clock.now(), False) == {"folder": None}
    configured = service_of(database, Config(mail=MailConfig(bounces=tmp_path)))
    assert contract_jobs.read_bounces(configured, clock.now(), True) == {"folder": str(tmp_path)}
    done = contract_jobs.read_bounces(configured, clock.now(), False)
    assert done == {"folder": str(tmp_path), "bounced": 0, "unknown": 0, "other": 1}
    missing = service_of(database, Config(mail=MailConfig(bounces=tmp_path / "none")))
    with pytest.raises(InvalidInput, match="no Maildir"):
        contract_jobs.read_bounces(missing, clock.now(), False)


def test_shares_are_forgotten_after_the_days_the_configuration_names(service: Service) -> None:
    at = clock.now()
    closed_before = (at - timedelta(days=400)).isoformat()
    assert contract_jobs.forget_shares(service, at, True) == {"closed_before": closed_before}
    assert contract_jobs.forget_shares(service, at, False) == {
        "forgotten_shares": 0, "forgotten_transfers": 0, "forgotten_publications": 0,
    }  # fmt: skip


def test_r26_the_job_that_lets_transfers_go_looks_first_and_says_how_many(service: Service) -> None:
    for dry_run in (True, False):
        assert contract_jobs.expire_transfers(service, clock.now(), dry_run) == {"expired": 0}


def test_r27_contests_are_closed_once_and_forgotten_in_time(service: Service) -> None:
    at = clock.now()
    row = {
        "id": "c" * 32, "title": "t", "description": "", "audience": "contract", "tally": "live", "host": "admin",
        "created_at": at, "starts_at": at - timedelta(hours=1), "ends_at": at,
    }  # fmt: skip

    def operation(tx: Transaction) -> None:
        tx.execute(insert(contests).values(contract_id=contracts.find(tx, "sakura"), **row))

    service.database.write(operation)
    assert contract_jobs.close_contests(service, at - timedelta(seconds=1), True) == {"due": 0}
    assert contract_jobs.close_contests(service, at, True) == {"due": 1}
    assert contract_jobs.close_contests(service, at, False) == {"closed_contests": 1}
    assert contract_jobs.close_contests(service, at, False) == {"closed_contests": 0}
    assert contract_jobs.forget_contests(service, at, False) == {"forgotten_contests": 0}
    later = at + timedelta(days=366)
    assert contract_jobs.forget_contests(service, later, True) == {"due": 1}
    assert contract_jobs.forget_contests(service, later, False) == {"forgotten_contests": 1}


def test_r28_nobody_mentioned_is_no_mail(service: Service) -> None:
    assert contract_jobs.tell_mentions(service, clock.now(), True) == {"mentions": 0}
    assert contract_jobs.tell_mentions(service, clock.now(), False) == {"mails": 0}
