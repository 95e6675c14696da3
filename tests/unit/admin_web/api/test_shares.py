"""Shares by mail in the API."""

from __future__ import annotations

from sqlalchemy import select

from auth.tokens import Scope
from db.tables import outbox
from tests.unit.admin_web.api.callers import Program, Programs

TO = ["ichiro@fuji.example", "a..b@docomo.ne.jp"]


def share(program: Program, **more: object) -> dict[str, object]:
    """Share a file and return what is answered."""
    answer = program.post("/shares", **{"paths": ["my/plan.txt"], "recipients": TO, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json or {})


def hanako(programs: Programs) -> Program:
    """Return hanako's program; she has a file."""
    programs.site.put("hanako", "plan.txt", b"the plan")
    return programs.of("hanako")


def test_a_share_is_made_listed_told_revoked_and_ended(programs: Programs) -> None:
    program = hanako(programs)
    made = share(program, message="See you", days=30, download_limit=3, tray_limit_bytes=1000, language="en")
    assert [one["address"] for one in made["receipts"]] == TO  # type: ignore[attr-defined]
    assert (made["state"], made["names"], made["message"]) == ("open", ["plan.txt"], "See you")
    (listed,) = program.read("/shares")["items"]
    assert (listed["share_id"], listed["recipients"], listed["opened"]) == (made["share_id"], 2, 0)
    address = f"/shares/{made['share_id']}"
    first = made["receipts"][0]["recipient_id"]  # type: ignore[index]
    assert program.ask("DELETE", f"{address}/recipients/{first}").status_code == 204
    assert program.read(address)["receipts"][0]["revoked_at"] == "2026-04-01T12:00:00+09:00"
    assert program.ask("DELETE", address).status_code == 204
    assert program.read(address)["state"] == "ended"


def test_mails_go_out_and_no_answer_holds_a_token(programs: Programs) -> None:
    made = share(hanako(programs), language="ja")
    with programs.site.parts.database.reading() as tx:
        mails = tx.execute(select(outbox)).all()
    assert sorted(one.recipient for one in mails) == sorted(TO)
    assert all("共有しました" in one.body for one in mails)
    tokens = [one.body.partition("/s/")[2][:33] for one in mails]
    assert not [token for token in tokens if token in str(made)]


def test_r24_what_is_no_list_of_recipients_is_refused_whole(programs: Programs) -> None:
    program = hanako(programs)
    for given in (["hanako"], ["a@x.jp, b@x.jp"], [""], [f"u{number}@x.jp" for number in range(100)], []):
        assert program.post("/shares", paths=["my/plan.txt"], recipients=given).status_code == 400
    assert program.read("/shares")["items"] == []
    assert program.post("/shares", paths=["my/none.txt"], recipients=TO).status_code == 404


def test_the_contracts_shares_are_the_administrators_alone(programs: Programs) -> None:
    made = share(hanako(programs))
    admin, taro, other = (programs.of(login) for login in ("sakura-admin", "taro", "momiji-admin"))
    assert [one["login_id"] for one in admin.read("/shares", of="contract")["items"]] == ["hanako"]
    assert taro.get("/shares", of="contract").status_code == 403
    assert other.read("/shares", of="contract")["items"] == []
    for program in (taro, other):
        assert program.get(f"/shares/{made['share_id']}").status_code == 404
        assert program.ask("DELETE", f"/shares/{made['share_id']}").status_code == 404
    assert admin.ask("DELETE", f"/shares/{made['share_id']}").status_code == 204


def test_a_token_that_only_reads_shares_nothing(programs: Programs) -> None:
    hanako(programs)
    program = programs.with_scopes("hanako", Scope.SHARING_READ)
    assert program.post("/shares", paths=["my/plan.txt"], recipients=TO).status_code == 403
    assert program.read("/shares")["items"] == []


def test_a_list_of_shares_comes_a_page_at_a_time(programs: Programs) -> None:
    program = hanako(programs)
    for _ in range(3):
        programs.site.clock.advance(seconds=1)
        share(program)
    first = program.read("/shares", limit=2)
    assert (len(first["items"]), first["next_offset"]) == (2, 2)
    last = program.read("/shares", limit=2, offset=2)
    assert (len(last["items"]), last["next_offset"]) == (1, None)
