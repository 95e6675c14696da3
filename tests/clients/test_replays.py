"""Explorer, Finder and Office, replayed: the requests these programs send, in their order, with their headers."""

from collections.abc import Callable

import httpx
import pytest

from tests.product import Drive

pytestmark = pytest.mark.slow

EXPLORER = {"User-Agent": "Microsoft-WebDAV-MiniRedir/10.0.19045", "Translate": "f", "Connection": "Keep-Alive"}
FINDER = {"User-Agent": "WebDAVFS/3.0.0 (03008000) Darwin/23.5.0 (arm64)", "Accept": "*/*"}
OFFICE = {"User-Agent": "Microsoft Office Word 2014 (16.0.17328) Windows NT 10.0", "Translate": "f"}

LOCK = (
    '<?xml version="1.0" encoding="utf-8" ?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
    "<D:locktype><D:write/></D:locktype><D:owner><D:href>SAKURA\\hanako</D:href></D:owner></D:lockinfo>"
)
WIN32 = (
    '<?xml version="1.0" encoding="utf-8" ?><D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:">'
    "<D:set><D:prop><Z:Win32CreationTime>Tue, 01 Apr 2026 00:00:00 GMT</Z:Win32CreationTime>"
    "<Z:Win32LastAccessTime>Tue, 01 Apr 2026 00:00:00 GMT</Z:Win32LastAccessTime>"
    "<Z:Win32LastModifiedTime>Tue, 01 Apr 2026 00:00:00 GMT</Z:Win32LastModifiedTime>"
    "<Z:Win32FileAttributes>00000020</Z:Win32FileAttributes></D:prop></D:set></D:propertyupdate>"
)
FINDER_PROPERTIES = (
    '<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:getlastmodified/>'
    "<D:getcontentlength/><D:creationdate/><D:resourcetype/></D:prop></D:propfind>"
)
WIN32_KEPT = "200 OK"
COLOUR = (
    '<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><c xmlns="urn:test">blue</c></D:prop></D:set>'
    "</D:propertyupdate>"
)

Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(folder: Drive, http: httpx.Client) -> Ask:
    """Return what sends one request below the collection and holds its status."""

    def send(method: str, name: str, status: int, body: bytes | str = b"", **headers: str) -> httpx.Response:
        fields = {key.replace("_", "-"): value for key, value in headers.items()}
        said = http.request(method, folder.url + name, headers=fields, content=body)
        assert said.status_code == status, f"{method} {name}: {said.status_code} {said.text}"
        return said

    return send


def names(ask: Ask) -> list[str]:
    """Return the names in the collection."""
    said = ask("PROPFIND", "", 207, Depth="1").text
    return sorted(filter(None, (href.partition("</")[0].rpartition("/")[2] for href in said.split("href>")[1::2])))


def test_w1_explorers_save_leaves_one_file_with_the_last_bytes(ask: Ask) -> None:
    name = "%E8%A6%8B%E7%A9%8D%20%E6%9B%B8.xlsx"
    body = b"the workbook" * 5000
    ask("PROPFIND", name, 404, Depth="0", Content_Length="0", **EXPLORER)
    ask("PUT", name, 201, Content_Length="0", **EXPLORER)
    token = ask("LOCK", name, 200, LOCK, Timeout="Second-3600", **EXPLORER).headers["Lock-Token"]
    held = f"({token})"
    assert WIN32_KEPT in ask("PROPPATCH", name, 207, WIN32, If=held, **EXPLORER).text
    ask("HEAD", name, 200, **EXPLORER)
    ask("PUT", name, 204, body, If=held, **EXPLORER)
    assert WIN32_KEPT in ask("PROPPATCH", name, 207, WIN32, **EXPLORER).text  # W4: the owner's, without a token
    ask("UNLOCK", name, 204, Lock_Token=token, **EXPLORER)
    assert ask("GET", name, 200).content == body
    assert names(ask) == [name]


def test_w3_w8_a_failed_put_leaves_the_lock_and_unlock_takes_a_bare_token(ask: Ask) -> None:
    ask("PUT", "a.docx", 201, b"old", **EXPLORER)
    token = ask("LOCK", "a.docx", 200, LOCK, Timeout="Infinite", **EXPLORER).headers["Lock-Token"]
    ask("PUT", "a.docx", 400, b"new", If=f"({token})", Content_MD5="1B2M2Y8AsgTpgAmY7PhCfg==", **EXPLORER)
    ask("PUT", "a.docx", 204, b"new", If=f"({token})", **EXPLORER)
    ask("UNLOCK", "a.docx", 204, Lock_Token=token.strip("<>"), **EXPLORER)
    assert ask("GET", "a.docx", 200).content == b"new"


def test_w7_explorer_finds_its_way_from_the_top(http: httpx.Client, folder: Drive) -> None:
    path = httpx.URL(folder.url).path
    steps = [path[: at + 1] for at, letter in enumerate(path) if letter == "/"]
    for step in steps:
        for method, status in (("OPTIONS", 200), ("PROPFIND", 207)):
            url = httpx.URL(folder.url).copy_with(path=step)
            said = http.request(method, url, headers={"Depth": "0", **EXPLORER})
            assert said.status_code == status, f"{method} {step}"
            if method == "OPTIONS":
                assert {"1", "2"} <= set(said.headers["DAV"].replace(" ", "").split(","))
                assert said.headers["MS-Author-Via"] == "DAV"


def test_f2_finders_save_sends_an_empty_file_first_and_its_bytes_under_a_lock(ask: Ask) -> None:
    body = b"pages" * 10_000
    for side in ("._%E8%B3%87%E6%96%99.key", "%E8%B3%87%E6%96%99.key"):
        ask("PROPFIND", side, 404, FINDER_PROPERTIES, Depth="0", **FINDER)
        ask("PUT", side, 201, Content_Length="0", **FINDER)
        token = ask("LOCK", side, 200, LOCK, Depth="0", Timeout="Second-600", **FINDER).headers["Lock-Token"]
        ask("PUT", side, 204, body, If=f"({token})", **FINDER)
        ask("PUT", side, 204, body, If=f"({token})", **FINDER)
        ask("PROPFIND", side, 207, FINDER_PROPERTIES, Depth="0", **FINDER)
        ask("LOCK", side, 200, If=f"({token})", Timeout="Second-600", **FINDER)  # D2: refreshed without a body
        ask("UNLOCK", side, 204, Lock_Token=token, **FINDER)
    assert ask("GET", "%E8%B3%87%E6%96%99.key", 200).content == body
    assert len(names(ask)) == 2


def test_f5_finders_chunked_upload_is_judged_by_the_length_it_announced(folder: Drive, http: httpx.Client) -> None:
    body = b"movie" * 500_000

    def put(name: str, expected: int) -> int:
        blocks = (body[at : at + 64 * 1024] for at in range(0, len(body), 64 * 1024))
        headers = {"X-Expected-Entity-Length": str(expected), **FINDER}
        return http.put(folder.url + name, content=blocks, headers=headers).status_code

    assert put("whole.mov", len(body)) == 201
    assert put("torn.mov", len(body) + 1) == 400
    assert http.get(f"{folder.url}whole.mov").content == body
    assert http.get(f"{folder.url}torn.mov").status_code == 404


def test_o3_words_save_by_temporary_files_keeps_the_dead_properties_of_the_name(ask: Ask, folder: Drive) -> None:
    document, new, old = "report.docx", "~WRD0001.tmp", "~WRL0002.tmp"
    ask("PUT", document, 201, b"first")
    ask("PROPPATCH", document, 207, COLOUR)
    assert "LOCK" in ask("OPTIONS", "", 200, **OFFICE).headers["Allow"]  # O1
    ask("PUT", "~$report.docx", 201, b"hanako", **OFFICE)
    ask("PUT", new, 201, b"second", **OFFICE)
    ask("MOVE", new, 204, Destination=folder.url + document, Overwrite="T", **OFFICE)
    ask("PUT", old, 201, b"third", **OFFICE)
    ask("MOVE", old, 412, Destination=folder.url + document, Overwrite="F", **OFFICE)
    ask("DELETE", old, 204, **OFFICE)
    ask("DELETE", "~$report.docx", 204, **OFFICE)
    assert ask("GET", document, 200).content == b"second"
    assert "blue" in ask("PROPFIND", document, 207, Depth="0").text
    assert names(ask) == [document]


def test_o2_a_second_lock_is_refused_and_names_who_holds_the_first(ask: Ask) -> None:
    token = ask("LOCK", "held.docx", 201, LOCK, Timeout="Second-180", **OFFICE).headers["Lock-Token"]
    refused = ask("LOCK", "held.docx", 423, LOCK, **OFFICE)
    assert "hanako" in refused.text
    ask("UNLOCK", "held.docx", 204, Lock_Token=token, **OFFICE)
