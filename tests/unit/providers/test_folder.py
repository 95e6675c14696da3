"""R17, R18, R22, R23: which folder a path leads into, what is listed, and what crosses between folders."""

from __future__ import annotations

import functools
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
import pytest

from auth import devices, groups, lines, secret_folders, settings
from auth.access import FolderType, folder_root
from auth.callers import Caller, Role
from auth.lines import AddedLine
from auth.presented import LINE_SESSION_HEADER, Presented
from auth.settings import Settings
from db.lanes import Transaction
from providers.app import DavApp
from providers.folder import GroupFolders, MyFolder, SecretFolder, SecurityFolder
from storage import files
from tests.unit.providers.conftest import LOCK_INFO, Client, Office, setting

SECRET = "open sesame"
RUN_KEY = secrets.token_bytes(32)
IDLE = timedelta(minutes=15)
SESSION = timedelta(hours=12)
GROUP = 70
LINE = "192.0.2.7"
WINDOWS = "Microsoft-WebDAV-MiniRedir/10.0.22631"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


@dataclass
class House:
    """A firm with every folder type mounted; hanako writes in the group 営業, taro reads there."""

    office: Office
    app: DavApp
    callers: dict[str, Caller]
    proved: list[str] = field(default_factory=list)

    @functools.cached_property
    def line(self) -> AddedLine:
        """Return the line the office is on, registered when it is first asked for."""
        contract_id, now = self.office.firm.contract_id, self.office.clock()
        return self.office.database.write(
            lambda tx: lines.add_line(tx, contract_id, "office", ["192.0.2.0/24"], now=now)
        )

    def at(self, login_id: str, address: str = LINE) -> Client:
        """Return a login's device at an address."""
        return Client(self.app, login_id, self.office.passwords[login_id], address=address)

    def unlock(self, login_id: str = "hanako") -> None:
        """Unlock a login's Secret Folder on its device."""
        secret_folders.unlock(self.office.database, self.callers[login_id], SECRET, RUN_KEY, now=self.office.clock())

    def allow_copies_out(self) -> None:
        """Let copies leave the closed folders."""
        contract_id = self.office.firm.contract_id
        self.office.database.write(lambda tx: settings.write(tx, contract_id, Settings(copy_out=True)))

    def prove_line(self, login_id: str = "hanako") -> dict[str, str]:
        """Open a session with the tool of the office's line, and return the headers that show it."""
        database, now, caller = self.office.database, self.office.clock(), self.callers[login_id]
        code = pyotp.TOTP(self.line.tool_secret).at(now + timedelta(seconds=30 * len(self.proved)))
        self.proved.append(login_id)
        opened = database.write(
            lambda tx: lines.open_session(
                tx,
                caller,
                self.line.line_id,
                code,
                Presented(address=LINE),
                None,
                now=now,
                valid_for=timedelta(hours=12),
            )
        )
        return {LINE_SESSION_HEADER: opened.token, "User-Agent": WINDOWS}


@pytest.fixture
def house(office: Office) -> House:
    """Return the firm with its group, its secret folder's keys and its people's devices."""
    database, clock, contract_id = office.database, office.clock, office.firm.contract_id

    def operation(tx: Transaction) -> None:
        groups.add_group(tx, contract_id, GROUP, "営業", now=clock())
        groups.set_member(tx, contract_id, GROUP, "hanako", may_write=True)
        groups.set_member(tx, contract_id, GROUP, "taro", may_write=False)
        files.ensure_root(tx, contract_id, folder_root(FolderType.GROUP, GROUP), now_us=clock.us)
        for login in (1, 2):
            for folder in (FolderType.SECRET, FolderType.SECURITY):
                files.ensure_root(tx, contract_id, folder_root(folder, login), now_us=clock.us)

    database.write(operation)
    with database.reading() as tx:
        own = {one.login_id: one.device_id for one in devices.list_devices(tx, contract_id)}
    callers = {
        name: Caller(contract_id, number, name, Role.USER, own[name], pro=True)
        for number, name in enumerate(("hanako", "taro"), 1)
    }
    secret_folders.create(database, callers["hanako"], SECRET, now=clock())
    mounted = office.mounted(
        MyFolder(),
        GroupFolders(database),
        SecretFolder(database, RUN_KEY, idle=IDLE, clock=clock),
        SecurityFolder(),
        verifiers=["network"],
    )
    return House(office, mounted, callers)


@pytest.fixture
def hanako(house: House) -> Client:
    """Return hanako's device in the house."""
    return house.at("hanako")


@pytest.fixture
def taro(house: House) -> Client:
    """Return taro's device in the house."""
    return house.at("taro")


def listed(client: Client, path: str, **headers: str) -> list[str]:
    """Return the addresses below a collection."""
    answer = client("PROPFIND", path, depth="1", headers=headers)
    assert answer.status == 207
    return answer.hrefs()[1:]


def test_r22_the_root_lists_what_is_open(hanako: Client) -> None:
    assert listed(hanako, "/dav/") == ["/dav/my/", "/dav/group/"]


def test_r22_group_lists_the_groups_of_the_caller(hanako: Client, house: House) -> None:
    assert listed(hanako, "/dav/group/") == ["/dav/group/営業/"]
    contract_id = house.office.firm.contract_id
    house.office.database.write(lambda tx: groups.set_member(tx, contract_id, GROUP, "hanako", may_write=None))
    assert listed(hanako, "/dav/group/") == []


def test_r22_a_member_who_writes_shares_with_one_who_reads(hanako: Client, taro: Client) -> None:
    assert hanako("PUT", "/dav/group/営業/見積.txt", b"100").status == 201
    assert taro("GET", "/dav/group/営業/見積.txt").body == b"100"
    assert listed(taro, "/dav/group/営業/") == ["/dav/group/営業/見積.txt"]


@pytest.mark.parametrize(
    ("method", "headers"),
    [("PUT", {}), ("DELETE", {}), ("PROPPATCH", {}), ("LOCK", {}), ("MOVE", {"destination": "/dav/my/b"})],
)
def test_r22_a_member_who_reads_changes_nothing(
    hanako: Client, taro: Client, method: str, headers: dict[str, str]
) -> None:
    hanako("PUT", "/dav/group/営業/a", b"1")
    body = {
        "PROPPATCH": setting(colour="blue"),
        "LOCK": LOCK_INFO,
    }.get(method, b"")
    answer = taro(method, "/dav/group/営業/a", body, headers)
    assert (answer.status, "read" in answer.text) == (403, True)
    assert hanako("GET", "/dav/group/営業/a").body == b"1"


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "PUT", "MKCOL", "DELETE"])
def test_r22_a_group_of_others_is_not_there(house: House, taro: Client, method: str) -> None:
    contract_id = house.office.firm.contract_id
    house.office.database.write(lambda tx: groups.set_member(tx, contract_id, GROUP, "taro", may_write=None))
    assert taro(method, "/dav/group/営業/a").status == 404
    assert taro(method, "/dav/group/別/a").status == 404


@pytest.mark.parametrize(("method", "status"), [("MKCOL", 405), ("DELETE", 403), ("PUT", 403), ("LOCK", 403)])
def test_the_list_of_groups_itself_cannot_be_changed(hanako: Client, method: str, status: int) -> None:
    assert hanako(method, "/dav/group/").status == status


def test_r23_files_go_freely_between_my_and_group_without_a_byte(house: House, hanako: Client) -> None:
    hanako("PUT", "/dav/my/a", b"1" * 1000)
    house.office.store.requests.clear()
    assert hanako("MOVE", "/dav/my/a", destination="/dav/group/%E5%96%B6%E6%A5%AD/a").status == 201
    assert hanako("COPY", "/dav/group/営業/a", destination="/dav/my/b").status == 201
    assert not house.office.store.requests
    assert hanako("GET", "/dav/my/b").body == b"1" * 1000
    assert hanako("GET", "/dav/my/a").status == 404


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "PUT", "MKCOL", "DELETE", "LOCK", "MOVE"])
def test_r18_a_locked_secret_folder_is_not_there(hanako: Client, method: str) -> None:
    assert hanako(method, "/dav/secret/", destination="/dav/my/x").status == 404
    assert hanako(method, "/dav/secret/a", destination="/dav/my/x").status == 404


def test_r18_unlocked_it_is_listed_and_used_like_any_other(house: House, hanako: Client) -> None:
    house.unlock()
    assert listed(hanako, "/dav/") == ["/dav/my/", "/dav/group/", "/dav/secret/"]
    assert hanako("MKCOL", "/dav/secret/秘密").status == 201
    assert hanako("PUT", "/dav/secret/秘密/計画.txt", b"0123456789").status == 201
    assert listed(hanako, "/dav/secret/秘密/") == ["/dav/secret/秘密/計画.txt"]
    answer = hanako("GET", "/dav/secret/秘密/計画.txt", headers={"Range": "bytes=2-4"})
    assert (answer.status, answer.body, answer.headers["content-type"]) == (206, b"234", "text/plain")
    everything = hanako("PROPFIND", "/dav/secret/", depth="infinity").hrefs()
    assert everything == ["/dav/secret/", "/dav/secret/秘密/", "/dav/secret/秘密/計画.txt"]
    assert "秘密" in hanako("GET", "/dav/secret/").text


def test_r18_names_in_answers_are_those_people_know(house: House, hanako: Client) -> None:
    house.unlock()
    hanako("PUT", "/dav/secret/計画.txt", b"1")
    assert hanako("PROPFIND", "/dav/secret/計画.txt", depth="0").values()["displayname"] == "計画.txt"
    locked = hanako("LOCK", "/dav/secret/計画.txt", LOCK_INFO)
    assert locked.status == 200
    assert "/dav/secret/%E8%A8%88%E7%94%BB.txt</D:href></D:lockroot>" in locked.text
    assert "%E8%A8%88%E7%94%BB.txt" in hanako("PUT", "/dav/secret/計画.txt", b"2").text


def test_r18_it_closes_by_itself(house: House, hanako: Client) -> None:
    house.unlock()
    hanako("PUT", "/dav/secret/a", b"1")
    house.office.clock.advance(minutes=15, microseconds=1)
    assert hanako("GET", "/dav/secret/a").status == 404


def test_r18_another_login_never_sees_it(house: House, taro: Client) -> None:
    house.unlock()
    assert "/dav/secret/" not in listed(taro, "/dav/")
    assert taro("GET", "/dav/secret/").status == 404


@pytest.mark.parametrize(("method", "words"), [("MOVE", "moved or copied out"), ("COPY", "moved or copied out")])
def test_r23_nothing_leaves_the_secret_folder_unless_the_contract_allows_it(
    house: House, hanako: Client, method: str, words: str
) -> None:
    house.unlock()
    hanako("PUT", "/dav/secret/a", b"1")
    answer = hanako(method, "/dav/secret/a", destination="/dav/my/a")
    assert (answer.status, words in answer.text) == (403, True)
    assert hanako("GET", "/dav/my/a").status == 404


def test_r23_where_it_allows_it_a_copy_goes_out_and_in(house: House, hanako: Client) -> None:
    house.unlock()
    house.allow_copies_out()
    hanako("PUT", "/dav/secret/a", b"1")
    assert hanako("COPY", "/dav/secret/a", destination="/dav/my/a").status == 201
    assert hanako("GET", "/dav/my/a").body == b"1"
    assert hanako("MOVE", "/dav/secret/a", destination="/dav/my/a").status == 403
    assert hanako("COPY", "/dav/my/a", destination="/dav/secret/a").status == 204
    assert hanako("COPY", "/dav/my/a", destination="/dav/secret/a", overwrite="F").status == 412


def test_r17_without_a_line_there_is_no_security_folder(hanako: Client) -> None:
    assert hanako("PROPFIND", "/dav/security/", depth="0").status == 404


def test_r17_on_the_line_with_its_tool_it_opens(house: House, hanako: Client) -> None:
    shown = house.prove_line()
    assert hanako("PUT", "/dav/security/a", b"1", shown).status == 201
    assert hanako("GET", "/dav/security/a", headers=shown).body == b"1"
    assert "/dav/security/" in listed(hanako, "/dav/", **shown)


def test_r17_without_the_tool_it_is_refused_and_the_proof_named(house: House, hanako: Client) -> None:
    house.prove_line()
    answer = hanako("GET", "/dav/security/", headers={"User-Agent": WINDOWS})
    assert (answer.status, "tool" in answer.text) == (403, True)


def test_r17_from_another_address_it_is_refused(house: House) -> None:
    shown = house.prove_line()
    assert house.at("hanako", "198.51.100.1")("GET", "/dav/security/", headers=shown).status == 403


def test_r17_phones_are_refused(house: House, hanako: Client) -> None:
    shown = house.prove_line() | {"User-Agent": PHONE}
    answer = hanako("GET", "/dav/security/", headers=shown)
    assert (answer.status, "phone" in answer.text.lower()) == (403, True)


def test_r22_each_login_has_its_own_part_of_the_security_folder(house: House, hanako: Client, taro: Client) -> None:
    hanako("PUT", "/dav/security/a", b"1", house.prove_line())
    assert listed(taro, "/dav/security/", **house.prove_line("taro")) == []


def test_r23_out_of_the_security_folder_goes_only_a_copy_the_contract_allows(house: House, hanako: Client) -> None:
    shown = house.prove_line()
    hanako("PUT", "/dav/security/a", b"1", shown)
    away = shown | {"Destination": "/dav/my/a"}
    assert hanako("COPY", "/dav/security/a", headers=away).status == 403
    house.allow_copies_out()
    assert hanako("MOVE", "/dav/security/a", headers=away).status == 403
    assert hanako("COPY", "/dav/security/a", headers=away).status == 201
    assert hanako("GET", "/dav/my/a").body == b"1"
