"""Wiring: from a database, an object store and a configuration to the parts that answer requests."""

from __future__ import annotations

from dataclasses import dataclass

from auth.identify import Identifier
from core import clock
from core.config import Config
from core.s3settings import S3Settings
from db.engine import Database
from db.statements import Cursor
from providers.app import DavApp
from providers.folder import MyFolder
from providers.http import Limits
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
    identifier: Identifier


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
    return Service(config, catalogue, database, objects, files, Identifier(database, is_pro))


def dav_app(service: Service) -> DavApp:
    """Return the WebDAV application with every folder type mounted."""
    webdav, server = service.config.webdav, service.config.server
    limits = Limits(
        propfind_entries=webdav.propfind_entries,
        xml_bytes=webdav.xml_bytes,
        hide_quota_from=webdav.hide_quota_from,
        hosts=frozenset(server.public_hosts),
    )
    # Group, Secret and Security Folders are mounted here as their own providers.
    folders = [MyFolder()]
    return DavApp(service.files, service.identifier, folders, limits, basic_over_http=server.basic_over_http)
