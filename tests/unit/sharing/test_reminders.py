"""Mails before files go: R4, R9."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from db.tables import outbox
from quota import contracts
from sharing.reminders import remind
from tests.unit.quota.cast import past
from tests.unit.storage.purging import BYTES, DEADLINE, SHRUNK, put_all, record
from tests.unit.world import Firm

DAYS = (30, 7, 1)


def run(firm: Firm, days_left: float) -> int:
    firm.clock.instant = DEADLINE - timedelta(days=days_left)
    return remind(firm.fs, BYTES, days_before=DAYS, now=firm.clock())


def mails(firm: Firm) -> list[tuple[str, str, str]]:
    with firm.fs.database.reading() as tx:
        rows = tx.execute(select(outbox).order_by(outbox.c.created_at))
        return [(row.topic, row.recipient, row.body) for row in rows]


def subscribe(firm: Firm, address: str | None) -> None:
    firm.fs.database.write(lambda tx: contracts.notify(tx, firm.contract_id, address))


def test_each_reminder_is_written_once_on_its_day(firm: Firm) -> None:
    record(firm, SHRUNK)
    subscribe(firm, "office@sakura.example")
    put_all(firm, ("old", 30), ("new", 30))
    assert [run(firm, left) for left in (40, 30, 29, 7, 6.5, 1, 0.5, 0)] == [0, 1, 0, 1, 0, 1, 0, 0]
    assert [(topic, to) for topic, to, _ in mails(firm)] == [
        (f"purge 2026-06-01 {days}", "office@sakura.example") for days in DAYS
    ]


def test_a_reminder_says_when_how_many_and_which_in_both_languages(firm: Firm) -> None:
    record(firm, SHRUNK)
    subscribe(firm, "office@sakura.example")
    put_all(firm, ("old", 30), ("new", 30))
    run(firm, 7)
    ((_, _, body),) = mails(firm)
    for words in ("2026-06-01 00:00", "the 1 file stored longest ago (30 bytes)", "1 個（30 バイト）", "my/1/old"):
        assert words in body
    assert "my/1/new" not in body


def test_a_contract_without_an_address_has_silence(firm: Firm) -> None:
    record(firm, SHRUNK)
    put_all(firm, ("old", 60))
    assert run(firm, 7) == 0
    subscribe(firm, "office@sakura.example")
    subscribe(firm, None)
    assert run(firm, 7) == 0


def test_nothing_is_written_where_everything_fits(firm: Firm) -> None:
    record(firm, SHRUNK)
    subscribe(firm, "office@sakura.example")
    put_all(firm, ("old", 50))
    assert run(firm, 7) == 0


def test_r9_the_end_of_a_contracts_data_is_announced_without_its_file_names(firm: Firm) -> None:
    record(firm, past("100", "end 2026-04-20"))
    subscribe(firm, "office@sakura.example")
    put_all(firm, ("old", 50))
    assert run(firm, 7) == 1
    ((_, _, body),) = mails(firm)
    assert "everything it keeps (50 bytes) will be deleted" in body
    assert "my/1/old" not in body
