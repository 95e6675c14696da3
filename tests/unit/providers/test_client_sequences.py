"""What whole programs do, request by request."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from core.http import BodyCut
from tests.unit.providers.conftest import DAV, LOCK_INFO, Client, CutBody, Office, asking, updating

EXPLORER = {"User-Agent": "Microsoft-WebDAV-MiniRedir/10.0.19045", "Translate": "f"}
FINDER = {"User-Agent": "WebDAVFS/3.0.0 (03008000) Darwin/23.1.0 (x86_64)"}
WIN32 = {
    "Win32CreationTime": "Wed, 01 Apr 2026 02:00:00 GMT",
    "Win32LastAccessTime": "Wed, 01 Apr 2026 02:00:01 GMT",
    "Win32LastModifiedTime": "Wed, 01 Apr 2026 02:00:01 GMT",
    "Win32FileAttributes": "00000000",
}
NOTE = "/dav/my/新しいテキスト.txt"


def test_w1_explorer_saves_a_file(hanako: Client) -> None:
    win32 = updating("set", "urn:schemas-microsoft-com:", WIN32)
    assert hanako("PROPFIND", NOTE, b"", EXPLORER, depth="0").status == 404
    assert hanako("PUT", NOTE, b"", EXPLORER, length="0").status == 201
    locked = hanako("LOCK", NOTE, LOCK_INFO, EXPLORER, timeout="Second-3600")
    assert locked.status == 200
    submitted = EXPLORER | {"If": f"({locked.headers['lock-token']})"}
    assert hanako("PROPPATCH", NOTE, win32, submitted).properties() != {}
    assert hanako("HEAD", NOTE, b"", EXPLORER).headers["content-length"] == "0"
    assert hanako("PUT", NOTE, b"the last bytes", submitted).status == 204
    assert hanako("PROPPATCH", NOTE, win32, submitted).properties() != {}
    assert hanako("UNLOCK", NOTE, b"", EXPLORER, lock_token=locked.headers["lock-token"]).status == 204
    assert hanako("PROPFIND", "/dav/my/", depth="1").hrefs() == ["/dav/my/", NOTE]
    assert hanako("GET", NOTE).body == b"the last bytes"
    values = hanako("PROPFIND", NOTE, depth="0").values()
    assert values["getlastmodified"] == WIN32["Win32LastModifiedTime"]


def test_w8_after_a_failed_put_the_same_lock_token_works_again(office: Office, hanako: Client) -> None:
    submitted = {"If": f"(<{hanako.lock(NOTE)}>)"}
    with pytest.raises(BodyCut):
        hanako("PUT", NOTE, CutBody(b"half", raises=True), submitted, length="99")
    office.firm.capacity_bytes = 3
    assert hanako("PUT", NOTE, b"too much", submitted).status == 507
    office.firm.capacity_bytes = 99
    assert hanako("PUT", NOTE, b"whole", submitted).status == 204
    assert hanako("GET", NOTE).body == b"whole"


def test_f2_finder_puts_twice_to_a_new_file_it_has_locked(hanako: Client) -> None:
    assert hanako("PROPFIND", NOTE, asking("resourcetype"), FINDER, depth="0").status == 404
    assert hanako("PUT", NOTE, b"", FINDER, length="0").status == 201
    locked = hanako("LOCK", NOTE, LOCK_INFO, FINDER, depth="0", timeout="Second-600")
    submitted = FINDER | {"If": f"({locked.headers['lock-token']})"}
    chunked = submitted | {"X-Expected-Entity-Length": "5"}
    assert hanako("PUT", NOTE, b"first", chunked, length=None).status == 204
    assert hanako("PUT", NOTE, b"again", chunked, length=None).status == 204
    assert hanako("UNLOCK", NOTE, b"", FINDER, lock_token=locked.headers["lock-token"]).status == 204
    assert hanako("GET", NOTE).body == b"again"


def test_f3_finder_writes_its_companions(hanako: Client) -> None:
    for name in (".DS_Store", "._a.txt", "._."):
        token = hanako.lock(f"/dav/my/{name}", depth="0")
        assert hanako("PUT", f"/dav/my/{name}", b"x", {"If": f"(<{token}>)"}).status == 204
        assert hanako("DELETE", f"/dav/my/{name}", b"", {"If": f"(<{token}>)"}).status == 204


def test_o3_an_office_saves_beside_the_original_and_moves_over_it(hanako: Client) -> None:
    report, temporary = "/dav/my/報告.docx", "/dav/my/~WRD0001.tmp"
    hanako.put(report, b"version 1")
    hanako("PROPPATCH", report, updating("set", "urn:office", {"author": "花子"}))
    token = hanako.lock(report)
    hanako.put(temporary, b"version 2")
    moved = {"Destination": report_uri(report), "Overwrite": "T", "If": f"<{report_uri(report)}> (<{token}>)"}
    assert hanako("MOVE", temporary, b"", moved).status == 204
    assert hanako("UNLOCK", report, lock_token=f"<{token}>").status == 204
    assert hanako("GET", report).body == b"version 2"
    body = b'<propfind xmlns="DAV:"><prop><author xmlns="urn:office"/></prop></propfind>'
    assert hanako("PROPFIND", report, body, depth="0").properties()["{urn:office}author"].text == "花子"
    assert hanako("GET", temporary).status == 404


def report_uri(path: str) -> str:
    """Return a path as a Destination or If header carries it."""
    return quote(path)


def test_davfs2_asks_for_the_quota_of_what_it_mounts_and_refreshes_its_lock(hanako: Client) -> None:
    wanted = asking("quota-available-bytes", "quota-used-bytes")
    assert set(hanako("PROPFIND", "/dav/my/", wanted, depth="0").values()) == {
        "quota-available-bytes",
        "quota-used-bytes",
    }
    token = hanako.lock("/dav/my/a.txt", depth="0", timeout="Second-1800")
    assert hanako("LOCK", "/dav/my/a.txt", headers={"If": f"(<{token}>)", "Timeout": "Second-1800"}).status == 200
    put = hanako("PUT", "/dav/my/a.txt", b"x", {"If": f"(<{token}>)"})
    assert hanako("HEAD", "/dav/my/a.txt").headers["etag"] == put.headers["etag"]


def test_r1_rclone_finds_the_size_time_and_type_it_stored(hanako: Client) -> None:
    hanako("PUT", "/dav/my/a.txt", b"12345", {"X-OC-Mtime": "1700000000", "User-Agent": "rclone/v1.75"})
    body = (
        b'<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:displayname/><d:getlastmodified/>'
        b"<d:getcontentlength/><d:resourcetype/><d:getcontenttype/><oc:checksums/></d:prop></d:propfind>"
    )
    answer = hanako("PROPFIND", "/dav/my/", body, depth="1")
    assert answer.values(response=1) == {
        "displayname": "a.txt",
        "getlastmodified": "Tue, 14 Nov 2023 22:13:20 GMT",
        "getcontentlength": "5",
        "resourcetype": "",
        "getcontenttype": "text/plain",
    }
    assert list(answer.properties("404 Not Found", 1)) == ["{http://owncloud.org/ns}checksums"]
    assert answer.properties()[DAV + "resourcetype"].find(DAV + "collection") is not None
