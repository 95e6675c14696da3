"""Jobs run at their times, one worker at a time, and every run is recorded."""

from __future__ import annotations

import dataclasses
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core import clock
from core.config import Config
from core.errors import Conflict, NotFound, StoreUnavailable
from core.s3settings import S3Settings
from db.tables import job_runs
from gateway import jobs
from gateway.jobs import JOBS, Scheduler
from gateway.service import Service, build
from tests.unit.world import ProbedDatabase


@pytest.fixture
def service(database: ProbedDatabase) -> Service:
    """Return a service whose object store nobody asks."""
    return build(Config(), database, S3Settings("http://127.0.0.1:9", "none", "none", "none"))


def test_a_run_says_what_it_did_and_is_recorded(service: Service) -> None:
    done = jobs.run(service, "reclaim")
    assert (done["job"], done["deleted_files"], done["deleted_bytes"]) == ("reclaim", 0, 0)
    with service.database.reading() as tx:
        last = jobs.last_runs(tx)["reclaim"]
    assert last["result"]["deleted_files"] == 0
    assert last["ended_at"] >= last["started_at"]


def test_of_two_workers_one_has_the_lease(service: Service) -> None:
    now, lease = clock.now(), timedelta(minutes=30)
    assert service.database.write(lambda tx: jobs.claim(tx, "reclaim", now=now, lease=lease))
    with pytest.raises(Conflict):
        jobs.run(service, "reclaim")


@pytest.mark.parametrize(("later", "free"), [(timedelta(minutes=30), True), (timedelta(minutes=29), False)])
def test_the_lease_of_a_worker_that_died_ends(service: Service, later: timedelta, free: bool) -> None:
    now, lease = clock.now(), timedelta(minutes=30)
    service.database.write(lambda tx: jobs.claim(tx, "reclaim", now=now, lease=lease))
    assert service.database.write(lambda tx: jobs.claim(tx, "reclaim", now=now + later, lease=lease)) is free


def test_a_running_job_keeps_its_lease_however_long_it_takes(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_LEASE", timedelta(seconds=0.4))
    monkeypatch.setattr(jobs, "_RENEW_SECONDS", 0.05)
    free: list[bool] = []

    def longer_than_its_lease(_service: Service, _at: datetime, _dry_run: bool) -> jobs.Result:
        time.sleep(0.8)
        lease = timedelta(minutes=1)
        free.append(service.database.write(lambda tx: jobs.claim(tx, "reclaim", now=clock.now(), lease=lease)))
        return {}

    monkeypatch.setitem(jobs.JOBS, "reclaim", dataclasses.replace(jobs.JOBS["reclaim"], run=longer_than_its_lease))
    jobs.run(service, "reclaim")
    assert free == [False]
    assert service.database.write(lambda tx: jobs.claim(tx, "reclaim", now=clock.now(), lease=timedelta(minutes=1)))


def test_a_job_that_fails_gives_its_lease_back_and_says_why(service: Service) -> None:
    with pytest.raises(StoreUnavailable):
        jobs.run(service, "collect-orphans")  # nobody answers at the object store's address
    with service.database.reading() as tx:
        assert jobs.last_runs(tx)["collect-orphans"]["result"]["error"]
    assert service.database.write(
        lambda tx: jobs.claim(tx, "collect-orphans", now=clock.now(), lease=timedelta(minutes=1))
    )


def test_an_unknown_job_is_named_with_those_there_are(service: Service) -> None:
    with pytest.raises(NotFound, match="reclaim"):
        jobs.run(service, "nothing")


@pytest.mark.parametrize("job", JOBS.values(), ids=lambda job: job.name)
def test_every_job_has_a_next_time(job: jobs.Job) -> None:
    now = clock.now()
    following = job.trigger(Config()).get_next_fire_time(None, now)
    assert following is not None
    assert now - timedelta(seconds=1) < following <= now + timedelta(days=32)


def test_the_scheduler_starts_and_stops(service: Service) -> None:
    scheduler = Scheduler(service)
    scheduler.start()
    scheduler.stop()
    assert not scheduler.is_running


def test_old_runs_are_forgotten_and_the_latest_of_every_job_is_shown(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_KEPT_RUNS", 2)
    jobs.run(service, "recount")
    for _ in range(5):
        jobs.run(service, "reclaim")
    with service.database.reading() as tx:
        kept = tx.execute(select(job_runs.c.job).where(job_runs.c.job == "reclaim")).all()
        assert set(jobs.last_runs(tx)) == {"recount", "reclaim"}
    assert len(kept) == 2
