"""Transfers between contracts in the API."""

from __future__ import annotations

import pytest

from tests.unit.admin_web.api.callers import Program, Programs


@pytest.fixture
def hanako(programs: Programs) -> Program:
    """Return hanako's program; she has a file."""
    programs.site.put("hanako", "plan.txt", b"the plan")
    return programs.of("hanako")


def _code(programs: Programs) -> str:
    answer = programs.of("momiji-admin").post("/transfer-code")
    assert answer.status_code == 201
    return str((answer.json or {})["code"])


def _send(program: Program, code: str, **more: object) -> str:
    answer = program.post("/transfers", **{"folder": "my", "names": ["plan.txt"], "code": code, **more})
    assert answer.status_code == 201, answer.text
    return str((answer.json or {})["transfer_id"])


def test_a_transfer_is_sent_listed_and_accepted(programs: Programs, hanako: Program) -> None:
    code, admin = _code(programs), programs.of("momiji-admin")
    one = _send(hanako, code, message="See", days=3)
    (listed,) = admin.read("/transfers")["items"]
    assert (listed["sender"], listed["login_id"], listed["files"], listed["size_bytes"]) == ("sakura", "hanako", 1, 8)
    assert listed["expires_at"] == "2026-04-04T12:00:00+09:00"
    told = admin.read(f"/transfers/{one}")
    assert told["items"] == [{"name": "plan.txt", "is_folder": False, "size_bytes": 8}]
    accepted = admin.post(f"/transfers/{one}/acceptance", into="my", new_folder="from sakura")
    assert (accepted.json or {})["state"] == "accepted"
    assert hanako.read("/transfers", side="outgoing")["items"][0]["settled_by"] == "momiji-admin"
    again = admin.post(f"/transfers/{one}/acceptance", into="my")
    assert again.status_code == 409
    assert (again.json or {})["error"]["code"] == "transfer.closed.accepted"


def test_a_transfer_is_declined_or_withdrawn(programs: Programs, hanako: Program) -> None:
    code, admin = _code(programs), programs.of("momiji-admin")
    declined, withdrawn = _send(hanako, code), _send(hanako, code)
    assert (admin.post(f"/transfers/{declined}/refusal").json or {})["state"] == "declined"
    assert hanako.ask("DELETE", f"/transfers/{withdrawn}").status_code == 204
    assert [one["state"] for one in admin.read("/transfers")["items"]] == ["withdrawn", "declined"]


def test_a_page_of_transfers_says_where_the_next_begins(programs: Programs, hanako: Program) -> None:
    code = _code(programs)
    sent = [_send(hanako, code) for _ in range(3)]
    first = hanako.read("/transfers", side="outgoing", limit=2)
    assert [one["transfer_id"] for one in first["items"]] == [sent[2], sent[1]]
    assert first["next_offset"] == 2
    rest = hanako.read("/transfers", side="outgoing", limit=2, offset=2)
    assert ([one["transfer_id"] for one in rest["items"]], rest["next_offset"]) == ([sent[0]], None)


def test_who_is_not_meant_finds_nothing(programs: Programs, hanako: Program) -> None:
    one = _send(hanako, _code(programs))
    for login in ("taro", "jiro"):
        program = programs.of(login)
        assert program.get(f"/transfers/{one}").status_code == 404
        assert program.post(f"/transfers/{one}/acceptance", into="my").status_code == 404
        assert program.ask("DELETE", f"/transfers/{one}").status_code == 404


def test_the_code_is_told_renewed_and_removed(programs: Programs, hanako: Program) -> None:
    code, admin = _code(programs), programs.of("momiji-admin")
    assert admin.read("/transfer-code") == {"code": code}
    assert admin.ask("DELETE", "/transfer-code").status_code == 204
    assert admin.read("/transfer-code") == {"code": None}
    refused = hanako.post("/transfers", folder="my", names=["plan.txt"], code=code)
    assert (refused.status_code, (refused.json or {})["error"]["code"]) == (404, "transfer.code_unknown")
