"""Wiring: from a database, an object store and a configuration to the parts that answer requests."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from auth.identify import Identifier
from core import clock
from core.config import Config
from core.s3settings import S3Settings
from db.engine import Database
from db.statements import Cursor
from gateway.entrance import Entrance
from gateway.entrance import build as build_entrance
from quota import contracts
from quota.catalogue import Catalogue, shipped
from storage.files import FileSystem
from storage.objects import ObjectStore
from storage.objects.cache import CachedStore
from storage.objects.obstore_s3 import ObstoreS3


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a running gateway."""

    config: Config
    catalogue: Catalogue
    database: Database
    objects: ObjectStore
    files: FileSystem
    entrance: Entrance
    #: Seals the keys of unlocked Secret Folders; the same on every gateway of an installation.
    run_key: bytes

    @property
    def identifier(self) -> Identifier:
        """Return who tells who is calling."""
        return self.entrance.identifier


def catalogue_of(config: Config) -> Catalogue:
    """Return the configured plans, or the shipped ones."""
    return Catalogue.from_config(config.plans) if config.plans else shipped()


def build(config: Config, database: Database, s3: S3Settings) -> Service:
    """Return the parts, wired."""
    catalogue = catalogue_of(config)
    objects = CachedStore(ObstoreS3(s3), capacity_bytes=config.object_store.cache_bytes)

    def capacity(cursor: Cursor, contract_id: int, now_us: int) -> int:
        return contracts.capacity_bytes(cursor, contract_id, catalogue, now_us=now_us)

    def is_pro(cursor: Cursor, contract_id: int) -> bool:
        return contracts.is_pro(cursor, contract_id, catalogue, now_us=clock.to_microseconds(clock.now()))

    files = FileSystem(database, objects, capacity, clock.now, s3.prefix)
    entrance = build_entrance(config, database, is_pro)
    return Service(config, catalogue, database, objects, files, entrance, run_key_of(s3))


def run_key_of(s3: S3Settings) -> bytes:
    """Return the key that seals unlocked Secret Folders: derived from the one secret all gateways share."""
    return hmac.digest(s3.secret_key.encode(), b"azukari unlocked folders 1", hashlib.sha256)
