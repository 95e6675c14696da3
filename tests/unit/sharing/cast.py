"""A firm whose logins share files by mail."""

from __future__ import annotations

import re
from email.message import EmailMessage

from sqlalchemy import insert, select, update

from db.engine import Transaction
from db.tables import contracts, logins, outbox
from sharing import shares, visits
from sharing.rules import Terms
from sharing.shares import Item, Made
from sharing.visits import Visit
from storage import files
from tests.unit.world import Firm, at

BASE = "https://files.example/s/"
TWO = ("ichiro@fuji.example", "a..b@docomo.ne.jp")


class Post:
    """A way out for mail that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        self.messages.append(message)

    def check(self) -> None:
        """Be ready always."""


def add_login(firm: Firm, login: int = 1) -> None:
    """Insert the row of a login that the firm's grants speak of."""
    firm.fs.database.write(
        lambda tx: tx.execute(
            insert(logins).values(
                contract_id=firm.contract_id, id=login, login_id=f"login{login}", role="user", enabled=True,
                password_hash="", created_at=firm.clock(),
            )
        )
    )  # fmt: skip


def share(firm: Firm, *paths: str, to: tuple[str, ...] = TWO, terms: Terms = Terms()) -> Made:  # noqa: B008 - frozen
    """Share files of My Folder."""
    items = [Item(firm.grant, at(path), f"my/{path}") for path in paths]
    return shares.make(firm.fs, items, to, terms, base_url=BASE)


def visit(firm: Firm, token: str) -> Visit:
    """Come with a token."""
    with firm.fs.database.reading() as tx:
        return visits.find(tx.cursor, token, now=firm.clock(), client="203.0.113.9")


def node_id(firm: Firm, path: str) -> int:
    """Return a node's id."""
    return files.stat(firm.fs, firm.grant, at(path)).id


def disable(firm: Firm, login: int = 1) -> None:
    """Lock a login out."""
    firm.fs.database.write(
        lambda tx: tx.execute(
            update(logins).where(logins.c.contract_id == firm.contract_id, logins.c.id == login).values(enabled=False)
        )
    )


def end_contract(firm: Firm) -> None:
    """End the contract."""
    firm.fs.database.write(
        lambda tx: tx.execute(update(contracts).where(contracts.c.id == firm.contract_id).values(state="ended"))
    )


def mails(tx: Transaction) -> list[tuple[str, str, str]]:
    """Return recipient, subject and body of every mail in the outbox."""
    rows = tx.execute(select(outbox.c.recipient, outbox.c.subject, outbox.c.body).order_by(outbox.c.id))
    return [(row.recipient, row.subject, row.body) for row in rows]


def tokens_in(text: str) -> set[str]:
    """Return the tokens of all addresses in a text."""
    return set(re.findall(re.escape(BASE) + r"([a-z0-9]+)", text))
