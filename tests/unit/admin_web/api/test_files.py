"""Files and folders by the API: the rules of the drive and the pages."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from auth.tokens import Scope
from tests.unit.admin_web.api.callers import Program, Programs


@pytest.fixture
def hanako(programs: Programs) -> Program:
    """Return hanako's program."""
    return programs.of("hanako")


def put(program: Program, path: str, data: bytes = b"text", **query: str) -> TestResponse:
    """Store a file."""
    return program.ask("PUT", "/files/content", query_string={"path": path, **query}, data=data)


def code(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a refusal."""
    body: Any = answer.json
    return answer.status_code, body["error"]["code"]


def test_a_file_is_stored_listed_told_of_downloaded_and_deleted(hanako: Program) -> None:
    stored = put(hanako, "my/計画.txt", "春".encode(), modified_at="2026-01-02T03:04:05+09:00")
    assert stored.status_code == 201
    told = hanako.read("/files/entry", path="my/計画.txt")
    assert told == stored.json
    assert (told["name"], told["kind"], told["size_bytes"], told["media_type"]) == ("計画.txt", "file", 3, "text/plain")
    assert told["modified_at"] == "2026-01-02T03:04:05+09:00"
    assert [one["path"] for one in hanako.read("/files", path="my")["items"]] == ["my/計画.txt"]
    content = hanako.get("/files/content", path="my/計画.txt")
    assert (content.data.decode(), content.headers["ETag"]) == ("春", told["etag"])
    assert "sandbox" in content.headers["Content-Security-Policy"]
    assert hanako.ask("DELETE", "/files", query_string={"path": "my/計画.txt"}).status_code == 204
    assert code(hanako.get("/files/entry", path="my/計画.txt")) == (404, "not.found")


def test_names_in_nfd_find_the_file_in_nfc(hanako: Program) -> None:
    assert put(hanako, "my/が.txt").status_code == 201
    assert code(put(hanako, "my/か\u3099.txt")) == (409, "already.exists")


@pytest.mark.parametrize(
    ("asked", "status", "data"),
    [
        ("bytes=0-2", 206, b"012"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-1", 206, b"9"),
        ("bytes=9-9", 206, b"9"),
        ("bytes=0-9", 200, b"0123456789"),
        ("bytes=10-", 416, b""),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
def test_a_range_is_exact(hanako: Program, asked: str, status: int, data: bytes) -> None:
    put(hanako, "my/a.bin", b"0123456789")
    answer = hanako.ask("GET", "/files/content", query_string={"path": "my/a.bin"}, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (status, data)


def test_what_the_caller_has_already_is_not_sent_again(hanako: Program) -> None:
    etag = put(hanako, "my/a.txt").json["etag"]  # type: ignore[index]
    answer = hanako.ask("GET", "/files/content", query_string={"path": "my/a.txt"}, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_a_file_is_replaced_only_where_that_is_said(hanako: Program) -> None:
    put(hanako, "my/a.txt", b"old")
    assert code(put(hanako, "my/a.txt", b"new")) == (409, "already.exists")
    assert hanako.get("/files/content", path="my/a.txt").data == b"old"
    assert put(hanako, "my/a.txt", b"new", replace="true").status_code == 201
    assert hanako.get("/files/content", path="my/a.txt").data == b"new"


def test_a_file_of_no_bytes_is_a_file(hanako: Program) -> None:
    assert put(hanako, "my/empty.txt", b"").json["size_bytes"] == 0  # type: ignore[index]


def test_a1_a_body_that_is_cut_leaves_nothing(hanako: Program) -> None:
    answer = hanako.ask(
        "PUT",
        "/files/content",
        query_string={"path": "my/a.txt"},
        data=b"half",
        environ_overrides={"CONTENT_LENGTH": "8"},
    )
    assert code(answer) == (400, "upload.incomplete")
    assert hanako.get("/files/entry", path="my/a.txt").status_code == 404


def test_a_body_of_unknown_length_is_not_begun(hanako: Program) -> None:
    answer = hanako.ask(
        "PUT",
        "/files/content",
        query_string={"path": "my/a.txt"},
        environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert code(answer) == (400, "input.invalid")


def test_r6_what_finds_no_room_is_refused_and_the_old_file_stays(programs: Programs, hanako: Program) -> None:
    put(hanako, "my/a.txt", b"old")
    programs.site.capacity_bytes = 5
    assert code(put(hanako, "my/a.txt", b"newer!", replace="true")) == (507, "quota.exceeded")
    assert hanako.get("/files/content", path="my/a.txt").data == b"old"
    assert put(hanako, "my/a.txt", b"five!", replace="true").status_code == 201


def test_folders_are_made_moved_and_copied(hanako: Program) -> None:
    assert hanako.post("/files/folders", path="my/2026").status_code == 201
    assert code(hanako.post("/files/folders", path="my/2026")) == (409, "already.exists")
    assert code(hanako.post("/files/folders", path="my/none/deep")) == (409, "parent.missing")
    put(hanako, "my/2026/a.txt")
    assert hanako.post("/files/move", source="my/2026", target="group/eigyo/2026").status_code == 200
    assert hanako.get("/files/entry", path="my/2026").status_code == 404
    copied = hanako.post("/files/copy", source="group/eigyo/2026", target="my/copy")
    assert (copied.status_code, copied.json["size_bytes"]) == (201, 4)  # type: ignore[index]
    assert code(hanako.post("/files/copy", source="group/eigyo/2026", target="my/copy")) == (409, "already.exists")
    assert hanako.get("/files/content", path="my/copy/a.txt").data == b"text"


@pytest.mark.parametrize("path", ["my", "group/eigyo"])
def test_a_folder_itself_is_neither_deleted_nor_moved_nor_stored_over(hanako: Program, path: str) -> None:
    assert hanako.ask("DELETE", "/files", query_string={"path": path}).status_code == 403
    assert hanako.post("/files/move", source=path, target="my/x").status_code == 403
    assert put(hanako, path).status_code == 403


def test_a_listing_is_paged_and_ordered(hanako: Program) -> None:
    for number in range(5):
        put(hanako, f"my/{number}.txt", b"x" * number)
    first = hanako.read("/files", path="my", limit=2)
    assert ([one["name"] for one in first["items"]], first["next_offset"], first["count"]) == (["0.txt", "1.txt"], 2, 5)
    last = hanako.read("/files", path="my", limit=2, offset=4)
    assert ([one["name"] for one in last["items"]], last["next_offset"]) == (["4.txt"], None)
    exact = hanako.read("/files", path="my", limit=5)
    assert exact["next_offset"] is None
    largest = hanako.read("/files", path="my", sort="size", descending="true", limit=1)
    assert largest["items"][0]["name"] == "4.txt"


def test_a_search_tells_whether_it_is_complete(hanako: Program) -> None:
    hanako.post("/files/folders", path="my/deep")
    for name in ("my/Plan.txt", "my/deep/plan.txt", "my/other.txt"):
        put(hanako, name)
    found = hanako.read("/files/search", path="my", text="PLAN")
    assert ({one["path"] for one in found["items"]}, found["complete"]) == ({"my/Plan.txt", "my/deep/plan.txt"}, True)
    assert hanako.read("/files/search", path="my", text="plan", limit=1)["complete"] is False


def test_what_is_a_file_is_no_folder_and_the_other_way_round(hanako: Program) -> None:
    put(hanako, "my/a.txt")
    assert code(hanako.get("/files", path="my/a.txt")) == (409, "not.allowed.here")
    assert code(hanako.get("/files/content", path="my")) == (409, "not.allowed.here")


@pytest.mark.parametrize("path", ["", "other/a", "my/../a", "my/.", "group", "/my", "my//a", "my/a\0", "my/\ufffe"])
def test_what_is_no_path_is_told_as_such(hanako: Program, path: str) -> None:
    assert code(hanako.get("/files/entry", path=path)) == (400, "input.invalid")


def test_the_folders_are_those_the_caller_may_open(programs: Programs, hanako: Program) -> None:
    listed = {one["path"]: one["may_write"] for one in hanako.read("/folders")["items"]}
    assert listed == {"my": True, "group/eigyo": True}
    assert {one["path"]: one["may_write"] for one in programs.of("taro").read("/folders")["items"]} == {
        "my": True,
        "group/eigyo": False,
    }


def test_r18_a_locked_secret_folder_is_not_there(hanako: Program) -> None:
    assert code(hanako.get("/files", path="secret")) == (404, "not.found")


def test_r21_changes_and_downloads_are_in_the_access_log(programs: Programs, hanako: Program) -> None:
    put(hanako, "my/a.txt")
    hanako.get("/files/content", path="my/a.txt")
    hanako.post("/files/move", source="my/a.txt", target="my/b.txt")
    hanako.ask("DELETE", "/files", query_string={"path": "my/b.txt"})
    found = programs.of("sakura-admin").read("/log", login="hanako", path="my/")["items"]
    assert sorted((one["act"], one["path"], one["device"]) for one in found) == [
        ("delete", "my/b.txt", hanako.device_id),
        ("move", "my/a.txt", hanako.device_id),
        ("read", "my/a.txt", hanako.device_id),
        ("write", "my/a.txt", hanako.device_id),
    ]


def test_a_token_that_only_writes_delivers_and_reads_nothing(programs: Programs) -> None:
    program = programs.with_scopes("hanako", Scope.FILES_WRITE)
    assert put(program, "my/in.txt").status_code == 201
    assert code(program.get("/files/content", path="my/in.txt")) == (403, "token.scope_missing")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 200_000, b'{"path": "my/a", "more": 1}', b'{"path": 5}']
)
def test_a_body_that_is_none_is_400_and_never_an_error_of_ours(hanako: Program, body: bytes) -> None:
    answer = hanako.ask("POST", "/files/folders", data=body, headers={"Content-Type": "application/json"})
    assert code(answer) == (400, "input.invalid")


def test_a_body_beyond_all_measure_is_not_read(hanako: Program) -> None:
    answer = hanako.ask("POST", "/files/folders", data=b" " * (1024 * 1024 + 1))
    assert answer.status_code in (400, 413)
    assert answer.json is not None


def test_a_parameter_is_given_once(hanako: Program) -> None:
    assert code(hanako.ask("GET", "/files?path=my&path=my/a")) == (400, "input.invalid")
