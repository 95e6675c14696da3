"""Every operation asks for its scope, and for its role, before it looks at the request."""

from __future__ import annotations

from auth.tokens import OF_ROLE, Scope
from tests.unit.admin_web.api.callers import Programs
from tests.unit.admin_web.api.calls import calls

ROLES = ("sakura-admin", "hanako", "operator", "support")


def test_without_its_scope_every_operation_is_refused_by_name(programs: Programs) -> None:
    tried = 0
    lacking = {
        (login, scope): programs.with_scopes(login, *(OF_ROLE[programs.site.caller(login).role] - {scope}))
        for login in ("sakura-admin", "hanako")
        for scope in OF_ROLE[programs.site.caller(login).role]
    }
    for call in calls(programs):
        for (login, scope), program in lacking.items():
            if scope == call.scope:
                error = call.by(program).json["error"]  # type: ignore[index]
                assert (error["code"], scope in error["message"]) == ("token.scope_missing", True), (call, login)
                tried += 1
    assert tried > 60


def test_no_role_does_what_another_role_does(programs: Programs) -> None:
    tried = 0
    for call in calls(programs):
        for login in ROLES:
            if call.scope is not None and call.scope not in OF_ROLE[programs.site.caller(login).role]:
                answer = call.by(programs.of(login))
                code = answer.json["error"]["code"]  # type: ignore[index]
                assert (answer.status_code, code) == (403, "access.denied"), (call, login)
                tried += 1
    assert tried > 100


def test_nobody_makes_any_call_unknown(programs: Programs) -> None:
    for call in calls(programs):
        assert call.by(programs.nobody()).status_code == 401, call


def test_every_scope_is_of_use(programs: Programs) -> None:
    assert {call.scope for call in calls(programs)} >= {scope.value for scope in Scope if "groupware" not in scope}
