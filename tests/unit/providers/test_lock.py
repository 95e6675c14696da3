"""LOCK and UNLOCK."""

from __future__ import annotations

import threading

import pytest
from lxml import etree

from tests.unit.providers.conftest import (
    DAV,
    LOCK_INFO,
    SHARED_LOCK_INFO,
    Answer,
    Client,
    Office,
    asking,
    setting,
)

FILE = "/dav/my/a.txt"
SHARED = "/dav/group/a.txt"


def active(answer: Answer) -> list[dict[str, str]]:
    """Return the active locks an answer tells: scope, depth, timeout, token and root."""
    return [
        {
            "scope": str(one.find(DAV + "lockscope")[0].tag).removeprefix(DAV),  # type: ignore[index]
            "depth": one.findtext(DAV + "depth") or "",
            "timeout": one.findtext(DAV + "timeout") or "",
            "token": one.findtext(f"{DAV}locktoken/{DAV}href") or "",
            "root": one.findtext(f"{DAV}lockroot/{DAV}href") or "",
        }
        for one in answer.xml.iter(DAV + "activelock")
    ]


def test_a_lock_is_described_and_its_token_given_in_the_header(hanako: Client) -> None:
    hanako.put(FILE)
    answer = hanako("LOCK", FILE, LOCK_INFO, depth="0", timeout="Second-600")
    assert answer.status == 200
    token = answer.headers["lock-token"][1:-1]
    assert token.startswith("urn:uuid:")
    told = {"scope": "exclusive", "depth": "0", "timeout": "Second-600", "token": token, "root": FILE}
    assert active(answer) == [told]
    assert active(hanako("PROPFIND", FILE, asking("lockdiscovery"), depth="0")) == [told]
    assert answer.xml.findtext(f".//{DAV}owner/{DAV}href") == "hanako@example.jp"


def test_d1_lock_on_a_missing_name_makes_an_empty_file(hanako: Client) -> None:
    answer = hanako("LOCK", FILE, LOCK_INFO)
    assert answer.status == 201
    assert hanako("GET", FILE).headers["content-length"] == "0"
    assert hanako("LOCK", "/dav/my/none/a.txt", LOCK_INFO).status == 409


def test_w2_lock_without_depth_is_taken_as_infinite(hanako: Client) -> None:
    hanako.mkcol("/dav/my/d")
    assert active(hanako("LOCK", "/dav/my/d", LOCK_INFO))[0]["depth"] == "infinity"


def test_a_lock_of_depth_1_is_400(hanako: Client) -> None:
    assert hanako("LOCK", FILE, LOCK_INFO, depth="1").status == 400


@pytest.mark.parametrize("pattern", ["<{}>", "{}", " <{}> "])
def test_w3_unlock_works_with_and_without_brackets(hanako: Client, pattern: str) -> None:
    token = hanako.lock(FILE)
    assert hanako("UNLOCK", FILE, lock_token=pattern.format(token)).status == 204
    assert hanako("PUT", FILE, b"free").status == 204


def test_d2_a_lock_is_refreshed_by_if_without_a_body(office: Office, hanako: Client) -> None:
    token = hanako.lock(FILE, timeout="Second-600")
    office.clock.advance(seconds=500)
    answer = hanako("LOCK", FILE, headers={"If": f"(<{token}>)", "Timeout": "Second-900"})
    assert answer.status == 200
    assert active(answer)[0]["timeout"] == "Second-900"
    office.clock.advance(seconds=899)
    assert hanako("PUT", FILE, b"x").status == 423
    office.clock.advance(seconds=2)
    assert hanako("PUT", FILE, b"x").status == 204


def test_a_lock_of_infinite_depth_is_refreshed_through_a_member(hanako: Client) -> None:
    hanako.mkcol("/dav/my/d")
    hanako.put("/dav/my/d/a.txt")
    token = hanako.lock("/dav/my/d", depth="infinity")
    answer = hanako("LOCK", "/dav/my/d/a.txt", headers={"If": f"(<{token}>)"})
    assert answer.status == 200
    assert active(answer)[0]["root"] == "/dav/my/d"


def test_a_refresh_without_a_token_is_400_and_with_another_412(hanako: Client) -> None:
    hanako.lock(FILE)
    assert hanako("LOCK", FILE).status == 400
    assert hanako("LOCK", FILE, headers={"If": "(<urn:uuid:other>)"}).status == 412


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("Infinite", 3600), ("Second-4100000000", 3600), ("Second-3601", 3600), ("Second-3600", 3600),
        ("Second-181", 181), ("Second-180", 180), ("Second-179", 180), ("Second-0", 180),
        ("Infinite, Second-600", 3600), ("Extend, Second-600", 600), ("nonsense", 3600), ("", 3600),
        ("Second-" + "9" * 5000, 3600),
    ],
)  # fmt: skip
def test_o5_leases_lie_between_180_seconds_and_an_hour(hanako: Client, asked: str, granted: int) -> None:
    answer = hanako("LOCK", FILE, LOCK_INFO, timeout=asked)
    assert active(answer)[0]["timeout"] == f"Second-{granted}"


def test_a_lock_ends_with_its_lease(office: Office, hanako: Client) -> None:
    hanako.lock(FILE, timeout="Second-180")
    office.clock.advance(seconds=179)
    assert hanako("PUT", FILE, b"x").status == 423
    office.clock.advance(seconds=1)
    assert hanako("PUT", FILE, b"x").status == 204
    assert active(hanako("PROPFIND", FILE, depth="0")) == []


def test_o2_a_second_logins_lock_is_423_and_names_the_owner(hanako: Client, taro: Client) -> None:
    token = hanako.lock(SHARED)
    answer = taro("LOCK", SHARED, LOCK_INFO, accept_language="ja")
    assert answer.status == 423
    assert answer.xml.findtext(f"{DAV}no-conflicting-lock/{DAV}href") == SHARED
    assert active(answer)[0]["token"] == token
    assert answer.xml.findtext(f".//{DAV}owner/{DAV}href") == "hanako@example.jp"
    assert "hanako さんが編集中です" in answer.text


def test_anothers_token_opens_nothing(hanako: Client, taro: Client) -> None:
    token = hanako.lock(SHARED)
    submitted = {"If": f"(<{token}>)"}
    assert taro("PUT", SHARED, b"x", submitted).status == 423
    assert taro("LOCK", SHARED, b"", submitted).status == 412
    assert taro("UNLOCK", SHARED, lock_token=f"<{token}>").status == 403
    assert hanako("PUT", SHARED, b"x", submitted).status == 204


def test_a_locked_file_cannot_be_changed_without_its_token(hanako: Client) -> None:
    hanako.put(FILE, b"old")
    hanako.put("/dav/my/b.txt")
    token = hanako.lock(FILE)
    for method, path, body, headers in (
        ("PUT", FILE, b"new", {}),
        ("DELETE", FILE, b"", {}),
        ("PROPPATCH", FILE, setting(colour="red"), {}),
        ("MOVE", FILE, b"", {"Destination": "/dav/my/c.txt"}),
        ("MOVE", "/dav/my/b.txt", b"", {"Destination": FILE}),
        ("COPY", "/dav/my/b.txt", b"", {"Destination": FILE}),
    ):
        answer = hanako(method, path, body, headers)
        assert answer.status == 423, method
        assert answer.xml.findtext(f"{DAV}lock-token-submitted/{DAV}href") == FILE
    assert hanako("GET", FILE).body == b"old"
    assert hanako("COPY", FILE, destination="/dav/my/c.txt").status == 201
    assert hanako("DELETE", FILE, headers={"If": f"(<{token}>)"}).status == 204


def test_a_locked_member_protects_the_collection_and_is_named(hanako: Client) -> None:
    hanako.mkcol("/dav/my/大")
    hanako.lock("/dav/my/大/a.txt")
    for method, headers in (("DELETE", {}), ("MOVE", {"Destination": "/dav/my/e"})):
        answer = hanako(method, "/dav/my/大", b"", headers)
        assert answer.status == 423
        assert answer.xml.findtext(f"{DAV}lock-token-submitted/{DAV}href") == "/dav/my/%E5%A4%A7/a.txt"


@pytest.mark.parametrize("depth", ["0", "infinity"])
def test_a_locked_collection_guards_its_names_and_with_infinite_depth_its_members(hanako: Client, depth: str) -> None:
    hanako.mkcol("/dav/my/d")
    hanako.put("/dav/my/d/old.txt")
    token = hanako.lock("/dav/my/d", depth=depth)
    assert hanako("PUT", "/dav/my/d/new.txt", b"x").status == 423
    assert hanako("MKCOL", "/dav/my/d/e").status == 423
    assert hanako("LOCK", "/dav/my/d/new.txt", LOCK_INFO).status == 423
    assert hanako("DELETE", "/dav/my/d/old.txt").status == 423
    assert hanako("PUT", "/dav/my/d/old.txt", b"x").status == (204 if depth == "0" else 423)
    submitted = {"If": f"</dav/my/d> (<{token}>)"}
    assert hanako("PUT", "/dav/my/d/new.txt", b"x", submitted).status == 201


def test_unlock_through_a_member_of_a_locked_collection_frees_the_collection(hanako: Client) -> None:
    hanako.mkcol("/dav/my/d")
    hanako.put("/dav/my/d/a.txt")
    token = hanako.lock("/dav/my/d", depth="infinity")
    assert hanako("UNLOCK", "/dav/my/d/a.txt", lock_token=f"<{token}>").status == 204
    assert hanako("PUT", "/dav/my/d/a.txt", b"x").status == 204


def test_unlock_with_a_token_of_another_resource_is_409(hanako: Client) -> None:
    token = hanako.lock(FILE)
    hanako.put("/dav/my/b.txt")
    answer = hanako("UNLOCK", "/dav/my/b.txt", lock_token=f"<{token}>")
    assert answer.status == 409
    assert answer.xml.find(DAV + "lock-token-matches-request-uri") is not None
    assert hanako("UNLOCK", FILE).status == 400
    assert hanako("UNLOCK", "/dav/my/none", lock_token=f"<{token}>").status == 404


def test_shared_locks_stand_beside_each_other_and_keep_exclusive_ones_out(hanako: Client, taro: Client) -> None:
    hanako.put(SHARED)
    first, second = (one.lock(SHARED, SHARED_LOCK_INFO) for one in (hanako, taro))
    assert {one["token"] for one in active(hanako("PROPFIND", SHARED, depth="0"))} == {first, second}
    assert hanako("LOCK", SHARED, LOCK_INFO).status == 423
    assert hanako("PUT", SHARED, b"x").status == 423
    assert hanako("PUT", SHARED, b"x", {"If": f"(<{second}>)"}).status == 423
    assert hanako("PUT", SHARED, b"x", {"If": f"(<{first}>)"}).status == 204
    assert hanako("UNLOCK", SHARED, lock_token=f"<{first}>").status == 204
    assert hanako("LOCK", SHARED, LOCK_INFO).status == 423


def test_an_exclusive_lock_keeps_shared_ones_out_also_from_above_and_below(hanako: Client) -> None:
    hanako.mkcol("/dav/my/d")
    token = hanako.lock("/dav/my/d/a.txt")
    assert hanako("LOCK", "/dav/my/d/a.txt", SHARED_LOCK_INFO).status == 423
    assert hanako("LOCK", "/dav/my/d", SHARED_LOCK_INFO, depth="infinity").status == 423
    assert hanako("LOCK", "/dav/my/d", LOCK_INFO, depth="0").status == 200
    assert hanako("UNLOCK", "/dav/my/d/a.txt", lock_token=token).status == 204


def test_of_two_exclusive_locks_at_once_one_wins(hanako: Client, taro: Client) -> None:
    hanako.put(SHARED)
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda one=one: seen.append(one("LOCK", SHARED, LOCK_INFO).status))
        for one in (hanako, taro) * 4
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(seen) == [200] + [423] * 7


def test_a_lock_stays_behind_when_its_file_moves(hanako: Client) -> None:
    token = hanako.lock(FILE)
    submitted = {"If": f"(<{token}>)", "Destination": "/dav/my/b.txt"}
    assert hanako("MOVE", FILE, b"", submitted).status == 201
    assert active(hanako("PROPFIND", "/dav/my/b.txt", depth="0")) == []
    assert hanako("PUT", "/dav/my/b.txt", b"x").status == 204
    assert hanako("PUT", FILE, b"x").status == 201


def test_a_listing_tells_the_locks_of_every_member(hanako: Client) -> None:
    hanako.mkcol("/dav/my/d")
    token = hanako.lock("/dav/my/d/a.txt")
    hanako.put("/dav/my/d/b.txt")
    answer = hanako("PROPFIND", "/dav/my/d", asking("lockdiscovery"), depth="1")
    assert [one["token"] for one in active(answer)] == [token]
    assert active(hanako("PROPFIND", "/dav/my/", depth="infinity"))[0]["root"] == "/dav/my/d/a.txt"


@pytest.mark.parametrize("path", ["/", "/dav/"])
def test_what_stands_always_cannot_be_locked(hanako: Client, path: str) -> None:
    assert hanako("LOCK", path, LOCK_INFO).status == 403


def test_a_folders_root_can_be_locked(hanako: Client) -> None:
    token = hanako.lock("/dav/my/", depth="infinity")
    assert hanako("PUT", FILE, b"x").status == 423
    assert hanako("UNLOCK", "/dav/my", lock_token=token).status == 204


@pytest.mark.parametrize(
    "body",
    [
        b"<",
        b'<lockinfo xmlns="DAV:"/>',
        b'<propfind xmlns="DAV:"><allprop/></propfind>',
        LOCK_INFO.replace(b"write", b"read"),
        LOCK_INFO.replace(b"exclusive", b"local"),
        LOCK_INFO.replace(b"<D:href>", b"<D:href>&e;"),
        LOCK_INFO.replace(b"hanako@example.jp", b"x" * 4096),
        LOCK_INFO.replace(b"<D:lockinfo", b'<!DOCTYPE D:lockinfo [<!ENTITY e "x">]><D:lockinfo', 1),
    ],
)
def test_a12_entities_and_nonsense_in_a_lock_request_are_400_and_make_nothing(hanako: Client, body: bytes) -> None:
    assert hanako("LOCK", FILE, body).status == 400
    assert hanako("GET", FILE).status == 404


@pytest.mark.parametrize(
    "owner", [b"", b"plain &amp; simple &lt;b&gt;", b'<x:y xmlns:x="urn:o" z="&quot;">t</x:y>tail']
)
def test_the_owner_comes_back_as_it_was_sent(hanako: Client, owner: bytes) -> None:
    body = LOCK_INFO.replace(b"<D:href>hanako@example.jp</D:href>", owner)
    answer = hanako("LOCK", FILE, body)
    assert answer.status == 201
    told = answer.xml.find(f".//{DAV}owner")
    sent = etree.fromstring(body).find(DAV + "owner")
    assert told is not None or not owner
    if told is not None and sent is not None:
        assert etree.tostring(told, method="c14n", exclusive=True) == etree.tostring(
            sent, method="c14n", exclusive=True
        )
