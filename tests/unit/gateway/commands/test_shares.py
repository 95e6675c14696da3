"""`azukari share …`."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select

from core import clock
from db.engine import Transaction
from db.tables import logins, share_recipients, shares
from gateway.commands import shares as commands
from gateway.commands import users
from tests.unit.gateway.commands.conftest import Shell


def one_share(tx: Transaction) -> None:
    """Insert a share with a recipient, as its rows are."""
    login = tx.execute(select(logins).where(logins.c.login_id == "hanako")).one()
    now = clock.now()
    tx.execute(
        insert(shares).values(
            contract_id=login.contract_id, id="s1", login=login.id, title="plan.txt", message="", language="ja",
            created_at=now, expires_at=now + timedelta(days=7), ended_by="",
        )
    )  # fmt: skip
    tx.execute(
        insert(share_recipients).values(
            contract_id=login.contract_id, id="r1", share_id="s1", position=0, address="a@x.jp", token_hash="h",
            opened_at=now, seen_at=now,
        )
    )  # fmt: skip


def test_shares_are_listed_and_ended(shell: Shell) -> None:
    shell.done(users.app, "add", "sakura", "hanako")
    shell.database().write(one_share)
    (listed,) = shell.done(commands.app, "list", "sakura")
    assert (listed["share_id"], listed["login"], listed["title"], listed["state"]) == (
        "s1",
        "hanako",
        "plan.txt",
        "open",
    )
    assert (listed["recipients"], listed["opened"], listed["downloaded"], listed["undelivered"]) == (1, 1, 0, 0)
    assert shell.done(commands.app, "end", "sakura", "s1") == {"share_id": "s1", "state": "ended"}
    assert [one["state"] for one in shell.done(commands.app, "list", "sakura")] == ["ended"]


def test_a_share_there_is_not_is_refused(shell: Shell) -> None:
    assert "share none" in shell.refused(commands.app, "end", "sakura", "none")
    assert shell.done(commands.app, "list", "sakura") == []
