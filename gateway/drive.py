"""The drive: every folder type mounted. Apart from the service, because commands never need it."""

from __future__ import annotations

from datetime import timedelta

from core import clock
from gateway.service import Service
from providers.app import DavApp
from providers.caldav.front import Front
from providers.folder import GroupFolders, MyFolder, SecretFolder, SecurityFolder
from providers.http import Limits


def dav_app(service: Service) -> DavApp:
    """Return the WebDAV application with every folder type mounted."""
    webdav, server = service.config.webdav, service.config.server
    limits = Limits(
        propfind_entries=webdav.propfind_entries,
        xml_bytes=webdav.xml_bytes,
        hide_quota_from=webdav.hide_quota_from,
        hosts=frozenset(server.public_hosts),
    )
    idle = timedelta(minutes=service.config.secret_folder.idle_minutes)
    folders = [
        MyFolder(),
        GroupFolders(service.database),
        SecretFolder(service.database, service.run_key, idle=idle, clock=clock.now),
        SecurityFolder(),
    ]
    return DavApp(
        service.files,
        service.identifier,
        folders,
        limits,
        basic_over_http=server.basic_over_http,
        presented=service.entrance.presented,
        journal=service.entrance.journal,
        calendars=Front(service.database, limits, service.entrance.journal, clock.now),
    )
