"""How far a login has read, and whether it is told by mail when it is mentioned (R28)."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from auth import accesslog
from auth.access import Grant
from auth.accesslog import entry_of
from core import messages
from core.errors import InvalidInput
from db.engine import Transaction
from db.tables import board_people, board_reads, board_topics
from groupware.board import Topic, visible_to
from groupware.calendars import people
from storage.files import FileSystem


def _further(dialect: Any) -> Any:
    """Return the upsert that moves a mark on, never back: an old page may be looked at again."""
    inserted = dialect.insert(board_reads)
    keys = [board_reads.c.contract_id, board_reads.c.login, board_reads.c.topic_id]
    return inserted.on_conflict_do_update(
        index_elements=keys,
        set_={"read_id": inserted.excluded.read_id},
        where=inserted.excluded.read_id > board_reads.c.read_id,
    )


def _person(dialect: Any, column: str) -> Any:
    """Return the upsert of one fact about a login."""
    inserted = dialect.insert(board_people)
    keys = [board_people.c.contract_id, board_people.c.login]
    return inserted.on_conflict_do_update(index_elements=keys, set_={column: inserted.excluded[column]})


_DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
_mark = {name: _further(dialect) for name, dialect in _DIALECTS.items()}
_read_all = {name: _person(dialect, "read_id") for name, dialect in _DIALECTS.items()}
_mail = {name: _person(dialect, "mail_mentions") for name, dialect in _DIALECTS.items()}


class Telling(NamedTuple):
    """Whether and where a login is told of mentions; without an address, nowhere."""

    mail_mentions: bool
    mail_address: str | None
    language: str


def mark_read(fs: FileSystem, grant: Grant, topic: Topic, post_id: int) -> None:
    """Note that the caller has read a topic up to a post; nothing where they had before."""
    if post_id > topic.read_id:
        fs.database.write(lambda tx: note_read(tx, grant, topic.id, post_id))


def note_read(tx: Transaction, grant: Grant, topic_id: int, post_id: int) -> None:
    """Note it in a transaction that is open."""
    caller = grant.caller
    values = {
        "contract_id": caller.contract_id, "login": caller.login, "topic_id": topic_id, "read_id": post_id,
    }  # fmt: skip
    tx.execute(_mark[tx.connection.dialect.name], values)


def mark_all_read(fs: FileSystem, grant: Grant) -> None:
    """Note that the caller has read everything there is at this moment."""
    caller = grant.caller

    def operation(tx: Transaction) -> None:
        latest = select(func.coalesce(func.max(board_topics.c.last_post_id), 0))
        read_id = tx.execute(latest.where(visible_to(caller.contract_id, caller.login))).scalar_one()
        mine = (board_reads.c.contract_id == caller.contract_id) & (board_reads.c.login == caller.login)
        tx.execute(delete(board_reads).where(mine, board_reads.c.read_id <= read_id))
        values = {"contract_id": caller.contract_id, "login": caller.login, "read_id": read_id, "mail_mentions": True}
        tx.execute(_read_all[tx.connection.dialect.name], values)

    fs.database.write(operation)


def telling(fs: FileSystem, grant: Grant) -> Telling:
    """Return whether and where the caller is told of mentions: by mail, unless they switched it off."""
    caller = grant.caller
    wanted = select(board_people.c.mail_mentions).where(
        board_people.c.contract_id == caller.contract_id, board_people.c.login == caller.login
    )
    with fs.database.reading() as tx:
        chosen = tx.execute(wanted).scalar()
        everyone = people.of_contract(tx, caller.contract_id)
    me = next((one for one in everyone if one.login == caller.login), None)
    return Telling(chosen is not False, me and me.mail_address, me.language if me else "ja")


def set_telling(fs: FileSystem, grant: Grant, chosen: Telling) -> None:
    """Keep whether and where the caller is told. Raises InvalidInput for what is no address or language."""
    caller = grant.caller
    if chosen.language not in messages.LANGUAGES:
        raise InvalidInput(f"language {chosen.language!r}")

    def operation(tx: Transaction) -> None:
        people.set_mail(tx, caller.contract_id, caller.login, chosen.mail_address or "", chosen.language)
        values = {
            "contract_id": caller.contract_id, "login": caller.login, "read_id": 0,
            "mail_mentions": chosen.mail_mentions,
        }  # fmt: skip
        tx.execute(_mail[tx.connection.dialect.name], values)
        detail = "mentions by mail" if chosen.mail_mentions else "mentions not by mail"
        accesslog.append(
            tx.cursor, caller.contract_id, [entry_of(caller, "board.telling", "", now=fs.clock(), detail=detail)]
        )

    fs.database.write(operation)
