"""What closed doors leave in the access log: each refusal with its own reason (R17, R21)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from auth import accesslog, lines, logins
from auth.accesslog import Query
from auth.identify import Identifier
from auth.journal import Journal
from auth.passwords import hash_password
from auth.presented import Presented
from providers.app import DavApp
from providers.folder import MyFolder, SecretFolder, SecurityFolder
from providers.http import Environ
from tests.unit.providers.conftest import Client, Office

PASSWORD = "correct horse battery staple"


def _presented(environ: Environ) -> Presented:
    return Presented(address="192.0.2.7", on_phone="iPhone" in environ.get("HTTP_USER_AGENT", ""))


@pytest.fixture
def journal(office: Office) -> Journal:
    """Return the journal of hanako's gateway; her contract is on PRO and has a line."""
    password_hash = hash_password(PASSWORD)
    contract_id = office.firm.contract_id
    office.database.write(lambda tx: logins.set_password(tx, contract_id, 1, password_hash))
    office.database.write(lambda tx: lines.add_line(tx, contract_id, "office", [], now=office.clock()))
    return Journal(office.database)


def _app(office: Office, journal: Journal) -> DavApp:
    identifier = Identifier(office.database, lambda *_: True, clock=office.clock)
    return DavApp(
        office.firm.fs,
        identifier,
        [
            MyFolder(),
            SecretFolder(office.database, bytes(32), idle=timedelta(minutes=15), clock=office.clock),
            SecurityFolder(),
        ],
        office.limits,
        basic_over_http=False,
        presented=_presented,
        journal=journal,
    )


@pytest.mark.parametrize(
    ("method", "path", "user_agent", "status", "logged"),
    [
        ("GET", "/dav/security/a/b", "rclone/v1.75", 403, ("read", "security/a/b", "line.tool_missing")),
        ("PUT", "/dav/security/見積", "iPhone", 403, ("write", "security/見積", "line.phone")),
        ("PROPFIND", "/dav/my/", "rclone/v1.75", 401, ("list", "my", "device.required")),
        ("GET", "/dav/secret/clear", "rclone/v1.75", 401, ("read", "secret", "device.required")),
        ("PROPFIND", "/dav/", "rclone/v1.75", 401, ("list", "", "device.required")),
        ("UNLOCK", "/dav/security/a", "rclone/v1.75", 403, ("unlock", "security/a", "line.tool_missing")),
    ],
)
def test_r17_r21_a_closed_folder_is_logged_with_the_proof_that_was_missing(
    office: Office, journal: Journal, method: str, path: str, user_agent: str, status: int, logged: tuple[str, str, str]
) -> None:
    client = Client(_app(office, journal), "hanako", PASSWORD)
    assert client(method, path, user_agent=user_agent, depth="1").status == status
    journal.flush()
    with office.database.reading() as tx:
        (entry,) = accesslog.search(tx, office.firm.contract_id, Query())
    assert (entry.act, entry.path, entry.result) == logged
    assert (entry.login_id, entry.address) == ("hanako", "192.0.2.7")


def test_a_name_that_is_not_there_is_no_refusal(office: Office, journal: Journal) -> None:
    client = Client(_app(office, journal), "hanako", office.passwords["hanako"])
    assert client("GET", "/dav/desktop.ini/x").status == 404
    assert journal.flush() == 0
