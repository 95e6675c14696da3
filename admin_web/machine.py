"""What the operator's pages ask about the machine itself; the gateway knows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class JobState:
    """A job and its latest run; `result` is JSON. Late: it should have begun again by now."""

    name: str
    started_at: datetime | None
    ended_at: datetime | None
    result: str
    is_late: bool
    has_failed: bool


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk under the data."""

    free_bytes: int
    total_bytes: int

    @property
    def is_low(self) -> bool:
        """Return whether less than a tenth is free."""
        return self.free_bytes * 10 < self.total_bytes


class Machine(Protocol):
    """The machine the gateway runs on."""

    def jobs(self) -> list[JobState]:
        """Return every job with its latest run."""

    def mail_folder(self) -> Path | None:
        """Return where mails are written, None where they leave by a mail server."""

    def disk(self) -> Disk | None:
        """Return the disk under the data; None where it is not on this machine."""
