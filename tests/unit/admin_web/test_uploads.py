"""tus 1.0 as its specification says it (https://tus.io/protocols/resumable-upload), for every way to sign in."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin_web.acts import Who
from auth import devices
from auth.access import FolderType, authorize
from auth.callers import DeviceState
from db.tables import access_log
from db.tables import uploads as upload_rows
from storage import files, locks, resumable
from tests.unit.admin_web.cast import Browser, Site
from tests.unit.admin_web.test_secret import SECRET

_PIECE = "application/offset+octet-stream"


@dataclass
class Client:
    """A browser's script: the session's cookie, the form's token, and the protocol's headers."""

    browser: Browser
    token: str

    def ask(self, method: str, url: str = "", data: bytes | None = None, **headers: str | int | None) -> TestResponse:
        given: dict[str, Any] = {"Tus-Resumable": "1.0.0", "X-CSRFToken": self.token, **self.browser.headers}
        if data is not None:
            given["Content-Type"] = _PIECE
        given.update({name.replace("_", "-"): str(value) for name, value in headers.items() if value is not None})
        for name in [name.replace("_", "-") for name, value in headers.items() if value is None]:
            given.pop(name, None)
        address = url or "/api/v1/uploads"
        return self.browser.client.open(
            address, method=method, base_url=self.browser.base_url, data=data, headers=given
        )

    def create(self, name: str, length: int, /, data: bytes | None = None, **more: Any) -> TestResponse:
        return self.ask("POST", data=data, Upload_Length=length, Upload_Metadata=metadata(filename=name, **more))

    def url(self, name: str, length: int, **more: Any) -> str:
        answer = self.create(name, length, **more)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def patch(self, url: str, offset: int, data: bytes, **headers: str | int | None) -> TestResponse:
        return self.ask("PATCH", url, data, Upload_Offset=offset, **headers)

    def offset(self, url: str) -> int:
        return int(self.ask("HEAD", url).headers["Upload-Offset"])


def metadata(**pairs: str) -> str:
    """Return an Upload-Metadata header; the folder is My Folder unless it is given."""
    given = {"folder": "my", **pairs}
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in given.items())


def client_of(site: Site, login: str) -> Client:
    """Return a script on a page that a login has open."""
    browser = site.at_work(login)
    return Client(browser, browser.token("/files/my"))


@pytest.fixture
def hanako(site: Site) -> Client:
    """Return the script on hanako's page."""
    return client_of(site, "hanako")


def _read(site: Site, *path: str) -> bytes:
    fs, grant = site.parts.files, authorize(site.caller("hanako"), FolderType.MY)
    node = files.stat(fs, grant, path)
    return b"".join(map(bytes, files.content(fs, grant, node, start=0, length=node.size_bytes)))


def _said(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["error"]["code"]


def test_options_tells_what_is_spoken_to_everybody(site: Site) -> None:
    for address in ("/api/v1/uploads", "/api/v1/uploads/any"):
        answer = site.app.test_client().options(address)
        assert answer.status_code == 204
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert set(answer.headers["Tus-Extension"].split(",")) == {
            "creation", "creation-with-upload", "expiration", "checksum", "termination",
        }  # fmt: skip
        assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256,md5"
        assert answer.headers["Tus-Max-Size"] == str(5 << 40)


def test_a_file_is_created_sent_in_two_pieces_and_there(site: Site, hanako: Client) -> None:
    label = metadata(filename="見積.txt", folder="my/仕事/春", modified="1700000000123")
    created = hanako.ask("POST", Upload_Length=10, Upload_Metadata=label)
    assert (created.status_code, created.data) == (201, b"")
    assert created.headers["Tus-Resumable"] == "1.0.0"
    assert created.headers["Upload-Offset"] == "0"
    assert created.headers["Upload-Expires"] == "Fri, 03 Apr 2026 03:00:00 GMT"
    url = created.headers["Location"]
    first = hanako.patch(url, 0, b"12345")
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "5")
    assert first.headers["Upload-Expires"] == "Fri, 03 Apr 2026 03:00:00 GMT"
    state = hanako.ask("HEAD", url)
    assert state.status_code == 200
    assert state.headers["Cache-Control"] == "no-store"
    assert [state.headers[one] for one in ("Upload-Offset", "Upload-Length", "Upload-Metadata")] == ["5", "10", label]
    assert "春" in hanako.browser.get("/files/my/仕事").text
    assert "見積.txt" not in hanako.browser.get("/files/my/仕事/春").text
    last = hanako.patch(url, 5, b"67890")
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, "10")
    assert _read(site, "仕事", "春", "見積.txt") == b"1234567890"
    grant = authorize(site.caller("hanako"), FolderType.MY)
    assert files.stat(site.parts.files, grant, ("仕事", "春", "見積.txt")).modified_us == 1_700_000_000_123_000
    assert hanako.offset(url) == 10
    assert hanako.patch(url, 10, b"").status_code == 204


def test_a_body_may_come_with_the_creation_whole_or_in_part(site: Site, hanako: Client) -> None:
    whole = hanako.create("a", 5, b"words")
    assert (whole.status_code, whole.headers["Upload-Offset"]) == (201, "5")
    assert _read(site, "a") == b"words"
    assert hanako.offset(whole.headers["Location"]) == 5
    part = hanako.create("b", 5, b"wo")
    assert (part.status_code, part.headers["Upload-Offset"]) == (201, "2")
    assert hanako.patch(part.headers["Location"], 2, b"rds").status_code == 204
    assert _read(site, "b") == b"words"
    empty = hanako.create("c", 0)
    assert (empty.status_code, empty.headers["Upload-Offset"]) == (201, "0")
    assert _read(site, "c") == b""


@pytest.mark.parametrize("modified", ["", "-1", "x", "²", "9" * 15, "1" * 5000])
def test_a_time_that_cannot_be_is_left_out(site: Site, hanako: Client, modified: str) -> None:
    assert hanako.create("a", 1, b"x", modified=modified).status_code == 201
    grant = authorize(site.caller("hanako"), FolderType.MY)
    assert files.stat(site.parts.files, grant, ("a",)).modified_us == site.clock.us


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
@pytest.mark.parametrize("version", [None, "0.2.2"])
def test_another_version_of_the_protocol_is_refused_with_ours(hanako: Client, method: str, version: str | None) -> None:
    answer = hanako.ask(method, "" if method == "POST" else "/api/v1/uploads/any", Tus_Resumable=version)
    assert answer.status_code == 412
    assert answer.headers["Tus-Version"] == "1.0.0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload_Length": None}, 400),
        ({"Upload_Length": "-1"}, 400),
        ({"Upload_Length": "+1"}, 400),
        ({"Upload_Length": "１"}, 400),
        ({"Upload_Length": "1" * 16}, 400),
        ({"Upload_Length": str((5 << 40) + 1)}, 413),
        ({"Upload_Metadata": None}, 400),
        ({"Upload_Metadata": metadata(other="a")}, 400),
        ({"Upload_Metadata": "folder bXk=,filename"}, 400),
        ({"Upload_Metadata": "folder bXk=,filename !"}, 400),
        ({"Upload_Metadata": "folder bXk=,filename /w=="}, 400),
        ({"Upload_Metadata": "folder bXk=,filename YQ==,filename Yg=="}, 400),
        ({"Upload_Metadata": metadata(filename="a/b")}, 400),
        ({"Upload_Metadata": metadata(filename="..")}, 400),
        ({"Upload_Metadata": metadata(filename="a", folder="my/..")}, 400),
        ({"Upload_Metadata": metadata(filename="a", folder="elsewhere")}, 404),
        ({"Upload_Metadata": metadata(filename="a", folder="group/none")}, 404),
        ({"Upload_Metadata": metadata(filename="a", folder="secret")}, 404),
    ],
)
def test_an_announcement_that_cannot_be_used_is_refused(
    hanako: Client, headers: dict[str, str | None], status: int
) -> None:
    given: dict[str, Any] = {"Upload_Length": "5", "Upload_Metadata": metadata(filename="a"), **headers}
    given["Upload_Length"] = (
        given["Upload_Length"].encode().decode("latin-1") if given["Upload_Length"] else given["Upload_Length"]
    )
    assert hanako.ask("POST", **given).status_code == status


def test_a_piece_is_refused_that_is_none_or_does_not_fit(hanako: Client) -> None:
    url = hanako.url("a", 5)
    assert hanako.patch(url, 0, b"12345", Content_Type="application/octet-stream").status_code == 415
    assert hanako.ask("PATCH", url, b"12345").status_code == 400
    assert hanako.patch(url, 0, b"123456").status_code == 413
    assert hanako.create("b", 5, b"123456").status_code == 413
    assert hanako.offset(url) == 0


@pytest.mark.parametrize("offset", [0, 1, 3, 5])
def test_a_piece_for_another_offset_is_refused_in_words(hanako: Client, offset: int) -> None:
    url = hanako.url("a", 5)
    hanako.patch(url, 0, b"12")
    answer = hanako.patch(url, offset, b"345")
    assert _said(answer) == (409, "upload.offset")
    assert "(2 bytes have arrived)" in answer.text
    assert hanako.offset(url) == 2


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_piece_that_is_not_what_was_sent_counts_for_nothing(site: Site, hanako: Client, algorithm: str) -> None:
    url = hanako.url("a", 5)
    digest = base64.b64encode(hashlib.new(algorithm, b"words").digest()).decode()
    answer = hanako.patch(url, 0, b"wordz", Upload_Checksum=f"{algorithm} {digest}")
    assert _said(answer) == (460, "upload.checksum")
    assert hanako.offset(url) == 0
    assert hanako.patch(url, 0, b"words", Upload_Checksum=f"{algorithm} {digest}").status_code == 204
    assert _read(site, "a") == b"words"


@pytest.mark.parametrize("checksum", ["crc32 AAAA", "sha1 AAAA", "sha1 !", "sha1"])
def test_a_checksum_that_cannot_be_read_is_refused(hanako: Client, checksum: str) -> None:
    assert hanako.patch(hanako.url("a", 5), 0, b"words", Upload_Checksum=checksum).status_code == 400


def test_an_upload_that_is_ended_is_gone_and_a_file_that_was_made_stays(site: Site, hanako: Client) -> None:
    url = hanako.url("a", 5)
    hanako.patch(url, 0, b"wor")
    assert hanako.ask("DELETE", url).status_code == 204
    for method in ("HEAD", "DELETE"):
        assert hanako.ask(method, url).status_code == 404
    assert hanako.patch(url, 3, b"ds").status_code == 404
    done = hanako.create("b", 5, b"words").headers["Location"]
    assert hanako.ask("DELETE", done).status_code == 204
    assert _read(site, "b") == b"words"


def test_networks_that_let_no_patch_through_use_post(site: Site, hanako: Client) -> None:
    url = hanako.url("a", 5)
    sent = hanako.ask("POST", url, b"words", Upload_Offset=0, X_HTTP_Method_Override="PATCH")
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, "5")
    assert _read(site, "a") == b"words"
    assert hanako.ask("POST", url, X_HTTP_Method_Override="DELETE").status_code == 204
    assert hanako.ask("POST", url, X_HTTP_Method_Override="PUT").status_code == 400


def test_an_upload_expires_and_another_page_may_go_on_until_then(site: Site, hanako: Client) -> None:
    url = hanako.url("a", 5)
    hanako.patch(url, 0, b"wor")
    grant = authorize(site.caller("hanako"), FolderType.MY)
    site.clock.advance(hours=48)
    assert resumable.expire(site.parts.files).freed_bytes == 3
    assert files.find(site.parts.files, grant, ("a",)) is None


@pytest.mark.parametrize("missing", ["X_CSRFToken", "cookie"])
def test_no_other_site_sends_files_in_somebodys_name(hanako: Client, missing: str) -> None:
    if missing == "cookie":
        hanako.browser.client.delete_cookie("azukari-session", domain="localhost")
    headers: dict[str, Any] = {"X_CSRFToken": None} if missing == "X_CSRFToken" else {}
    answer = hanako.ask("POST", Upload_Length=5, Upload_Metadata=metadata(filename="a"), **headers)
    assert answer.status_code == (403 if headers else 401)
    cross = hanako.ask("POST", Upload_Length=5, Upload_Metadata=metadata(filename="a"), Sec_Fetch_Site="cross-site")
    assert cross.status_code == 401
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_name_that_is_taken_is_said_before_a_byte_is_sent_and_may_be_replaced(site: Site, hanako: Client) -> None:
    site.put("hanako", "a.txt", b"old")
    assert _said(hanako.create("a.txt", 5)) == (409, "already.exists")
    for no in ("0", "false"):
        assert _said(hanako.create("a.txt", 5, overwrite=no)) == (409, "already.exists")
    assert _read(site, "a.txt") == b"old"
    hanako.patch(hanako.url("a.txt", 3, overwrite="1"), 0, b"new")
    assert _read(site, "a.txt") == b"new"


def test_a_name_that_was_taken_meanwhile_is_not_replaced(site: Site, hanako: Client) -> None:
    url = hanako.url("a.txt", 3)
    site.put("hanako", "a.txt", b"old")
    assert _said(hanako.patch(url, 0, b"new")) == (409, "already.exists")
    assert _read(site, "a.txt") == b"old"


def test_r6_no_room_is_said_in_words_in_both_languages_and_what_arrived_waits(site: Site, hanako: Client) -> None:
    site.capacity_bytes = 4
    assert _said(hanako.create("a", 5)) == (507, "quota.exceeded")
    answer = hanako.ask("POST", Upload_Length=5, Upload_Metadata=metadata(filename="a"), Accept_Language="ja")
    assert answer.json is not None
    assert "容量が足りません" in answer.json["error"]["message"]
    assert "There is not enough room" in hanako.create("a", 5).text
    site.capacity_bytes = 5
    url = hanako.url("a", 5)
    site.put("hanako", "b", b"x")
    assert _said(hanako.patch(url, 0, b"words")) == (507, "quota.exceeded")
    assert hanako.ask("HEAD", url).status_code == 507
    site.capacity_bytes = 6
    assert hanako.offset(url) == 5
    assert _read(site, "a") == b"words"


def test_a_lock_of_somebody_else_is_said_in_words_and_what_arrived_waits(site: Site, hanako: Client) -> None:
    site.put("hanako", "a", b"old")
    url = hanako.url("a", 5, overwrite="1")
    fs, grant = site.parts.files, authorize(site.caller("hanako"), FolderType.MY)
    foreign = dataclasses.replace(grant, caller=site.caller("taro"))
    fs.database.write(
        lambda tx: locks.acquire(
            tx.cursor, foreign, ("a",), infinite_depth=False, exclusive=True, owner_xml="", timeout_seconds=600,
            now_us=site.clock.us,
        )
    )  # fmt: skip
    for refused in (hanako.patch(url, 0, b"words"), hanako.create("a", 5, overwrite="1")):
        assert _said(refused) == (423, "locked")
        assert "taro is editing this" in refused.text
    assert hanako.ask("HEAD", url).status_code == 423
    assert _read(site, "a") == b"old"
    site.clock.advance(seconds=601)
    assert hanako.offset(url) == 5
    assert _read(site, "a") == b"words"


def test_another_login_and_another_device_find_no_upload(site: Site, hanako: Client) -> None:
    url = hanako.url("a", 5)
    for stranger in (client_of(site, "taro"), client_of(site, "jiro"), client_of(site, "hanako")):
        assert stranger.ask("HEAD", url).status_code == 404
        assert _said(stranger.patch(url, 0, b"words")) == (404, "not.found")
        assert stranger.ask("DELETE", url).status_code == 404
    assert hanako.offset(url) == 0


def test_r16_a_locked_device_is_refused_at_the_next_request_and_its_uploads_have_ended(
    site: Site, hanako: Client
) -> None:
    url = hanako.url("a", 5)
    hanako.patch(url, 0, b"wor")
    device = _device_of(site)
    site.parts.acts.change_device(device, DeviceState.LOCKED, Who("sakura-admin", "", "lost"))
    assert hanako.patch(url, 3, b"ds").status_code == 401
    assert hanako.create("b", 5).status_code == 401
    assert resumable.expire(site.parts.files).freed_bytes == 3
    grant = authorize(site.caller("hanako"), FolderType.MY)
    assert files.find(site.parts.files, grant, ("a",)) is None


def _device_of(site: Site) -> str:
    with site.parts.database.reading() as tx:
        found = devices.list_devices(tx, site.caller("hanako").contract_id)
    return found[0].device_id


def test_who_may_only_read_a_group_is_refused(site: Site) -> None:
    taro = client_of(site, "taro")
    assert taro.create("a", 5, folder="group/eigyo").status_code == 403
    hanako = client_of(site, "hanako")
    assert hanako.patch(hanako.url("a", 5, folder="group/eigyo"), 0, b"words").status_code == 204


def test_r21_the_commit_is_in_the_access_log_once(site: Site, hanako: Client) -> None:
    url = hanako.url("a", 5)
    hanako.patch(url, 0, b"wor")
    hanako.patch(url, 3, b"ds")
    hanako.offset(url)
    with site.parts.database.reading() as tx:
        tx.cursor.execute("SELECT act, path, result FROM access_log WHERE act = 'write'")
        assert [tuple(row) for row in tx.cursor.fetchall()] == [("write", "my/a", "ok")]


def test_r12_a_drive_goes_on_with_its_device_password(site: Site) -> None:
    caller, now = site.caller("hanako"), site.clock()
    password = site.parts.database.write(
        lambda tx: devices.add_device(tx, caller.contract_id, caller.login, "drive", now=now)
    ).dav_password
    tool = site.app.test_client()
    headers = {
        "Tus-Resumable": "1.0.0",
        "Authorization": "Basic " + base64.b64encode(f"hanako:{password}".encode()).decode(),
    }
    created = tool.post(
        "/api/v1/uploads", headers={**headers, "Upload-Length": "5", "Upload-Metadata": metadata(filename="a")}
    )
    assert created.status_code == 201, created.text
    sent = tool.patch(
        created.headers["Location"],
        data=b"words",
        headers={**headers, "Upload-Offset": "0", "Content-Type": _PIECE},
    )
    assert sent.status_code == 204
    assert _read(site, "a") == b"words"
    wrong = {**headers, "Authorization": "Basic " + base64.b64encode(b"hanako:wrong").decode()}
    assert tool.head(created.headers["Location"], headers=wrong).status_code == 401


def test_an_upload_wants_no_session_to_last(site: Site, hanako: Client) -> None:
    """Signed out and in again on the same device, its login goes on."""
    url = hanako.url("a", 5)
    hanako.patch(url, 0, b"wor")
    hanako.browser.post("/logout")
    assert hanako.ask("HEAD", url).status_code == 401
    assert hanako.browser.sign_in("hanako").status_code == 303
    hanako.token = hanako.browser.token("/files/my")
    assert hanako.offset(url) == 3
    assert hanako.patch(url, 3, b"ds").status_code == 204
    assert _read(site, "a") == b"words"


def test_r18_into_an_open_secret_folder_a_file_goes_in_one_go_and_no_name_of_it_is_kept(
    site: Site, hanako: Client
) -> None:
    hanako.browser.post("/account/secret/create", {"secret": SECRET, "again": SECRET})
    hanako.browser.post("/account/secret/unlock", {"secret": SECRET})
    refused = hanako.create("給与.txt", 5, folder="secret/役員")
    assert _said(refused) == (403, "upload.secret_folder")
    stored = hanako.create("給与.txt", 5, b"words", folder="secret/役員")
    assert (stored.status_code, stored.headers["Upload-Offset"]) == (201, "5")
    state = hanako.ask("HEAD", stored.headers["Location"])
    assert (state.headers["Upload-Offset"], "Upload-Metadata" in state.headers) == ("5", False)
    assert hanako.browser.get("/files/content/secret/役員/給与.txt").data == b"words"
    with site.parts.database.reading() as tx:
        assert tx.execute(select(upload_rows.c.label)).scalars().all() == [""]


def test_r21_a_refusal_for_want_of_room_is_in_the_access_log(site: Site, hanako: Client) -> None:
    site.capacity_bytes = 4
    hanako.create("a", 5)
    site.parts.journal.flush()
    with site.parts.database.reading() as tx:
        told = tx.execute(select(access_log.c.act, access_log.c.path, access_log.c.result)).all()
    assert ("write", "my/a", "quota.exceeded") in [tuple(one) for one in told]
