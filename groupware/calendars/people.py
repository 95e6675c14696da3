"""Who takes part: logins of the contract as calendar users, and where their calendar's mail goes."""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlalchemy import delete, insert, select

from core.errors import InvalidInput
from db.engine import Transaction
from db.tables import calendar_people, logins

#: The address of a login as calendars write it (RFC 5545 §3.3.3): logins have no mail address of their own.
_URN = "urn:azukari:login:"
_ADDRESS = re.compile(r"[^\s@<>,]+@[^\s@<>,]+")


class Person(NamedTuple):
    """A login, by number and id, with the mail address it gave for its calendar."""

    login: int
    login_id: str
    mail_address: str | None
    language: str


def of_contract(tx: Transaction, contract_id: int) -> list[Person]:
    """Return the contract's logins by id; those that are kept out are left out."""
    rows = tx.execute(
        select(logins.c.id, logins.c.login_id, calendar_people.c.mail_address, calendar_people.c.language)
        .outerjoin(
            calendar_people,
            (calendar_people.c.contract_id == logins.c.contract_id) & (calendar_people.c.login == logins.c.id),
        )
        .where(logins.c.contract_id == contract_id, logins.c.enabled)
        .order_by(logins.c.login_id)
    )
    return [Person(row.id, row.login_id, row.mail_address, row.language or "ja") for row in rows]


def set_mail(tx: Transaction, contract_id: int, login: int, mail_address: str, language: str) -> None:
    """Say where a login's reminders and invitations go; an empty text: nowhere. Raises InvalidInput."""
    address = mail_address.strip()
    if address and (not _ADDRESS.fullmatch(address) or len(address) > 254):
        raise InvalidInput("the mail address cannot be read")
    tx.execute(
        delete(calendar_people).where(calendar_people.c.contract_id == contract_id, calendar_people.c.login == login)
    )
    if address:
        tx.execute(
            insert(calendar_people).values(
                contract_id=contract_id, login=login, mail_address=address, language=language
            )
        )


def address_of(login_id: str) -> str:
    """Return the calendar user address of a login."""
    return _URN + login_id


def match(address: str, people: list[Person]) -> Person | None:
    """Return the login an ATTENDEE or ORGANIZER means: by its own address, or by the mail address it gave."""
    known = address.strip().lower()
    for one in people:
        if known == address_of(one.login_id) or (one.mail_address and known == f"mailto:{one.mail_address.lower()}"):
            return one
    return None
