"""PUT and MKCOL."""

from __future__ import annotations

import hashlib
from email.utils import formatdate

import pytest

from core.http import BodyCut
from tests.unit.providers.conftest import Client, CutBody, Office, asking

FILE = "/dav/my/a.txt"


def test_a_new_file_is_201_and_a_replaced_one_204(hanako: Client) -> None:
    assert hanako("PUT", FILE, b"one").status == 201
    assert hanako("PUT", FILE, b"two").status == 204
    assert hanako("GET", FILE).body == b"two"


def test_a2_the_etag_is_strong_quoted_and_the_same_everywhere(hanako: Client) -> None:
    etag = hanako.put(FILE).headers["etag"]
    assert etag[0] == etag[-1] == '"'
    assert len(etag) > 2
    assert hanako("GET", FILE).headers["etag"] == etag
    assert hanako("HEAD", FILE).headers["etag"] == etag
    assert hanako("PROPFIND", FILE, asking("getetag"), depth="0").values() == {"getetag": etag}


def test_r1_the_etag_stays_while_the_bytes_stay_and_changes_with_them(hanako: Client) -> None:
    etag = hanako.put(FILE, b"one").headers["etag"]
    hanako("MOVE", FILE, destination="/dav/my/b.txt")
    assert hanako("GET", "/dav/my/b.txt").headers["etag"] == etag
    assert hanako.put("/dav/my/b.txt", b"two").headers["etag"] != etag


def test_a1_a_body_shorter_than_announced_is_refused_and_the_old_bytes_stay(office: Office, hanako: Client) -> None:
    hanako.put(FILE, b"old")
    kept = office.firm.stored_keys()
    answer = hanako("PUT", FILE, CutBody(b"ne", raises=False), length="10")
    assert answer.status == 400
    assert "2 bytes arrived of 10" in answer.text
    assert hanako("GET", FILE).body == b"old"
    assert office.firm.stored_keys() == kept


@pytest.mark.parametrize("length", ["10", None])
def test_a1_a_reset_connection_makes_no_name_and_leaves_no_object(
    office: Office, hanako: Client, length: str | None
) -> None:
    with pytest.raises(BodyCut):
        hanako("PUT", FILE, CutBody(b"ne", raises=True), length=length)
    assert hanako("GET", FILE).status == 404
    assert office.firm.stored_keys() == set()
    assert office.firm.used_bytes() == 0


def test_a1_a_large_upload_that_is_cut_leaves_no_parts(office: Office, hanako: Client) -> None:
    with pytest.raises(BodyCut):
        hanako("PUT", FILE, CutBody(bytes(9 * 1024 * 1024), raises=True), length=str(20 * 1024 * 1024))
    assert office.firm.stored_keys() == set()


@pytest.mark.parametrize("length", ["-5", "+5", "0x5", "0_5", "5, 5", "x", "9" * 40, " "])
def test_a12_a_content_length_that_is_no_number_is_400(hanako: Client, length: str) -> None:
    for method in ("PUT", "MKCOL", "PROPFIND", "LOCK"):
        assert hanako(method, FILE, CutBody(b"12345", raises=False), length=length).status == 400, method
    assert hanako("GET", FILE).status == 404


def test_a2_if_match_on_a_missing_file_is_412(hanako: Client) -> None:
    assert hanako("PUT", FILE, b"x", if_match="*").status == 412
    assert hanako("PUT", FILE, b"x", if_match='"abc"').status == 412
    assert hanako("GET", FILE).status == 404


def test_a2_if_none_match_star_creates_once(hanako: Client) -> None:
    assert hanako("PUT", FILE, b"one", if_none_match="*").status == 201
    assert hanako("PUT", FILE, b"two", if_none_match="*").status == 412
    assert hanako("GET", FILE).body == b"one"


def test_a7_a_chunked_body_without_length_is_stored(hanako: Client) -> None:
    assert hanako("PUT", FILE, b"chunks", length=None).status == 201
    assert hanako("GET", FILE).body == b"chunks"


def test_a7_neither_body_nor_length_makes_an_empty_file(office: Office, hanako: Client) -> None:
    assert hanako("PUT", FILE).status == 201
    assert hanako("GET", FILE).headers["content-length"] == "0"
    assert office.store.requests == {}


def test_a7_quota_is_enforced_while_a_chunked_body_arrives(office: Office, hanako: Client) -> None:
    office.firm.capacity_bytes = 3_000_000
    body = CutBody(bytes(10_000_000), raises=False)
    assert hanako("PUT", FILE, body, length=None).status == 507
    assert len(body.read(10_000_000)) >= 6_000_000, "most of it was never read"
    assert office.firm.stored_keys() == set()


def test_a7_without_trust_in_the_end_of_a_chunked_body_its_length_is_required(hanako: Client) -> None:
    answer = hanako("PUT", FILE, b"x", length=None, headers={"X-Expected-Entity-Length": "1"})
    assert answer.status == 201

    def unsure(environ: dict[str, object], start_response: object) -> object:
        return hanako.app({**environ, "azukari.unknown_length_unsafe": True}, start_response)

    careful = Client(unsure, hanako.user_name, hanako.password)  # type: ignore[arg-type]
    assert careful("PUT", FILE, b"x", length=None).status == 411
    assert careful("PUT", FILE, b"xy", length=None, headers={"X-Expected-Entity-Length": "2"}).status == 204


def test_f5_finders_expected_length_decides_about_completeness(hanako: Client) -> None:
    expecting = {"X-Expected-Entity-Length": "5"}
    assert hanako("PUT", FILE, b"1234", expecting, length=None).status == 400
    assert hanako("PUT", FILE, b"123456", expecting, length=None).status == 400
    assert hanako("GET", FILE).status == 404
    assert hanako("PUT", FILE, b"12345", expecting, length=None).status == 201


def test_f5_finders_expected_length_decides_about_quota_before_the_body_is_read(office: Office, hanako: Client) -> None:
    office.firm.capacity_bytes = 4
    body = CutBody(b"12345", raises=True)
    assert hanako("PUT", FILE, body, {"X-Expected-Entity-Length": "5"}, length=None).status == 507
    assert body.read(9) == b"12345"


@pytest.mark.parametrize("expected", ["x", "-1", "9" * 40, ""])
def test_f5_an_expected_length_that_is_no_number_is_400(hanako: Client, expected: str) -> None:
    assert hanako("PUT", FILE, b"1", {"X-Expected-Entity-Length": expected}, length=None).status == 400


@pytest.mark.parametrize("name", ["._a.txt", ".DS_Store", "a.exe", "~$a.docx", "a b+c;d=e,f%g#h?i&j.txt", "かな.txt"])
def test_f3_r20_no_ordinary_name_is_refused(hanako: Client, name: str) -> None:
    hanako.put(f"/dav/my/{name}", b"1")
    assert hanako("GET", f"/dav/my/{name}").body == b"1"
    assert f"/dav/my/{name}" in hanako("PROPFIND", "/dav/my/", depth="1").hrefs()


def test_a8_the_clients_time_is_kept_and_answered_accepted(hanako: Client) -> None:
    answer = hanako("PUT", FILE, b"x", {"X-OC-Mtime": "1700000000"})
    assert answer.headers["x-oc-mtime"] == "accepted"
    said = formatdate(1_700_000_000, usegmt=True)
    assert hanako("GET", FILE).headers["last-modified"] == said
    assert hanako("PROPFIND", FILE, depth="0").values()["getlastmodified"] == said


@pytest.mark.parametrize("mtime", ["x", "", "1e9", "999999999999", "-999999999999", "253402300800"])
def test_a8_a_time_no_date_can_say_is_400(hanako: Client, mtime: str) -> None:
    assert hanako("PUT", FILE, b"x", {"X-OC-Mtime": mtime}).status == 400
    assert hanako("GET", FILE).status == 404


@pytest.mark.parametrize("mtime", ["0", "-1", "1700000000.25", "-62135510400", "253402214400"])
def test_a8_every_time_that_was_accepted_can_be_listed(hanako: Client, mtime: str) -> None:
    assert hanako("PUT", FILE, b"x", {"X-OC-Mtime": mtime}).status == 201
    assert hanako("GET", FILE).status == 200
    assert hanako("PROPFIND", "/dav/my/", depth="1").status == 207


def test_a_checksum_that_differs_is_400_and_stores_nothing(office: Office, hanako: Client) -> None:
    digest = hashlib.sha1(b"right", usedforsecurity=False).hexdigest()
    assert hanako("PUT", FILE, b"wrong", {"OC-Checksum": f"SHA1:{digest}"}).status == 400
    assert office.firm.stored_keys() == set()
    assert hanako("PUT", FILE, b"right", {"OC-Checksum": f"SHA1:{digest}"}).status == 201


def test_a_part_of_a_file_cannot_be_replaced(hanako: Client) -> None:
    hanako.put(FILE, b"old")
    assert hanako("PUT", FILE, b"n", {"Content-Range": "bytes 0-0/3"}).status == 400
    assert hanako("GET", FILE).body == b"old"


def test_put_on_a_collection_is_405_with_and_without_slash(hanako: Client) -> None:
    hanako.mkcol("/dav/my/d")
    for path in ("/dav/my/d", "/dav/my/d/", "/dav/my/new/"):
        answer = hanako("PUT", path, b"x")
        assert answer.status == 405
        assert "PUT" in answer.headers["allow"]


def test_put_below_a_missing_collection_is_409(hanako: Client) -> None:
    assert hanako("PUT", "/dav/my/none/a.txt", b"x").status == 409


def test_put_below_a_file_is_409(hanako: Client) -> None:
    hanako.put(FILE)
    assert hanako("PUT", FILE + "/b.txt", b"x").status == 409


def test_r6_no_room_is_507_before_the_body_is_read_and_the_old_file_stays(office: Office, hanako: Client) -> None:
    hanako.put(FILE, b"12345")
    office.firm.capacity_bytes = 8
    body = CutBody(b"123456789", raises=True)
    assert hanako("PUT", FILE, body, length="9").status == 507
    assert body.read(99) == b"123456789"
    assert hanako("GET", FILE).body == b"12345"
    assert hanako("PUT", FILE, b"12345678").status == 204


def test_one_small_upload_is_one_store_request(office: Office, hanako: Client) -> None:
    hanako.put(FILE, b"x" * 8 * 1024 * 1024)
    assert office.store.requests == {"put": 1}


def test_mkcol_creates_with_201_and_refuses_a_taken_name_with_405(hanako: Client) -> None:
    hanako.put(FILE)
    assert hanako("MKCOL", "/dav/my/d/").status == 201
    assert hanako("MKCOL", "/dav/my/d").status == 405
    assert hanako("MKCOL", FILE).status == 405


@pytest.mark.parametrize("path", ["/", "/dav", "/dav/", "/dav/my", "/dav/my/"])
def test_mkcol_of_what_stands_always_is_405(hanako: Client, path: str) -> None:
    assert hanako("MKCOL", path).status == 405


def test_mkcol_without_a_parent_is_409(hanako: Client) -> None:
    assert hanako("MKCOL", "/dav/my/none/d").status == 409


def test_mkcol_with_a_body_is_415_and_with_length_0_is_not(hanako: Client) -> None:
    assert hanako("MKCOL", "/dav/my/d", b"<x/>").status == 415
    assert hanako("MKCOL", "/dav/my/d", b"<x/>", length=None).status == 415
    assert hanako("MKCOL", "/dav/my/d", length="0").status == 201
