"""What the operator's pages ask about the machine: jobs and whether they are late, mail, the disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from admin_web.machine import Disk, JobState
from core.clock import Clock
from core.config import Config
from db.engine import Database
from sharing.senders import FolderSender

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

#: Jobs run one after the other, and a long one holds up those behind it.
_GRACE = timedelta(minutes=10)


class Health:
    """The machine as pages see it (`admin_web.machine.Machine`)."""

    def __init__(self, config: Config, database: Database, now: Clock) -> None:
        self._config = config
        self._database = database
        self._now = now

    def jobs(self) -> list[JobState]:
        """Return every job with its latest run; late where it should have begun again by now."""
        from gateway import jobs  # a worker runs none of them, and its start should not wait for their scheduler

        with self._database.reading() as tx:
            runs = jobs.last_runs(tx)
        found = []
        for job in jobs.JOBS.values():
            run = runs.get(job.name, {})
            started_at = run.get("started_at")
            result, late = run.get("result", {}), self._is_late(job.trigger, started_at)
            shown = json.dumps(result, ensure_ascii=False)
            found.append(JobState(job.name, started_at, run.get("ended_at"), shown, late, "error" in result))
        return found

    def _is_late(self, trigger: Callable[[Config], BaseTrigger], started_at: datetime | None) -> bool:
        """Return whether the time after the last run has passed; a job that never ran waits for its first."""
        if started_at is None:
            return False
        due_at: datetime | None = trigger(self._config).get_next_fire_time(started_at, started_at)
        return due_at is not None and due_at + _GRACE < self._now()

    def mail_folder(self) -> Path | None:
        """Return where mails are written, None where they leave by a mail server."""
        from gateway.contract_jobs import sender_of

        sender = sender_of(self._config, self._database)
        return sender.folder if isinstance(sender, FolderSender) else None

    def disk(self) -> Disk | None:
        """Return the disk under the data; None where the database is elsewhere."""
        name = self._database.url.database
        if not self._database.is_sqlite or not name:
            return None
        used = shutil.disk_usage(Path(name).parent)
        return Disk(used.free, used.total)
