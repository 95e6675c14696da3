"""What the pages work with; the gateway hands it over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from admin_web.acts import Acts
from admin_web.machine import Machine
from auth.addresses import Network
from auth.identify import Identifier
from auth.journal import Journal
from auth.lockout import Policy
from auth.sessions import SessionPolicy
from core.clock import Clock
from core.config import Config
from db.engine import Database
from quota.catalogue import Catalogue
from storage.files import FileSystem


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a running gateway that pages need.

    `signing_key` signs the forms' cookie, `run_key` seals the keys of unlocked Secret Folders; both are the same on
    every gateway of an installation. `trusted` are the proxies in front of it.
    """

    config: Config
    catalogue: Catalogue
    database: Database
    files: FileSystem
    identifier: Identifier
    journal: Journal
    acts: Acts
    machine: Machine
    clock: Clock
    signing_key: bytes
    run_key: bytes
    secret_idle: timedelta
    sessions: SessionPolicy = field(default_factory=SessionPolicy)
    lockout: Policy = field(default_factory=Policy)
    trusted: tuple[Network, ...] = ()
