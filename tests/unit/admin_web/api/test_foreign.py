"""No id of another contract, or of what is another's own, opens anything in any call."""

from __future__ import annotations

from typing import Any

from tests.unit.admin_web.api.callers import Program, Programs
from tests.unit.admin_web.api.calls import Call, calls
from tests.unit.admin_web.cast import PASSWORD

#: What an administrator sees of a contract: all of it stays as it is.
READS = (
    "/users", "/groups", "/devices", "/device-keys", "/tokens", "/lines", "/limits", "/lockouts", "/settings", "/plan",
)  # fmt: skip

#: What bodies name here is to be made, under a name that is one's own to choose.
NEW = ("POST /users", "POST /groups", "POST /lines")


def _settle(programs: Programs) -> dict[str, list[str]]:
    """Give sakura one of everything, and return its ids by the names addresses give them."""
    administrator, user = programs.of("sakura-admin"), programs.of("hanako")
    key = administrator.post("/device-keys", login_id="hanako").json
    line = administrator.post("/lines", name="office", networks=["192.0.2.0/24"]).json
    administrator.ask("PUT", "/limits/group/eigyo", json={"limit_bytes": 5})
    guessing = programs.with_password("taro", "wrong")
    for _ in range(6):
        guessing.get("/me")
    user.post("/files/folders", path="group/eigyo/plans")
    assert key is not None
    assert line is not None
    return {
        "login_id": ["hanako", "sakura-admin"],
        "kind": ["group", "login"],
        "name": ["eigyo", "hanako", "sakura"],
        "device_id": [str(user.device_id)],
        "key_id": [key["key_id"]],
        "token_id": [user.token_id],
        "line_id": [line["line_id"]],
        "subject": ["taro"],
        "path": ["group/eigyo", "group/eigyo/plans"],
        "source": ["group/eigyo/plans"],
        "target": ["group/eigyo/stolen"],
    }


def _seen(administrator: Program) -> dict[str, Any]:
    return {path: administrator.read(path) for path in READS}


def _tries(call: Call, ids: dict[str, list[str]]) -> list[dict[str, str]]:
    """Return each way to name what is sakura's in a call's address or body."""
    given = () if str(call) in NEW else tuple(call.body or ())
    places = [name for name in (*call.names, *given) if name in ids]
    return [{**{other: ids[other][0] for other in places}, name: one} for name in places for one in ids[name]]


def test_no_id_of_another_contract_opens_anything_in_any_call(programs: Programs) -> None:
    ids = _settle(programs)
    administrator = programs.of("sakura-admin")
    before, tried = _seen(administrator), 0
    strangers = [programs.of(login) for login in ("momiji-admin", "jiro", "kaede-admin")]
    for call in calls(programs):
        for names in _tries(call, ids):
            for stranger in strangers:
                answer = call.by(stranger, **names)
                allowed = (400, 403, 404) if call.scope in (None, "contract:read", "contract:write") else (403, 404)
                assert answer.status_code in allowed, (str(call), names, answer.text)
                if stranger is not strangers[1] and call.scope == "contract:read":
                    assert answer.status_code == 404, (str(call), names, answer.text)
                tried += 1
    assert tried > 90
    assert _seen(administrator) == before


def test_what_is_not_there_and_what_is_another_contracts_look_alike(programs: Programs) -> None:
    ids, stranger = _settle(programs), programs.of("momiji-admin")
    for call in calls(programs):
        if call.scope not in ("contract:read", "contract:write") or call.body is not None:
            continue
        for name in call.names:
            if name in ids and not str(call).startswith(("GET /plans", "GET /statements")):
                foreign = call.by(stranger, **{one: ids.get(one, ["x"])[0] for one in call.names})
                missing = call.by(stranger, **{one: "group" if one == "kind" else "none" for one in call.names})
                assert (foreign.status_code, foreign.json) == (missing.status_code, missing.json), str(call)


def test_within_a_contract_a_user_sees_no_group_it_is_not_in_and_no_other_users_files(programs: Programs) -> None:
    programs.site.put("hanako", "private.txt")
    administrator, taro = programs.of("sakura-admin"), programs.of("taro")
    assert taro.get("/files/entry", path="my/private.txt").status_code == 404
    assert administrator.get("/files/entry", path="my/private.txt").status_code == 404
    assert administrator.get("/files", path="group/eigyo").status_code == 404
    assert taro.get("/files", path="group/eigyo").status_code == 200
    answer = taro.post("/files/folders", path="group/eigyo/mine")
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "access.read_only")  # type: ignore[index]


def test_the_support_desk_learns_of_no_more_than_devices(programs: Programs) -> None:
    desk, device = programs.of("support"), programs.of("hanako").device_id
    known = desk.read("/support/contracts/sakura/devices")["items"]
    assert device in [one["device_id"] for one in known]
    assert desk.get("/support/contracts/none/devices").status_code == 404
    assert desk.get("/support/contracts/-/devices").status_code == 404
    order = {"asked_by": "hanako", "reason": "lost"}
    assert desk.ask("POST", f"/support/contracts/momiji/devices/{device}/lock", json=order).status_code == 404
    assert desk.ask("POST", f"/support/contracts/sakura/devices/{device}/lock", json=order).status_code == 200
    assert programs.of("hanako").get("/me").status_code == 401


def test_a_user_is_let_in_by_no_password_of_the_other_contracts_user(programs: Programs) -> None:
    mine = programs.with_password("kaede-admin", PASSWORD).read("/me")
    assert (mine["login_id"], mine["contract"]) == ("kaede-admin", "kaede")
