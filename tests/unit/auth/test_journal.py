"""Entries that can wait: gathered, bounded, none lost while the process lives (R21)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator

import pytest

from auth import accesslog, journal
from auth.accesslog import Entry, Query
from auth.journal import Journal
from core.errors import DatabaseUnavailable, NotAuthenticated
from db.tables import SERVICE_CONTRACT_ID
from tests.unit.auth.cast import MOMIJI, OFFICE, PASSWORD, PC, SAKURA, Cast


def _entry(cast: Cast, path: str) -> Entry:
    return Entry(cast.clock(), "hanako", "dev-1", "", OFFICE, "get", path, "ok")


def _paths(cast: Cast, contract_id: int = SAKURA) -> list[str]:
    with cast.database.reading() as tx:
        assert accesslog.verify(tx, contract_id) is None
        return [entry.path for entry in accesslog.search(tx, contract_id, Query())]


def test_r21_noting_costs_the_request_no_statement_and_a_flush_writes_all(cast: Cast) -> None:
    kept = Journal(cast.database)
    cast.database.probe.reset()
    for at in range(3):
        kept.note(SAKURA, _entry(cast, f"/my/{at}"))
    kept.note(MOMIJI, _entry(cast, "/my/m"))
    assert cast.database.probe.statements == []
    assert kept.flush() == 4
    assert (_paths(cast), _paths(cast, MOMIJI)) == (["/my/0", "/my/1", "/my/2"], ["/my/m"])
    assert kept.flush() == 0


def test_r21_memory_is_bounded_whoever_notes_one_too_many_writes_them_down(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MAX_WAITING", 3)
    monkeypatch.setattr(journal, "BATCH", 2)
    kept = Journal(cast.database)
    for at in range(4):
        kept.note(SAKURA, _entry(cast, f"/my/{at}"))
    assert _paths(cast) == ["/my/0", "/my/1", "/my/2"]


def test_r21_what_could_not_be_written_waits_on(cast: Cast) -> None:
    kept = Journal(cast.database)
    kept.note(SAKURA, _entry(cast, "/my/a"))

    def fail(_: int) -> None:
        raise DatabaseUnavailable("gone")

    cast.database.probe.before = fail
    with pytest.raises(DatabaseUnavailable):
        kept.flush()
    cast.database.probe.reset()
    assert kept.flush() == 1
    assert _paths(cast) == ["/my/a"]


@pytest.fixture
def stream(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[str]]]:
    """Yield what reads the log stream's new lines, its level being `info`."""

    def lines() -> list[str]:
        return capsys.readouterr().err.splitlines()

    with caplog.at_level(logging.INFO, logger="azukari.access"):
        yield lines


def test_r21_each_entry_is_one_json_line_of_the_log_stream_once_it_is_flushed(
    cast: Cast, stream: Callable[[], list[str]]
) -> None:
    kept = Journal(cast.database)
    kept.note(SAKURA, _entry(cast, "/my/見積"))
    journal.show(SAKURA, _entry(cast, "/my/written\nalready"))
    assert stream() == []
    kept.flush()
    noted, shown = (json.loads(line) for line in stream())
    assert (noted["contract"], noted["login"], noted["path"], noted["result"]) == (SAKURA, "hanako", "/my/見積", "ok")
    assert noted["at"] == "2026-04-01T12:00:00+09:00"
    assert shown["path"] == "/my/written\nalready"
    assert _paths(cast) == ["/my/見積"]
    kept.flush()
    assert stream() == []


def test_r21_entries_are_shown_once_also_while_the_database_is_away(
    cast: Cast, stream: Callable[[], list[str]]
) -> None:
    kept = Journal(cast.database)
    kept.note(SAKURA, _entry(cast, "/my/a"))

    def fail(_: int) -> None:
        raise DatabaseUnavailable("gone")

    cast.database.probe.before = fail
    with pytest.raises(DatabaseUnavailable):
        kept.flush()
    assert len(stream()) == 1
    cast.database.probe.reset()
    kept.flush()
    assert stream() == []


def test_a_quieter_log_stream_shows_no_entries(
    cast: Cast, stream: Callable[[], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="azukari.access")
    kept = Journal(cast.database)
    kept.note(SAKURA, _entry(cast, "/my/a"))
    kept.flush()
    assert stream() == []
    assert _paths(cast) == ["/my/a"]


def test_r21_refused_sign_ins_are_in_the_log_of_their_contract_with_their_own_reason(cast: Cast) -> None:
    kept = Journal(cast.database)
    identifier = cast.identifier("network", journal=kept)
    device = cast.device("hanako")
    line = cast.line(SAKURA, "office", "192.0.2.0/24")
    for login_id, password in (("hanako", "wrong"), ("taro", device.dav_password), ("nobody", PASSWORD)):
        with pytest.raises(NotAuthenticated):
            identifier.by_basic(login_id, password, PC)
    kept.flush()
    with cast.database.reading() as tx:
        own = list(accesslog.search(tx, SAKURA, Query()))
        (stray,) = accesslog.search(tx, SERVICE_CONTRACT_ID, Query())
    assert [(one.login_id, one.device_id, one.line_id, one.result) for one in own] == [
        ("hanako", "", line.line_id, "password.wrong"),
        ("taro", device.device_id, line.line_id, "device.of_other_login"),
    ]
    assert (stray.login_id, stray.address, stray.act, stray.result) == ("nobody", OFFICE, "sign-in", "login.unknown")
