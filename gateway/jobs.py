"""Background jobs: each idempotent, one worker per job through a lease row, every run recorded."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import delete, func, insert, select, update

from auth import housekeeping
from core import clock
from core.clock import TOKYO, to_microseconds
from core.config import Config
from core.errors import Conflict, GatewayError, NotFound
from db.engine import Transaction
from db.tables import job_leases, job_runs
from gateway.contract_jobs import CONTRACT_JOBS
from gateway.service import Service
from storage import reclaim, resumable

_log = logging.getLogger("azukari.jobs")
#: Short, and renewed while a job runs: a run that a crash cut off holds up the next one no longer than this.
_LEASE = timedelta(minutes=2)
_RENEW_SECONDS = 30.0
_KEPT_RUNS = 500

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work. `run` takes the service, the instant it is run for, and whether only to look.

    `trigger` says when it runs by itself, `delay` for which earlier instant it is run then.
    """

    name: str
    title: str
    run: Callable[[Service, datetime, bool], Result]
    trigger: Callable[[Config], BaseTrigger]
    delay: Callable[[Config], timedelta] = lambda _: timedelta(0)


def at_tokyo(crontab: str) -> Callable[[Config], BaseTrigger]:
    """Return a trigger that fires at the times a crontab line names, in Tokyo's time."""
    return lambda _: CronTrigger.from_crontab(crontab, timezone=TOKYO)


def _often(config: Config) -> BaseTrigger:
    return IntervalTrigger(seconds=config.jobs.reclaim_every_seconds)


def _readers_time(config: Config) -> timedelta:
    # A reader may still be streaming what was just replaced: leave it some time.
    return timedelta(seconds=config.jobs.reclaim_delay_seconds)


def _reclaim(service: Service, at: datetime, dry_run: bool) -> Result:
    if dry_run:
        return asdict(reclaim.pending(service.files, freed_before_us=to_microseconds(at)))
    return asdict(reclaim.reclaim(service.files, freed_before_us=to_microseconds(at)))


def _collect_orphans(service: Service, at: datetime, dry_run: bool) -> Result:
    before = at - timedelta(hours=service.config.jobs.orphan_age_hours)
    done = reclaim.collect_orphans(service.files, stored_before_us=to_microseconds(before), dry_run=dry_run)
    return asdict(done)


def _expire_uploads(service: Service, at: datetime, dry_run: bool) -> Result:
    if dry_run:
        return {"ended_uploads": resumable.count_expired(service.files)}
    return asdict(resumable.expire(service.files))


def _tidy(service: Service, at: datetime, dry_run: bool) -> Result:
    if dry_run:
        return {"kept_log_since": at - timedelta(days=service.config.access_log.keep_days)}
    keep_log = timedelta(days=service.config.access_log.keep_days)
    return asdict(housekeeping.tidy(service.database, service.entrance.lockout, keep_log=keep_log, now=at))


JOBS = {
    job.name: job
    for job in (
        Job(
            "reclaim",
            "Free what was deleted or replaced: rows of deleted folders, objects nobody refers to",
            _reclaim,
            _often,
            _readers_time,
        ),
        Job(
            "collect-orphans",
            "Remove objects that uploads cut by a crash left behind",
            _collect_orphans,
            at_tokyo("40 3 * * *"),
        ),
        Job(
            "expire-uploads",
            "End uploads nobody went on with in two days, and free what they hold",
            _expire_uploads,
            at_tokyo("*/10 * * * *"),
        ),
        Job(
            "tidy",
            "Forget expired sessions, used codes and failed attempts, and log entries past their time",
            _tidy,
            at_tokyo("50 3 * * *"),
        ),
        *(Job(name, title, work, at_tokyo(cron)) for name, (title, work, cron) in CONTRACT_JOBS.items()),
    )
}


def run(service: Service, name: str, *, at: datetime | None = None, dry_run: bool = False) -> Result:
    """Run a job now and return what it did; `at` is the instant it is run for, the present without it.

    Raises NotFound for an unknown job, Conflict while another worker runs it, and what the job raises.
    """
    job = JOBS.get(name)
    if job is None:
        raise NotFound(f"job {name}; there are: {', '.join(JOBS)}")
    now = clock.now()
    if not service.database.write(lambda tx: claim(tx, name, now=now, lease=_LEASE)):
        raise Conflict(f"job {name} is running elsewhere")
    run_id = service.database.write(lambda tx: _begin(tx, name, now))
    result: Result = {"error": "interrupted"}
    try:
        with _renewing(service, name):
            result = job.run(service, at or now, dry_run)
    except GatewayError as error:
        result = {"error": str(error)}
        raise
    finally:
        ended = clock.now()
        service.database.write(lambda tx: _end(tx, name, run_id, result, ended))
    return {"job": name, "at": (at or now).isoformat(), "dry_run": dry_run, **result}


@contextlib.contextmanager
def _renewing(service: Service, name: str) -> Iterator[None]:
    """Hold on to the lease of a running job."""
    ended = threading.Event()

    def renew(tx: Transaction) -> None:
        tx.execute(update(job_leases).where(job_leases.c.job == name).values(free_at=clock.now() + _LEASE))

    def loop() -> None:
        while not ended.wait(_RENEW_SECONDS):
            with contextlib.suppress(GatewayError):  # the next time, or the lease runs out
                service.database.write(renew)

    thread = threading.Thread(target=loop, name=f"lease-{name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def claim(tx: Transaction, job: str, *, now: datetime, lease: timedelta) -> bool:
    """Take the job's lease; False means another worker holds it."""
    if tx.execute(select(job_leases.c.job).where(job_leases.c.job == job).with_for_update()).first() is None:
        tx.execute(insert(job_leases).values(job=job, free_at=now))
    taken = tx.execute(
        update(job_leases).where(job_leases.c.job == job, job_leases.c.free_at <= now).values(free_at=now + lease)
    )
    return taken.rowcount == 1


def _begin(tx: Transaction, name: str, now: datetime) -> int:
    inserted = tx.execute(insert(job_runs).values(job=name, started_at=now, ended_at=None, result="{}"))
    return int(inserted.inserted_primary_key[0])  # type: ignore[index]


def _end(tx: Transaction, name: str, run_id: int, result: Result, now: datetime) -> None:
    tx.execute(update(job_leases).where(job_leases.c.job == name).values(free_at=now))
    tx.execute(
        update(job_runs).where(job_runs.c.id == run_id).values(ended_at=now, result=json.dumps(result, default=str))
    )
    _forget_old_runs(tx, name)


def _forget_old_runs(tx: Transaction, name: str) -> None:
    """Keep a job's latest runs; some jobs run every minute."""
    oldest = select(job_runs.c.id).where(job_runs.c.job == name).order_by(job_runs.c.id.desc()).offset(_KEPT_RUNS)
    tx.execute(delete(job_runs).where(job_runs.c.id.in_(oldest.limit(_KEPT_RUNS).subquery().select())))


def last_runs(tx: Transaction) -> dict[str, dict[str, Any]]:
    """Return each job's latest run: when it started and ended, and what it did."""
    latest = select(func.max(job_runs.c.id)).group_by(job_runs.c.job)
    rows = tx.execute(select(job_runs).where(job_runs.c.id.in_(latest)))
    return {
        row.job: {"started_at": row.started_at, "ended_at": row.ended_at, "result": json.loads(row.result)}
        for row in rows
    }


class Scheduler:
    """Runs the jobs inside `serve` and `demo` at their times, one after the other, in the supervisor.

    A time that was missed (the machine slept, the job before took long) is made up for once.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._scheduler = BackgroundScheduler(
            timezone=TOKYO,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        for job in JOBS.values():
            self._scheduler.add_job(self._attempt, job.trigger(service.config), args=[job], id=job.name)

    @property
    def is_running(self) -> bool:
        """Return whether jobs run at their times."""
        return bool(self._scheduler.running)

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """Let a running job finish its step, then end."""
        self._scheduler.shutdown(wait=False)

    def _attempt(self, job: Job) -> None:
        try:
            run(self._service, job.name, at=clock.now() - job.delay(self._service.config))
        except Conflict:
            return
        except GatewayError as error:
            _log.warning("job failed, will be run again job=%s reason=%s", job.name, error)
        except Exception:  # noqa: BLE001 - the job runner: logged, and tried again
            _log.exception("job failed, will be run again job=%s", job.name)
