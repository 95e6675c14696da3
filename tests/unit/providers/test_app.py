"""The application: who comes in, what no folder answers, and how failures are told."""

from __future__ import annotations

import logging
import sqlite3
import threading
from dataclasses import replace
from http import HTTPStatus

import pytest

from auth import devices
from auth.callers import DeviceState
from auth.lockout import Policy
from core import messages
from core.errors import AccessDenied, GatewayError
from db.lanes import Transaction
from providers.errors import ALLOWED, DavRefusal, status_of
from tests.unit.providers.conftest import LOCK_INFO, Client, CutBody, Office, asking, run, setting

FILE = "/dav/my/a.txt"
METHODS = ["GET", "HEAD", "PUT", "DELETE", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK"]


def with_authorization(
    client: Client, value: str | None, method: str = "PROPFIND"
) -> tuple[int, dict[str, str], bytes]:
    """Return what a request with this Authorization header gets."""
    environ = client._environ(method, "/dav/my/", b"", "")
    environ.pop("HTTP_AUTHORIZATION")
    answer = run(client.app, environ if value is None else environ | {"HTTP_AUTHORIZATION": value})
    return answer.status, answer.headers, answer.body


@pytest.mark.parametrize("path", ["/", "/dav", "/dav/my/", "/dav/my/none/none", "/nowhere"])
def test_w7_o1_f1_options_on_any_path_announces_class_2_and_lock_without_a_password(office: Office, path: str) -> None:
    client = replace(office.client("hanako"), password="wrong")
    answer = client("OPTIONS", path)
    assert answer.status == 200
    assert answer.headers["dav"] == "1,2"
    assert answer.headers["ms-author-via"] == "DAV"
    assert {"LOCK", "PROPFIND", "PUT"} <= set(answer.headers["allow"].split(", "))
    assert answer.headers["content-length"] == "0"


@pytest.mark.parametrize(
    "value",
    [
        None, "", " ", "Basic", "Basic ", "Basic !", "Basic aGFuYWtv", "Basic aGFuYWtvOng", "Basic ===", "Basic /w==",
        "Basic aAA6eA==", "Bearer x", "Digest username=x", "Negotiate", "Basic \xe9", "Basic aGFuYWtvOng= x",
    ],
)  # fmt: skip
def test_a11_a12_no_unknown_and_malformed_authorization_is_401_with_a_challenge(
    hanako: Client, value: str | None
) -> None:
    status, headers, body = with_authorization(hanako, value)
    assert status == 401
    assert headers["www-authenticate"].startswith('Basic realm="')
    assert b"password" in body


@pytest.mark.parametrize("method", METHODS)
def test_every_method_wants_to_know_who_is_calling(hanako: Client, method: str) -> None:
    assert with_authorization(hanako, None, method)[0] == 401


def test_a11_a_head_answered_401_has_no_body(hanako: Client) -> None:
    status, _, body = with_authorization(hanako, None, "HEAD")
    assert (status, body) == (401, b"")


def test_the_scheme_of_basic_is_read_in_any_case(hanako: Client) -> None:
    value = hanako._environ("GET", "/", b"", "")["HTTP_AUTHORIZATION"]
    for scheme in ("basic", "BASIC"):
        assert with_authorization(hanako, value.replace("Basic", scheme))[0] == 207


def test_r19_a_wrong_password_and_an_unknown_login_look_the_same(office: Office, hanako: Client) -> None:
    wrong = replace(hanako, password="wrong")("GET", "/dav/my/")
    unknown = replace(hanako, user_name="nobody", password="wrong")("GET", "/dav/my/")
    of_another = replace(hanako, password=office.passwords["taro"])("GET", "/dav/my/")
    assert wrong == unknown == of_another
    assert wrong.status == 401


def test_r19_who_guesses_has_to_wait_and_is_told_how_long(office: Office, hanako: Client) -> None:
    guesser = replace(office.client("hanako", policy=Policy(address_attempts=2)), password="wrong")
    assert [replace(guesser, user_name=f"nobody{i}")("GET", "/dav/my/").status for i in range(2)] == [401, 401]
    answer = guesser("GET", "/dav/my/")
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0
    assert replace(guesser, address="192.0.2.8")("GET", "/dav/my/").status == 401
    assert hanako("GET", "/dav/my/").status == 200, "a device password is no guess"


def test_w6_domain_and_login_means_login(hanako: Client) -> None:
    assert replace(hanako, user_name="SAKURA\\hanako")("PROPFIND", "/dav/my/", depth="0").status == 207


@pytest.mark.parametrize(
    ("scheme", "address", "status"),
    [
        ("https", "192.0.2.7", 207), ("http", "192.0.2.7", 403), ("http", "127.0.0.1", 207), ("http", "::1", 207),
        ("http", "::ffff:127.0.0.1", 207), ("http", "::ffff:192.0.2.7", 403), ("http", "", 403), ("http", "unix", 403),
    ],
)  # fmt: skip
def test_w6_basic_over_plain_http_is_refused_except_from_loopback(
    hanako: Client, scheme: str, address: str, status: int
) -> None:
    answer = replace(hanako, scheme=scheme, address=address)("PROPFIND", "/dav/my/", depth="0")
    assert answer.status == status
    if status == 403:
        assert "https://" in answer.text


def test_w6_basic_over_plain_http_can_be_configured(office: Office) -> None:
    client = replace(office.client("hanako", basic_over_http=True), scheme="http")
    assert client("PROPFIND", "/dav/my/", depth="0").status == 207


def test_c1_credentials_are_checked_before_the_body_is_read(hanako: Client) -> None:
    body = CutBody(b"12345", raises=True)
    for method in ("PUT", "PROPFIND", "PROPPATCH", "LOCK", "MKCOL"):
        assert replace(hanako, password="wrong")(method, FILE, body, length="99").status == 401
    assert body.read(9) == b"12345"


def test_r16_a_locked_device_is_refused_from_the_next_request(office: Office, hanako: Client) -> None:
    assert hanako("GET", "/dav/my/").status == 200
    now = office.clock()

    def lock(tx: Transaction) -> None:
        found = devices.list_devices(tx, office.firm.contract_id)
        device_id = next(one.device_id for one in found if one.login_id == "hanako")
        devices.change_state(tx, device_id, DeviceState.LOCKED, by="admin", reason="lost", now=now)

    office.database.write(lock)
    assert hanako("GET", "/dav/my/").status == 401


def test_r22_each_login_has_a_folder_of_its_own(hanako: Client, taro: Client) -> None:
    hanako.put(FILE, b"hers")
    assert taro("GET", FILE).status == 404
    taro.put(FILE, b"his")
    assert hanako("GET", FILE).body == b"hers"


@pytest.mark.parametrize("method", ["POST", "PATCH", "TRACE", "REPORT", "BREW", "get", "X" * 500])
def test_a12_an_unknown_method_is_405_with_what_is_allowed(hanako: Client, method: str) -> None:
    answer = hanako(method, FILE)
    assert answer.status == 405
    assert answer.headers["allow"] == ALLOWED
    assert len(answer.body) < 1000


@pytest.mark.parametrize(
    "path",
    [
        "/dav/my/a\0b", "/dav/my/\x01", "/dav/my/\x7f", "/dav/my/\ufffe", "/dav/my/\uffff", "/dav/my/..",
        "/dav/my/../../etc/passwd", "/dav/my/./a", "/dav/my/" + "n" * 256, "/dav/my/" + "か" * 86,
        "/dav/my" + "/d" * 63, "/dav/\r\nx",
    ],
)  # fmt: skip
def test_a11_a12_a_name_no_folder_can_hold_is_400(hanako: Client, path: str) -> None:
    for method in ("PUT", "MKCOL", "GET", "PROPFIND", "DELETE"):
        assert hanako(method, path).status == 400, method


@pytest.mark.parametrize("name", ["n" * 255, "か" * 85])
def test_a12_a_name_of_255_bytes_is_kept(hanako: Client, name: str) -> None:
    hanako.put(f"/dav/my/{name}")
    assert hanako("PROPFIND", "/dav/my/", depth="1").hrefs()[1] == f"/dav/my/{name}"


def test_a12_62_levels_below_a_folder_are_kept_and_answered(hanako: Client) -> None:
    path = "/dav/my"
    for _ in range(62):
        path += "/d"
        hanako.mkcol(path)
    assert hanako("PROPFIND", path, depth="0").status == 207
    assert hanako("MKCOL", path + "/d").status == 400


def test_a_path_that_is_not_utf8_is_400(hanako: Client) -> None:
    environ = hanako._environ("GET", "/dav/my/x", b"", "") | {"PATH_INFO": "/dav/my/\xff\xfe"}
    assert run(hanako.app, environ).status == 400


def test_a11_two_writers_of_one_file_leave_one_whole_result(hanako: Client) -> None:
    seen: list[int] = []
    contents = [bytes([i]) * 200_000 for i in range(8)]
    threads = [
        threading.Thread(target=lambda data=data: seen.append(hanako("PUT", FILE, data).status)) for data in contents
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(seen) == [201] + [204] * 7
    assert hanako("GET", FILE).body in contents


def test_a11_of_parallel_mkcol_one_is_201_and_the_others_405(hanako: Client) -> None:
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(hanako("MKCOL", "/dav/my/d").status)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(seen) == [201] + [405] * 7


@pytest.mark.parametrize(
    ("failure", "status", "words"),
    [
        (sqlite3.OperationalError("unable to open database file"), 503, "データベースが応答しません"),
        (sqlite3.OperationalError("database or disk is full"), 507, "ディスクに空きがありません"),
    ],
)
def test_a_database_that_is_down_is_503_and_a_full_disk_507(
    office: Office, hanako: Client, failure: Exception, status: int, words: str
) -> None:
    hanako.put(FILE, b"old")

    def fail(_: int) -> None:
        raise failure

    office.database.probe.before = fail
    for method, body in (("PUT", b"new"), ("GET", b""), ("PROPFIND", b""), ("DELETE", b""), ("LOCK", LOCK_INFO)):
        answer = hanako(method, FILE, body, accept_language="ja-JP,ja;q=0.9")
        assert answer.status == status, method
        assert words in answer.text
        assert ("retry-after" in answer.headers) == (status == 503)
    office.database.probe.reset()
    assert hanako("GET", FILE).body == b"old"


def test_a_disk_that_fills_up_while_a_file_is_committed_is_507_and_the_old_file_stays(
    office: Office, hanako: Client
) -> None:
    hanako.put(FILE, b"old")
    office.sql()

    def fail(_: int) -> None:
        if any(sql.startswith("INSERT") for sql in office.database.probe.statements):
            raise sqlite3.OperationalError("database or disk is full")

    office.database.probe.before = fail
    answer = hanako("PUT", FILE, b"new")
    office.database.probe.reset()
    assert answer.status == 507
    assert "<D:sufficient-disk-space/>" in answer.text
    assert hanako("GET", FILE).body == b"old"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", "容量が足りません。9 バイト必要ですが、空きは 5 バイトです"),
        ("en-GB,en;q=0.5", "There is not enough room: 9 bytes are needed, 5 are free"),
        (None, "There is not enough room"),
        ("fr, ja;q=0.8", "容量が足りません"),
    ],
)
def test_r6_507_says_in_the_callers_language_how_much_is_needed_and_free(
    office: Office, hanako: Client, language: str | None, words: str
) -> None:
    office.firm.capacity_bytes = 5
    answer = hanako("PUT", FILE, b"123456789", {} if language is None else {"Accept-Language": language})
    assert answer.status == 507
    assert words in answer.text
    assert "<D:quota-not-exceeded/>" in answer.text
    assert answer.headers["content-language"] == ("ja" if "容" in words else "en")
    assert answer.headers["content-type"].startswith("application/xml")


def test_what_was_not_foreseen_is_500_logged_and_tells_nothing_of_the_inside(
    office: Office, hanako: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def burst(_: int) -> None:
        raise RuntimeError("secret detail")

    office.database.probe.before = burst
    with caplog.at_level(logging.ERROR, "azukari.dav"):
        answer = hanako("GET", FILE)
    office.database.probe.reset()
    assert answer.status == 500
    assert "secret detail" not in answer.text
    assert "failed method=GET" in caplog.text


def test_no_refusal_names_a_file_in_the_log(office: Office, hanako: Client, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: int) -> None:
        raise sqlite3.OperationalError("locked")

    office.database.probe.before = fail
    with caplog.at_level(logging.INFO, "azukari.dav"):
        hanako("GET", "/dav/my/geheim.txt")
    office.database.probe.reset()
    assert "status=503" in caplog.text
    assert "geheim" not in caplog.text


def all_errors(kind: type[GatewayError] = GatewayError) -> list[type[GatewayError]]:
    """Return our errors, the tree flattened."""
    return [kind, *(one for child in kind.__subclasses__() for one in all_errors(child))]


@pytest.mark.parametrize("kind", [one for one in all_errors() if one is not GatewayError and one is not DavRefusal])
def test_every_error_has_a_status_of_its_own_and_words_in_both_languages(kind: type[GatewayError]) -> None:
    if kind.__module__.startswith(("core.", "providers.")) and not issubclass(kind, DavRefusal):
        assert status_of(kind.__new__(kind)) is not HTTPStatus.INTERNAL_SERVER_ERROR
    japanese, english = messages._TEXTS[kind.message_id]
    assert japanese != english
    assert english.endswith(".")
    assert japanese.endswith("。")


def test_a_refusal_is_never_an_empty_page(office: Office, hanako: Client, taro: Client) -> None:
    hanako.put("/dav/group/a.txt")
    hanako.lock("/dav/group/a.txt")
    refused = [
        taro("PUT", "/dav/group/a.txt", b"x"),
        taro("LOCK", "/dav/group/a.txt", LOCK_INFO),
        taro("GET", "/dav/my/none"),
        taro("MKCOL", "/dav/my/x/y"),
        taro("PROPPATCH", "/dav/my/none", setting(a="1")),
        taro("PROPFIND", "/dav/my/", asking(), depth="7"),
        taro("MOVE", "/dav/my/"),
        taro("PUT", "/dav/my/a", b"", if_match='"x"'),
    ]
    assert [one.status for one in refused] == [423, 423, 404, 409, 404, 400, 400, 412]
    for one in refused:
        assert len(one.xml.findtext("{urn:azukari}message") or "") > 20


def test_access_denied_says_which_rule(hanako: Client) -> None:
    assert status_of(AccessDenied("access.read_only")) == 403
    assert "Work with the files" in hanako("DELETE", "/dav/my/").text
