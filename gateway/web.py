"""The web pages in a worker: wired like everything else, built once."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import Any

from admin_web import app
from admin_web.parts import Parts
from auth.journal import Journal
from auth.recorder import Recorder
from auth.sightings import Sightings
from core import clock
from core.s3settings import S3Settings
from gateway.service import Service

#: What signs the forms' cookie has to be the same on every gateway, and secret: it is derived from the one secret
#: all gateways of an installation share. A new S3 key makes open forms stale, and nothing else.
_PURPOSE = b"azukari web forms 1"

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[Any]]


def application(service: Service, s3: S3Settings) -> WsgiApplication:
    """Return the application that serves every page."""
    journal = Journal(service.database)
    Recorder(service.database, journal, Sightings()).start()
    parts = Parts(
        config=service.config,
        catalogue=service.catalogue,
        database=service.database,
        files=service.files,
        identifier=service.identifier,
        journal=journal,
        clock=clock.now,
        signing_key=hmac.digest(s3.secret_key.encode(), _PURPOSE, hashlib.sha256),
    )
    return app.create(parts)
