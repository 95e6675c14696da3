"""A job that deletes by the calendar does not trust a clock that has jumped."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from core.errors import ClockJumped
from db.engine import Transaction
from db.tables import job_clocks


def require_steady(tx: Transaction, job: str, *, now: datetime, max_step: timedelta) -> None:
    """Return if the clock is where it can be since the job ran last; the first run is trusted.

    Raises ClockJumped where the last run lies in the future, or further back than `max_step`.
    """
    last = tx.execute(select(job_clocks.c.ran_at).where(job_clocks.c.job == job)).scalar()
    if last is None:
        return
    if now < last:
        raise ClockJumped(f"the last run was at {last.isoformat()}, which is still to come at {now.isoformat()}")
    if now - last > max_step:
        raise ClockJumped(f"the last run was at {last.isoformat()}, {(now - last).days} days before {now.isoformat()}")


def note(tx: Transaction, job: str, *, now: datetime) -> None:
    """Write down that the job runs at this instant: the next run is compared with it."""
    if tx.execute(update(job_clocks).where(job_clocks.c.job == job).values(ran_at=now)).rowcount == 0:
        tx.execute(insert(job_clocks).values(job=job, ran_at=now))
