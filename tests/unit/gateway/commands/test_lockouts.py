"""`azukari lockout …`."""

from __future__ import annotations

from auth import lockout
from auth.lockout import Policy
from core import clock
from gateway.commands import lockouts, users
from tests.unit.gateway.commands.conftest import Shell


def test_r19_lockouts_are_listed_and_released(shell: Shell) -> None:
    shell.done(users.app, "add", "sakura", "hanako")
    database, now = shell.database(), clock.now()
    for login_id in ("hanako", "nobody"):
        for _ in range(5):
            database.write(
                lambda tx, who=login_id: lockout.attempt(tx, who, "192.0.2.7", Policy(), now=now)  # type: ignore[misc]
            )
    assert {one["subject"] for one in shell.done(lockouts.app, "list")} == {"hanako", "nobody"}
    (own,) = shell.done(lockouts.app, "list", "--contract", "sakura")
    assert (own["kind"], own["subject"], own["attempts"]) == ("login", "hanako", 5)
    shell.done(lockouts.app, "release", "login", "hanako")
    assert shell.done(lockouts.app, "list", "--contract", "sakura") == []


def test_nobody_who_is_not_locked_out_is_released(shell: Shell) -> None:
    assert "login nobody" in shell.refused(lockouts.app, "release", "login", "nobody")
