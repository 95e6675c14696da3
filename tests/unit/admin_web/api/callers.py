"""Programs that call the API, each with a token of one of the cast."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from auth import devices, tokens
from auth.tokens import OF_ROLE, Scope, Wish
from db.engine import Transaction
from tests.unit.admin_web.cast import Site

PREFIX = "/api/v1"


@dataclass
class Program:
    """Calls the API; `headers` go with every request."""

    client: FlaskClient
    headers: dict[str, str]
    token_id: str = ""
    device_id: str | None = None

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        """Send a request; `json` is its body, `query_string` its parameters."""
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.open(PREFIX + path, method=method, headers=headers, **more)

    def read(self, path: str, /, **query: object) -> Any:
        """Return what is read, which has to be there."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def get(self, path: str, /, **query: object) -> TestResponse:
        """Read."""
        return self.ask("GET", path, query_string=query or None)

    def post(self, path: str, /, **body: object) -> TestResponse:
        """Send a JSON object."""
        return self.ask("POST", path, json=body)


@dataclass
class Programs:
    """Programs of the cast on one site."""

    site: Site
    known: dict[str, Program] = field(default_factory=dict)

    def of(self, login: str) -> Program:
        """Return the program of a login that may do all the login may."""
        if login not in self.known:
            self.known[login] = self.with_scopes(login, *OF_ROLE[self.site.caller(login).role])
        return self.known[login]

    def with_scopes(self, login: str, *scopes: Scope, days: int = 30, device: bool = True) -> Program:
        """Return a program with a fresh token for these scopes, of a fresh device where the plan asks for one."""
        caller, now = self.site.caller(login), self.site.clock()

        def operation(tx: Transaction) -> Program:
            device_id = None
            if caller.device_id is not None and device:
                added = devices.add_device(tx, caller.contract_id, caller.login, f"{login}'s server", now=now)
                device_id = added.device_id
            wish = Wish("test", frozenset(scopes), timedelta(days=days), device_id)
            made = tokens.issue(tx, caller.contract_id, caller.login, caller.role, wish, pro=caller.pro, now=now)
            return self.showing(made.token, token_id=made.token_id, device_id=device_id)

        return self.site.parts.database.write(operation)

    def showing(self, token: str, *, token_id: str = "", device_id: str | None = None) -> Program:
        """Return a program that shows a token."""
        client = self.site.app.test_client(use_cookies=False)
        return Program(client, {"Authorization": f"Bearer {token}", "Accept-Language": "en"}, token_id, device_id)

    def with_password(self, login: str, password: str) -> Program:
        """Return a program that signs in as a network drive does."""
        shown = base64.b64encode(f"{login}:{password}".encode()).decode()
        return Program(self.site.app.test_client(use_cookies=False), {"Authorization": f"Basic {shown}"})

    def nobody(self) -> Program:
        """Return a program that shows nothing."""
        return Program(self.site.app.test_client(use_cookies=False), {})
