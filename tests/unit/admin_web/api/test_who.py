"""Who may call the API, and with what: tokens, drive passwords, sessions of our own pages."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from auth import devices, settings
from auth.settings import Binding, Settings
from auth.tokens import OF_ROLE, PREFIX, Scope
from tests.unit.admin_web.api.callers import Program, Programs
from tests.unit.admin_web.cast import PASSWORD, Browser


def _says(program: Program, path: str = "/me") -> tuple[int, str]:
    answer = program.get(path)
    return answer.status_code, answer.json["error"]["code"] if answer.status_code >= 400 else ""  # type: ignore[index]


def test_nobody_is_let_in_and_told_how(programs: Programs) -> None:
    answer = programs.nobody().get("/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="azukari"'
    assert answer.content_type == "application/json"


@pytest.mark.parametrize(
    "shown",
    [
        "Bearer",
        "Bearer ",
        f"Bearer {PREFIX}",
        "Bearer ぱ".encode().decode("latin-1"),
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"hanako").decode(),
        "Basic " + base64.b64encode(b"hanako\0:x").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Digest username=hanako",
        "",
    ],
)
def test_what_shows_nobody_is_401_and_never_an_error_of_ours(programs: Programs, shown: str) -> None:
    program = programs.nobody()
    program.headers["Authorization"] = shown
    assert _says(program) == (401, "not.authenticated")


def _expire(programs: Programs, program: Program) -> None:
    programs.site.clock.advance(days=31)


def _lock(programs: Programs, program: Program) -> None:
    answer = programs.of("sakura-admin").post(f"/devices/{program.device_id}/lock", reason="lost")
    assert answer.status_code == 200


def _revoke(programs: Programs, program: Program) -> None:
    assert programs.of("sakura-admin").ask("DELETE", f"/tokens/{program.token_id}").status_code == 204


def _disable(programs: Programs, program: Program) -> None:
    assert programs.of("sakura-admin").ask("PATCH", "/users/hanako", json={"enabled": False}).status_code == 200


def _new_password(programs: Programs, program: Program) -> None:
    assert programs.of("sakura-admin").post("/users/hanako/password").status_code == 200


ENDS: list[Callable[[Programs, Program], None]] = [_expire, _lock, _revoke, _disable, _new_password]


@pytest.mark.parametrize("end", ENDS)
def test_r16_a_token_that_ended_is_refused_at_the_next_request_and_stays_so(
    programs: Programs, end: Callable[[Programs, Program], None]
) -> None:
    program = programs.with_scopes("hanako", Scope.FILES_READ)
    assert _says(program)[0] == 200
    end(programs, program)
    for path in ("/me", "/folders", "/files?path=my"):
        assert _says(program, path) == (401, "not.authenticated")
    if end is _expire:
        return
    administrator = programs.of("sakura-admin")
    administrator.ask("PATCH", "/users/hanako", json={"enabled": True})
    administrator.post(f"/devices/{program.device_id}/unlock", reason="found")
    assert _says(program) == (401, "not.authenticated")


def test_r12_a_token_without_a_device_opens_no_folder_on_pro(programs: Programs) -> None:
    administrator = programs.with_scopes("sakura-admin", Scope.CONTRACT_READ, device=False)
    assert _says(administrator, "/plan")[0] == 200
    assert _says(administrator, "/folders") == (403, "token.scope_missing")


def test_a_refusal_names_the_scope_that_is_missing(programs: Programs) -> None:
    answer = programs.with_scopes("hanako", Scope.FILES_READ).ask("DELETE", "/files", query_string={"path": "my/a"})
    assert answer.status_code == 403
    assert answer.json["error"]["code"] == "token.scope_missing"  # type: ignore[index]
    assert "files:write" in answer.json["error"]["message"]  # type: ignore[index]
    assert 'scope="files:write"' in answer.headers["WWW-Authenticate"]


def test_a_drives_password_is_for_files_alone(programs: Programs) -> None:
    caller = programs.site.caller("sakura-admin")
    added = programs.site.parts.database.write(
        lambda tx: devices.add_device(tx, caller.contract_id, caller.login, "PC", now=programs.site.clock())
    )
    drive = programs.with_password("sakura-admin", added.dav_password)
    assert drive.read("/me")["scopes"] == ["files:read", "files:write"]
    assert _says(drive, "/files?path=my")[0] == 200
    assert _says(drive, "/users") == (403, "token.scope_missing")


def test_r12_the_login_password_opens_files_without_pro_and_none_with_it(programs: Programs) -> None:
    assert _says(programs.with_password("kaede-admin", PASSWORD), "/files?path=my")[0] == 200
    assert _says(programs.with_password("hanako", PASSWORD), "/files?path=my") == (401, "device.required")


def test_r19_guessing_at_the_api_is_slowed_down(programs: Programs) -> None:
    guessing = programs.with_password("hanako", "wrong")
    assert [_says(guessing)[0] for _ in range(6)] == [401, 401, 401, 401, 401, 429]
    assert int(guessing.get("/me").headers["Retry-After"]) > 0


def test_no_secret_is_taken_over_an_open_line(programs: Programs) -> None:
    program = programs.of("hanako")
    far = {"REMOTE_ADDR": "203.0.113.9"}
    answer = program.ask("GET", "/me", environ_overrides=far)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "access.plain_http")  # type: ignore[index]
    assert program.ask("GET", "/me", environ_overrides=far, base_url="https://drive.example.jp/").status_code == 200


def _ask(browser: Browser, method: str, path: str, **headers: str) -> int:
    answer = browser.client.open(f"/api/v1{path}", method=method, base_url=browser.base_url, headers=headers)
    return answer.status_code


def test_a_page_of_ours_reads_by_its_session_and_writes_with_the_forms_token(programs: Programs) -> None:
    browser = programs.site.at_work("hanako")
    path = "/files?path=my/none"
    assert _ask(browser, "GET", "/folders") == 200
    assert _ask(browser, "DELETE", path) == 403
    assert _ask(browser, "DELETE", path, **{"X-CSRFToken": "guessed"}) == 403
    assert _ask(browser, "DELETE", path, **{"X-CSRFToken": browser.token()}) == 404


@pytest.mark.parametrize(
    ("origin", "status"), [("same-origin", 200), ("none", 200), ("same-site", 401), ("cross-site", 401)]
)
def test_a_session_does_not_count_for_another_sites_request(programs: Programs, origin: str, status: int) -> None:
    browser = programs.site.at_work("hanako")
    assert _ask(browser, "GET", "/folders", **{"Sec-Fetch-Site": origin}) == status


def test_a_token_beside_a_session_is_the_one_that_counts(programs: Programs) -> None:
    browser = programs.site.at_work("sakura-admin")
    shown = programs.with_scopes("hanako", Scope.FILES_READ).headers["Authorization"]
    assert _ask(browser, "GET", "/users", Authorization=shown) == 403
    assert _ask(browser, "GET", "/users") == 200
    assert _ask(browser, "GET", "/users", Authorization="Bearer none") == 401


def test_r9_of_an_ended_contract_the_administrator_reads_and_changes_nothing(programs: Programs) -> None:
    administrator, user = programs.of("sakura-admin"), programs.of("hanako")
    programs.site.clock.advance(days=1)
    assert programs.of("operator").ask("POST", "/operator/contracts/sakura/end", json={}).status_code == 200
    assert _says(administrator, "/files?path=my")[0] == 200
    answer = administrator.post("/files/folders", path="my/a")
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "contract.ended")  # type: ignore[index]
    assert _says(user) == (401, "not.authenticated")


def test_words_are_in_the_language_that_is_asked_for(programs: Programs) -> None:
    program = programs.of("hanako")
    for language, word in (("ja", "見つかりません"), ("en", "nothing here")):
        answer = program.ask("GET", "/files?path=my/none", headers={"Accept-Language": language})
        assert word in answer.json["error"]["message"]  # type: ignore[index]
        assert answer.headers["Content-Language"] == language


def test_what_a_token_was_refused_stands_in_its_contracts_log(programs: Programs) -> None:
    program = programs.with_scopes("hanako", Scope.FILES_READ)
    _lock(programs, program)
    assert _says(program)[0] == 401
    entries = programs.of("sakura-admin").read("/log", act="sign-in")["items"]
    assert [(one["login"], one["device"], one["result"]) for one in entries] == [
        ("hanako", program.device_id, "token.revoked")
    ]


def test_r14_the_device_binding_of_the_contract_holds_for_tokens_too(programs: Programs) -> None:
    program, caller = programs.of("hanako"), programs.site.caller("hanako")
    programs.site.parts.database.write(lambda tx: settings.write(tx, caller.contract_id, Settings(Binding.CERTIFICATE)))
    assert program.get("/me").status_code == 200  # a device without a certificate has nothing to show


def test_every_role_is_given_its_scopes(programs: Programs) -> None:
    for login in ("sakura-admin", "hanako", "operator", "support"):
        role = programs.site.caller(login).role
        assert programs.of(login).read("/me")["scopes"] == sorted(OF_ROLE[role])
