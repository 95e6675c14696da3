"""The API answers as its document says: schemathesis sends what the document allows, and what it forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_network
from typing import Any

import pytest
import schemathesis
from hypothesis import strategies
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import CheckNode
from schemathesis.python import wsgi
from sqlalchemy import delete, update
from werkzeug.test import Client, TestResponse

from auth.callers import Role
from auth.tokens import OF_ROLE, Scope
from db.engine import Transaction
from db.tables import api_tokens, devices, failures, logins
from tests.unit.admin_web.api.callers import Programs

_ADDRESSES = strategies.integers(0, 2**32 - 1).map(lambda number: str(ip_network(number)))
schemathesis.openapi.format("cidr", _ADDRESSES)


class _InProcess(Client):
    """Calls the application; schemathesis 4.32 hands some of its probes what only a network client knows."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        for name in ("max_redirects", "verify", "cert"):
            kwargs.pop(name, None)
        return super().open(*args, **kwargs)


def _revive(tx: Transaction) -> None:
    """Let everybody in again: among what is tried are locking one's own device and revoking one's own token."""
    tx.execute(delete(failures))
    tx.execute(update(api_tokens).values(revoked=False))
    tx.execute(update(devices).values(state="registered"))
    tx.execute(update(logins).values(enabled=True))


def _application(programs: Programs) -> Callable[..., Iterable[bytes]]:
    changed = False

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        nonlocal changed
        if changed:
            programs.site.parts.database.write(_revive)
        guesses = environ.get("HTTP_AUTHORIZATION", "").startswith("Basic")
        changed = guesses or environ["REQUEST_METHOD"] not in ("GET", "HEAD")
        environ["REMOTE_ADDR"] = "127.0.0.1"
        return programs.site.app(environ, start_response)

    return answer


#: Who tries what: each operation once, by one who may.
SCOPES = {
    "sakura-admin": {Scope.CONTRACT_READ, Scope.CONTRACT_WRITE},
    "hanako": OF_ROLE[Role.USER],
    "operator": OF_ROLE[Role.OPERATOR],
    "support": OF_ROLE[Role.SUPPORT],
}


#: That an instant lies before the contract's sign-up, that a time ends before it begins, that nobody knows who is
#: invited, or that a post is of another topic, no schema can say: it is refused with 400.
BEYOND_SCHEMAS = {
    ("POST /api/v1/operator/contracts/{name}/end", "positive_data_acceptance"),
    ("PUT /api/v1/operator/contracts/{name}/plan", "positive_data_acceptance"),
    ("GET /api/v1/events", "positive_data_acceptance"),
    ("GET /api/v1/busy", "positive_data_acceptance"),
    ("POST /api/v1/events", "positive_data_acceptance"),
    ("PUT /api/v1/events/{calendar}/{name}/answer", "positive_data_acceptance"),
}


def _is_for(operation: Mapping[str, Any], login: str) -> bool:
    if operation["tags"] == ["uploads"]:  # another protocol, which its own client tries
        return False
    asked = [way["token"] for way in operation.get("security", ()) if "token" in way]
    return any(set(scopes) <= SCOPES[login] if scopes else login == "hanako" for scopes in asked)


def _told(check: CheckNode) -> str:
    found = check.failure_info
    return "" if found is None else f"{found.failure.title}: {found.failure.message} {found.code_sample}"


def _failures(programs: Programs, login: str) -> list[str]:
    """Return what schemathesis finds wrong with a login's calls, all checks and phases on."""
    programs.site.clock.advance(days=1)  # a contract ends after its sign-up
    whole = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", _application(programs))
    schema = whole.include(lambda context: _is_for(context.operation.definition.raw, login))
    schema.config.update(headers=programs.of(login).headers)
    schema.config.generation.update(max_examples=5, deterministic=True, database="none")
    found = []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            found.append(str(event.info))
        elif isinstance(event, events.ScenarioFinished):
            found += [
                f"{event.recorder.label} {check.name}: {_told(check)}"
                for case, checks in event.recorder.checks.items()
                for check in checks
                if check.status is not Status.SUCCESS
                and (event.recorder.cases[case].value.operation.label, check.name) not in BEYOND_SCHEMAS
            ]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("login", ["sakura-admin", "hanako", "operator", "support"])
def test_every_call_is_answered_as_documented(programs: Programs, monkeypatch: pytest.MonkeyPatch, login: str) -> None:
    monkeypatch.setattr(wsgi, "get_client", _InProcess)
    assert "\n".join(_failures(programs, login)) == ""
