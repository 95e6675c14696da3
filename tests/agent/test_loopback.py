"""The loopback drive in front of the running product."""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.agent.pc import Pc
from tests.clients.test_litmus import SUITES, SUMMARY, run_suite
from tests.product import Drive

pytestmark = pytest.mark.slow

_BLOCK = bytes(range(256)) * 1024
_BLOCKS = 400  # of 256 KiB: 100 MiB
_MIB = 1024 * 1024


def blocks() -> Iterator[bytes]:
    """Yield 100 MiB, each block different."""
    for number in range(_BLOCKS):
        yield number.to_bytes(8, "big") + _BLOCK[8:]


def digest_of(pieces: Iterator[bytes]) -> str:
    """Return the SHA-256 of what comes."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


@pytest.mark.parametrize("suite", SUITES)
def test_k1_every_litmus_test_passes_through_the_tool(suite: str, drive: Drive, tmp_path: Path) -> None:
    said = run_suite(suite, drive, tmp_path)
    assert [line for line in said.splitlines() if re.search("WARNING|FAIL|SKIPPED|skipped", line)] == [], said
    summary = SUMMARY.search(said)
    assert summary, said
    assert (summary[1], summary[3], summary[4]) == (suite, summary[2], "0")
    assert int(summary[2]) >= SUITES[suite]


def test_100_mib_go_both_ways_in_bounded_memory(pc: Pc, folder: Drive, http: httpx.Client) -> None:
    url, expected = f"{folder.url}大きい.bin", digest_of(blocks())
    http.put(f"{folder.url}warm", content=b"x")
    before = pc.process().memory_info().rss
    size = {"Content-Length": str(_BLOCKS * len(_BLOCK))}
    assert http.put(url, content=blocks(), headers=size).status_code == 201
    with http.stream("GET", url) as answer:
        assert digest_of(answer.iter_raw()) == expected
    assert pc.process().memory_info().rss - before < 24 * _MIB


def test_a7_an_upload_of_unknown_length_streams_too(folder: Drive, http: httpx.Client, server: str) -> None:
    answer = http.put(f"{folder.url}chunked.bin", content=blocks())
    if server == "granian":
        assert answer.status_code == 411  # docs/adr/0005
        return
    assert answer.status_code == 201
    with http.stream("GET", f"{folder.url}chunked.bin") as back:
        assert digest_of(back.iter_raw()) == digest_of(blocks())


def test_c2_ranges_are_exact(folder: Drive, http: httpx.Client) -> None:
    http.put(f"{folder.url}a", content=b"0123456789")
    answer = http.get(f"{folder.url}a", headers={"Range": "bytes=3-5"})
    assert (answer.status_code, answer.content, answer.headers["Content-Range"]) == (206, b"345", "bytes 3-5/10")


def test_a1_an_upload_cut_on_the_pc_leaves_the_old_file(folder: Drive, http: httpx.Client) -> None:
    url = httpx.URL(f"{folder.url}kept")
    http.put(url, content=b"old")
    authorization = httpx.BasicAuth(folder.login, folder.password)._auth_header
    head = f"PUT {url.raw_path.decode()} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n"
    for framing in ("Content-Length: 1000\r\n\r\n12345", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"):
        with socket.create_connection((url.host, url.port or 80), timeout=30) as sock:
            sock.sendall(f"{head}{framing}".encode())
            sock.shutdown(socket.SHUT_WR)
            answer = sock.recv(65536)
        assert not answer.startswith(b"HTTP/1.1 2")
    assert http.get(url).content == b"old"
    assert http.request("PROPFIND", folder.url, headers={"Depth": "1"}).text.count("<D:response>") == 2


def test_r6_a_full_contract_is_told_before_the_body_is_sent(folder: Drive, http: httpx.Client) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 1024 * _MIB:
            sent += len(_BLOCK)
            yield _BLOCK

    headers = {"Content-Length": str(1 << 40), "Accept-Language": "ja"}
    answer = http.put(f"{folder.url}huge", content=endless(), headers=headers)
    assert answer.status_code == 507
    assert "プラン" in answer.text
    assert sent < 1024 * _MIB
    assert http.get(f"{folder.url}huge").status_code == 404


def test_a4_a_move_goes_where_the_drive_says_and_nowhere_else(folder: Drive, http: httpx.Client) -> None:
    http.put(f"{folder.url}a", content=b"x")
    moved = http.request("MOVE", f"{folder.url}a", headers={"Destination": f"{folder.url}%E3%81%8C.txt"})
    assert moved.status_code == 201
    assert http.get(f"{folder.url}が.txt").content == b"x"
    elsewhere = {"Destination": "http://elsewhere.example/dav/my/b"}
    assert http.request("MOVE", f"{folder.url}が.txt", headers=elsewhere).status_code == 502


def test_hrefs_lead_through_the_tool(folder: Drive, http: httpx.Client) -> None:
    http.put(folder.url + quote("報告 #1.txt"), content=b"x")
    listing = http.request("PROPFIND", folder.url, headers={"Depth": "1"}).text
    href = re.findall("<D:href>([^<]*txt)</D:href>", listing)[0]
    assert http.get(str(httpx.URL(folder.url).join(href))).content == b"x"


def test_without_the_local_password_the_drive_stays_closed(pc: Pc, drive: Drive) -> None:
    assert httpx.get(drive.url, auth=(drive.login, pc.secrets()["dav_password"])).status_code == 401
    assert httpx.get(drive.url).status_code == 401
