"""What is too old to matter is removed: log entries beyond their time, used codes, old failures, ended sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from auth import accesslog, lockout, one_time, tokens
from auth.lockout import Policy
from db.engine import Database, Transaction
from db.tables import access_log_heads, line_sessions, web_sessions


@dataclass(frozen=True, slots=True)
class Tidied:
    """How much was removed."""

    log_entries: int
    used_codes: int
    failures: int
    sessions: int
    tokens: int


def tidy(database: Database, policy: Policy, *, keep_log: timedelta, now: datetime) -> Tidied:
    """Remove what is too old and return how much; each contract's log in a transaction of its own. Idempotent."""
    with database.reading() as tx:
        contract_ids = list(tx.execute(select(access_log_heads.c.contract_id)).scalars())
    entries = 0
    for contract_id in contract_ids:
        entries += database.write(lambda tx, one=contract_id: accesslog.forget(tx, one, before=now - keep_log))  # type: ignore[misc]

    def rest(tx: Transaction) -> Tidied:
        ended = [tx.execute(delete(table).where(table.c.expires_at <= now)) for table in (web_sessions, line_sessions)]
        return Tidied(
            log_entries=entries,
            used_codes=one_time.forget(tx, now=now),
            failures=lockout.forget(tx, policy, now=now),
            sessions=sum(int(one.rowcount) for one in ended),
            tokens=tokens.forget(tx, now=now),
        )

    return database.write(rest)
